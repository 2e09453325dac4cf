// When an order has become true: verb by verb, what it was before and what it is now. Must never run a fleet.

import NovaLifecycle
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct ExpectationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let verb: ActionVerb
    let what: String
    let before: InstanceView?
    let now: InstanceView?
    let outcome: Outcome
    var isUp = true
    var refusal: String?
    var blocked: String?
    var signalled = false
    var testDescription: String { "\(verb.rawValue): \(what)" }
  }

  static let old = view(.running, pid: 10, incarnation: 1)
  static let stopped = view(.stopped, incarnation: 1, wanted: false)

  static let rows: [Row] = [
    Row(
      verb: .start, what: "up at once", before: stopped,
      now: view(.running, pid: 11, incarnation: 2), outcome: .done(changed: true)),
    Row(verb: .start, what: "it was up", before: old, now: old, outcome: .done(changed: false)),
    Row(
      verb: .start, what: "running, not long enough", before: stopped,
      now: view(.running, pid: 11, incarnation: 2), outcome: .pending, isUp: false),
    Row(
      verb: .start, what: "ready is up, however short", before: stopped,
      now: view(.ready, pid: 11, incarnation: 2), outcome: .done(changed: true), isUp: false),
    Row(
      verb: .start, what: "on its way", before: stopped, now: view(.starting, incarnation: 2),
      outcome: .pending),
    Row(
      verb: .start, what: "not begun yet", before: stopped, now: view(.stopped, incarnation: 1),
      outcome: .pending),
    Row(
      verb: .start, what: "somebody stopped it meanwhile", before: stopped, now: stopped,
      outcome: .failed("stopped before it was up")),
    Row(
      verb: .start, what: "it crashed", before: stopped, now: view(.backoff, incarnation: 2),
      outcome: .failed("it ended before it was up")),
    Row(
      verb: .start, what: "it crashed too often", before: stopped,
      now: view(.cooldown, incarnation: 2), outcome: .failed("it ended before it was up")),
    Row(
      verb: .start, what: "it is paused", before: stopped,
      now: view(.paused, pid: 11, incarnation: 2),
      outcome: .refused("it is paused (novasup resume mail)")),
    Row(
      verb: .start, what: "a job between runs", before: stopped,
      now: view(.waiting, incarnation: 2),
      outcome: .done(changed: true)),
    Row(
      verb: .deploy, what: "a one-shot that is done", before: stopped,
      now: view(.completed, incarnation: 2), outcome: .done(changed: true)),
    Row(
      verb: .start, what: "what it requires will not come", before: stopped,
      now: view(.starting, incarnation: 2), outcome: .failed("redis failed"),
      blocked: "redis failed"),
    Row(
      verb: .start, what: "it failed, and why", before: stopped,
      now: view(.failed, incarnation: 2) { $0.reason = .exitFailed(3) }, outcome: .failed("exit 3")),
    Row(
      verb: .start, what: "its slot is new", before: nil, now: nil, outcome: .pending),

    Row(verb: .restart, what: "the old life goes on", before: old, now: old, outcome: .pending),
    Row(
      verb: .restart, what: "the old life ends", before: old,
      now: view(.stopping, pid: 10, incarnation: 1), outcome: .pending),
    Row(
      verb: .restart, what: "between the two lives", before: old,
      now: view(.starting, incarnation: 2), outcome: .pending),
    Row(
      verb: .restart, what: "the new life is up", before: old,
      now: view(.running, pid: 11, incarnation: 2), outcome: .done(changed: true)),
    Row(
      verb: .restart, what: "of one that was down", before: stopped,
      now: view(.running, pid: 11, incarnation: 2), outcome: .done(changed: true)),

    Row(
      verb: .stop, what: "still there", before: old, now: view(.stopping, pid: 10, incarnation: 1),
      outcome: .pending),
    Row(
      verb: .stop, what: "the process is gone, the group is not", before: old,
      now: view(.killing, incarnation: 1), outcome: .pending),
    Row(verb: .stop, what: "gone", before: old, now: stopped, outcome: .done(changed: true)),
    Row(
      verb: .stop, what: "it was down", before: stopped, now: stopped,
      outcome: .done(changed: false)),
    Row(
      verb: .stop, what: "it waited for its restart", before: view(.backoff, incarnation: 1),
      now: stopped, outcome: .done(changed: true)),
    Row(
      verb: .stop, what: "removed from the configuration", before: old, now: nil,
      outcome: .done(changed: true)),
    Row(
      verb: .stop, what: "stopped, and started again by somebody", before: old,
      now: view(.running, pid: 11, incarnation: 2), outcome: .done(changed: true)),
    Row(
      verb: .stop, what: "never there", before: nil, now: nil, outcome: .done(changed: false)),

    Row(verb: .kill, what: "still there", before: old, now: old, outcome: .pending),
    Row(
      verb: .kill, what: "its group is not empty", before: old,
      now: view(.killing, incarnation: 1), outcome: .pending),
    Row(
      verb: .kill, what: "gone", before: old, now: view(.backoff, incarnation: 1),
      outcome: .done(changed: true)),
    Row(
      verb: .kill, what: "and back already", before: old,
      now: view(.running, pid: 11, incarnation: 2), outcome: .done(changed: true)),
    Row(
      verb: .kill, what: "a signal need not end it", before: old, now: old,
      outcome: .done(changed: true), signalled: true),

    Row(verb: .pause, what: "not yet frozen", before: old, now: old, outcome: .pending),
    Row(
      verb: .pause, what: "frozen", before: old, now: view(.paused, pid: 10, incarnation: 1),
      outcome: .done(changed: true)),
    Row(
      verb: .pause, what: "it was", before: view(.paused, pid: 10, incarnation: 1),
      now: view(.paused, pid: 10, incarnation: 1), outcome: .done(changed: false)),
    Row(
      verb: .pause, what: "the kernel refuses", before: old, now: old,
      outcome: .failed("no freezer"), refusal: "no freezer"),
    Row(
      verb: .pause, what: "nothing runs that could be frozen", before: stopped, now: stopped,
      outcome: .done(changed: true), refusal: "no freezer"),

    Row(
      verb: .resume, what: "still frozen", before: view(.paused, pid: 10, incarnation: 1),
      now: view(.paused, pid: 10, incarnation: 1), outcome: .pending),
    Row(
      verb: .resume, what: "thawed", before: view(.paused, pid: 10, incarnation: 1), now: old,
      outcome: .done(changed: true)),
    Row(verb: .resume, what: "it was not", before: old, now: old, outcome: .done(changed: false)),

    Row(
      verb: .reset, what: "nothing to clear", before: old, now: old, outcome: .done(changed: false)),
    Row(
      verb: .reset, what: "it had given up", before: view(.failed, incarnation: 1), now: stopped,
      outcome: .done(changed: true)),
    Row(
      verb: .restart, what: "it is paused, and left so",
      before: view(.paused, pid: 10, incarnation: 1) { $0.paused = true },
      now: view(.paused, pid: 10, incarnation: 1) { $0.paused = true },
      outcome: .refused("it is paused (novasup resume mail)")),
    Row(
      verb: .pause, what: "down, and paused already", before: view(.stopped) { $0.paused = true },
      now: view(.stopped) { $0.paused = true }, outcome: .done(changed: false)),
    Row(verb: .scale, what: "at once", before: old, now: old, outcome: .done(changed: true)),
  ]

  @Test("the table", arguments: rows)
  func table(row: Row) throws {
    let id = try #require(InstanceID("mail@1"))
    let expectation = Expectation(
      action: row.verb, signalled: row.signalled, before: [id: row.before],
      since: Instant(nanoseconds: 0), errnoText: { "errno \($0)" })
    #expect(
      expectation.outcome(
        of: id, view: row.now, isUp: row.isUp, refusal: row.refusal, blocked: row.blocked)
        == row.outcome)
  }

  @Test("every verb and state has an outcome, and what has failed is never called done")
  func whole() throws {
    let id = try #require(InstanceID("mail@1"))
    for verb in ActionVerb.allCases {
      for state in State.allCases {
        let expectation = Expectation(
          action: verb, signalled: false, before: [id: Self.old], since: Instant(nanoseconds: 0),
          errnoText: { "errno \($0)" })
        let outcome = expectation.outcome(
          of: id, view: view(state, incarnation: 2), isUp: true, refusal: nil, blocked: nil)
        if [.start, .restart, .deploy].contains(verb),
          [.failed, .backoff, .cooldown].contains(state)
        {
          guard case .failed(let why) = outcome else {
            Issue.record("\(verb) in \(state): \(outcome)")
            continue
          }
          #expect(!why.isEmpty)
        }
      }
    }
  }
}

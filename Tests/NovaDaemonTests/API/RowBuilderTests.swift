// From views and readings to rows: unknown stays nil, deadlines count down, the cause is a sentence.
// Must never read a clock.

import NovaLifecycle
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct RowBuilderTests {
  /// 100 s after boot, 1970-01-01T00:01:40Z.
  static let now = Moment(
    instant: Instant(nanoseconds: 100_000_000_000), wall: WallTime(microseconds: 100_000_000))

  private func row(
    _ view: InstanceView?, life: Life? = nil, failure: String? = nil, rate: Money? = nil,
    cost: Money? = nil, ready: WorkerSpec.Readiness = .none
  ) throws -> WorkerRow {
    let view = try #require(view)
    var spec = WorkerSpec(name: view.id.worker, command: .shell("true"))
    spec.ready = ready
    return RowBuilder(now: Self.now, rate: { _ in rate }, account: { _, _ in .init(cost: cost) })
      .row(view, spec: spec, life: life, failure: failure)
  }

  private func life() throws -> Life {
    let id = try #require(InstanceID("mail@1"))
    return Life(
      id: id, incarnation: Incarnation(7),
      spec: WorkerSpec(name: id.worker, command: .shell("true")),
      record: IncarnationRecord(
        incarnation: Incarnation(7), id: id, pid: 10, started: WallTime(microseconds: 0),
        bootID: "b"),
      group: nil)
  }

  @Test("of an instance of which nothing is known, nothing is said to be zero")
  func unknown() throws {
    let row = try row(view(.stopped, wanted: false))
    #expect(row.name == "mail" && row.instance == 1 && row.state == "stopped")
    #expect(row.pid == nil && row.startedAt == nil && row.uptimeSeconds == nil)
    #expect(row.cpuPercent == nil && row.cpuUsageUsec == nil)
    #expect(row.memoryBytes == nil && row.memoryPeakBytes == nil && row.tasks == nil)
    #expect(row.costUSD == nil && row.costPerHourUSD == nil && row.revenueUSD == nil)
    #expect(row.roiPercent == nil && row.roiStatus == nil && row.lastExit == nil)
    #expect(row.ioReadBytes == nil && row.pressure == nil && row.statusText == nil)
    #expect(row.why == nil && row.wanted == false && row.ready == false)
    #expect(row.since == "1970-01-01T00:00:01.000Z")
  }

  @Test("a life that was not read yet has its status and no figures")
  func unread() throws {
    let life = try life()
    life.statusText = "warming up"
    let row = try row(view(.running, pid: 10), life: life)
    #expect(row.incarnation == 7 && row.statusText == "warming up" && row.why == "warming up")
    #expect(row.cpuPercent == nil && row.memoryBytes == nil && row.costPerHourUSD == nil)
    #expect(row.memoryEstimated == nil && row.pressure == nil)
  }

  @Test("readings become figures; one that is missing stays unknown beside the others")
  func figures() throws {
    let life = try life()
    var reading = Reading(at: Instant(nanoseconds: 1_000_000_000))
    reading.counters.cpuUsec = 1000
    reading.memoryBytes = 4096
    reading.tasks = 3
    reading.ioPressure = 1234
    life.take(reading)
    reading.at = Instant(nanoseconds: 2_000_000_000)
    reading.counters.cpuUsec = 501_000
    reading.memoryBytes = 2048
    life.take(reading)
    let row = try row(
      view(.running, pid: 10), life: life, rate: Money(microUSD: 1_500_000),
      cost: Money(microUSD: 53_100))
    #expect(row.cpuPercent == 50 && row.cpuUsageUsec == 501_000 && row.cpuUserUsec == nil)
    #expect(row.memoryBytes == 2048 && row.memoryPeakBytes == 4096 && row.memoryEstimated == false)
    #expect(row.tasks == 3 && row.threads == nil && row.ioReadBytes == nil)
    #expect(row.pressure?.ioPercent == 12.34 && row.pressure?.cpuPercent == nil)
    #expect(row.costPerHourUSD == "1.500000" && row.costUSD == "0.053100")
  }

  @Test("a live process has its start and its age")
  func uptime() throws {
    let started = Moment(
      instant: Instant(nanoseconds: 40_500_000_000), wall: WallTime(microseconds: 40_500_000))
    let up = try row(view(.running, pid: 10) { $0.startedAt = started })
    #expect(up.pid == 10 && up.uptimeSeconds == 59)
    #expect(up.startedAt == "1970-01-01T00:00:40.500Z")
    // A start without a process is of a life that is over.
    #expect(try row(view(.backoff) { $0.startedAt = started }).startedAt == nil)
  }

  struct Countdown: Sendable, CustomTestStringConvertible {
    let state: State
    let milliseconds: Int64
    var cooldown: Int64?
    var backoff: Int64?
    var next: String?
    var why: String?
    var testDescription: String { "\(state) \(milliseconds) ms" }
  }

  static let countdowns = [
    Countdown(state: .cooldown, milliseconds: 192_000, cooldown: 192, why: "cooldown 3m12s left"),
    Countdown(state: .cooldown, milliseconds: 1, cooldown: 1, why: "cooldown 1s left"),
    Countdown(state: .cooldown, milliseconds: 0, cooldown: 0),
    Countdown(state: .cooldown, milliseconds: -5000, cooldown: 0),
    Countdown(state: .backoff, milliseconds: 1500, backoff: 2, why: "restarts in 2s"),
    Countdown(
      state: .waiting, milliseconds: 20_000, next: "1970-01-01T00:02:00.000Z",
      why: "next run in 20s"),
    Countdown(state: .running, milliseconds: 9000),
  ]

  @Test("a deadline counts down, rounded up, and never below zero", arguments: countdowns)
  func countdown(row expected: Countdown) throws {
    let row = try row(
      view(expected.state) { $0.due = Self.now.instant + .milliseconds(expected.milliseconds) })
    #expect(row.cooldownRemainingSeconds == expected.cooldown)
    #expect(row.backoffRemainingSeconds == expected.backoff)
    #expect(row.nextRunAt == expected.next)
    #expect(row.why == expected.why)
  }

  @Test("WHY is the cause, the countdown and the worker's own words")
  func why() throws {
    let life = try life()
    life.statusText = "3 left"
    let due = Self.now.instant + .seconds(5)
    let crashed = try row(
      view(.backoff) {
        $0.reason = .exitFailed(3)
        $0.due = due
      }, life: life)
    #expect(crashed.why == "exit 3, restarts in 5s, 3 left")
    let sentence = "exec /opt/x: No such file or directory"
    let failed = view(.failed) { $0.reason = .execFailed(.exec, 2) }
    #expect(try row(failed, failure: sentence).why == sentence)
    #expect(try row(failed).why == "exec: No such file or directory")
    let waiting = try row(
      view(.starting) { $0.waitingFor = ["redis", "postgres"].compactMap { WorkerName($0) } })
    #expect(waiting.why == "waits for redis, postgres")
  }

  @Test(
    "ready says whether it may be used",
    arguments: [
      (State.ready, WorkerSpec.Readiness.notify, true), (.running, .notify, false),
      (.running, .none, true), (.starting, .none, false), (.paused, .none, false),
    ])
  func ready(state: State, asked: WorkerSpec.Readiness, expected: Bool) throws {
    #expect(try row(view(state, pid: 10), ready: asked).ready == expected)
  }
}

// A request that is answered when something has become true. Looked at after each turn.
// Must never outlive its client or its deadline.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// One pending answer.
final class Waiter {
  let exchange: Exchange
  let deadline: Instant
  /// What was said before it, its own order too, has to be carried out before it is looked at.
  let after: Int
  /// The answer, or nil while it is not true yet. `late`: the deadline has come, answer anyway.
  let answer: (_ now: Moment, _ late: Bool) -> [UInt8]?
  /// Wakes the loop at the deadline or when time alone may make it true.
  var timer: NovaLinux.Timer?

  init(
    exchange: Exchange, deadline: Instant, after: Int,
    answer: @escaping (_ now: Moment, _ late: Bool) -> [UInt8]?
  ) {
    self.exchange = exchange
    self.deadline = deadline
    self.after = after
    self.answer = answer
  }
}

extension Supervisor {
  // 1,024 connections is the server's own limit; each can wait for one thing.
  private static let waiterLimit = 1024

  /// Answers `exchange` once `answer` gives something, at the latest at `deadline`. `recheck`: also look then.
  func wait(
    _ exchange: Exchange, until deadline: Instant, recheck: Instant? = nil,
    answer: @escaping (_ now: Moment, _ late: Bool) -> [UInt8]?
  ) {
    guard waiters.count < Self.waiterLimit else {
      return refuse(exchange, APIError(.unavailable, "too many requests wait; try again"))
    }
    let waiter = Waiter(exchange: exchange, deadline: deadline, after: posted, answer: answer)
    lastWaiter += 1
    let token = lastWaiter
    waiters[token] = waiter
    // The body does nothing: waking up makes a turn, and a turn looks at every waiter.
    waiter.timer = try? loop.timer { [weak self, weak waiter] in
      guard self != nil, let waiter else { return }
      waiter.timer?.arm(at: waiter.deadline)
    }
    waiter.timer?.arm(at: min(recheck ?? deadline, deadline))
    exchange.onClose = { [weak self] in self?.waiters[token] = nil }
  }

  /// Answers whoever got what they waited for.
  func answerWaiters() {
    guard !waiters.isEmpty else { return }
    let now = Clock.now()
    let done = carriedOut
    for (token, waiter) in waiters.sorted(by: { $0.key < $1.key }) where waiter.after <= done {
      guard let body = waiter.answer(now, now.instant >= waiter.deadline) else { continue }
      waiters[token] = nil
      waiter.exchange.onClose = nil
      respondDurably(waiter.exchange, body: body)
    }
  }

  /// `GET /v1/wait`.
  func wait(_ exchange: Exchange, _ query: WaitQuery) throws(APIError) {
    let ids = try instances(matching: query.targets)
    let before = Dictionary(uniqueKeysWithValues: ids.map { ($0, fleet.instance($0)?.incarnation) })
    let deadline = Clock.now().instant + .milliseconds(Int64((query.timeoutSeconds ?? 60) * 1000))
    wait(exchange, until: deadline) { [self] now, late in
      let satisfied = ids.allSatisfy { id in
        guard let view = fleet.instance(id) else { return query.condition == .stopped }
        switch query.condition {
        case .running: return view.pid != nil && [.running, .ready].contains(view.state)
        case .ready: return isReady(view)
        case .stopped:
          return view.pid == nil && [.stopped, .completed, .failed].contains(view.state)
        case .exit: return view.pid == nil || view.incarnation != before[id]
        }
      }
      guard satisfied || late else { return nil }
      return APICoding.encode(
        WaitResponse(
          satisfied: satisfied, timedOut: !satisfied,
          instances: ids.compactMap { row(of: $0, at: now) }))
    }
  }
}

// The turn: facts in, the fleet decides, its orders are carried out, one commit. Must never wait for anything but facts, nor
// carry out a later order before an earlier one.

import NovaLifecycle
import NovaLinux
import NovaModel

extension Supervisor {
  /// Says that something happened; handled later in this turn.
  func post(_ event: FleetEvent) { facts.append(event) }

  /// Says that something happened to one instance.
  func post(_ id: InstanceID, _ event: InstanceEvent) { facts.append(.instance(id, event)) }

  /// Runs until `finish` is set; returns the exit code.
  package func run() -> Int32 {
    while finish == nil {
      do {
        // 256 sources a turn and little time: a storm of exits cannot keep the watchdog or the API waiting, nor a round of
        // ten thousand readings an order that has been decided.
        _ = try loop.turn(limit: 256, timeout: nil, longest: Self.longestTurn)
        FaultPoint.drained.reached()
      } catch {
        // The loop itself failing (out of memory, say) is survived: facts wait in the kernel.
        journal.send(priority: 3, error.message)
      }
      completeTurn()
      if let woke = loop.wokeAt { turns.record(from: woke, to: Clock.now().instant) }
    }
    close()
    return finish ?? 0
  }

  /// How long facts are taken in, and then a great many orders carried out, before the turn goes on; each by one body at most
  /// longer.
  private static let longestTurn = Span.milliseconds(1)

  /// Everything of a turn that follows the facts.
  func completeTurn() {
    resumeNotify()
    takeDueTimers()
    settleInParts()
    answerWaiters()
    FaultPoint.answered.reached()
    commit()
    FaultPoint.committed.reached()
    shim?.flush()
    FaultPoint.flushed.reached()
    armWakeup()
    reportStatus()
    let now = Clock.now().instant
    if let due = nextPing, let period = service.watchdogPeriod, now >= due {
      service.notify("WATCHDOG=1")
      nextPing = now + period
    }
  }

  /// Runs the fleet over the facts and performs its orders, until nothing is left to do.
  func settle() { settle { false } }

  /// The same, but of a great many orders only as many as fit into a turn: the rest is for those that follow.
  func settleInParts() {
    let end = Clock.now().instant + Self.longestTurn
    // Whoever goes leaves nothing undone.
    settle { finish == nil && orders.count > 64 && Clock.now().instant >= end }
  }

  /// Every fact is decided and every order carried out.
  var isSettled: Bool { facts.isEmpty && orders.isEmpty }

  /// In their order, until `isEnough`.
  private func settle(until isEnough: () -> Bool) {
    // An effect may answer with a fact at once (a spawn that cannot even be prepared); 100,000 is far above what
    // one turn brings and keeps a bug from becoming a hang that the watchdog has to end.
    var handled = 0
    while true {
      while let order = orders.popFirst() {
        perform(order)
        if isEnough() { return }
      }
      if handled > 0 { FaultPoint.performed.reached() }
      guard handled < 100_000, let fact = facts.popFirst() else { break }
      handled += 1
      orders = fleet.handle(fact, at: Clock.now())[...]
      FaultPoint.decided.reached()
    }
    // An empty slice holds on to what it was cut from.
    if facts.isEmpty, facts.startIndex > 256 { facts = [] }
    orders = []
  }

  private func takeDueTimers() {
    for due in timers.take(at: Clock.now().instant, limit: 10_000) {
      post(due.key.id, .timerFired(due.key.kind, epoch: due.epoch))
    }
  }

  private func armWakeup() {
    if !facts.isEmpty || !orders.isEmpty {
      wakeup?.arm(at: Clock.now().instant)
    } else if let next = timers.next() {
      wakeup?.arm(at: next)
    } else {
      wakeup?.disarm()
    }
  }
}

// The turn: facts in, the fleet decides, its orders are carried out, one commit. Must never wait for anything but facts, nor
// carry out a later order before an earlier one.

import NovaLifecycle
import NovaLinux
import NovaModel

extension Supervisor {
  /// Says that something happened; handled in this turn or in one that follows.
  func post(_ event: FleetEvent) {
    facts.append(event)
    posted += 1
  }

  /// Says that something happened to one instance.
  func post(_ id: InstanceID, _ event: InstanceEvent) { post(.instance(id, event)) }

  /// Runs until `finish` is set; returns the exit code.
  package func run() -> Int32 {
    while finish == nil {
      // Ends and starts come first. In a storm of them there would be no end: then every second turn is that of the others, of
      // whoever asks, of readings, of the books. A call waited 340 ms (p50) while 200 workers ended as fast as they could.
      if let shim { shim.goesFirst = !(loop.isBehind && shim.goesFirst) }
      do {
        // 256 sources a turn and little time: a round of ten thousand readings cannot keep an order waiting that has been
        // decided, nor the watchdog.
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

  /// The same, but of a great many facts and orders only as many as fit into a turn: the rest is for those that follow.
  func settleInParts() {
    let end = Clock.now().instant + Self.longestTurn
    // Whoever goes leaves nothing undone.
    settle { finish == nil && Clock.now().instant >= end }
  }

  /// So many facts are decided, and what followed from them is carried out.
  var carriedOut: Int { posted - facts.count - (orders.isEmpty ? 0 : 1) }

  /// In their order, until `isEnough`; what follows from one fact is only parted when it is much.
  private func settle(until isEnough: () -> Bool) {
    // An effect may answer with a fact at once (a spawn that cannot even be prepared); 100,000 is far above what
    // one turn brings and keeps a bug from becoming a hang that the watchdog has to end.
    var handled = 0
    while true {
      while let order = orders.popFirst() {
        perform(order)
        if orders.count > 64, isEnough() { return }
      }
      if handled > 0 { FaultPoint.performed.reached() }
      guard handled < 100_000, handled == 0 || !isEnough(), let fact = facts.popFirst() else {
        break
      }
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

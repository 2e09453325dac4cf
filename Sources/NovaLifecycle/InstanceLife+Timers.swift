// Timers as data: at most one of a kind, each with an epoch, so that a late one is harmless. While the group is frozen
// those that measure the worker stand still. Must never be armed in a state that does not wait for them.

import NovaModel

extension InstanceLife {
  /// Timers that measure the worker's own behaviour: frozen time does not count for them.
  static let suspendable: [TimerKind] = [.startTimeout, .watchdog, .stable, .settled]

  /// pebble's "okay" delay: how long a service without readiness must live to count as up in a rolling restart.
  static let okayDelay = Span.seconds(1)

  mutating func arm(_ kind: TimerKind, at: Instant, _ orders: inout Orders) {
    lastEpoch += 1
    timers[kind] = ArmedTimer(at: at, epoch: lastEpoch)
    orders.emit(.arm(id, kind, at: at, epoch: lastEpoch))
  }

  mutating func disarm(_ kind: TimerKind, _ orders: inout Orders) {
    suspended[kind] = nil
    if timers.removeValue(forKey: kind) != nil { orders.emit(.disarm(id, kind)) }
  }

  mutating func disarmAll(_ orders: inout Orders) {
    for kind in TimerKind.allCases { disarm(kind, &orders) }
  }

  /// Keeps what is left of the timers that a freeze stops.
  mutating func suspendTimers(_ orders: inout Orders) {
    for kind in Self.suspendable {
      guard let timer = timers[kind] else { continue }
      let left = timer.at - orders.now.instant
      disarm(kind, &orders)
      suspended[kind] = max(.zero, left)
    }
  }

  mutating func resumeTimers(_ orders: inout Orders) {
    for kind in Self.suspendable {
      guard let left = suspended.removeValue(forKey: kind) else { continue }
      arm(kind, at: orders.now.instant + left, &orders)
    }
  }

  /// A timer came; a stale one is ignored.
  mutating func fired(
    _ kind: TimerKind, epoch: UInt64, _ around: Circumstances, _ orders: inout Orders
  ) {
    guard timers[kind]?.epoch == epoch else { return }
    timers[kind] = nil
    switch kind {
    case .startTimeout:
      guard state == .starting, ending == nil else { return }
      fail(
        .startTimeout, "did not become ready in \(EventText.span(around.spec.startTimeout))",
        around, &orders)
    case .watchdog:
      watchdogExpired(around, &orders)
    case .stopTimeout:
      guard let process, state == .stopping else { return }
      enter(
        .killing, reason, "instance.stopping", "did not stop in time, killing it", &orders,
        severity: .warning)
      orders.emit(.killGroup(id, process.incarnation))
      arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
    case .killRepeat:
      guard let process else { return }
      // Its group is empty, but in 5 s nobody has told its exit: nobody will. A stop must end all the same.
      if process.emptied { return finish(around, &orders) }
      orders.emit(.killGroup(id, process.incarnation))
      arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
    case .stable:
      cooldowns = 0
      backoffStep = 0
      crashes.prune(at: orders.now.instant, window: around.spec.crashLimit.window)
      outage = false
      orders.persist(id)
    case .settled:
      // A rolling restart looks again after every fact.
      break
    case .backoff, .cooldown, .nextRun:
      // `reconcile` follows every fact and sees that `due` has passed.
      if let wall = dueWall, orders.now.wall < wall {
        due = orders.now.instant + (wall - orders.now.wall)
      } else {
        due = orders.now.instant
      }
    }
  }

  /// A process in uninterruptible sleep survives SIGKILL until it wakes: it is killed again every 5 s.
  static let killPeriod = Span.seconds(5)

  /// A calendar wait looks at the wall clock at least every 10 minutes: it may have been set, and the monotonic
  /// clock stands still while the host is suspended.
  static let longestWait = Span.seconds(600)

  /// Arms the timer of a wait, in case it is not.
  mutating func armDue(_ orders: inout Orders) {
    let kind: TimerKind
    switch state {
    case .backoff: kind = .backoff
    case .cooldown: kind = .cooldown
    case .waiting: kind = .nextRun
    default: return
    }
    guard let due, timers[kind] == nil else { return }
    let at = dueWall == nil ? due : min(due, orders.now.instant + Self.longestWait)
    arm(kind, at: at, &orders)
  }
}

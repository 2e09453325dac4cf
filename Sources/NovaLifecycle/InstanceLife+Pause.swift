// Freezing and thawing. Frozen time is no running time: watchdog, health, start and stability timers stand still.
// Must never let a freeze hold up a stop: whoever goes down is thawed.

import NovaModel

extension InstanceLife {
  mutating func froze(_ around: Circumstances, _ orders: inout Orders) {
    // Frozen before it was told to exist: it will not exec, and the start timeout ends that.
    guard let incarnation = process?.incarnation, process?.frozen == false, process?.pid != nil
    else { return }
    process?.frozen = true
    switch state {
    case .starting, .running, .ready:
      process?.resumeState = state
      process?.frozenSince = orders.now.instant
      suspendTimers(&orders)
      endHealth(&orders)
      let asked = isPaused(around)
      if !asked { process?.freezeOrdered = true }
      enter(
        .paused, asked ? around.pauseReason : .none, "instance.paused",
        asked ? "paused" : "was frozen by somebody else", &orders, severity: .notice)
    case .stopping, .killing, .lost:
      // A freeze that was under way when the stop came.
      process?.freezeOrdered = false
      orders.emit(.thaw(id, incarnation))
    default: break
    }
  }

  mutating func thawed(_ around: Circumstances, _ orders: inout Orders) {
    guard let process, process.frozen else { return }
    self.process?.frozen = false
    if let from = process.frozenSince {
      self.process?.frozenSpan = process.frozenSpan + (orders.now.instant - from)
      self.process?.frozenSince = nil
    }
    guard state == .paused else { return }
    // Thawed by somebody else while it should be paused: `reconcile` orders the freeze again.
    if process.freezeOrdered { self.process?.freezeOrdered = false }
    enter(process.resumeState, .none, "instance.resumed", "resumed", &orders, severity: .notice)
    resumeTimers(&orders)
    guard isRunning else { return }
    if timers[.stable] == nil {
      // It became ready while it was frozen, or was adopted frozen: its watches begin now.
      if around.spec.watchdog > .zero, timers[.watchdog] == nil {
        arm(.watchdog, at: orders.now.instant + around.spec.watchdog, &orders)
      }
      arm(.stable, at: orders.now.instant + around.spec.crashLimit.window, &orders)
    }
    watchHealth(around, &orders)
  }

  /// It should be frozen, or kept from starting.
  func isPaused(_ around: Circumstances) -> Bool { around.paused || pauseHold }

  /// Orders the freeze or thaw that brings the group to what is wanted.
  mutating func reconcilePause(_ around: Circumstances, _ orders: inout Orders) {
    guard let process, process.pid != nil, process.exit == nil, ending == nil else { return }
    let wanted = isPaused(around)
    guard process.freezeOrdered != wanted else { return }
    self.process?.freezeOrdered = wanted
    orders.emit(wanted ? .freeze(id, process.incarnation) : .thaw(id, process.incarnation))
  }
}

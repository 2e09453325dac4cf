// How a process is brought down: the stop signal and SIGCONT, thaw, stop_timeout, cgroup.kill, and again every 5 s until
// the group is empty. Must never call it stopped before that.

import NovaModel

extension InstanceLife {
  /// First rung: a signal to the main process and a deadline.
  mutating func goDown(
    _ cause: Ending, _ why: Reason, _ message: String, _ around: Circumstances,
    _ orders: inout Orders, signal: Int32? = nil, severity: EventRecord.Severity = .info
  ) {
    guard let process, ending == nil, !process.lost else { return }
    ending = cause
    leaveRunning(&orders)
    let quiet = cause == .natural
    enter(
      .stopping, why, process.exit == nil ? "instance.stopping" : "instance.exited", message,
      &orders, severity: severity)
    let number = signal ?? around.spec.stopSignal
    if process.exit != nil {
      // The main process is gone; its children are told to follow.
      orders.emit(.askToEnd(id, process.incarnation, number, wholeGroup: true))
    } else if process.pid == nil {
      self.process?.deferredSignal = number
    } else if !quiet {
      orders.emit(.askToEnd(id, process.incarnation, number, wholeGroup: false))
    }
    thawForEnd(&orders)
    let timeout = cause == .asked ? stopTimeout ?? around.spec.stopTimeout : around.spec.stopTimeout
    stopTimeout = nil
    arm(.stopTimeout, at: orders.now.instant + max(.zero, timeout), &orders)
  }

  /// A failure that we end ourselves: a crash.
  mutating func fail(
    _ why: Reason, _ message: String, _ around: Circumstances, _ orders: inout Orders
  ) {
    goDown(.crash(why), why, message, around, &orders, severity: .warning)
  }

  /// Last rung at once: cgroup.kill.
  mutating func killNow(
    _ cause: Ending, _ why: Reason, _ message: String, _ orders: inout Orders
  ) {
    guard let process, !process.lost, state != .killing else { return }
    ending = ending ?? cause
    leaveRunning(&orders)
    disarm(.stopTimeout, &orders)
    enter(.killing, why, "instance.stopping", message, &orders, severity: .notice)
    // A child that is only being made is not in the group yet: killing an empty group would look like its end.
    if process.pid != nil || process.exit != nil {
      orders.emit(.killGroup(id, process.incarnation))
    }
    arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
  }

  /// A stop that is under way is made shorter, never longer.
  mutating func shortenStop(to timeout: Span, _ orders: inout Orders) {
    let at = orders.now.instant + max(.zero, timeout)
    guard state == .stopping, let timer = timers[.stopTimeout], timer.at > at else { return }
    arm(.stopTimeout, at: at, &orders)
  }

  /// Everything that watched a running worker ends.
  private mutating func leaveRunning(_ orders: inout Orders) {
    for kind in Self.suspendable { disarm(kind, &orders) }
    endReadiness(&orders)
    endHealth(&orders)
  }

  private mutating func thawForEnd(_ orders: inout Orders) {
    guard let process, process.frozen || process.freezeOrdered else { return }
    self.process?.freezeOrdered = false
    orders.emit(.thaw(id, process.incarnation))
  }

  /// Its parent died: whatever is left of the group is killed, and only its emptiness is awaited.
  mutating func lose(_ around: Circumstances, _ orders: inout Orders) {
    guard let process, !process.lost else { return }
    self.process?.lost = true
    leaveRunning(&orders)
    disarm(.stopTimeout, &orders)
    if !process.decided {
      let why = around.adopted ? "nova-shim does not have it" : "nova-shim, its parent, is gone"
      enter(
        .lost, .shimLost, "instance.lost", "was lost: \(why)", &orders, severity: .warning)
    }
    // Its exit will never be told; where emptiness already was, it will not be told again.
    if process.emptied { return finish(around, &orders) }
    orders.emit(.killGroup(id, process.incarnation))
    arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
  }
}

// What people's wishes change in an instance before it is reconciled. Must never spawn or count anything.

import NovaModel

extension InstanceLife {
  /// A clean sheet: crashes, cooldown rounds, backoff and the health outage are forgotten.
  mutating func clearTroubles(_ orders: inout Orders) {
    crashes.clear()
    cooldowns = 0
    backoffStep = 0
    outage = false
    orders.persist(id)
  }

  /// Whatever it waits for or gave up over, `reconcile` starts it now. A state that means "done" or "given up" is left
  /// without a line of history, since the start that follows writes one.
  mutating func wake(_ orders: inout Orders) {
    guard process == nil || process?.decided == true else { return }
    switch state {
    case .failed, .completed, .lost:
      state = .stopped
      reason = .none
    case .backoff, .cooldown:
      due = orders.now.instant
      dueWall = nil
    default: break
    }
    nextIsRestart = false
  }

  /// `start`: idempotent. A job that waits for its next run is up already.
  mutating func begin(_ orders: inout Orders) {
    held = false
    clearTroubles(&orders)
    if process?.lost != true { wake(&orders) }
  }

  /// Stop, then start, without a change of what is wanted. A waiting job runs now.
  mutating func restart(_ why: Reason, _ around: Circumstances, _ orders: inout Orders) {
    clearTroubles(&orders)
    if let process, !process.decided {
      guard process.confirmed, !process.lost else { return }
      if ending == nil {
        goDown(.asked, why, "is being restarted (\(EventText.reason(why)))", around, &orders)
      } else {
        // Already going down, for whatever reason: it comes back at once, and only once.
        ending = .asked
      }
      return
    }
    if state == .waiting {
      due = orders.now.instant
      dueWall = nil
      isRunAsked = true
    }
    wake(&orders)
  }

  /// `stop`, of the instance or of its worker.
  mutating func stop(timeout: Span?, _ orders: inout Orders) {
    guard process != nil else { return }
    stopTimeout = timeout
    if let timeout { shortenStop(to: timeout, &orders) }
  }

  /// `kill` without a signal.
  mutating func kill(_ orders: inout Orders) {
    guard let process, process.confirmed, !process.decided else { return }
    killNow(.killed, .operator, "is being killed by an operator", &orders)
  }

  /// `kill -s`: an exit within `stop_timeout` of it is the operator's doing and no crash.
  mutating func poke(
    _ signal: Int32, wholeGroup: Bool, restart: Bool, _ around: Circumstances,
    _ orders: inout Orders
  ) {
    guard let process, process.confirmed, process.pid != nil, !process.lost, !process.decided,
      process.exit == nil || wholeGroup
    else { return }
    orders.emit(.signal(id, process.incarnation, signal, wholeGroup: wholeGroup))
    guard ending == nil else { return }
    self.process?.poke = Poke(
      until: orders.now.instant + max(.seconds(1), around.spec.stopTimeout), restart: restart)
  }

  /// Gives up what it counted; one that had given up, or cools down, stays down until it is started.
  mutating func reset(_ orders: inout Orders) {
    if process == nil, state == .failed || state == .cooldown { hold(.operator) }
    clearTroubles(&orders)
  }

  /// Lets a freeze or thaw that the kernel refused be tried again.
  mutating func retryPause(_ paused: Bool) {
    guard let process, process.frozen != paused else { return }
    self.process?.freezeOrdered = !paused
  }

  /// New values of the configuration that act on what runs.
  mutating func retune(
    from old: WorkerSpec, _ around: Circumstances, _ orders: inout Orders
  ) {
    let spec = around.spec
    if let process, process.confirmed, !process.decided, !process.lost {
      var limits = (old.limits, spec.limits)
      limits.0.files = nil
      limits.1.files = nil
      if limits.0 != limits.1 { orders.emit(.applyLimits(id, process.incarnation)) }
      if old.health != spec.health {
        endHealth(&orders)
        outage = false
        if isRunning, ending == nil { watchHealth(around, &orders) }
      }
      if old.watchdog != spec.watchdog { retuneWatchdog(spec, &orders) }
      if old.ready != spec.ready, state == .starting, process.pid != nil {
        endReadiness(&orders)
        watchReadiness(around, &orders)
      }
      return
    }
    guard process == nil, old.mode != spec.mode, state == .waiting else { return }
    if isJob(spec) {
      waitForNextRun(.configuration, "is scheduled anew", around, &orders)
    } else {
      due = orders.now.instant
    }
  }

  private mutating func retuneWatchdog(_ spec: WorkerSpec, _ orders: inout Orders) {
    // Turned on by a reload: the process was not told at its start, so only its first heartbeat starts the clock.
    if timers[.watchdog] != nil {
      if spec.watchdog > .zero {
        arm(.watchdog, at: orders.now.instant + spec.watchdog, &orders)
      } else {
        disarm(.watchdog, &orders)
      }
    } else if suspended[.watchdog] != nil {
      suspended[.watchdog] = spec.watchdog > .zero ? spec.watchdog : nil
    }
  }
}

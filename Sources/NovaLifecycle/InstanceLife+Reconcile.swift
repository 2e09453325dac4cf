// Compares what an instance is with what it should be and takes the next step. Called after every fact and wish, any
// number of times: when nothing is to be done it does nothing. Must never spawn into a slot that is not settled.

import NovaModel

extension InstanceLife {
  mutating func reconcile(_ around: Circumstances, _ orders: inout Orders) {
    if let process, !process.decided {
      guard process.confirmed, !process.lost, ending == nil else { return }
      reconcileLive(process, around, &orders)
    }
    if process == nil || process?.decided == true { reconcileDown(around, &orders) }
  }

  private mutating func reconcileLive(
    _ process: Process, _ around: Circumstances, _ orders: inout Orders
  ) {
    guard isWanted(around) else {
      guard !around.stopBlocked else { return }
      let why = downReason(around)
      let cause = around.draining ? "the supervisor shuts down" : EventText.reason(why)
      return goDown(.asked, why, "is being stopped (\(cause))", around, &orders)
    }
    if let fingerprint, fingerprint != around.fingerprint {
      return goDown(
        .asked, .configuration, "is being restarted: its configuration changed", around, &orders)
    }
    if state == .starting, process.pid != nil, around.spec.ready == .none {
      comeUp(
        .running, "instance.started", "runs (its readiness is no longer asked for)",
        around, &orders)
    }
    reconcilePause(around, &orders)
  }

  private mutating func reconcileDown(_ around: Circumstances, _ orders: inout Orders) {
    guard isWanted(around) else {
      if around.draining {
        // What waits keeps its record; nothing will come of its timers any more.
        disarmWaits(&orders)
        guard state == .starting else { return }
      }
      if state != .stopped { putDown(around, &orders) }
      return
    }
    guard around.adopted else {
      // A wait that is over stays over: its timer would fire again at once, and again.
      if due ?? orders.now.instant > orders.now.instant { armDue(&orders) }
      return
    }
    if isPaused(around), [.stopped, .backoff, .waiting, .starting].contains(state) {
      disarmWaits(&orders)
      due = nil
      dueWall = nil
      return enter(
        .paused, around.pauseReason, "instance.paused", "is paused and stays down", &orders,
        severity: .notice)
    }
    switch state {
    case .stopped:
      if case .schedule = around.spec.mode {
        waitForNextRun(.none, "is scheduled", around, &orders)
      } else {
        start(around, &orders)
      }
    case .paused:
      guard !isPaused(around) else { return }
      if isJob(around.spec) {
        waitForNextRun(.none, "is scheduled again", around, &orders)
      } else {
        start(around, &orders)
      }
    case .starting: start(around, &orders)
    case .backoff, .cooldown, .waiting: reconcileWait(around, &orders)
    // `running` and its like without a process cannot be; the rest stay until somebody starts them.
    default: break
    }
  }

  private mutating func reconcileWait(_ around: Circumstances, _ orders: inout Orders) {
    if state == .waiting, isJob(around.spec), ripens(around, &orders) { return }
    guard let due else {
      // A calendar without a match waits for ever.
      if state == .waiting { return }
      self.due = orders.now.instant
      return reconcileWait(around, &orders)
    }
    guard due <= orders.now.instant else { return armDue(&orders) }
    if state == .cooldown {
      crashes.clear()
      // A cooldown is the longest wait of all: the round after it starts from the shortest again.
      backoffStep = 0
      if isPaused(around) {
        disarmWaits(&orders)
        self.due = nil
        return enter(
          .paused, around.pauseReason, "instance.paused", "is paused and stays down", &orders)
      }
    }
    if state != .waiting, isJob(around.spec) {
      return waitForNextRun(reason, "is scheduled again", around, &orders)
    }
    start(around, &orders)
  }

  /// Whether its next run waits for the last ones to be judged. Said once when its time has come; when it is over, the
  /// next slot is the next run, as after a pause.
  private mutating func ripens(_ around: Circumstances, _ orders: inout Orders) -> Bool {
    guard around.ripening, !isRunAsked else {
      guard reason == .ripening, !isRunAsked else { return false }
      waitForNextRun(.none, "is scheduled again", around, &orders)
      return true
    }
    guard reason != .ripening else { return true }
    guard let due, due <= orders.now.instant else { return false }
    disarmWaits(&orders)
    enter(
      .waiting, .ripening, "instance.ripening",
      "does not run now: what its last runs cost is out and not judged yet", &orders,
      severity: .notice)
    return true
  }

  /// How many lives of a slot may wait for their bookings: the next one starts while the last one is being booked, so
  /// that no restart waits for the disk, and a disk that takes nothing still holds a loop of crashes up.
  static let bookingsInFlight = 2

  /// Spawns, or says what it waits for.
  mutating func start(_ around: Circumstances, _ orders: inout Orders) {
    guard around.blockers.isEmpty, unsettled.count < Self.bookingsInFlight, process == nil else {
      if state != .starting || waitingFor != around.blockers {
        disarmWaits(&orders)
        due = nil
        dueWall = nil
        if around.blockers.isEmpty {
          // The disk is slower than the crashes.
          if state != .starting {
            enter(
              .starting, .none, "instance.waiting", "waits until its last lives are booked", &orders
            )
          }
        } else {
          enter(
            .starting, .dependency, "instance.waiting",
            "waits for \(EventText.list(around.blockers))", &orders)
        }
        waitingFor = around.blockers
      }
      return
    }
    disarmWaits(&orders)
    due = nil
    dueWall = nil
    isRunAsked = false
    let incarnation = orders.newIncarnation()
    var next = Process(incarnation)
    next.watchesHealth = false
    process = next
    if nextIsRestart { restartsTotal += 1 }
    nextIsRestart = false
    lastIncarnation = incarnation
    lastRun = orders.now.instant
    fingerprint = around.fingerprint
    suspended = [:]
    enter(.starting, .none, "instance.starting", "is starting", &orders)
    orders.emit(.spawn(id, incarnation))
    arm(.startTimeout, at: orders.now.instant + around.spec.startTimeout, &orders)
  }

  /// Down, because it is not wanted.
  mutating func putDown(_ around: Circumstances, _ orders: inout Orders) {
    disarmWaits(&orders)
    due = nil
    dueWall = nil
    stopTimeout = nil
    nextIsRestart = false
    enter(.stopped, downReason(around), "instance.stopped", "stopped", &orders)
  }

  func downReason(_ around: Circumstances) -> Reason {
    if retiring { return .configuration }
    if !around.wanted { return around.downReason }
    if held { return holdReason }
    return .none
  }

  private mutating func disarmWaits(_ orders: inout Orders) {
    for kind in [TimerKind.backoff, .cooldown, .nextRun] { disarm(kind, &orders) }
  }

  func isJob(_ spec: WorkerSpec) -> Bool {
    switch spec.mode {
    case .interval, .schedule: true
    case .service, .once: false
    }
  }

  /// Waits for the next slot of its schedule; slots that passed are not made up for.
  mutating func waitForNextRun(
    _ why: Reason, _ what: String, _ around: Circumstances, _ orders: inout Orders
  ) {
    disarmWaits(&orders)
    due = nil
    dueWall = nil
    let now = orders.now
    switch around.spec.mode {
    case .interval(let span):
      let step = UInt64(max(1_000_000, span.nanoseconds))
      let from = min(lastRun ?? now.instant, now.instant)
      let passed = (now.instant.nanoseconds - from.nanoseconds) / step
      due = from + Span(nanoseconds: Int64(clamping: (passed + 1).multipliedClamping(by: step)))
    case .schedule(let expression, _):
      dueWall = expression.next(after: now.wall, zone: around.zone)
      due = dueWall.map { now.instant + ($0 - now.wall) }
    case .service, .once: due = now.instant
    }
    let text =
      due.map { ", next run in \(EventText.span($0 - now.instant))" }
      ?? ", and its schedule never matches again"
    enter(
      .waiting, why, "instance.waiting", what + text, &orders,
      severity: due == nil ? .warning : .info)
    armDue(&orders)
  }
}

extension UInt64 {
  fileprivate func multipliedClamping(by other: UInt64) -> UInt64 {
    let (product, over) = multipliedReportingOverflow(by: other)
    return over ? .max : product
  }
}

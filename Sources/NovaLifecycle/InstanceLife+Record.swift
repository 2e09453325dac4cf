// What survives of an instance, and how it comes back: records, deadlines, adoption.
// Must never trust a monotonic time of another boot.

import NovaModel

extension InstanceLife {
  /// The durable memory. What a record cannot say plainly is said so that reading it back is safe: a start that waits
  /// is `stopped` (it starts again), a stop that is part of a restart has no reason (it is no hold), and a state
  /// without a process names no life.
  func record(_ boot: BootInfo, at now: Moment) -> InstanceRecord {
    let waitsToStart = state == .starting && process == nil
    var record = InstanceRecord(
      id: id, state: waitsToStart ? .stopped : state, reason: waitsToStart ? .none : reason,
      since: since.wall)
    if [.stopping, .killing].contains(state), !held, Self.holds(reason) { record.reason = .none }
    record.incarnation = process?.incarnation ?? unsettled.last
    if record.incarnation == nil, state != .paused, state != .lost {
      record.incarnation = lastIncarnation
    }
    record.crashes = crashes.times.map { deadline(nanoseconds: $0, boot, now) }
    record.backoffStep = backoffStep
    record.cooldowns = cooldowns
    record.due = due.map { deadline(nanoseconds: Int64(clamping: $0.nanoseconds), boot, now) }
    record.restartsTotal = restartsTotal
    record.lastExit = lastExit
    record.fingerprint = fingerprint
    return record
  }

  private func deadline(nanoseconds: Int64, _ boot: BootInfo, _ now: Moment) -> Deadline {
    let (sum, over) = Int64(clamping: boot.boottimeOffset).addingReportingOverflow(nanoseconds)
    let left =
      Span(nanoseconds: nanoseconds) - Span(nanoseconds: Int64(clamping: now.instant.nanoseconds))
    return Deadline(
      boottime: UInt64(clamping: over ? .max : sum), bootID: boot.id, wall: now.wall + left)
  }

  /// Reasons with which a `stopped` instance of a wanted worker stays down.
  static func holds(_ reason: Reason) -> Bool {
    switch reason {
    case .operator, .budget, .decision: true
    default: false
    }
  }

  /// Comes back from a record; what was alive waits for the shim to say so.
  init(
    _ record: InstanceRecord, _ around: Circumstances, boot: BootInfo, now: Moment
  ) {
    self.init(id: record.id, since: now)
    state = record.state
    reason = record.reason
    let age = max(.zero, now.wall - record.since)
    since = Moment(instant: now.instant + (.zero - age), wall: record.since)
    for crash in record.crashes {
      crashes.add(nanoseconds: Self.monotonic(crash, whole: nil, boot, now))
    }
    backoffStep = max(0, record.backoffStep)
    cooldowns = max(0, record.cooldowns)
    restartsTotal = max(0, record.restartsTotal)
    lastExit = record.lastExit
    fingerprint = record.fingerprint
    lastIncarnation = record.incarnation
    restoreProcess(record)
    if [.stopped, .stopping, .killing].contains(state), around.wanted, Self.holds(reason) {
      held = true
      holdReason = reason
    }
    if state == .paused, !around.paused { pauseHold = true }
    restoreDue(record, around, boot, now)
  }

  private mutating func restoreProcess(_ record: InstanceRecord) {
    switch state {
    case .starting, .running, .ready, .paused, .stopping, .killing, .lost:
      guard let incarnation = record.incarnation else {
        if state != .paused, state != .lost {
          state = .stopped
          reason = .none
        }
        return
      }
      var process = Process(incarnation)
      process.confirmed = false
      self.process = process
      ending =
        state == .stopping || state == .killing ? Self.ending(for: record.reason) : nil
    case .stopped, .backoff, .cooldown, .waiting, .completed, .failed: break
    }
  }

  private mutating func restoreDue(
    _ record: InstanceRecord, _ around: Circumstances, _ boot: BootInfo, _ now: Moment
  ) {
    let whole: Span
    switch (state, around.spec.mode) {
    case (.cooldown, _): whole = around.spec.crashLimit.cooldown
    case (.backoff, _): whole = max(around.spec.backoff.max, around.spec.backoff.delay)
    case (.waiting, .interval(let span)): whole = span
    case (.waiting, .schedule(let expression, _)):
      // What was missed while nobody looked is not made up for.
      dueWall = expression.next(after: now.wall, zone: around.zone)
      due = dueWall.map { now.instant + ($0 - now.wall) }
      return
    default: return
    }
    guard let deadline = record.due else { return }
    let at = Self.monotonic(deadline, whole: whole, boot, now)
    due = Instant(nanoseconds: UInt64(clamping: at))
    guard state == .waiting, let slot = due else { return }
    lastRun = slot + (.zero - whole)
    if slot <= now.instant {
      let step = UInt64(max(1_000_000, whole.nanoseconds))
      let passed = (now.instant.nanoseconds - slot.nanoseconds) / step + 1
      due =
        slot
        + Span(
          nanoseconds: Int64(clamping: passed.multipliedReportingOverflow(by: step).partialValue))
    }
  }

  /// A deadline on this boot's monotonic clock; negative is before the boot. In the same boot it is exact; in another
  /// the wall clock decides, and never more than `whole` is left of it (nil: it lies in the past).
  static func monotonic(
    _ deadline: Deadline, whole: Span?, _ boot: BootInfo, _ now: Moment
  ) -> Int64 {
    if deadline.bootID == boot.id {
      return Int64(clamping: deadline.boottime) - Int64(clamping: boot.boottimeOffset)
    }
    let left = deadline.wall - now.wall
    let clamped = whole.map { min(max(left, .zero), max($0, .zero)) } ?? min(left, .zero)
    return (Span(nanoseconds: Int64(clamping: now.instant.nanoseconds)) + clamped).nanoseconds
  }

  private static func ending(for reason: Reason) -> Ending {
    switch reason {
    case .startTimeout, .healthFailed, .watchdog, .memoryLimit: .crash(reason)
    case .exitOK, .exitFailed, .signal, .oom: .natural
    default: .asked
    }
  }

  /// The shim has it, alive or with an exit that nobody has taken yet.
  mutating func adopt(
    _ incarnation: Incarnation, pid: Int32, frozen: Bool, _ around: Circumstances,
    _ orders: inout Orders
  ) {
    if process?.incarnation == incarnation {
      guard process?.confirmed == false else { return }
      return confirm(pid: pid, frozen: frozen, around, &orders)
    }
    let newest = process?.incarnation ?? lastIncarnation
    if let newest, incarnation < newest {
      guard !unsettled.contains(incarnation) else { return }
      // It was empty before the newest one started, and judged then; what is missing is the booking. The kill finds
      // nobody, unless the records are older than the processes.
      unsettled.append(incarnation)
      orders.emit(.killGroup(id, incarnation))
      return orders.emit(.settle(id, incarnation))
    }
    if let process, process.confirmed {
      // Two lives in one slot cannot be; the stranger goes.
      orders.emit(.killGroup(id, incarnation))
      orders.record(
        "instance.stray", id, "\(id) has a second process group (life \(incarnation)), killing it",
        severity: .warning)
      return
    }
    if process == nil, lastIncarnation == incarnation {
      // Its end was judged before the supervisor restarted; what is missing is the booking.
      unsettled.removeAll { $0 == incarnation }
      var remnant = Process(incarnation)
      remnant.pid = pid
      remnant.decided = true
      process = remnant
      orders.emit(.killGroup(id, incarnation))
      arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
      return
    }
    // The record is behind: the ledger had not written the last start.
    if let old = process { orders.emit(.settle(id, old.incarnation)) }
    if nextIsRestart { restartsTotal += 1 }
    nextIsRestart = false
    ending = nil
    disarmAll(&orders)
    due = nil
    dueWall = nil
    process = Process(incarnation)
    lastIncarnation = incarnation
    fingerprint = nil
    state = .starting
    since = orders.now
    orders.persist(id)
    confirm(pid: pid, frozen: frozen, around, &orders)
  }

  private mutating func confirm(
    pid: Int32, frozen: Bool, _ around: Circumstances, _ orders: inout Orders
  ) {
    guard let incarnation = process?.incarnation else { return }
    process?.confirmed = true
    process?.pid = pid
    process?.startedAt = state == .starting ? orders.now : since
    process?.frozen = frozen
    process?.freezeOrdered = frozen
    orders.record("instance.adopted", id, "\(id) was found alive, pid \(pid)")
    switch state {
    case .stopping:
      orders.emit(.askToEnd(id, incarnation, around.spec.stopSignal, wholeGroup: false))
      if frozen {
        process?.freezeOrdered = false
        orders.emit(.thaw(id, incarnation))
      }
      arm(.stopTimeout, at: orders.now.instant + around.spec.stopTimeout, &orders)
    case .killing:
      orders.emit(.killGroup(id, incarnation))
      arm(.killRepeat, at: orders.now.instant + Self.killPeriod, &orders)
    default: continueRunning(around, frozen: frozen, &orders)
    }
  }

  private mutating func continueRunning(
    _ around: Circumstances, frozen: Bool, _ orders: inout Orders
  ) {
    let before: State
    switch state {
    case .running, .ready: before = state
    case .starting: before = around.spec.ready == .none ? .running : .starting
    // A frozen worker was most likely ready: waiting for a READY=1 that was sent long ago would end in a restart.
    default: before = around.spec.ready == .none ? .running : .ready
    }
    if frozen {
      process?.resumeState = before
      process?.frozenSince = orders.now.instant
      if before == .starting { suspended[.startTimeout] = around.spec.startTimeout }
      if state != .paused {
        enter(.paused, around.pauseReason, "instance.paused", "is frozen", &orders)
      }
    } else if before == .starting {
      arm(.startTimeout, at: orders.now.instant + around.spec.startTimeout, &orders)
      watchReadiness(around, &orders)
    } else if state == before {
      resumeWatches(around, &orders)
    } else {
      comeUp(before, "instance.started", "runs on", around, &orders)
    }
  }

  /// The watches of a running worker, for a supervisor that has just come back.
  private mutating func resumeWatches(_ around: Circumstances, _ orders: inout Orders) {
    watchHealth(around, &orders)
    if around.spec.watchdog > .zero {
      arm(.watchdog, at: orders.now.instant + around.spec.watchdog, &orders)
    }
    let left = around.spec.crashLimit.window - uptime(at: orders.now)
    arm(.stable, at: orders.now.instant + max(.zero, left), &orders)
  }
}

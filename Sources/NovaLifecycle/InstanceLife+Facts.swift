// What facts do to an instance. A fact about another life is ignored. Must never decide what follows an end: that is
// InstanceLife+Ending.

import NovaModel

extension InstanceLife {
  /// Takes a fact; `reconcile` follows.
  mutating func take(
    _ event: InstanceEvent, _ around: Circumstances, _ orders: inout Orders
  ) {
    switch event {
    case .timerFired(let kind, let epoch): fired(kind, epoch: epoch, around, &orders)
    case .settled(let incarnation):
      guard let index = unsettled.firstIndex(of: incarnation) else { return }
      unsettled.remove(at: index)
      // In these states a record that names a life means that it may be alive.
      if state == .lost || state == .paused { orders.persist(id) }
    case .adopted(let incarnation, let pid, let frozen):
      adopt(incarnation, pid: pid, frozen: frozen, around, &orders)
    case .spawned(let incarnation, let pid):
      if isCurrent(incarnation) { spawned(pid, around, &orders) }
    case .spawnFailed(let incarnation, let stage, let errno):
      if isCurrent(incarnation) { spawnFailed(stage, errno, around, &orders) }
    case .exited(let incarnation, let status, let oom):
      if isCurrent(incarnation) { exited(Exit(status: status, oom: oom), around, &orders) }
    case .emptied(let incarnation):
      if isCurrent(incarnation) { emptied(around, &orders) }
    case .becameReady(let incarnation):
      if isCurrent(incarnation) { becameReady(around, &orders) }
    case .heartbeat(let incarnation):
      if isCurrent(incarnation) { heartbeat(around, &orders) }
    case .watchdogTriggered(let incarnation):
      if isCurrent(incarnation) { watchdogExpired(around, &orders) }
    case .timeoutExtended(let incarnation, let span):
      if isCurrent(incarnation) { extend(by: span, &orders) }
    case .announcedStopping(let incarnation):
      if isCurrent(incarnation), isRunning, ending == nil {
        goDown(.natural, .none, "says it is stopping", around, &orders)
      }
    case .healthFailed(let incarnation, let check):
      if isCurrent(incarnation), isRunning, !outage {
        outage = true
        fail(.healthFailed, "fails its health check \(check)", around, &orders)
      }
    case .healthRecovered(let incarnation):
      if isCurrent(incarnation) { outage = false }
    case .memoryExceeded(let incarnation):
      if isCurrent(incarnation), ending == nil, process?.lost == false {
        killNow(.crash(.memoryLimit), .memoryLimit, "exceeds limits.memory, killing it", &orders)
      }
    case .froze(let incarnation):
      if isCurrent(incarnation) { froze(around, &orders) }
    case .thawed(let incarnation):
      if isCurrent(incarnation) { thawed(around, &orders) }
    case .freezeFailed(let incarnation, let errno):
      if isCurrent(incarnation) {
        orders.record(
          "instance.freeze_failed", id,
          "\(id) cannot be \(process?.freezeOrdered == true ? "paused" : "resumed"): the kernel refused (errno \(errno))",
          severity: .warning)
        // A refused pause is over; a refused resume is still wanted and asked for again by the next order.
        if process?.freezeOrdered == true, process?.frozen == false {
          process?.freezeOrdered = false
        }
      }
    }
  }

  var isRunning: Bool { state == .running || state == .ready }

  private func isCurrent(_ incarnation: Incarnation) -> Bool {
    process?.incarnation == incarnation
  }

  private mutating func spawned(
    _ pid: Int32, _ around: Circumstances, _ orders: inout Orders
  ) {
    guard process?.pid == nil, let incarnation = process?.incarnation else { return }
    process?.pid = pid
    process?.startedAt = orders.now
    switch state {
    case .starting where around.spec.ready == .none:
      comeUp(.running, "instance.started", "started, pid \(pid)", around, &orders)
    case .starting:
      orders.record("instance.started", id, "\(id) started, pid \(pid), not ready yet")
      arm(.startTimeout, at: orders.now.instant + around.spec.startTimeout, &orders)
      watchReadiness(around, &orders)
      if process?.wasReadyEarly == true { becameReady(around, &orders) }
    case .stopping:
      // It was stopped before it existed: the signal goes to somebody only now.
      orders.emit(
        .askToEnd(
          id, incarnation, process?.deferredSignal ?? around.spec.stopSignal, wholeGroup: false))
      process?.deferredSignal = nil
    case .killing, .lost:
      orders.emit(.killGroup(id, incarnation))
    default: break
    }
  }

  /// Looks for readiness where the shell has to look; READY=1 comes by itself.
  mutating func watchReadiness(_ around: Circumstances, _ orders: inout Orders) {
    guard let incarnation = process?.incarnation else { return }
    switch around.spec.ready {
    case .tcp, .http, .log:
      process?.watchesReadiness = true
      orders.emit(.watchReadiness(id, incarnation))
    case .notify, .none: break
    }
  }

  /// Running or ready from now on: what watches a running worker begins.
  mutating func comeUp(
    _ next: State, _ type: String, _ message: String, _ around: Circumstances,
    _ orders: inout Orders
  ) {
    disarm(.startTimeout, &orders)
    endReadiness(&orders)
    enter(next, .none, type, message, &orders)
    watchHealth(around, &orders)
    if around.spec.watchdog > .zero {
      arm(.watchdog, at: orders.now.instant + around.spec.watchdog, &orders)
    }
    let left = around.spec.crashLimit.window - uptime(at: orders.now)
    arm(.stable, at: orders.now.instant + max(.zero, left), &orders)
  }

  mutating func watchHealth(_ around: Circumstances, _ orders: inout Orders) {
    guard let process, !process.watchesHealth, !around.spec.health.isEmpty else { return }
    self.process?.watchesHealth = true
    orders.emit(.watchHealth(id, process.incarnation))
  }

  mutating func endHealth(_ orders: inout Orders) {
    guard process?.watchesHealth == true else { return }
    process?.watchesHealth = false
    orders.emit(.endHealth(id))
  }

  mutating func endReadiness(_ orders: inout Orders) {
    guard process?.watchesReadiness == true else { return }
    process?.watchesReadiness = false
    orders.emit(.endReadiness(id))
  }

  /// Running time of the present process; frozen time does not count.
  func uptime(at now: Moment) -> Span {
    guard let process, let start = process.startedAt else { return .zero }
    let frozen = process.frozenSince.map { now.instant - $0 } ?? .zero
    return max(.zero, now.instant - start.instant - process.frozenSpan - frozen)
  }

  private mutating func becameReady(_ around: Circumstances, _ orders: inout Orders) {
    guard process?.pid != nil else {
      process?.wasReadyEarly = true
      return
    }
    guard ending == nil else { return }
    if state == .starting {
      comeUp(.ready, "instance.ready", "is ready", around, &orders)
    } else if state == .paused, process?.resumeState == .starting {
      // It had said so before it froze.
      process?.resumeState = .ready
      suspended[.startTimeout] = nil
      endReadiness(&orders)
    }
  }

  private mutating func heartbeat(_ around: Circumstances, _ orders: inout Orders) {
    guard around.spec.watchdog > .zero else { return }
    if isRunning {
      arm(.watchdog, at: orders.now.instant + around.spec.watchdog, &orders)
    } else if suspended[.watchdog] != nil {
      suspended[.watchdog] = around.spec.watchdog
    }
  }

  mutating func watchdogExpired(_ around: Circumstances, _ orders: inout Orders) {
    guard isRunning, ending == nil else { return }
    // SIGABRT (6) in place of the stop signal: the core shows where it hangs.
    goDown(
      .crash(.watchdog), .watchdog, "sent no heartbeat, aborting it", around, &orders, signal: 6,
      severity: .warning)
  }

  /// EXTEND_TIMEOUT_USEC= moves a deadline back, never forward.
  private mutating func extend(by span: Span, _ orders: inout Orders) {
    let until = orders.now.instant + max(.zero, span)
    for kind in [TimerKind.startTimeout, .stopTimeout] {
      if let timer = timers[kind], timer.at < until { arm(kind, at: until, &orders) }
    }
  }
}

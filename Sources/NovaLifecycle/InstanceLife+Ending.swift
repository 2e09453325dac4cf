// The end of a life and what follows from it. An end is a crash when nobody asked for it and it is not clean under the
// worker's policy:
// - clean is an exit code of success_exit_codes, or death by HUP, INT, TERM or PIPE, as systemd counts it;
// - a clean exit of a service under `always` is a restart, but within 1 s of its start it is a crash: a program that
//   exits 0 in a tight loop must meet the limit too;
// - what we ended for a failure (watchdog, health, start timeout, memory) is a crash, whatever its exit code;
// - a start that fails for the worker (ENOENT, EACCES, ...) is a crash with backoff, so that mending the file heals it;
//   one that fails for the host (EAGAIN, EMFILE, ENFILE, ENOMEM, a busy cgroup) waits and does not count;
// - a failed run of a job counts for the limit, and its next run is at its schedule under every policy;
// - `on-failure` and `never` leave a service that ended cleanly `completed`, and `never` a crashed one `failed`.
// Must never let an operator's act count.

import NovaModel

extension InstanceLife {
  mutating func exited(_ exit: Exit, _ around: Circumstances, _ orders: inout Orders) {
    // Of what was lost nobody can report an exit; only the emptiness of its group counts.
    guard let process, process.exit == nil, !process.lost else { return }
    self.process?.exit = exit
    if !process.decided {
      lastExit = LastExit(status: exit.status, oom: exit.oom, at: orders.now.wall)
      orders.persist(id)
    }
    if process.emptied { return finish(around, &orders) }
    guard !process.decided else { return }
    if ending == nil {
      let why = Self.reason(of: exit, around.spec)
      goDown(.natural, why, "ended (\(EventText.reason(why)))", around, &orders)
    } else if state == .stopping {
      // Its children had their own reason to live: they are told now, and the deadline stands.
      orders.emit(.askToEnd(id, process.incarnation, around.spec.stopSignal, wholeGroup: true))
    }
  }

  mutating func emptied(_ around: Circumstances, _ orders: inout Orders) {
    guard let process, !process.emptied else { return }
    self.process?.emptied = true
    if process.exit != nil || process.lost || process.decided { finish(around, &orders) }
  }

  /// Nothing of it lives any more.
  mutating func finish(_ around: Circumstances, _ orders: inout Orders) {
    guard let process else { return }
    let uptime = uptime(at: orders.now)
    let cause = ending
    endReadiness(&orders)
    endHealth(&orders)
    if process.decided {
      disarm(.killRepeat, &orders)
    } else {
      disarmAll(&orders)
    }
    self.process = nil
    ending = nil
    stopTimeout = nil
    unsettled.append(process.incarnation)
    orders.emit(.settle(id, process.incarnation))
    guard !process.decided else { return }
    var end = cause ?? .natural
    if end == .natural, process.exit != nil, let poke = process.poke,
      orders.now.instant <= poke.until
    {
      end = .killed
      if !poke.restart { hold(.operator) }
    }
    decide(end, process, uptime, around, &orders)
  }

  mutating func hold(_ why: Reason) {
    held = true
    holdReason = why
  }

  /// What follows.
  private mutating func decide(
    _ end: Ending, _ process: Process, _ uptime: Span, _ around: Circumstances,
    _ orders: inout Orders
  ) {
    guard isWanted(around) else { return putDown(around, &orders) }
    let isJob = isJob(around.spec)
    if process.exit == nil, process.lost {
      if isJob { return waitForNextRun(.shimLost, "run was lost", around, &orders) }
      if around.spec.restart == .never { return }
      nextIsRestart = true
      return startAgain(.shimLost, "its group is empty, starting again", &orders)
    }
    switch end {
    case .asked: startAgain(.none, "stopped, starting again", &orders)
    case .killed:
      if isJob { return waitForNextRun(.operator, "run was killed", around, &orders) }
      if around.spec.restart == .never {
        hold(.operator)
        return putDown(around, &orders)
      }
      // Exactly the base delay, and the row of restarts is not touched.
      back(
        off: around.spec.backoff.base(step: 0), .operator, "was killed by an operator", &orders)
    case .crash(let why): crashed(why, uptime, around, &orders)
    case .natural:
      guard let exit = process.exit else { return startAgain(.none, "ended", &orders) }
      ended(exit, uptime, around, &orders)
    }
  }

  private mutating func ended(
    _ exit: Exit, _ uptime: Span, _ around: Circumstances, _ orders: inout Orders
  ) {
    let why = Self.reason(of: exit, around.spec)
    guard Self.isClean(exit, around.spec) else { return crashed(why, uptime, around, &orders) }
    if isJob(around.spec) {
      return waitForNextRun(why, "run is done", around, &orders)
    }
    if around.spec.mode == .once || around.spec.restart != .always {
      resetIfLong(uptime, around)
      enter(
        .completed, why, "instance.completed", "completed (\(EventText.reason(why)))", &orders)
      return
    }
    // 1 s: what exits sooner has done nothing that a service is for.
    if uptime < .seconds(1) { return crashed(why, uptime, around, &orders) }
    resetIfLong(uptime, around)
    let delay = around.spec.backoff.delay(step: backoffStep, random: &orders.random)
    backoffStep += 1
    back(off: delay, why, "ended (\(EventText.reason(why)))", &orders)
  }

  /// Counts a crash, and answers with backoff, cooldown, the next run or `failed`.
  mutating func crashed(
    _ why: Reason, _ uptime: Span, _ around: Circumstances, _ orders: inout Orders
  ) {
    let limit = around.spec.crashLimit
    resetIfLong(uptime, around)
    crashes.add(at: orders.now.instant, window: limit.window)
    let count = crashes.count(at: orders.now.instant, window: limit.window)
    let what = "crashed (\(EventText.reason(why))), crash \(count)/\(limit.maxCrashes)"
    if !isJob(around.spec), around.spec.restart == .never { return giveUp(why, what, &orders) }
    if count >= limit.maxCrashes {
      if limit.maxCooldowns >= 0, cooldowns >= limit.maxCooldowns {
        return giveUp(why, what, &orders)
      }
      cooldowns += 1
      nextIsRestart = true
      due = orders.now.instant + limit.cooldown
      enter(
        .cooldown, why, "instance.cooldown",
        what + ", cooling down for \(EventText.span(limit.cooldown))", &orders, severity: .warning)
      return
    }
    if isJob(around.spec) { return waitForNextRun(why, what, around, &orders) }
    let delay = around.spec.backoff.delay(step: backoffStep, random: &orders.random)
    backoffStep += 1
    back(off: delay, why, what, &orders, severity: .warning)
  }

  private mutating func giveUp(_ why: Reason, _ what: String, _ orders: inout Orders) {
    enter(
      .failed, why, "instance.failed", what + ", giving up (start it by hand once it is mended)",
      &orders, severity: .critical)
  }

  mutating func spawnFailed(
    _ stage: SpawnStage, _ number: Int32, _ around: Circumstances, _ orders: inout Orders
  ) {
    guard let process, process.pid == nil else { return }
    disarmAll(&orders)
    let cause = ending
    self.process = nil
    ending = nil
    stopTimeout = nil
    guard isWanted(around) else { return putDown(around, &orders) }
    if cause == .asked || process.lost {
      return startAgain(.none, "stopped, starting again", &orders)
    }
    if cause == .killed {
      return back(
        off: around.spec.backoff.base(step: 0), .operator, "was killed by an operator", &orders)
    }
    let why = Reason.execFailed(stage, number)
    // A group that is busy still holds somebody who is dying: the child of the last failed start, say.
    let isHost = [EAGAIN, EMFILE, ENFILE, ENOMEM].contains(number)
    guard isHost || stage == .cgroup && number == EBUSY else {
      return crashed(why, .zero, around, &orders)
    }
    if isJob(around.spec) {
      return waitForNextRun(why, "could not be started", around, &orders)
    }
    // 100 ms at least: without a delay of its own a worker would try thousands of times a second on a host in need.
    let delay = max(
      around.spec.backoff.delay(step: backoffStep, random: &orders.random), .milliseconds(100))
    backoffStep += 1
    back(
      off: delay, why, "cannot be started: the host is short of something (errno \(number))",
      &orders, severity: .warning)
  }

  private mutating func back(
    off delay: Span, _ why: Reason, _ what: String, _ orders: inout Orders,
    severity: EventRecord.Severity = .info
  ) {
    nextIsRestart = true
    due = orders.now.instant + delay
    enter(
      .backoff, why, "instance.backoff", what + ", restarting in \(EventText.span(delay))", &orders,
      severity: severity)
  }

  /// Up again as soon as the slot is free: `reconcile` spawns.
  private mutating func startAgain(_ why: Reason, _ message: String, _ orders: inout Orders) {
    due = nil
    enter(.starting, why, "instance.stopped", message, &orders)
  }

  private mutating func resetIfLong(_ uptime: Span, _ around: Circumstances) {
    if uptime > around.spec.backoff.resetsAfter { backoffStep = 0 }
    if uptime >= around.spec.crashLimit.window { cooldowns = 0 }
  }

  static func isClean(_ exit: Exit, _ spec: WorkerSpec) -> Bool {
    guard !exit.oom else { return false }
    switch exit.status {
    case .exited(let code): return spec.successExitCodes.contains(code)
    // HUP, INT, PIPE, TERM: systemd.service(5), SuccessExitStatus=.
    case .signaled(let number, coreDumped: false): return [1, 2, 13, 15].contains(number)
    case .signaled, .unknown: return false
    }
  }

  static func reason(of exit: Exit, _ spec: WorkerSpec) -> Reason {
    if exit.oom { return .oom }
    switch exit.status {
    case .exited(0): return .exitOK
    case .exited(let code): return .exitFailed(code)
    case .signaled(let number, _): return .signal(number)
    case .unknown: return .shimLost
    }
  }
}

// errno values of Linux that mean the host, not the worker; this room imports no C library.
private let EAGAIN: Int32 = 11
private let ENOMEM: Int32 = 12
private let EBUSY: Int32 = 16
private let ENFILE: Int32 = 23
private let EMFILE: Int32 = 24

// What the shim says, turned into facts: adoption after a restart, starts, exits, and the death of the shim itself.
// Must never believe a report about an incarnation that is not the slot's present one.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Takes the link's news.
  func take(_ news: ShimLink.News) {
    switch news {
    case .connected(let hello, let isNew): connected(hello, isNew: isNew)
    case .report(let report): take(report)
    case .died: shimDied()
    case .trouble(let sentence): trouble(sentence)
    }
  }

  private func connected(_ new: ShimHello, isNew: Bool) {
    hello = new
    if isNew {
      if let root = new.cgroupRoot {
        do {
          tree = try CgroupTree(root: root, controllers: Set(new.controllers))
        } catch {
          tree = nil
          trouble(error.message)
        }
      } else {
        tree = nil
      }
      noteHost()
      for note in hostNotes { sayOnce("on this host: " + note) }
    }
    // Orders of before a broken connection: after the list it is known which of them the shim never read.
    let waiting = shim?.waitingSpawns ?? []
    unconfirmed = lives.values.filter {
      $0.pid == nil && $0.exit == nil && !waiting.contains($0.id.description)
    }
    // The same shim after a reexec or a broken connection repeats its exits; a new one (for us) is adopted from.
    listing = []
    shim?.send(.list)
  }

  func take(_ report: ShimReport) {
    switch report {
    case .hello: break
    case .listener(let slot, let serial, let box): listens(slot, Incarnation(serial), box)
    case .started(let slot, let serial, let pid, let since):
      started(slot, Incarnation(serial), pid, since.map { Instant(nanoseconds: $0) })
    case .failed(let slot, let serial, let stage, let number):
      failed(slot, Incarnation(serial), stage, number)
    case .child(let slot, let serial, _, _) where listing != nil:
      listing?.append(ListedLife(slot: slot, serial: serial, report: report))
    case .child(let slot, let serial, let pid, let since):
      found(slot, Incarnation(serial), pid, Instant(nanoseconds: since))
    case .exited(let exit) where listing != nil:
      listing?.append(ListedLife(slot: exit.slot, serial: exit.incarnation, report: report))
    case .exited(let exit): exited(exit)
    case .listed:
      takeList()
      listed()
    case .notifySocket(let worker, let box): attachNotify(worker, box)
    case .refused(let sentence): trouble("nova-shim: \(sentence)")
    }
  }

  private func started(
    _ slot: String, _ incarnation: Incarnation, _ pid: Int32, _ since: Instant?
  ) {
    if checks[slot] != nil { return }
    guard let id = InstanceID(slot), let life = life(id, incarnation) else { return }
    let now = Clock.now()
    // When the shim said so is after the first that the process has said: its own time, or at least that of the order.
    let start = min(since ?? life.startedAt ?? now.instant, now.instant)
    run(life, pid: pid, since: Moment(instant: start, wall: now.wall + (start - now.instant)))
    lookForListener(of: life)
    post(id, .spawned(incarnation, pid: pid))
    budgetLifeBegins(id)
    hearNewborn(id.worker, pid)
  }

  /// The life has a process from now on.
  private func run(_ life: Life, pid: Int32, since: Moment) {
    life.pid = pid
    mainProcesses[pid] = life.id
    life.startedAt = since.instant
    life.basis = .start(since.instant)
    life.record.pid = pid
    life.record.started = since.wall
    if life.group == nil, let session = SessionGroup(leader: pid) { life.group = .session(session) }
    beginReading(life)
    writes.append(.book(life.record, at: Clock.now().wall, price: price.id))
  }

  private func failed(
    _ slot: String, _ incarnation: Incarnation, _ stage: SpawnStage, _ number: Int32
  ) {
    if let check = checks.removeValue(forKey: slot) {
      return check.completion(.failed("\(stage.rawValue): \(SystemError.text(of: number))"))
    }
    guard let id = InstanceID(slot), let life = life(id, incarnation) else { return }
    let what = stage == .exec ? arguments(of: life.spec.command, life.spec, id.number).first : nil
    let advice =
      stage == .network
      ? NetworkAdvice.sentence(errno: number)
      : what.flatMap { ExecAdvice.sentence(program: $0, errno: number) }
    failures[id] =
      "\(stage.rawValue)\(what.map { " " + $0 } ?? ""): \(SystemError.text(of: number))"
      + (advice.map { " (\($0))" } ?? "")
    discard(life)
    post(id, .spawnFailed(incarnation, stage, errno: number))
  }

  /// A live child in the shim's list: known, or from before this brain.
  private func found(_ slot: String, _ incarnation: Incarnation, _ pid: Int32, _ since: Instant) {
    guard let id = InstanceID(slot) else {
      // An exec check of an earlier brain: nobody waits for its outcome.
      shim?.send(.signal(slot: slot, incarnation: incarnation.serial, signal: SIGKILL))
      return
    }
    if let life = life(id, incarnation) {
      // Its `.started` was lost with a connection.
      if life.pid == nil { started(slot, incarnation, pid, since) }
      return
    }
    // The end of the life before is in the facts already; it leaves its place by them.
    if lives[id] != nil { settle() }
    guard adopt(id, incarnation, pid: pid, since: since) != nil else { return }
    post(id, .adopted(incarnation, pid: pid, frozen: lives[id]?.saidFrozen ?? false))
  }

  /// Takes over a life from before this brain, alive or already ended.
  private func adopt(
    _ id: InstanceID, _ incarnation: Incarnation, pid: Int32, since: Instant?
  ) -> Life? {
    let now = Clock.now()
    let start = since ?? now.instant
    let wall = now.wall + (start - now.instant)
    let record =
      openRecords.removeValue(forKey: incarnation)
      ?? IncarnationRecord(
        incarnation: incarnation, id: id, pid: pid, started: wall, bootID: fleet.boot.id)
    let group = existingGroup(for: id, incarnation, pid: pid)
    let spec =
      fleet.spec(for: id)
      ?? WorkerSpec(name: id.worker, command: .arguments(["(removed from the configuration)"]))
    let life = Life(id: id, incarnation: incarnation, spec: spec, record: record, group: group)
    life.pid = pid
    mainProcesses[pid] = id
    life.startedAt = start
    beginReading(life)
    let booked = lastBooking(of: life, start: start, now: now)
    life.basis = .sinceBooking(booked)
    life.bookedAt = booked
    if spec.mode != .service { life.record.run = Self.exitRun(incarnation) }
    life.saidFrozen = (try? group?.frozen()) ?? false
    life.record.pid = pid
    lives[id] = life
    watch(life)
    resumeOutput(life)
    return life
  }

  /// When a life was last booked, on the monotonic clock; its start when it never was.
  private func lastBooking(of life: Life, start: Instant, now: Moment) -> Instant {
    // One row: a life of a day has 1,440 of them, and a thousand lives are adopted at once.
    guard let booking = (try? ledger.bookings(of: life.incarnation, limit: 1))?.last else {
      return start
    }
    return max(start, now.instant + (booking.at - now.wall))
  }

  /// A life whose parent is gone, from before this brain: its group is still there to be emptied and booked.
  func lostLife(_ id: InstanceID, _ incarnation: Incarnation) -> Life? {
    guard lives[id] == nil, let record = openRecords.removeValue(forKey: incarnation),
      case .cgroup(let group)? = existingGroup(for: id, incarnation, pid: record.pid),
      group.exists()
    else { return nil }
    let now = Clock.now()
    let life = Life(
      id: id, incarnation: incarnation,
      spec: fleet.spec(for: id) ?? WorkerSpec(name: id.worker, command: .arguments([])),
      record: record, group: .cgroup(group))
    life.exit = ExitReport(
      slot: id.description, incarnation: incarnation.serial, pid: record.pid, status: .unknown,
      userUsec: 0, systemUsec: 0, maxRSSKiB: 0, at: now.wall, atMonotonic: now.instant)
    lives[id] = life
    watch(life)
    return life
  }

  /// A life ended. `next` is the one after it in its slot, where a list says so.
  func exited(_ exit: ExitReport, before next: Incarnation? = nil) {
    if let check = checks.removeValue(forKey: exit.slot) {
      shim?.send(.ack(slot: exit.slot, incarnation: exit.incarnation))
      return check.completion(check.outcome(of: exit.status))
    }
    let incarnation = Incarnation(exit.incarnation)
    guard let id = InstanceID(exit.slot) else {
      shim?.send(.ack(slot: exit.slot, incarnation: exit.incarnation))
      return
    }
    endListener(id, incarnation)
    guard !unbooked.contains(incarnation) else { return }
    var known = life(id, incarnation)
    if known == nil {
      // Booked before a crash, but the acknowledgement did not get through.
      if hasEnded(id, incarnation) {
        shim?.send(.ack(slot: exit.slot, incarnation: exit.incarnation))
        return
      }
      if lives[id] != nil { settle() }
      // Nothing that a life used is lost, wherever it comes from.
      guard lives[id] == nil, hasGroup(id, incarnation, before: next) else {
        return bookLate(exit, of: id)
      }
      known = adopt(id, incarnation, pid: exit.pid, since: nil)
      if known != nil { post(id, .adopted(incarnation, pid: exit.pid, frozen: false)) }
    }
    guard let life = known, life.exit == nil else { return }
    hearOut(id.worker, process: exit.pid)
    life.exit = exit
    // Its number may be another process's from now on.
    mainProcesses[exit.pid] = nil
    // The group was made for this life, so any kill it counts is of this life.
    life.exitWasOOM = (life.reader?.oomKills(with: &readBuffer) ?? 0) > 0
    post(id, .exited(incarnation, exit.status, oom: life.exitWasOOM))
    lookForEmptiness(life)
    // Whoever outlives it is accounted up to here; an empty group gives its final counters in this turn.
    if !life.saidEmpty, let reading = life.reader?.read(at: Clock.now().instant, with: &readBuffer)
    {
      life.take(reading)
    }
  }

  private func hasEnded(_ id: InstanceID, _ incarnation: Incarnation) -> Bool {
    let known = (try? ledger.incarnations(of: id)) ?? []
    return known.contains { $0.incarnation == incarnation && $0.ended != nil }
  }

  /// Starts that were lost with a connection have failed: nobody else will ever answer for them.
  private func failUnconfirmed() {
    for life in unconfirmed where lives[life.id] === life && life.pid == nil && life.exit == nil {
      failed(life.id.description, life.incarnation, .prepare, EAGAIN)
    }
    unconfirmed = []
  }

  private func listed() {
    failUnconfirmed()
    guard !hasAdopted else { return lookAtRenewedShim() }
    FaultPoint.adopting.reached()
    hasAdopted = true
    settle()
    // What those said that have ended stays in the sockets until the disk has what became of it.
    whenDurable { [weak self] in
      guard let self else { return }
      for inbox in notifySockets.values { listen(to: inbox) }
    }
    commit()
    // Whoever is to be started is `starting` from here on; ten thousand starts themselves take the turns that follow.
    post(.adoptionCompleted)
    settleInParts()
    listenerSocket?.open()
    for life in lives.values { lookForEmptiness(life) }
    removeForeignGroups()
    openBudgets()
    service.notify("READY=1")
    renewShim()
  }

  /// Groups of workers that nobody knows: left by a state directory that was lost. They are emptied.
  private func removeForeignGroups() {
    guard let tree else { return }
    let known = Array(lives.values) + settling.values.joined()
    let ours = Set(known.compactMap { $0.group?.name })
    for group in (try? tree.groups()) ?? [] where !ours.contains(group.name) {
      try? group.kill()
      try? group.remove()
    }
  }

  private func shimDied() {
    hasAdopted = false
    // Its sockets went with it: the next start asks the new shim for others.
    notifySockets = [:]
    endListeners()
    mainProcesses = [:]
    for life in lives.values {
      life.exit =
        life.exit
        ?? ExitReport(
          slot: life.id.description, incarnation: life.incarnation.serial, pid: life.pid ?? 0,
          status: .unknown, userUsec: 0, systemUsec: 0, maxRSSKiB: 0, at: Clock.now().wall,
          atMonotonic: Clock.now().instant)
    }
    for check in checks.values { check.completion(.failed("the shim died")) }
    checks = [:]
    post(.shimLost)
  }
}

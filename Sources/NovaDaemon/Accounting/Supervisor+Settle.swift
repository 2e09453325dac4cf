// The end of a life: its last counters, its last booking, and only when that is durable the removal of its group and
// the acknowledgement of its exit. A crash anywhere in between repeats the rest, and books nothing twice.
// While the disk takes nothing the slot is given free all the same: a crashed worker comes back on a full disk. The exit
// stays with the shim; only if the supervisor dies as well is what was used since the last booking not known any more.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Reads the final counters and books them. The slot is free from now on: the next life has its own group, and the
  /// exit waits at the shim until the booking is on the disk.
  func beginSettling(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let life = life(id, incarnation) else {
      // A lost life of another boot or shim: there is nothing left to read.
      if !unbooked.contains(incarnation) { settleWithoutLife(id, incarnation) }
      return
    }
    lives[id] = nil
    settling[id, default: []].append(life)
    for watch in life.readiness { watch.cancel() }
    life.health?.suspend()
    let now = Clock.now()
    if var reader = life.reader ?? life.group?.reader(keepOpen: false) {
      life.takeFinal(reader.finalTotals(at: now.instant))
      endReading(life)
    }
    releaseOutput(life)
    unwatch(life)
    var record = priced(life, at: now.instant)
    endInHostSpan(record.cost - life.record.cost)
    figureCost(life, record.cost, life.track ?? figures.track(of: id.worker))
    record.ended = life.exit?.at ?? now.wall
    record.exit = life.exit?.status ?? .unknown
    record.oom = life.exitWasOOM
    chargeCompute(id.worker, from: life.record.cost, to: record.cost)
    life.record = record
    concludeRun(life)
    record = life.record
    endedCosts[id] = (endedCosts[id] ?? .zero) + record.cost
    // Nobody reads them any more, and the next life gets its own.
    credentials.remove(for: id)
    unbooked.insert(incarnation)
    if life.spec.mode != .service { budgetRunEnded(id.worker) }
    durably(.book(record, at: now.wall, price: price.id)) { [weak self] in
      FaultPoint.booked.reached()
      self?.freeSlot(of: life)
      self?.unbooked.remove(incarnation)
      self?.shim?.send(.ack(slot: id.description, incarnation: incarnation.serial))
      FaultPoint.acknowledged.reached()
    }
    if ledgerTrouble != nil { freeSlot(of: life) }
  }

  /// The slot may be used again. Once a life.
  private func freeSlot(of life: Life) {
    guard !life.isGone else { return }
    life.isGone = true
    do {
      try life.group?.remove()
    } catch {
      // A group that cannot be removed would make the next life start in a used one.
      trouble("\(life.id): \(error.message)", worker: life.id)
    }
    FaultPoint.removed.reached()
    books.endLife(of: life.id.worker, crashed: life.record.crashed)
    settling[life.id]?.removeAll { $0 === life }
    if settling[life.id]?.isEmpty == true { settling[life.id] = nil }
    budgetLifeEnded(life.id)
    post(life.id, .settled(life.incarnation))
  }

  private func settleWithoutLife(_ id: InstanceID, _ incarnation: Incarnation) {
    guard var record = openRecords.removeValue(forKey: incarnation) else {
      shim?.send(.ack(slot: id.description, incarnation: incarnation.serial))
      post(id, .settled(incarnation))
      return
    }
    let now = Clock.now().wall
    record.bookings += 1
    record.ended = now
    record.exit = .unknown
    endedCosts[id] = (endedCosts[id] ?? .zero) + record.cost
    let isFree = ledgerTrouble != nil
    unbooked.insert(incarnation)
    durably(.book(record, at: now, price: price.id)) { [weak self] in
      self?.unbooked.remove(incarnation)
      self?.shim?.send(.ack(slot: id.description, incarnation: incarnation.serial))
      if !isFree { self?.post(id, .settled(incarnation)) }
    }
    if isFree { post(id, .settled(incarnation)) }
  }

  /// Books the exit of an earlier life of a slot that is in use again: it ended while the disk took nothing, and the
  /// supervisor that knew its last counters is gone.
  func bookLate(_ exit: ExitReport, of id: InstanceID) {
    let incarnation = Incarnation(exit.incarnation)
    var record =
      openRecords.removeValue(forKey: incarnation)
      ?? IncarnationRecord(
        incarnation: incarnation, id: id, pid: exit.pid, started: exit.at, bootID: fleet.boot.id)
    record.pid = exit.pid
    record.bookings += 1
    record.booked.estimated = true
    record.ended = exit.at
    record.exit = exit.status
    endedCosts[id] = (endedCosts[id] ?? .zero) + record.cost
    unbooked.insert(incarnation)
    durably(.book(record, at: Clock.now().wall, price: price.id)) { [weak self] in
      self?.unbooked.remove(incarnation)
      self?.shim?.send(.ack(slot: exit.slot, incarnation: exit.incarnation))
    }
  }

  /// Writes with everything else of this turn, and calls `then` when all of it is on the disk: an exit is acknowledged
  /// only when what the fleet made of it is as durable as its booking.
  func durably(_ write: LedgerWrite, then: @escaping () -> Void) {
    writes.append(write)
    afterCommit.append(then)
  }

  /// Answers when what this turn decided is on the disk; at once while the disk refuses, since supervision goes on.
  func respondDurably(_ exchange: Exchange, body: [UInt8]) {
    whenDurable { exchange.respond(200, body: body) }
  }

  /// Calls `body` when what follows from all that was said up to this turn is on the disk; at once while the disk refuses.
  func whenDurable(_ body: @escaping () -> Void) {
    guard ledgerTrouble == nil else { return body() }
    unanswered.append((after: posted, answer: body))
  }

  /// Hands the ledger this turn's writes; of the plain ones events first, so that history precedes what it explains.
  func commit() {
    flushBudgets()
    storeChanged()
    let events = history.takeUnwritten()
    // What was asked for in this turn may be decided in a later one only: its answer waits for that.
    let done = carriedOut
    let answers = unanswered.prefix { $0.after <= done }.map(\.answer)
    let calls = afterCommit + answers
    guard !events.isEmpty || !writes.isEmpty || !calls.isEmpty || !writesWithTicket.isEmpty
    else { return }
    var ticket: UInt64?
    if !calls.isEmpty {
      lastTicket += 1
      ticket = lastTicket
      tickets[lastTicket] = Ticket(booked: afterCommit, answers: answers)
      afterCommit = []
      unanswered.removeFirst(answers.count)
    }
    // What a life has said before what became of it: who finds its end on the disk does not listen to it again.
    for (write, ticket) in writesWithTicket { ledger.submit([write], ticket: ticket) }
    ledger.submit(events.map { .event($0) } + writes, ticket: ticket)
    writes.removeAll(keepingCapacity: writes.count < 256)
    writesWithTicket.removeAll(keepingCapacity: writesWithTicket.count < 256)
  }

  /// Adds the records of the instances that this turn changed.
  func storeChanged() {
    guard !changedInOrder.isEmpty else { return }
    let now = Clock.now()
    for id in changedInOrder {
      if let record = fleet.record(of: id, at: now) { writes.append(.instance(record)) }
    }
    changed.removeAll(keepingCapacity: changed.count < 256)
    changedInOrder.removeAll(keepingCapacity: changedInOrder.count < 256)
  }

  /// Takes the ledger's answers.
  func drainLedger() {
    for completion in ledger.drainCompletions() {
      FaultPoint.stored.reached()
      switch completion {
      case .durable(let ticket): answerMoney(ticket, .booked)
      case .booked, .ran, .repeated, .conflicted: take(completion)
      case .answered(let ticket, let answer): questions.removeValue(forKey: ticket)?(answer)
      case .rejected(let ticket, let error):
        trouble("the ledger refused a write: \(error)")
        if let ticket {
          answerMoney(
            ticket, .refused(APIError(.failed, "the ledger refused it: \(error.message)")))
        }
      case .degraded(let error, let pending):
        let sentence =
          "\(error); \(pending.writes) writes wait in memory, workers are supervised on"
        if ledgerTrouble == nil { trouble(sentence) }
        ledgerTrouble = sentence
        for life in Array(settling.values.joined()) { freeSlot(of: life) }
        // Whoever waits for an answer gets it; what waits for its booking goes on waiting.
        for number in tickets.keys { tickets[number]?.answerNow() }
        let waiting = unanswered
        unanswered = []
        for (_, answer) in waiting { answer() }
        answerMoneyUnavailable()
      case .recovered:
        ledgerTrouble = nil
        // Whether a commit that failed had reached the disk is not known; its entries may not have been told.
        loadBooks()
        reconcile(from: desk.charged)
        restoreEngine()
        trouble("the ledger can be written again; nothing was lost")
      case .backedUp(let ticket, let outcome): backedUp(ticket, outcome)
      }
    }
  }

  /// What was booked as cost since midnight in the budget's time zone, all workers together.
  func costToday(_ now: WallTime) -> Money? { sumsToday(now).cost }

  /// Gives up history older than `accounting.retention`.
  func retain() {
    let retention = configuration?.settings.accounting.retention ?? .seconds(400 * 86_400)
    let now = Clock.now().wall
    let from = now + Span(nanoseconds: -retention.nanoseconds)
    writes.append(.retain(from: from))
    writes.append(
      .budget(.retain(day: CalendarDay(holding: from, in: budgetZone).days, time: from)))
  }
}

/// What happens when one turn's writes are on the disk.
struct Ticket {
  private let booked: [() -> Void]
  private var answers: [() -> Void]

  init(booked: [() -> Void], answers: [() -> Void]) {
    self.booked = booked
    self.answers = answers
  }

  /// Everything of the turn is on the disk.
  func isDurable() {
    for call in booked { call() }
    for call in answers { call() }
  }

  /// The disk refuses for now: only the answers go out.
  mutating func answerNow() {
    for call in answers { call() }
    answers = []
  }
}

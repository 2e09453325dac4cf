// Runs: what a worker says that a piece of its work has cost and earned, through the API or sd_notify(3), and the exit
// of a job. Must never book for anybody but the worker in whose group the kernel sees the sender.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/reports`: who speaks is the instance in whose group the caller is.
  func report(_ exchange: Exchange, _ caller: Caller) throws(APIError) {
    guard let life = caller.life else {
      throw APIError(
        .denied, "only a process of a worker may report (you are not in a worker's cgroup)")
    }
    let report = try APICoding.decode(ReportRequest.self, from: exchange.request.body)
    if let text = report.status {
      guard text.utf8.count <= 1024 else {
        throw APIError(.tooLarge, "status is longer than 1024 bytes", field: "status")
      }
    }
    let touches = try touches(report, life)
    let run = try self.run(report, life, .report)
    if let text = report.status { life.statusText = CleanText.forTerminal(text) }
    if report.heartbeat == true { take(.watchdog, from: life) }
    if report.ready == true { take(.ready, from: life) }
    writes += touches.map { .touch($0) }
    var response = ReportResponse(instance: life.id.description)
    guard let run else {
      if touches.isEmpty { return answer(exchange, response) }
      return respondDurably(exchange, body: APICoding.encode(response))
    }
    response.runID = run.id
    response.pending =
      (run.reportedRevenue ?? .zero) > .zero && !life.spec.economics.trustReportedRevenue
    book(run, of: life) { [weak self] answer in
      switch answer {
      case .refused(let error): self?.refuse(exchange, error)
      case .booked: self?.answer(exchange, response)
      case .repeated:
        response.repeated = true
        self?.answer(exchange, response)
      }
    }
  }

  /// The run that a report is about; nil when it is about none. Throws what is wrong with it.
  func run(
    _ report: ReportRequest, _ life: Life, _ origin: RunOrigin, said datagram: NotifyDatagram? = nil
  ) throws(APIError) -> RunRecord? {
    guard let ok = report.ok else {
      for (isSet, field) in [
        (report.costUSD != nil, "cost_usd"), (report.revenueUSD != nil, "revenue_usd"),
        (report.runID != nil, "run_id"), (report.source != nil, "source"),
        (report.startedAt != nil, "started_at"),
      ] where isSet {
        throw APIError(
          .badRequest, "\(field) is about a finished run: say ok as well", field: field)
      }
      return nil
    }
    let now = Clock.now().wall
    let cost = try report.costUSD.map { (text) throws(APIError) in
      try MoneyText.amount(text, "cost_usd")
    }
    let revenue = try report.revenueUSD.map { (text) throws(APIError) in
      try MoneyText.amount(text, "revenue_usd")
    }
    let source = try report.source.map { (text) throws(APIError) in try MoneyText.source(text) }
    var id = "\(life.incarnation)-\(max(now.microseconds, life.lastRunID + 1))"
    if let given = report.runID {
      id = try MoneyText.name(given, "run_id", limit: 128)
    } else if let datagram, let sent = datagram.sent, let sender = datagram.sender {
      // The same however often it is heard: a brain may die between hearing and booking.
      id = "\(life.incarnation)-\(sent)-\(sender.pid)"
    } else {
      life.lastRunID = max(now.microseconds, life.lastRunID + 1)
    }
    var started = min(life.lastRunEnd ?? life.record.started, now)
    if let text = report.startedAt {
      started = try MoneyText.time(text, "started_at", now: now)
      started = min(started, now)
    }
    var run = RunRecord(
      worker: life.id.worker, instance: life.id.number, incarnation: life.incarnation, id: id,
      outcome: ok ? .ok : .failed, origin: origin, started: started, finished: now)
    run.reportedCost = cost
    run.reportedRevenue = revenue
    run.source = source
    return run
  }

  private func touches(_ report: ReportRequest, _ life: Life) throws(APIError) -> [Touch] {
    let keys = report.touch ?? []
    guard keys.count <= 20 else {
      throw APIError(.tooLarge, "more than 20 keys in touch", field: "touch")
    }
    let now = Clock.now().wall
    var touches: [Touch] = []
    for key in keys {
      touches.append(
        Touch(
          key: try MoneyText.name(key, "touch", limit: 255), worker: life.id.worker,
          run: report.runID, at: now))
    }
    return touches
  }

  /// Books a run with the entries it brings.
  func book(_ run: RunRecord, of life: Life, then: @escaping (MoneyAnswer) -> Void) {
    var run = run
    if life.lastRun != run.id {
      let spent = spentSoFar(life)
      run.computeCost = max(.zero, spent - life.runMark)
      life.runMark = spent
      life.lastRunEnd = run.finished
      life.lastRun = run.id
    }
    book(
      .run(run, entries: entries(of: run, trusted: life.spec.economics.trustReportedRevenue)),
      then: then)
  }

  /// What the life has cost the host up to now, booked or not.
  private func spentSoFar(_ life: Life) -> Money {
    if life.exit == nil, let reading = life.reader?.read(at: Clock.now().instant, with: &readBuffer)
    {
      life.take(reading)
    }
    return priced(life, at: Clock.now().instant).cost
  }

  private func entries(of run: RunRecord, trusted: Bool) -> [Entry] {
    let source = run.source ?? "worker"
    var found: [Entry] = []
    func entry(_ kind: EntryKind, _ source: String, _ amount: Int64) -> Entry {
      var entry = Entry(
        event: run.finished, booked: run.finished, worker: run.worker, kind: kind, source: source,
        externalID: Ledger.reportID(run.worker, run.id), amount: Money(microUSD: amount))
      entry.instance = run.instance
      entry.incarnation = run.incarnation
      entry.run = run.id
      return entry
    }
    if let cost = run.reportedCost, cost > .zero {
      found.append(entry(.reported, "worker", -cost.microUSD))
    }
    if let revenue = run.reportedRevenue, revenue > .zero {
      var sale = entry(.sale, source, revenue.microUSD)
      sale.isPending = !trusted
      found.append(sale)
    }
    return found
  }

  /// The fields of one datagram that are about a run; the sender was verified. Returns whether there was something to book.
  func takeRun(_ fields: [NotifyField], from life: Life, said datagram: NotifyDatagram) -> Bool {
    var report = ReportRequest()
    var isAbout = false
    for case .nova(let name, let value) in fields {
      switch name {
      case "RUN":
        isAbout = true
        guard value == "ok" || value == "failed" else {
          refuse(life, "X_NOVA_RUN must be ok or failed")
          return false
        }
        report.ok = value == "ok"
      case "RUN_ID": report.runID = value
      case "COST_USD": report.costUSD = value
      case "REVENUE_USD": report.revenueUSD = value
      case "SOURCE": report.source = value
      default: continue
      }
      isAbout = true
    }
    guard isAbout else { return false }
    do {
      guard let run = try self.run(report, life, .notify, said: datagram) else {
        refuse(life, "a datagram about a run needs X_NOVA_RUN")
        return false
      }
      book(run, of: life) { [weak self] answer in
        if case .refused(let error) = answer { self?.refuse(life, error.message) }
      }
      return true
    } catch {
      refuse(life, error.message)
      return false
    }
  }

  /// A datagram has no answer: the first refusal of a life is an event.
  private func refuse(_ life: Life, _ sentence: String) {
    guard !life.saidRefusal else { return }
    life.saidRefusal = true
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "report.refused", severity: .warning, worker: life.id.worker,
        instance: life.id.number, actor: "worker:\(life.id)",
        message: "what it said about a run was not booked: \(sentence)"))
  }

  // MARK: the end of a life

  /// What the end of a life says of it: whether it was a crash, and the run that a job was.
  func concludeRun(_ life: Life) {
    let why = fleet.instance(life.id)?.reason ?? .none
    life.record.crashed = why.isCrash
    guard life.exit != nil, life.spec.mode != .service, let outcome = why.runOutcome,
      life.lastRun == nil, !hasReported(life)
    else { return }
    let now = Clock.now().wall
    var run = RunRecord(
      worker: life.id.worker, instance: life.id.number, incarnation: life.incarnation,
      id: Self.exitRun(life.incarnation), outcome: outcome, origin: .exit,
      started: min(life.record.started, now), finished: now)
    run.computeCost = life.record.cost
    writes.append(.run(run, entries: []))
  }

  /// The run that the exit of a job is.
  static func exitRun(_ incarnation: Incarnation) -> String { "exit-\(incarnation)" }

  /// A life from before this brain may have reported its runs itself.
  private func hasReported(_ life: Life) -> Bool {
    (try? ledger.runs(of: life.id.worker, limit: 1))?.first?.incarnation == life.incarnation
  }
}

extension Reason {
  /// The end of a life for this reason is the worker's fault.
  var isCrash: Bool {
    switch self {
    case .exitFailed, .signal, .oom, .startTimeout, .healthFailed, .watchdog, .memoryLimit: true
    case .none, .operator, .exitOK, .execFailed, .budget, .decision, .dependency, .shimLost,
      .configuration, .ripening:
      false
    }
  }

  /// What a job's end for this reason makes of its run; nil: it was ended by others, and is none.
  var runOutcome: RunOutcome? {
    switch self {
    case .exitOK: .ok
    case .exitFailed: .failed
    case .signal, .oom, .startTimeout, .healthFailed, .watchdog, .memoryLimit: .crashed
    case .none, .operator, .execFailed, .budget, .decision, .dependency, .shimLost, .configuration,
      .ripening:
      nil
    }
  }
}

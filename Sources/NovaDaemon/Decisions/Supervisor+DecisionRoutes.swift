// The engine's pages of the API. Must never decide or change anything but what is asked.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// The first words of the engine's pages.
  private static let enginePages: Set<String> = [
    "decisions", "evaluations", "outlook", "autonomy", "alerts",
  ]

  /// Answers a page of the engine; false: it is none.
  func engineRoute(
    _ exchange: Exchange, _ path: [String], isGet: Bool, _ query: QueryParameters, _ caller: Caller
  ) throws(APIError) -> Bool {
    guard path.count >= 2, path[0] == "v1", Self.enginePages.contains(path[1]) else { return false }
    let third = path.count > 2 ? path[2] : nil
    let number = third.flatMap { Int64($0) }
    switch (path[1], isGet, path.count) {
    case ("decisions", true, 2):
      try caller.need(.reader, exchange)
      try decisions(exchange, DecisionsQuery(query))
    case ("decisions", true, 3):
      try caller.need(.reader, exchange)
      try decision(exchange, try number.found("decision", third))
    case ("decisions", false, 4) where path[3] == "approve":
      try caller.need(.admin, exchange)
      try approve(
        exchange, try number.found("decision", third), try resolution(exchange), by: caller)
    case ("decisions", false, 4) where path[3] == "reject":
      try caller.need(.admin, exchange)
      try reject(
        exchange, try number.found("decision", third), try resolution(exchange), by: caller)
    case ("evaluations", true, 2):
      try caller.need(.reader, exchange)
      try evaluations(exchange, EvaluationsQuery(query))
    case ("outlook", true, 2):
      try caller.need(.reader, exchange)
      try outlook(exchange, TargetsQuery(query))
    case ("autonomy", true, 2):
      try caller.need(.reader, exchange)
      answer(exchange, autonomyStatus(), tag: autonomyTag)
    case ("autonomy", false, 2):
      try caller.need(.admin, exchange)
      let request = try APICoding.decode(AutonomyRequest.self, from: exchange.request.body)
      try needMatch(exchange) { autonomyTag }
      setAutonomy(exchange, request, by: caller.actor)
    case ("autonomy", false, 3) where third == "run":
      try caller.need(.admin, exchange)
      let body = exchange.request.body.isEmpty ? Array("{}".utf8) : exchange.request.body
      try analyse(exchange, APICoding.decode(AnalysisRequest.self, from: body))
    case ("autonomy", false, 3) where third == "sources":
      try caller.need(.admin, exchange)
      let request = try APICoding.decode(SourceRequest.self, from: exchange.request.body)
      try needMatch(exchange) { autonomyTag }
      try setSource(exchange, request, by: caller.actor)
    case ("alerts", true, 2):
      try caller.need(.reader, exchange)
      try alerts(exchange, AlertsQuery(query))
    case ("alerts", false, 4) where path[3] == "ack":
      try caller.need(.admin, exchange)
      let id = try number.found("alert", third)
      let body = exchange.request.body.isEmpty ? Array("{}".utf8) : exchange.request.body
      _ = try APICoding.decode(AcknowledgeRequest.self, from: body)
      try acknowledge(exchange, id, by: caller.actor)
    case ("alerts", false, 4) where path[3] == "silence":
      try caller.need(.admin, exchange)
      let request = try APICoding.decode(SilenceRequest.self, from: exchange.request.body)
      try silence(exchange, try number.found("alert", third), request, by: caller.actor)
    default: return false
    }
    return true
  }

  private func resolution(_ exchange: Exchange) throws(APIError) -> ResolutionRequest {
    let body = exchange.request.body.isEmpty ? Array("{}".utf8) : exchange.request.body
    return try APICoding.decode(ResolutionRequest.self, from: body)
  }

  private func decisions(_ exchange: Exchange, _ query: DecisionsQuery) throws(APIError) {
    var question = DecisionQuery()
    question.limit = query.limit ?? 100
    question.before = query.before
    if let text = query.state {
      guard let state = DecisionState(rawValue: text) else {
        throw APIError(
          .badRequest,
          "state must be \(DecisionState.allCases.map(\.rawValue).joined(separator: ", "))",
          field: "state")
      }
      question.state = state
    }
    if let text = query.worker {
      guard let name = WorkerName(text) else { throw unknown(text) }
      question.worker = name
    }
    if let text = query.since {
      guard let since = WallTime(rfc3339: text) else {
        throw APIError(
          .badRequest, "since must be a time such as 2026-01-31T12:00:00Z", field: "since")
      }
      question.since = since
    }
    let asked = question
    // What was decided up to now is on the disk before it is listed.
    whenDurable { [weak self] in
      guard let self else { return }
      do throws(LedgerError) {
        let found = asked.limit == 0 ? [] : try ledger.decisions(asked)
        answer(exchange, found.map(DecisionPages.row))
      } catch {
        refuse(exchange, APIError(.unavailable, "\(error)"))
      }
    }
  }

  private func decision(_ exchange: Exchange, _ id: Int64) throws(APIError) {
    whenDurable { [weak self] in
      guard let self else { return }
      guard let record = try? ledger.decision(id) else {
        return refuse(exchange, APIError(.notFound, "there is no decision \(id)"))
      }
      var detail = DecisionDetail(
        decision: DecisionPages.row(record), inputs: record.inputs, verdict: record.verdict,
        otherVerdict: record.other)
      if let worker = DecisionInputs(text: record.inputs)?.worker {
        func epoch(_ name: WorkerName, _ number: Int64) -> EpochRow? {
          (try? ledger.epochs(of: name))?.first { $0.number == number }.map(DecisionPages.row)
        }
        detail.epoch = epoch(record.worker, worker.epoch)
        if let base = worker.armOf, let number = worker.armBaseEpoch {
          detail.baseEpoch = epoch(base, number)
        }
      }
      answer(exchange, detail)
    }
  }

  private func evaluations(_ exchange: Exchange, _ query: EvaluationsQuery) throws(APIError) {
    var name: WorkerName?
    if let text = query.worker {
      guard let worker = WorkerName(text) else { throw unknown(text) }
      name = worker
    }
    whenDurable { [weak self] in
      guard let self else { return }
      do throws(LedgerError) {
        let limit = query.limit ?? 1000
        let found =
          limit == 0
          ? []
          : try ledger.evaluations(
            after: query.after ?? 0, worker: name, epoch: query.epoch, limit: limit)
        let caps = caps(of: found)
        answer(
          exchange,
          found.map { (evaluation) -> EvaluationRow in
            var row = DecisionPages.row(evaluation)
            row.capUSD = caps[evaluation.worker]?[evaluation.epoch]?.decimal
            return row
          })
      } catch {
        refuse(exchange, APIError(.unavailable, "\(error)"))
      }
    }
  }

  /// The caps of the epochs that some evaluations belong to: of the present ones from memory, of others from the ledger,
  /// which is asked once a worker.
  private func caps(of evaluations: [Evaluation]) -> [WorkerName: [Int64: Money]] {
    var caps: [WorkerName: [Int64: Money]] = [:]
    for evaluation in evaluations where caps[evaluation.worker]?[evaluation.epoch] == nil {
      let name = evaluation.worker
      if let present = engine.economy.accounts[name]?.epoch, present.number == evaluation.epoch {
        caps[name, default: [:]][present.number] = present.cap
      } else if caps[name]?[0] == nil {
        // Epochs are numbered from 1: 0 says that the ledger was asked.
        caps[name, default: [:]][0] = .zero
        for epoch in (try? ledger.epochs(of: name)) ?? [] { caps[name]?[epoch.number] = epoch.cap }
      }
    }
    return caps
  }

  private func outlook(_ exchange: Exchange, _ query: TargetsQuery) throws(APIError) {
    var names = fleet.workerNames.sorted()
    if !query.targets.isEmpty {
      var wanted: Set<WorkerName> = []
      for target in try resolve(query.targets) {
        switch target {
        case .worker(let name): wanted.insert(name)
        case .instance(let id): wanted.insert(id.worker)
        }
      }
      names = wanted.sorted()
    }
    guard names.count <= 1000 else {
      throw APIError(.tooLarge, "more than 1000 workers: name them", field: "target")
    }
    noticeWorkers()
    answer(
      exchange,
      inputs(of: names).map {
        DecisionPages.outlook($0, engine.economy.accounts[$0.worker.worker]?.evidence)
      })
  }

  // MARK: autonomy

  /// Whether the engine acts by itself, and what keeps it.
  func autonomyStatus() -> AutonomyStatus {
    let counts = engine.killCounts(at: Clock.now().wall)
    var status = AutonomyStatus(
      enabled: isAutonomous && !isHalted, configured: configuration?.settings.autonomous ?? false,
      ordered: engine.ordered, halted: isHalted, haltFile: haltFile,
      mode: engineSettings.mode.rawValue, rebuilding: engine.isRebuilding,
      pendingApprovals: pendingApprovals, killsLastHour: counts.hour, killsLastDay: counts.day)
    let limits = engineSettings.thresholds
    status.thresholds = [
      "min_roi": "\(limits.minROIPercent)", "warn_roi": "\(limits.warnROIPercent)",
      "scale_roi": "\(limits.scaleROIPercent)", "kill_roi": "\(limits.killROIPercent)",
      "scale_success_rate": "\(limits.scaleSuccessRatePercent)", "min_runs": "\(limits.minRuns)",
      "require_approval_above": limits.requireApprovalAbove.decimal,
      "daily_budget": (configuration?.settings.dailyBudget ?? .zero).decimal,
    ]
    status.staleSources = engine.stale.keys.sorted()
    status.silentSources = engine.silent.keys.sorted()
    status.lastTickAt = engine.lastTick?.rfc3339
    status.lastTickMilliseconds = engine.lastTickSpan.map { Double($0.wholeMicroseconds) / 1000 }
    return status
  }

  /// Decisions that wait for a person.
  var pendingApprovals: Int { engine.open.values.count { $0.state == .pending } }

  private func setAutonomy(_ exchange: Exchange, _ request: AutonomyRequest, by actor: Actor) {
    engine.ordered = request.enabled
    writes.append(.engine(.setting(.autonomous, request.enabled ? 1 : 0)))
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "operator.autonomy", severity: .notice, actor: actor.text,
        message: "autonomy \(request.enabled ? "enabled" : "disabled") by \(actor.text)"))
    tickSoon()
    whenDurable { [weak self] in
      guard let self else { return }
      answer(exchange, autonomyStatus())
    }
  }

  /// `POST /v1/autonomy/run`: a tick by hand.
  private func analyse(_ exchange: Exchange, _ request: AnalysisRequest) throws(APIError) {
    guard hasAdopted, !draining else {
      throw APIError(.unavailable, "the supervisor is starting or stopping; try again")
    }
    guard !engine.isRebuilding, engine.isReadable else {
      throw APIError(.unavailable, "the stored runs are still being read; try again")
    }
    let before = engine.lastDecision
    let began = Clock.now()
    var found: [DecisionRow] = []
    if request.dryRun == true {
      noticeWorkers()
      for inputs in allInputs(fleet.glances, at: began.wall) where Decider.isDue(inputs) {
        found.append(DecisionPages.preview(inputs, Decider.verdict(inputs), at: began.wall))
      }
    } else {
      tick()
    }
    let span = Clock.now().instant - began.instant
    let workers = fleet.workerNames.count
    whenDurable { [weak self] in
      guard let self else { return }
      if request.dryRun != true {
        var query = DecisionQuery()
        query.limit = 1000
        found = ((try? ledger.decisions(query)) ?? []).filter { $0.id > before }
          .map(DecisionPages.row)
      }
      answer(
        exchange,
        AnalysisResponse(
          workers: workers, milliseconds: Double(span.wholeMicroseconds) / 1000,
          dryRun: request.dryRun == true, decisions: found))
    }
  }
}

extension Int64? {
  /// The number of a page, or 404 for what is none.
  fileprivate func found(_ what: String, _ text: String?) throws(APIError) -> Int64 {
    guard let self, self > 0 else {
      throw APIError(.notFound, "there is no \(what) \(CleanText.forTerminal(text ?? ""))")
    }
    return self
  }
}

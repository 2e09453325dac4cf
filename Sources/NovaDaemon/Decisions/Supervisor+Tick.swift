// A tick: every minute and when a budget has spoken, the facts of each worker are put before the rules, what follows is
// kept with all it saw, and carried out, queued or withheld. Must never decide anything itself: the Decider does.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Where the owner can stop everything: a file of this name in the state directory.
  var haltFile: String { options.state + "/halt" }

  var isHalted: Bool { unsafe Glibc.access(haltFile, F_OK) == 0 }

  /// Whether the engine acts by itself: somebody's order, else the configuration.
  var isAutonomous: Bool { engine.ordered ?? configuration?.settings.autonomous ?? false }

  /// Something about a budget has changed: a tick is due now.
  func tickSoon() { engine.isTickDue = true }

  /// Called each turn by a timer of a second: evaluates, and ticks when it is time.
  func beatEngine() {
    evaluate()
    let now = Clock.now().wall
    let interval = configuration?.settings.decisionInterval ?? .seconds(60)
    let isTime = engine.lastTick.map { now - $0 >= interval || now < $0 } ?? true
    if engine.isTickDue || isTime { tick() }
  }

  /// One look at everybody.
  func tick() {
    guard hasAdopted, !draining else { return }
    engine.isTickDue = false
    let began = Clock.now()
    if engine.lastTick == nil, lives.values.contains(where: { $0.record.started < started.wall }) {
      alertRestart()
    }
    noticeWorkers()
    noticeResumptions()
    expire(at: began.wall)
    watchSources(at: began.wall)
    let glances = fleet.glances
    let inputs = allInputs(glances, at: began.wall)
    readAlerts(inputs, glances, at: began)
    if engine.isReadable, !engine.isRebuilding {
      for one in inputs where Decider.isDue(one) {
        // Counted anew for each, since a tick may itself have killed.
        var one = one
        (one.fleet.killsLastHour, one.fleet.killsLastDay) = engine.killCounts(at: began.wall)
        guard let record = consider(one, at: began.wall) else { continue }
        settle(record)
      }
      liftBudgetPauses(inputs)
      holdRipening(inputs, glances)
    }
    engine.lastTick = began.wall
    engine.lastTickSpan = Clock.now().instant - began.instant
  }

  /// Everybody's facts, by name; the allocation of the day is renewed on the way.
  func allInputs(_ glances: [WorkerGlance], at now: WallTime) -> [DecisionInputs] {
    let settings = engineSettings
    let house = fleetFacts(at: now, glances)
    let selected = engine.economy.selected()
    let book = desk.keeper.book
    var inputs: [DecisionInputs] = []
    inputs.reserveCapacity(glances.count)
    for glance in glances {
      guard let facts = workerFacts(glance, at: now, settings, selected, book) else { continue }
      inputs.append(DecisionInputs(settings: settings, fleet: house, worker: facts))
    }
    if settings.mode == .evidence { engine.economy.allocate(&inputs, money: house.dayLimit) }
    return inputs
  }

  /// One worker's inputs as they are now.
  func inputs(of name: WorkerName) -> DecisionInputs? { inputs(of: [name]).first }

  /// The inputs of some as they are now; those that the engine does not know are left out.
  func inputs(of names: [WorkerName]) -> [DecisionInputs] {
    let now = Clock.now().wall
    let settings = engineSettings
    let selected = engine.economy.selected()
    let house = fleetFacts(at: now, fleet.glances)
    let book = desk.keeper.book
    return names.compactMap(fleet.glance).compactMap { glance in
      workerFacts(glance, at: now, settings, selected, book).map {
        DecisionInputs(settings: settings, fleet: house, worker: $0)
      }
    }
  }

  private func fleetFacts(at now: WallTime, _ glances: [WorkerGlance]) -> FleetFacts {
    var facts = FleetFacts()
    facts.workers = glances.count
    (facts.killsLastHour, facts.killsLastDay) = engine.killCounts(at: now)
    facts.isAutonomous = isAutonomous
    facts.isHalted = isHalted
    // The accounts know limits that were set by hand, and what is set aside for work under way.
    let book = desk.keeper.book
    let today = Self.fleetRule.node(on: book.day.days)
    facts.dayLimit = book.limit(of: today) ?? FleetFacts.unlimited
    facts.daySpent = book.settled(today) + book.reserved(today)
    facts.hostFreePercent = hostFreePercent(glances)
    facts.unattributedPPM = engine.recent.unattributedPPM(at: now)
    return facts
  }

  private func workerFacts(
    _ worker: WorkerGlance, at now: WallTime, _ settings: EngineSettings,
    _ selected: Set<WorkerName>, _ book: BudgetBook
  ) -> WorkerFacts? {
    let name = worker.name
    let economics = worker.economics
    var facts = WorkerFacts(worker: name)
    guard
      engine.economy.fill(
        &facts, balance: books.workers[name] ?? Balance(), runs: books.runs[name] ?? RunTotals(),
        at: now, settings: settings)
    else { return nil }
    facts.isCandidate =
      !worker.autostart && !worker.wanted && economics.expectedROIPercent != nil
      && !isRetired(name)
    facts.isWanted = worker.wanted
    facts.isPaused = worker.paused
    facts.isStopped = worker.paused && engine.paused[name] == .stopLoss
    facts.isPinned = worker.pinned
    facts.instances = worker.count
    facts.minInstances = worker.minInstances
    facts.maxInstances = worker.maxInstances
    facts.expectedROIPercent = economics.expectedROIPercent
    facts.acceptsObservedSuccess = economics.successEvidence == "observed"
    facts.isRevenueKnown = books.knowsRevenue(of: name)
    facts.isSelected = selected.contains(name)
    if let base = economics.armOf {
      facts.armOf = base
      facts.armBaseInstances = fleet.glance(base).map { $0.wanted ? $0.count : 0 } ?? 0
    }
    (facts.budgetLeft, facts.budgetExceeded) = book.own(name)
    return facts
  }

  /// The engine killed it, or somebody stopped it: a candidate that had its chance is none any more.
  private func isRetired(_ name: WorkerName) -> Bool {
    (books.runs[name]?.finished ?? 0) > 0
      || engine.latest[name].map {
        $0.action == DecisionAction.deploy.rawValue && $0.state == .executed
      }
        ?? false
  }

  /// Somebody resumed what the engine had paused: the detector begins anew, else it would pause again at once.
  private func noticeResumptions() {
    for (name, rule) in engine.paused where fleet.worker(name)?.paused == false {
      // The order to pause it may not be carried out yet.
      guard carriedOut >= engine.lastOrder else { return }
      engine.paused[name] = nil
      guard rule == .drift || rule == .stopLoss else { continue }
      engine.economy.resetDrift(of: name)
      if var epoch = engine.economy.accounts[name]?.epoch {
        if rule == .stopLoss { epoch.tranches += 1 }
        engine.economy.amend(epoch)
        writes.append(.engine(.epoch(epoch)))
      }
    }
  }

  /// A pause over a budget ends with its cause: another day, or a larger budget.
  private func liftBudgetPauses(_ inputs: [DecisionInputs]) {
    for one in inputs where one.worker.isPaused && !one.worker.budgetExceeded {
      let name = one.worker.worker
      guard engine.paused[name] == .budget else { continue }
      engine.paused[name] = nil
      post(
        .requested(
          Request(
            .resume, [.worker(name)], actor: Actor("engine"), reason: .budget,
            note: "there is money in its budget again")))
    }
  }

  /// The next runs of a job wait while more is out, in runs that are not judged yet, than may be.
  private func holdRipening(_ inputs: [DecisionInputs], _ glances: [WorkerGlance]) {
    let jobs = Set(glances.filter(\.isJob).map(\.name))
    var names: Set<WorkerName> = []
    for one in inputs where one.worker.inFlight > .zero && jobs.contains(one.worker.worker) {
      if Exposure.isFull(one.worker, one.settings) { names.insert(one.worker.worker) }
    }
    guard names != engine.ripening else { return }
    engine.ripening = names
    post(.ripening(names))
  }

  // MARK: from verdict to record

  /// Makes a record of what follows from the inputs; nil when the same is open, was refused lately, or was said.
  private func consider(_ inputs: DecisionInputs, at now: WallTime) -> DecisionRecord? {
    let verdict = Decider.verdict(inputs)
    let name = verdict.worker
    guard verdict.route != .nothing else { return nil }
    if let refused = engine.refused[name], refused.order == verdict.action.rawValue,
      now < refused.until,
      verdict.rule != .budget
    {
      return nil
    }
    for decision in engine.open(of: name) where !decision.isBudgetQuestion {
      if let open = Verdict(text: decision.verdict), verdict.stillOrders(open) {
        switch (decision.state, verdict.route) {
        case (.pending, .approval), (.pending, .withheld), (.withheld, .withheld): return nil
        default: break
        }
      }
      // What was open follows from the facts no longer, or may now be done by itself.
      resolve(decision, as: .stale, by: "engine", note: "the facts have moved", at: now)
    }
    engine.lastDecision += 1
    let other = Decider.verdict(inputs, in: inputs.settings.mode.other)
    return DecisionRecord(
      id: engine.lastDecision, at: now, worker: name, action: verdict.action.rawValue,
      mode: verdict.mode.rawValue, route: verdict.route.rawValue, inputs: inputs.text,
      verdict: verdict.text, other: other.text,
      expires: verdict.route == .approval ? now + Engine.timeToLive : nil,
      state: verdict.route == .withheld ? .withheld : .pending)
  }

  /// Stores a decision and carries it out, queues it or leaves it.
  private func settle(_ record: DecisionRecord) {
    guard let verdict = Verdict(text: record.verdict) else { return }
    say(record, verdict)
    switch verdict.route {
    case .automatic: carryOut(record, verdict, by: "engine")
    case .approval, .withheld:
      engine.add(record)
      engine.latest[record.worker] = record
      writes.append(.engine(.decision(record)))
    case .nothing: break
    }
  }

  private func say(_ record: DecisionRecord, _ verdict: Verdict) {
    let what =
      switch verdict.route {
      case .automatic: "decided"
      case .approval: "asks to"
      case .withheld, .nothing: "would"
      }
    let type =
      switch verdict.route {
      case .automatic: "decision.made"
      case .approval: "decision.pending"
      case .withheld, .nothing: "decision.withheld"
      }
    history.record(
      EventRecord(
        at: record.at, type: type, severity: .notice, worker: record.worker, actor: "engine",
        message: "\(what) \(verdict.spokenOrder): \(verdict.reason) (\(verdict.routeReason))",
        details: [
          "decision": String(record.id), "action": record.action, "mode": record.mode,
          "risk": String(verdict.riskScore),
        ]))
  }

  /// Does it, and keeps that it was done.
  func carryOut(_ record: DecisionRecord, _ verdict: Verdict, by actor: String, note: String? = nil)
  {
    var done = record
    let now = Clock.now().wall
    done.resolved = now
    done.resolvedBy = actor
    done.note = note
    guard let request = request(for: verdict, record, by: actor) else {
      done.state = .failed
      done.note = "the fleet does not know \(record.worker) any more"
      return keep(done)
    }
    done.state = .executed
    // What an empty budget does to whom is the budget's own policy, and it alone knows when that is over: the engine's
    // pause is for whom the budget cannot hold yet.
    if verdict.rule == .budget { holdEmpty(record.worker) }
    if verdict.rule != .budget || desk.keeper.holds[record.worker] == nil {
      post(.requested(request))
    }
    engine.lastOrder = posted
    if verdict.action == .optimise, let base = fleet.worker(record.worker)?.spec.economics.armOf {
      post(
        .requested(
          Request(
            .stop(timeout: nil), [.worker(base)], actor: Actor(actor), reason: .decision,
            note: "decision \(record.id): \(record.worker) takes its place")))
    }
    if verdict.action == .resume {
      engine.paused[record.worker] = nil
      engine.economy.resetDrift(of: record.worker)
      if verdict.rule == .tranche, var epoch = engine.economy.accounts[record.worker]?.epoch {
        epoch.tranches += 1
        engine.economy.amend(epoch)
        writes.append(.engine(.epoch(epoch)))
      }
    }
    keep(done)
  }

  /// Stores a decision that is resolved.
  func keep(_ record: DecisionRecord) {
    engine.close(record.id)
    engine.note(record)
    writes.append(.engine(.decision(record)))
  }

  private func request(for verdict: Verdict, _ record: DecisionRecord, by actor: String) -> Request?
  {
    guard fleet.worker(verdict.worker) != nil else { return nil }
    let action: Request.Action
    switch verdict.action {
    case .none: return nil
    case .scaleUp, .scaleDown, .optimise: action = .scale(to: verdict.toInstances, pin: false)
    case .kill: action = .stop(timeout: nil)
    case .pause: action = .pause
    case .resume: action = .resume
    case .deploy: action = .deploy
    }
    return Request(
      action, [.worker(verdict.worker)], actor: Actor(actor),
      reason: verdict.rule == .budget ? .budget : .decision,
      note: "decision \(record.id): \(verdict.reason)")
  }
}

// `on_exceeded: ask`: an empty limit becomes a question in the list of approvals. Who approves it grants as much again;
// who rejects it, or does not answer, leaves the worker paused until its budget has room by itself.
// Must never grant anything to a worker that nobody was asked about.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension DecisionRecord {
  /// It was not made by the engine's rules, so it saw no facts: a budget asks.
  var isBudgetQuestion: Bool { action == DecisionAction.resume.rawValue && inputs.isEmpty }
}

extension Supervisor {
  /// A worker is paused because a limit is empty, and somebody is asked whether it may go on.
  func askForBudget(_ hold: BudgetHold, _ node: BudgetNode) {
    guard let grant = grant(for: node) else { return }
    let now = Clock.now().wall
    var verdict = Verdict(worker: hold.worker, mode: engineSettings.mode)
    verdict.action = .resume
    verdict.rule = .budget
    verdict.stake = grant
    verdict.reason = hold.note
    verdict.route = .approval
    verdict.routeReason = "on_exceeded is ask; an approval grants \(grant.dollars) more of \(node)"
    verdict.fromInstances = fleet.worker(hold.worker)?.count ?? 0
    verdict.toInstances = verdict.fromInstances
    engine.lastDecision += 1
    let record = DecisionRecord(
      id: engine.lastDecision, at: now, worker: hold.worker, action: verdict.action.rawValue,
      mode: verdict.mode.rawValue, route: verdict.route.rawValue, inputs: "", verdict: verdict.text,
      other: "", expires: now + Engine.timeToLive, state: .pending)
    engine.add(record)
    engine.latest[record.worker] = record
    writes.append(.engine(.decision(record)))
    history.record(
      EventRecord(
        at: now, type: "decision.pending", severity: .notice, worker: hold.worker, actor: "budget",
        message: "asks to let \(hold.worker) go on with \(grant.dollars) more of \(node): "
          + "novasup approve \(record.id)",
        details: ["decision": String(record.id), "action": record.action, "mode": record.mode]))
  }

  /// As much again as the limit that is spent. Of the fleet's, which is everybody's, a tenth.
  private func grant(for node: BudgetNode) -> Money? {
    desk.keeper.book.limits[node.rule].map {
      node.scope == .fleet ? Money(microUSD: max(1, $0.microUSD / 10)) : $0
    }
  }

  /// Somebody has approved: the grant lasts as long as the account does, and the worker goes on where that is enough.
  func grantBudget(
    _ exchange: Exchange, _ record: DecisionRecord, by actor: Actor, note: String?
  ) throws(APIError) {
    let now = Clock.now().wall
    guard let hold = desk.keeper.holds[record.worker], hold.action == .ask,
      let grant = Verdict(text: record.verdict)?.stake
    else {
      resolve(record, as: .stale, by: "budget", note: "its budget holds it no longer", at: now)
      throw APIError(
        .preconditionFailed,
        "decision \(record.id) is stale: the budget of \(record.worker) holds it no longer")
    }
    let node = hold.rule.node(on: desk.keeper.book.day.days)
    desk.keeper.book.grant(grant, to: node)
    var done = record
    done.state = .executed
    done.resolved = now
    done.resolvedBy = actor.text
    done.note = note
    keep(done)
    history.record(
      EventRecord(
        at: now, type: "decision.approved", severity: .notice, worker: record.worker,
        actor: actor.text,
        message: "decision \(record.id) approved by \(actor.text): "
          + "\(grant.dollars) more of \(node)",
        details: ["decision": String(record.id), "granted_usd": grant.decimal]))
    budgetTick()
    answerDecision(exchange, record.id)
  }

  /// The budget has room by itself, or the worker is gone: nobody has to answer any more.
  func withdrawBudgetQuestion(of worker: WorkerName) {
    for record in engine.open(of: worker) where record.isBudgetQuestion {
      resolve(
        record, as: .stale, by: "budget", note: "its budget has room again", at: Clock.now().wall)
    }
  }
}

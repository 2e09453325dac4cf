// What becomes of decisions that wait: approved, rejected, expired, stale. An approval is decided anew on the facts of
// now. Must never let a process inside a worker approve, nor let two people approve the same thing twice.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/decisions/ID/approve`. Runs whole in one turn, so of two that race the second finds it resolved.
  func approve(
    _ exchange: Exchange, _ id: Int64, _ request: ResolutionRequest, by caller: Caller
  ) throws(APIError) {
    let record = try openDecision(id, request)
    try needStranger(caller, to: record)
    guard hasAdopted, !draining else {
      throw APIError(.unavailable, "the supervisor is starting or stopping; try again")
    }
    let now = Clock.now().wall
    if let expires = record.expires, now >= expires {
      resolve(record, as: .expired, by: "engine", note: "nobody answered in time", at: now)
      throw APIError(.preconditionFailed, "decision \(id) has expired")
    }
    if record.isBudgetQuestion {
      let note = request.reason.map(CleanText.forTerminal)
      return try grantBudget(exchange, record, by: caller.actor, note: note)
    }
    guard let old = Verdict(text: record.verdict), let inputs = inputs(of: record.worker) else {
      resolve(record, as: .stale, by: "engine", note: "the worker is gone", at: now)
      throw APIError(.preconditionFailed, "decision \(id) is stale: \(record.worker) is gone")
    }
    let fresh = Decider.verdict(inputs, in: old.mode)
    guard fresh.stillOrders(old) else {
      let why =
        fresh.action == .none ? fresh.reason : "now it would \(fresh.spokenOrder): \(fresh.reason)"
      resolve(record, as: .stale, by: "engine", note: why, at: now)
      throw APIError(.preconditionFailed, "decision \(id) is stale: \(why)")
    }
    guard fresh.route != .withheld else {
      throw APIError(.denied, "decision \(id) may not be done: \(fresh.routeReason)")
    }
    let actor = caller.actor.text
    history.record(
      EventRecord(
        at: now, type: "decision.approved", severity: .notice, worker: record.worker, actor: actor,
        message: "decision \(id) approved by \(actor): \(old.spokenOrder)",
        details: ["decision": String(id)]))
    carryOut(record, old, by: actor, note: request.reason.map(CleanText.forTerminal))
    answerDecision(exchange, id)
  }

  /// `POST /v1/decisions/ID/reject`.
  func reject(
    _ exchange: Exchange, _ id: Int64, _ request: ResolutionRequest, by caller: Caller
  ) throws(APIError) {
    let record = try openDecision(id, request)
    try needStranger(caller, to: record)
    guard let reason = request.reason.map(CleanText.forTerminal), !reason.isEmpty else {
      throw APIError(.badRequest, "a rejection needs a reason", field: "reason")
    }
    resolve(record, as: .rejected, by: caller.actor.text, note: reason, at: Clock.now().wall)
    answerDecision(exchange, id)
  }

  private func openDecision(_ id: Int64, _ request: ResolutionRequest) throws(APIError)
    -> DecisionRecord
  {
    guard (request.reason?.utf8.count ?? 0) <= 200 else {
      throw APIError(.tooLarge, "reason is longer than 200 bytes", field: "reason")
    }
    if let record = engine.open[id] { return record }
    guard let known = try? ledger.decision(id) else {
      throw APIError(.notFound, "there is no decision \(id)")
    }
    throw APIError(
      .preconditionFailed,
      "decision \(id) is \(known.state.rawValue) already"
        + (known.resolvedBy.map { " (by \($0))" } ?? ""))
  }

  /// The worker that a decision is about has no say in it, whatever groups its user is in.
  private func needStranger(_ caller: Caller, to record: DecisionRecord) throws(APIError) {
    guard let inbox = notifySockets[record.worker], inbox.uid == caller.peer.uid,
      inbox.uid != 0, inbox.uid != access.ownUID
    else { return }
    noteRefusal(
      actor: "uid:\(caller.peer.uid)", worker: record.worker,
      "uid \(caller.peer.uid), as which \(record.worker) runs, may not decide about it")
    throw APIError(.denied, "permission denied (\(record.worker) runs as this user)")
  }

  /// Ends a decision without doing it.
  func resolve(
    _ record: DecisionRecord, as state: DecisionState, by actor: String, note: String,
    at now: WallTime
  ) {
    var ended = record
    ended.state = state
    ended.resolved = now
    ended.resolvedBy = actor
    ended.note = note
    keep(ended)
    history.record(
      EventRecord(
        at: now, type: "decision.\(state.rawValue)", severity: .notice, worker: record.worker,
        actor: actor, message: "decision \(record.id) is \(state.rawValue): \(note)",
        details: ["decision": String(record.id)]))
  }

  /// What waited too long.
  func expire(at now: WallTime) {
    for record in engine.open.values.sorted(by: { $0.id < $1.id }) {
      if let expires = record.expires, now >= expires {
        resolve(record, as: .expired, by: "engine", note: "nobody answered in time", at: now)
      }
    }
  }

  /// Answers with the decision as it is now, when that is on the disk.
  func answerDecision(_ exchange: Exchange, _ id: Int64) {
    whenDurable { [weak self] in
      guard let self else { return }
      guard
        let record = engine.open[id] ?? engine.latest.values.first(where: { $0.id == id })
          ?? (try? ledger.decision(id)) ?? nil
      else { return refuse(exchange, APIError(.internal, "decision \(id) is gone")) }
      answer(exchange, DecisionPages.row(record))
    }
  }
}

// Calls of models that are over: each is a row, a line of the ledger where it cost something, and a draw on its reservation,
// all in one transaction. Must never book a call twice, however often it is told, nor answer before it is on the disk.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/gateway/calls`.
  func takeCalls(_ exchange: Exchange, _ caller: Caller) throws(APIError) {
    try caller.needEdge(exchange)
    let request = try APICoding.decode(GatewayCallsRequest.self, from: exchange.request.body)
    guard request.calls.count <= CallText.most, request.close.count <= CallText.most else {
      throw APIError(
        .tooLarge, "at most \(CallText.most) calls and reservations at once", field: "calls")
    }
    try needDurability()
    let now = Clock.now()
    // The day that is now, before anything of it is taken.
    _ = callFigures(now)
    let told = try request.calls.map { (call) throws(APIError) in
      try CallText.call(call, now: now.wall)
    }
    var known = gateway.underWay
    do {
      known.formUnion(try ledger.knownCalls(told.map(\.id)))
    } catch {
      throw APIError(.unavailable, "the ledger cannot be read at present; try again (\(error))")
    }
    var new: [String] = []
    for call in told where known.insert(call.id).inserted {
      book(call, at: now)
      new.append(call.id)
    }
    for worker in Set(told.map(\.worker)) {
      if let carry = gateway.charges.carries[worker] {
        writes.append(.gateway(.carry(worker, carry)))
      }
    }
    for id in request.close { close(id, at: now) }
    reviewBudgets()
    armBudgets()
    let body = APICoding.encode(
      GatewayCallsResponse(booked: new.count, known: told.count - new.count))
    afterCommit.append { [weak self] in
      self?.gateway.stored(new)
      exchange.respond(200, body: body)
    }
  }

  private func book(_ told: ModelCall, at now: Moment) {
    var call = told
    let charge = gateway.charges.take(call, in: &desk.keeper.book, at: now)
    call.amount = charge.amount
    gateway.take(call, at: now.instant)
    writes.append(.gateway(.call(call)))
    if charge.newOverrun > .zero, let id = call.reservation {
      tellOverrun(id, charge.newOverrun, of: call.worker, at: now.wall)
    }
    if call.reason == Self.unknownModel { tellUnknown(call, at: now) }
    guard charge.amount > .zero else { return }
    var entry = Entry(
      event: call.at, booked: now.wall, worker: call.worker, kind: .llm, source: call.provider,
      externalID: ModelCall.entryMark + call.id,
      amount: Money(microUSD: -charge.amount.microUSD))
    entry.run = call.run
    writes.append(.entry(entry))
    desk.untold[call.worker] = (desk.untold[call.worker] ?? .zero) + charge.amount
  }

  /// The gateway's word for a model without a price.
  private static let unknownModel = "unknown_model"

  /// A model without a price is an alert, and each hour a line of the history for each worker and model.
  private func tellUnknown(_ call: ModelCall, at now: Moment) {
    let isRefused = call.outcome == GatewayOutcome.refused.rawValue
    let reading = AlertRules.unknownModel(call.model, isRefused: isRefused)
    take(engine.alerts.read(AlertKey(.unknownModel, worker: call.worker), reading, at: now))
    let key = "\(call.worker) \(call.model)"
    if let told = gateway.toldUnknown[key], now.wall - told < .seconds(3_600) { return }
    if gateway.toldUnknown.count > 1_000 { gateway.toldUnknown.removeAll() }
    gateway.toldUnknown[key] = now.wall
    history.record(
      EventRecord(
        at: now.wall, type: "model.unknown", severity: .warning, worker: call.worker,
        actor: "gateway", message: "\(call.worker): \(reading.message)",
        details: ["model": call.model, "provider": call.provider, "outcome": call.outcome]))
  }

  private func close(_ id: Int64, at now: Moment) {
    // Settled for good; what it drew is in the books by its calls.
    _ = CallCharges.close(id, in: &desk.keeper.book, at: now)
  }

  /// `GET /v1/gateway/calls`.
  func listCalls(_ exchange: Exchange, _ query: CallsQuery) throws(APIError) {
    var question = CallsQuestion()
    question.workers = try workers(query.workers)
    question.provider = query.provider
    question.model = query.model
    question.before = query.before
    question.limit = query.limit ?? 100
    ask(.calls(question), exchange) { [weak self] answer in
      guard case .calls(let calls) = answer else { return }
      self?.answer(exchange, calls.map(GatewayCallRow.init))
    }
  }
}

// The pages of the budgets: what is left, limits set by hand, and reservations. A reservation is answered when it is on
// the disk and never before. Must never let a worker reserve or settle for another.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/budgets` and the pages below it.
  func budgetPage(_ exchange: Exchange, _ caller: Caller, _ page: String?) throws(APIError) {
    let body = exchange.request.body
    switch page {
    case nil:
      try caller.need(.admin, exchange)
      try setBudget(exchange, APICoding.decode(BudgetSetRequest.self, from: body), by: caller.actor)
    case "reserve":
      try reserve(exchange, APICoding.decode(BudgetReserveRequest.self, from: body), caller)
    case "settle":
      try settleReservation(
        exchange, APICoding.decode(BudgetSettleRequest.self, from: body), caller)
    case "release":
      try release(exchange, APICoding.decode(BudgetReleaseRequest.self, from: body), caller)
    default:
      throw APIError(
        .notFound, "there is no page \(CleanText.forTerminal(exchange.request.path))")
    }
  }

  // MARK: reservations

  private func reserve(_ exchange: Exchange, _ request: BudgetReserveRequest, _ caller: Caller)
    throws(APIError)
  {
    let worker = try spender(request.worker, caller, exchange)
    try needDurability()
    let lease = request.leaseSeconds ?? 120
    guard lease >= 1, lease <= 3600 else {
      throw APIError(.badRequest, "lease_seconds must be 1 to 3600", field: "lease_seconds")
    }
    var wish = BudgetWish(
      key: try word(request.key, "key", limit: 128), worker: worker,
      amount: try amount(request.amountUSD, "amount_usd"),
      lease: .milliseconds(Int64(lease * 1000)))
    if let least = request.leastUSD {
      wish.least = try amount(least, "least_usd")
      guard wish.least ?? .zero <= wish.amount else {
        throw APIError(.badRequest, "least_usd is more than amount_usd", field: "least_usd")
      }
      wish.keeps = computingKept(of: worker)
    }
    if let run = request.runID { wish.run = try word(run, "run_id", limit: 128) }
    if let provider = request.provider { wish.provider = try word(provider, "provider", limit: 64) }
    if let route = request.route { wish.route = try word(route, "route", limit: 64) }
    // The key of one worker is not that of another.
    wish.key = "\(worker?.text ?? "")/\(wish.key)"
    guard wish.key.utf8.count <= 128 else {
      throw APIError(.tooLarge, "key is too long", field: "key")
    }
    let reservation: BudgetReservation
    do {
      reservation = try desk.keeper.book.reserve(wish, at: Clock.now())
    } catch {
      // What is of no use to anybody is what does not fit: the rest of the wish was for later calls.
      guard case .doesNotFit(let node, _, let left) = error, let least = wish.least else {
        throw refusal(error, to: "reserve")
      }
      if caller.isEdge, request.isLast == true, let worker {
        holdForCalls(worker, node, needed: least)
      }
      throw refusal(.doesNotFit(node, asked: least, left: left), to: "reserve")
    }
    armBudgets()
    answerDurably(exchange, row(reservation))
  }

  /// A worker's smallest call of a model does not fit any more. A call that needs a tenth of the limit is dear: for its sake
  /// alone nobody is held.
  private func holdForCalls(_ name: WorkerName, _ node: BudgetNode, needed: Money) {
    guard node.scope == .worker || node.scope == .fleet,
      let limit = desk.keeper.book.limit(of: node), needed.microUSD <= limit.microUSD / 10
    else { return }
    hold(name, node, needed: needed)
  }

  /// What money for several calls leaves to computing: without it the worker would be held before its calls have spent it.
  private func computingKept(of worker: WorkerName?) -> [BudgetScope: Money] {
    func cover(_ rate: ComputeRate) -> Money {
      BudgetKeeper.cover(at: rate, interval: bookingInterval)
    }
    var kept = [BudgetScope.fleet: cover(BudgetDesk.hostRate(price.prices))]
    if let worker { kept[.worker] = cover(rate(of: worker)) }
    return kept
  }

  private func settleReservation(
    _ exchange: Exchange, _ request: BudgetSettleRequest, _ caller: Caller
  ) throws(APIError) {
    try owns(request.reservation, caller, exchange)
    try needDurability()
    guard let spent = Money(decimal: request.spentUSD), spent >= .zero, spent <= Self.largest else {
      throw APIError(
        .badRequest,
        "spent_usd must be a decimal amount from 0 to 1000000 with at most six places",
        field: "spent_usd")
    }
    let now = Clock.now()
    let settlement: BudgetSettlement
    do {
      settlement = try desk.keeper.book.settle(
        request.reservation, spent: spent, final: request.final ?? true, at: now)
    } catch {
      throw refusal(error, to: "settle")
    }
    if settlement.reservation.state == .open {
      desk.keeper.book.renewLease(request.reservation, until: now.instant + .seconds(120))
    }
    if settlement.overrun > .zero, settlement.isNew {
      tellOverrun(
        request.reservation, settlement.overrun, of: settlement.reservation.worker, at: now.wall,
        by: caller.actor)
    }
    if settlement.isNew, settlement.reservation.state == .settled, spent > .zero {
      writes.append(.entry(entry(of: settlement.reservation, spent, at: now.wall)))
    }
    var answer = row(settlement.reservation)
    answer.overrunUSD = settlement.overrun.decimal
    reviewBudgets()
    answerDurably(exchange, answer)
  }

  /// Something cost more than was set aside for it.
  func tellOverrun(
    _ id: Int64, _ overrun: Money, of worker: WorkerName?, at now: WallTime,
    by actor: Actor = Actor("gateway")
  ) {
    let amount = desk.keeper.book.reservations[id]?.amount ?? .zero
    history.record(
      EventRecord(
        at: now, type: "budget.overrun", severity: .warning, worker: worker, actor: actor.text,
        message:
          "reservation \(id) cost \(overrun.dollars) more than the \(amount.dollars) that were "
          + "set aside; its next estimates are half as high again"))
  }

  /// What a reservation cost, as a line of the ledger; in the same transaction as the reservation's end.
  private func entry(of reservation: BudgetReservation, _ spent: Money, at now: WallTime) -> Entry {
    var entry = Entry(
      event: now, booked: now, worker: reservation.worker, kind: .apiCall,
      source: reservation.provider ?? "reservation",
      externalID: Self.reservationMark + String(reservation.id),
      amount: Money(microUSD: -spent.microUSD))
    entry.run = reservation.run
    return entry
  }

  /// How the ledger's lines of settled reservations are named; their cost is in the accounts already.
  static let reservationMark = "reservation-"

  private func release(_ exchange: Exchange, _ request: BudgetReleaseRequest, _ caller: Caller)
    throws(APIError)
  {
    try owns(request.reservation, caller, exchange)
    try needDurability()
    let settlement: BudgetSettlement
    do {
      settlement = try desk.keeper.book.release(request.reservation, at: Clock.now())
    } catch {
      throw refusal(error, to: "release")
    }
    reviewBudgets()
    answerDurably(exchange, row(settlement.reservation))
  }

  private func answerDurably(_ exchange: Exchange, _ row: ReservationRow) {
    let body = APICoding.encode(row)
    afterCommit.append { exchange.respond(200, body: body) }
  }

  func needDurability() throws(APIError) {
    if draining { throw APIError(.unavailable, "the supervisor is stopping") }
    if !desk.isOpen { throw APIError(.unavailable, "the supervisor is starting; try again") }
    guard ledgerTrouble == nil else {
      throw APIError(
        .unavailable, "the ledger cannot be written at present; try again with the same key")
    }
  }

  /// For whom a caller may spend: a worker's own process for that worker, an administrator for anybody.
  private func spender(_ name: String?, _ caller: Caller, _ exchange: Exchange) throws(APIError)
    -> WorkerName?
  {
    if let own = caller.life?.id.worker {
      guard name == nil || name == own.text else {
        throw APIError(.denied, "a worker may only reserve for itself", field: "worker")
      }
      return own
    }
    if !caller.isEdge { try caller.need(.admin, exchange) }
    guard let name else { return nil }
    return try knownWorker(name)
  }

  private func owns(_ id: Int64, _ caller: Caller, _ exchange: Exchange) throws(APIError) {
    guard let own = caller.life?.id.worker else {
      return caller.isEdge ? () : try caller.need(.admin, exchange)
    }
    guard desk.keeper.book.reservations[id]?.worker == own else {
      throw APIError(
        .notFound, "there is no reservation \(id) of \(own)", field: "reservation")
    }
  }

  private func knownWorker(_ name: String) throws(APIError) -> WorkerName {
    guard let worker = WorkerName(name), fleet.worker(worker) != nil else {
      throw APIError(
        .noSuchWorker, "there is no worker '\(CleanText.forTerminal(name))'", field: "worker")
    }
    return worker
  }

  private func refusal(_ refusal: BudgetRefusal, to verb: String) -> APIError {
    switch refusal {
    case .doesNotFit(let node, let asked, let left):
      return APIError(
        .budgetExhausted,
        "\(asked.dollars) do not fit: \(left.dollars) of \(node) are left"
          + (node.day == nil ? "" : " until \(desk.keeper.book.day.end.rfc3339)"),
        field: "amount_usd")
    case .keyTaken:
      return APIError(
        .preconditionFailed, "this key belongs to a reservation for something else", field: "key")
    case .unknown(let id):
      return APIError(
        .notFound, "there is no reservation \(id), or it ended long ago", field: "reservation")
    case .finished(let id, let state, let spent):
      return APIError(
        .preconditionFailed,
        "cannot \(verb) reservation \(id): it is \(state.rawValue) with \(spent.dollars)",
        field: "spent_usd")
    case .belowDrawn(let id, let drawn):
      return APIError(
        .preconditionFailed,
        "cannot \(verb) reservation \(id): \(drawn.dollars) of it are spent already",
        field: "spent_usd")
    }
  }

  /// A million dollars: more in one piece is a mistake.
  static let largest = Money(microUSD: 1_000_000_000_000)

  private func amount(_ text: String, _ field: String) throws(APIError) -> Money {
    guard let money = Money(decimal: text), money > .zero, money <= Self.largest else {
      throw APIError(
        .badRequest,
        "\(field) must be a decimal amount above 0, at most 1000000, with at most six places",
        field: field)
    }
    return money
  }

  private func word(_ text: String, _ field: String, limit: Int) throws(APIError) -> String {
    guard (1...limit).contains(text.utf8.count), CleanText.forTerminal(text) == text,
      !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else {
      throw APIError(
        .badRequest, "\(field) must be 1 to \(limit) bytes without control characters", field: field
      )
    }
    return text
  }

  private func row(_ reservation: BudgetReservation) -> ReservationRow {
    var row = ReservationRow(
      reservation: reservation.id,
      state: ReservationState(rawValue: reservation.state.rawValue) ?? .open,
      amountUSD: reservation.amount.decimal, spentUSD: reservation.drawn.decimal,
      overrunUSD: max(.zero, reservation.drawn - reservation.amount).decimal)
    row.leftUSD = reservation.path.compactMap { desk.keeper.book.left($0) }.min()?.decimal
    return row
  }

  // MARK: limits

  private func setBudget(_ exchange: Exchange, _ request: BudgetSetRequest, by actor: Actor)
    throws(APIError)
  {
    guard request.worker == nil || request.provider == nil else {
      throw APIError(.badRequest, "name a worker or a provider, not both", field: "provider")
    }
    var limits: [(BudgetRule, Money?)] = []
    for (text, field, daily) in [
      (request.dailyUSD, "daily_usd", true), (request.totalUSD, "total_usd", false),
    ] {
      guard let text else { continue }
      limits.append((try rule(request, daily, field), try limit(text, field)))
    }
    guard !limits.isEmpty else {
      throw APIError(.badRequest, "say daily_usd or total_usd", field: "daily_usd")
    }
    if draining { throw APIError(.unavailable, "the supervisor is stopping") }
    try needMatch(exchange) { budgetsTag }
    let now = Clock.now().wall
    for (rule, limit) in limits {
      let override = BudgetOverride(
        rule: rule, limit: limit, fileLimit: fileLimit(rule), actor: actor.text)
      desk.overrides[rule] = override
      writes.append(.budget(.override(override)))
      history.record(
        EventRecord(
          at: now, type: "budget.set", severity: .notice, worker: WorkerName(rule.subject),
          actor: actor.text,
          message: "budget of \(rule) set to \(limit?.dollars ?? "none") by \(actor.text)"))
    }
    configureBudgets()
    budgetTick()
    tickSoon()
    respondDurably(exchange, body: APICoding.encode(budgetReport()))
  }

  private func rule(_ request: BudgetSetRequest, _ daily: Bool, _ field: String) throws(APIError)
    -> BudgetRule
  {
    if let name = request.worker {
      return BudgetRule(.worker, try knownWorker(name).text, daily: daily)
    }
    guard daily else {
      throw APIError(.badRequest, "only a worker has a budget for life", field: field)
    }
    if let provider = request.provider {
      return BudgetRule(.provider, try word(provider, "provider", limit: 64), daily: true)
    }
    return Self.fleetRule
  }

  private func limit(_ text: String, _ field: String) throws(APIError) -> Money? {
    if text == "none" { return nil }
    guard let money = Money(decimal: text), money >= .zero, money <= Self.largest else {
      throw APIError(
        .badRequest,
        "\(field) must be 'none' or a decimal amount from 0 to 1000000 with at most six places",
        field: field)
    }
    return money
  }

  private func fileLimit(_ rule: BudgetRule) -> Money? {
    switch rule.scope {
    case .fleet: configuration?.settings.dailyBudget
    case .worker:
      WorkerName(rule.subject).flatMap { configuration?.workers[$0]?.budget }.flatMap {
        rule.daily ? $0.daily : $0.total
      }
    case .provider: configuration?.settings.gateway.dailyLimits[rule.subject]
    case .run: nil
    }
  }

  /// Throws where an empty budget keeps a worker from being started or resumed.
  func needBudget(_ action: ActionVerb, _ targets: [Request.Target]) throws(APIError) {
    guard [.start, .resume, .deploy].contains(action) else { return }
    for target in targets {
      let name =
        switch target {
        case .worker(let name): name
        case .instance(let id): id.worker
        }
      guard let node = emptyBudget(of: name) else { continue }
      throw APIError(
        .budgetExhausted,
        "the budget of \(node) is spent"
          + (node.day == nil ? "" : " until \(desk.keeper.book.day.end.rfc3339)")
          + " (raise it: novasup budget set "
          + (node.scope == .fleet ? "" : "\(name) ") + (node.day == nil ? "--total" : "--daily")
          + " AMOUNT)", field: "targets")
    }
  }
}

// `POST /v1/revenue`: money from outside, checked whole before anything of it is booked. Must never believe a worker's
// name that is not configured, nor convert a currency by a rate of its own.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Books a payment, refund or dispute and answers when it is durable.
  func revenue(_ exchange: Exchange, _ request: RevenueRequest, by actor: Actor) throws(APIError) {
    let write = try ledgerWrite(request)
    let source = request.source ?? "manual"
    if request.dryRun == true {
      return answer(exchange, RevenueResponse(source: source, id: request.id, repeated: false))
    }
    book(write) { [weak self] answer in
      switch answer {
      case .refused(let error): self?.refuse(exchange, error)
      case .booked:
        self?.answer(exchange, RevenueResponse(source: source, id: request.id, repeated: false))
      case .repeated:
        self?.answer(exchange, RevenueResponse(source: source, id: request.id, repeated: true))
      }
    }
  }

  private func ledgerWrite(_ request: RevenueRequest) throws(APIError) -> LedgerWrite {
    let now = Clock.now().wall
    let source = try MoneyText.source(request.source ?? "manual")
    let id = try MoneyText.name(request.id, "id", limit: 200)
    guard !id.hasPrefix("report:") else {
      throw APIError(
        .badRequest, "an id that begins with report: is a worker's own report", field: "id")
    }
    let kind = EntryKind(rawValue: (request.kind ?? .sale).rawValue) ?? .sale
    let at = try request.at.map { (text) throws(APIError) in
      try MoneyText.time(text, "at", now: now)
    }
    let amount = try request.amountUSD.map { (text) throws(APIError) in
      try MoneyText.amount(text, "amount_usd")
    }
    if kind.side == .contra {
      return try contra(request, source, id, kind, amount, at: at ?? now, now: now)
    }
    if request.of != nil {
      throw APIError(.badRequest, "of is only for refunds and disputes", field: "of")
    }
    let (original, converted) = try foreign(request, at: at ?? now)
    guard let amount = amount ?? converted, amount > .zero else {
      throw APIError(.badRequest, "amount_usd must be more than 0", field: "amount_usd")
    }
    var fact = RevenueFact(
      source: source, externalID: id, kind: kind, amount: amount, event: at ?? now, booked: now)
    fact.original = original
    fact.fee = try request.feeUSD.map { (text) throws(APIError) in
      try MoneyText.amount(text, "fee_usd")
    }
    if let fee = fact.fee, fee > amount {
      throw APIError(.badRequest, "fee_usd is more than amount_usd", field: "fee_usd")
    }
    if let text = request.maturesAt {
      guard let time = WallTime(rfc3339: text), time <= now + .seconds(400 * 86_400) else {
        throw APIError(
          .badRequest, "matures_at must be a time within 400 days such as 2026-01-31T12:00:00Z",
          field: "matures_at")
      }
      fact.matures = time
    }
    fact.named = try named(request, source)
    fact.touchRule = configuration?.settings.attribution ?? .lastTouch
    if let text = request.subscription {
      guard kind == .subscriptionCycle else {
        throw APIError(
          .badRequest, "subscription is only for kind subscription_cycle", field: "subscription")
      }
      fact.subscription = try MoneyText.name(text, "subscription", limit: 255)
      let usual = EconomicsSpec().creditCycles
      for name in fleet.workerNames {
        guard let cycles = fleet.worker(name)?.spec.economics.creditCycles, cycles != usual else {
          continue
        }
        fact.creditCycles[name] = cycles
      }
    }
    let keys = request.touch ?? []
    guard keys.count <= 20 else {
      throw APIError(.tooLarge, "more than 20 keys in touch", field: "touch")
    }
    for key in keys { fact.touches.append(try MoneyText.name(key, "touch", limit: 255)) }
    return .revenue(fact)
  }

  private func contra(
    _ request: RevenueRequest, _ source: String, _ id: String, _ kind: EntryKind, _ amount: Money?,
    at: WallTime, now: WallTime
  ) throws(APIError) -> LedgerWrite {
    guard let payment = request.of else {
      throw APIError(.badRequest, "of is missing: the id of the payment", field: "of")
    }
    for (isSet, field) in [
      (request.worker != nil, "worker"), (request.runID != nil, "run_id"),
      (request.product != nil, "product"), (request.touch != nil, "touch"),
      (request.feeUSD != nil, "fee_usd"), (request.currency != nil, "currency"),
      (request.amount != nil, "amount"), (request.subscription != nil, "subscription"),
    ] where isSet {
      throw APIError(
        .badRequest, "\(field) is only for payments: a \(kind.rawValue) follows its payment",
        field: field)
    }
    if let amount, amount == .zero {
      throw APIError(.badRequest, "amount_usd must be more than 0", field: "amount_usd")
    }
    return .contra(
      ContraFact(
        source: source, externalID: id, kind: kind,
        payment: try MoneyText.name(payment, "of", limit: 200), amount: amount, event: at,
        booked: now))
  }

  /// The amount as it was paid, where that was not USD, and what it is by the rate of the day where nobody settled it.
  private func foreign(_ request: RevenueRequest, at: WallTime) throws(APIError)
    -> (ForeignAmount?, converted: Money?)
  {
    guard let currency = request.currency?.uppercased(), currency != "USD" else {
      if request.amount != nil {
        throw APIError(
          .badRequest, "amount needs currency (USD goes to amount_usd)", field: "amount")
      }
      return (nil, nil)
    }
    guard let places = MoneyText.decimals(of: currency) else {
      throw APIError(
        .badRequest, "there is no currency \(CleanText.forTerminal(request.currency ?? ""))",
        field: "currency")
    }
    guard let text = request.amount else {
      throw APIError(.badRequest, "currency needs amount: what was paid", field: "amount")
    }
    guard let minor = DecimalText.scaled(text, places: places), minor > 0 else {
      throw APIError(
        .badRequest,
        "amount must be a positive amount with at most \(places) decimals of \(currency)",
        field: "amount")
    }
    guard request.amountUSD == nil else {
      return (ForeignAmount(currency: currency, minorUnits: minor, rate: "settled"), nil)
    }
    let rate = try self.rate(of: currency, at: at)
    guard let converted = rate.usd(minorUnits: minor), converted.microUSD <= MoneyText.largest
    else { throw APIError(.badRequest, "amount is more than 10,000,000 USD", field: "amount") }
    return (ForeignAmount(currency: currency, minorUnits: minor, rate: rate.name), converted)
  }

  /// Rule 1, the event names the worker; rule 2, its product is one of a worker's.
  private func named(_ request: RevenueRequest, _ source: String) throws(APIError)
    -> RevenueFact.Named?
  {
    let run = try request.runID.map { (text) throws(APIError) in
      try MoneyText.name(text, "run_id", limit: 128)
    }
    if let text = request.worker {
      guard let worker = WorkerName(text),
        fleet.worker(worker) != nil || books.workers[worker] != nil
      else {
        throw APIError(
          .noSuchWorker, "no worker '\(CleanText.forTerminal(text))'", field: "worker")
      }
      return .init(worker: worker, run: run, rule: .explicit)
    }
    if run != nil {
      throw APIError(.badRequest, "run_id needs worker", field: "run_id")
    }
    guard let product = request.product else { return nil }
    let key = try source + ":" + MoneyText.name(product, "product", limit: 200)
    for name in fleet.workerNames
    where fleet.worker(name)?.spec.economics.products.contains(key) == true {
      return .init(worker: name, rule: .product)
    }
    return nil
  }
}

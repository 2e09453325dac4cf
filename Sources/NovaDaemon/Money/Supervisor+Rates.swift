// Rates of exchange: said by people, kept in the ledger, never changed. Must never invent one, nor convert at one that is
// not of the week of the payment.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // A thousand dollars for one unit: the dearest currency is at 3.3.
  private static let dearest: Int64 = 1_000_000_000_000

  /// `POST /v1/rates`.
  func setRate(_ exchange: Exchange, _ request: RateRequest, by actor: Actor) throws(APIError) {
    let now = Clock.now().wall
    let currency = request.currency.uppercased()
    guard currency != "USD", let places = MoneyText.decimals(of: currency) else {
      throw APIError(
        .badRequest, "there is no currency \(CleanText.forTerminal(request.currency)) to convert",
        field: "currency")
    }
    guard let nano = DecimalText.scaled(request.usd, places: 9), nano > 0, nano <= Self.dearest
    else {
      throw APIError(
        .badRequest,
        "usd must be what one unit is in USD, more than 0 and at most 1000, with at most nine decimals",
        field: "usd")
    }
    let since = try request.since.map { (text) throws(APIError) in
      try MoneyText.time(text, "since", now: now)
    }
    let rate = ExchangeRate(
      currency: currency, since: since ?? now, nanoUSD: nano, places: places, actor: actor.text)
    book(.rate(rate)) { [weak self] answer in
      guard let self else { return }
      if case .refused(let error) = answer { return refuse(exchange, error) }
      if case .booked = answer {
        rates[currency, default: []].append(rate)
        rates[currency]?.sort { $0.since < $1.since }
      }
      self.answer(exchange, RateRow(rate))
    }
  }

  /// `GET /v1/rates`.
  func rateRows() -> [RateRow] {
    rates.keys.sorted().flatMap { rates[$0] ?? [] }.map(RateRow.init)
  }

  /// The rate for a payment of that moment.
  func rate(of currency: String, at moment: WallTime) throws(APIError) -> ExchangeRate {
    guard let rate = rates[currency]?.last(where: { $0.since <= moment }) else {
      throw APIError(
        .badRequest,
        "there is no rate of \(currency) for \(moment.rfc3339): give amount_usd, what the platform settled for it, "
          + "or a rate (novasup revenue rate \(currency) USD --at TIME)", field: "currency")
    }
    guard moment - rate.since <= ExchangeRate.validity else {
      throw APIError(
        .badRequest,
        "the last rate of \(currency) before \(moment.rfc3339) is of \(rate.since.rfc3339), more than seven days "
          + "older: give amount_usd or a newer rate", field: "currency")
    }
    return rate
  }
}

extension RateRow {
  /// A rate as the API tells it.
  init(_ rate: ExchangeRate) {
    var units: Int64 = 1000
    var places = MoneyText.decimals(of: rate.currency) ?? 2
    while places > 0 {
      units *= 10
      places -= 1
    }
    // Billionths for one unit; every rate that was said in them comes back as it was said.
    let nano = Int64(
      clamping: Int128(rate.numerator) * Int128(units) / Int128(max(1, rate.denominator)))
    let fraction = String(nano % 1_000_000_000)
    let padded = String(repeating: "0", count: 9 - fraction.count) + fraction
    self.init(
      currency: rate.currency, usd: "\(nano / 1_000_000_000).\(padded)",
      since: rate.since.rfc3339, setBy: rate.actor)
  }
}

// What a unit of another currency is worth in USD from some moment on, as a ratio of whole numbers. Must never pass through
// a floating-point number: the same amount at the same rate is the same money for ever.

/// A rate. It never changes; another rate is another row.
package struct ExchangeRate: Sendable, Hashable {
  /// ISO 4217, upper case.
  package let currency: String
  /// From when on it holds, until the next of the same currency.
  package let since: WallTime
  /// So many micro-USD are `denominator` of the currency's smallest units.
  package let numerator: Int64
  package let denominator: Int64
  /// Who said so.
  package let actor: String

  /// A rate as it was stored.
  package init(
    currency: String, since: WallTime, numerator: Int64, denominator: Int64, actor: String
  ) {
    self.currency = currency
    self.since = since
    self.numerator = numerator
    self.denominator = denominator
    self.actor = actor
  }

  /// So many billionths of a USD for one unit of a currency with `places` decimals.
  package init(
    currency: String, since: WallTime, nanoUSD: Int64, places: Int, actor: String
  ) {
    var units: Int64 = 1000
    for _ in 0..<min(max(places, 0), 6) { units *= 10 }
    self.init(
      currency: currency, since: since, numerator: nanoUSD, denominator: units, actor: actor)
  }

  /// A payment is not converted at a rate that is older than this.
  package static let validity = Span.seconds(7 * 86_400)

  /// Its name in an entry: `EUR 2026-01-31T00:00:00Z`.
  package var name: String { "\(currency) \(since.rfc3339)" }

  /// So much in USD, rounded half to even; nil beyond the range.
  package func usd(minorUnits: Int64) -> Money? {
    let product = Int128(minorUnits) * Int128(numerator)
    let (quotient, rest) = product.quotientAndRemainder(dividingBy: Int128(denominator))
    let twice = Int128(rest.magnitude) * 2
    var micro = quotient
    if twice > Int128(denominator) || twice == Int128(denominator) && quotient % 2 != 0 {
      micro += product < 0 ? -1 : 1
    }
    return Int64(exactly: micro).map { Money(microUSD: $0) }
  }
}

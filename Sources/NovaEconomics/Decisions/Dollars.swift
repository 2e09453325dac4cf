// Money as a real number, for statistics alone. Must never find its way back into a booking.

package import NovaModel

extension Money {
  /// For the tests, which are statistics: never booked from.
  package var usd: Double { Double(microUSD) / 1_000_000 }

  /// Rounded up, so that what is at stake is never understated; nil when out of range or no number.
  package init?(roundingUpUSD usd: Double) {
    guard usd.isFinite, usd.magnitude < 9e12 else { return nil }
    self.init(microUSD: Int64((usd * 1_000_000).rounded(.up)))
  }
}

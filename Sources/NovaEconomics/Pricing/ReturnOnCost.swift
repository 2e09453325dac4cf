// What a worker is worth: profit over cost, with the cases in which there is no such number. Must never divide by
// zero, and never call something a loss of which the revenue is not known.

package import NovaModel

/// Return on investment: 100 % is a profit as large as the cost.
package enum ReturnOnCost: Sendable, Hashable {
  /// In millionths of the cost: 1,000,000 is 100 %.
  case value(ppm: Int64)
  /// Nothing was spent and nothing earned, or nobody has said what was earned.
  case undefined
  /// Something was earned and nothing spent.
  case infinite

  /// Of what was earned and spent; `revenueIsKnown` is false while nobody has said anything about revenue.
  package init(netRevenue: Money, cost: Money, revenueIsKnown: Bool = true) {
    guard revenueIsKnown else {
      self = .undefined
      return
    }
    guard cost > .zero else {
      self = netRevenue > .zero ? .infinite : .undefined
      return
    }
    let profit = Int128(netRevenue.microUSD) - Int128(cost.microUSD)
    self = .value(
      ppm: Int64(clamping: Self.roundedHalfEven(profit * 1_000_000, over: Int128(cost.microUSD))))
  }

  /// The word of the API: `no_data` or `no_cost`, nil where there is a value.
  package var status: String? {
    switch self {
    case .value: nil
    case .undefined: "no_data"
    case .infinite: "no_cost"
    }
  }

  /// Whole percent, rounded half-even; nil where there is no value.
  package var percent: Int64? {
    guard case .value(let ppm) = self else { return nil }
    return Int64(clamping: Self.roundedHalfEven(Int128(ppm), over: 10_000))
  }

  /// Percent with its fraction, for display; nil where there is no value.
  package var exactPercent: Double? {
    guard case .value(let ppm) = self else { return nil }
    return Double(ppm) / 10_000
  }

  /// Whether revenue is below `percent` return on cost, by multiplication; nil: unknown, decide nothing.
  package static func isBelow(
    _ percent: Int, netRevenue: Money, cost: Money, revenueIsKnown: Bool
  ) -> Bool? {
    guard revenueIsKnown, cost > .zero || netRevenue > .zero else { return nil }
    return Int128(netRevenue.microUSD) * 100 < Int128(cost.microUSD) * Int128(100 + percent)
  }

  private static func roundedHalfEven(_ number: Int128, over divisor: Int128) -> Int128 {
    var (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    if rest < 0 {
      quotient -= 1
      rest += divisor
    }
    let twice = rest * 2
    if twice > divisor || (twice == divisor && !quotient.isMultiple(of: 2)) { quotient += 1 }
    return quotient
  }
}

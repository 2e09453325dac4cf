// Six bets side by side, each with a fixed share of the stake: the value of the whole is a nonnegative supermartingale
// under the hypothesis that is tested. Kept as logarithms, so that no run of losses underflows.
// Must never be fed the same run twice.

/// The logarithms of six products, in a vector of eight whose last two lanes stay empty.
package struct Mixture: Sendable, Hashable {
  /// Lane j holds the sum of ln(1 + bet_j * outcome).
  package internal(set) var lanes = SIMD8<Double>(repeating: 0)

  /// Nothing bet yet: the value is the sum of the shares.
  package init() {}

  /// ln of the weighted sum of the products.
  func lnValue(_ lnShares: SIMD8<Double>) -> Double {
    var top = -Double.infinity
    for lane in 0..<6 { top = max(top, lanes[lane] + lnShares[lane]) }
    guard top > -.infinity else { return top }
    var sum = 0.0
    for lane in 0..<6 { sum += Real.exp(lanes[lane] + lnShares[lane] - top) }
    return top + Real.ln(sum)
  }

  /// A cheap upper bound of `lnValue`: six times the largest.
  func lnBound(_ lnShares: SIMD8<Double>) -> Double {
    var top = -Double.infinity
    for lane in 0..<6 { top = max(top, lanes[lane] + lnShares[lane]) }
    return top + 1.791_759_469_228_055_2
  }

  /// ln of each share, minus infinity in the unused lanes.
  static func lnShares(_ shares: [Double]) -> SIMD8<Double> {
    var result = SIMD8<Double>(repeating: -.infinity)
    for (lane, share) in shares.enumerated() { result[lane] = Real.ln(share) }
    return result
  }
}

/// The value of a test so far and the highest it ever had: by Ville's inequality the chance that the highest ever
/// reaches 1/a is at most a, however often one looks.
package struct Course: Sendable, Hashable {
  /// ln K now.
  package internal(set) var lnNow: Double = 0
  /// max ln K so far, at least 0: K starts at 1.
  package internal(set) var lnHighest: Double = 0

  /// At the start.
  package init() {}

  mutating func take(_ lnValue: Double) {
    lnNow = lnValue
    lnHighest = max(lnHighest, lnValue)
  }

  /// 1 - min(1, 1/max K): never NaN, 0 when nothing speaks against the hypothesis.
  package var confidence: Double { 1 - Real.exp(-lnHighest) }

  /// Whether K has ever reached 1/alpha.
  package func reached(alpha: Double) -> Bool { lnHighest >= -Real.ln(alpha) }
}

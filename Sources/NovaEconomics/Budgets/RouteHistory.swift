// What calls of one kind really cost, against what was reserved for them. A bound that was wrong grows by half; a soft
// budget holds twice the 95th percentile. Must never lower a bound below what the caller said.

package import NovaModel

/// The last calls of a kind.
package struct RouteHistory: Sendable, Hashable {
  /// By what the caller's bound is multiplied, in millionths.
  package private(set) var factorPPM: Int64
  private var actuals: [Int64] = []
  private var next = 0

  // 100 calls give a 95th percentile that one outlier does not move; 1.5^12 is 130 times the caller's bound.
  private static let kept = 100
  private static let enough = 20
  private static let highest: Int64 = 129_746_337

  /// A kind of call whose bound was never wrong, or was `factorPPM` off.
  package init(factorPPM: Int64 = 1_000_000) {
    self.factorPPM = min(max(factorPPM, 1_000_000), Self.highest)
  }

  /// The bound that is really reserved.
  package func bound(of amount: Money) -> Money {
    Money(microUSD: Int64(clamping: Int128(amount.microUSD) * Int128(factorPPM) / 1_000_000))
  }

  /// What a soft budget holds: twice the 95th percentile, once 20 calls are known; never more than the bound.
  package func usual(of bound: Money) -> Money {
    guard actuals.count >= Self.enough else { return bound }
    let sorted = actuals.sorted()
    // Nearest rank: the smallest value that at least 95 % do not exceed.
    let p95 = sorted[(sorted.count * 95 + 99) / 100 - 1]
    return min(bound, Money(microUSD: p95 * 2))
  }

  /// Takes a call into account; true when it cost more than its bound and the next bound is half as high again.
  mutating func take(_ spent: Money, bound: Money) -> Bool {
    if actuals.count < Self.kept {
      actuals.append(spent.microUSD)
    } else {
      actuals[next] = spent.microUSD
      next = (next + 1) % Self.kept
    }
    guard spent > bound, factorPPM < Self.highest else { return false }
    factorPPM = min(factorPPM * 3 / 2, Self.highest)
    return true
  }
}

// How much a new worker may lose before it is paused: by Lundberg's inequality a worker worth having loses that much
// with a chance of at most alpha. Must never be read as a verdict: a stop-loss pauses, and the owner may grant another.

/// The ruin bound of a worker with two-point revenue: `price` with chance `conversion`, else nothing.
package struct StopLoss: Sendable, Hashable {
  /// Revenue of a run that sells, USD.
  package let price: Double
  /// Cost of every run, USD.
  package let cost: Double
  /// Chance that a run sells.
  package let conversion: Double

  /// The worker as it is.
  package init(price: Double, cost: Double, conversion: Double) {
    self.price = price
    self.cost = cost
    self.conversion = conversion
  }

  /// The weakest worker worth having: one whose return is exactly `roiPercent`.
  package init(price: Double, cost: Double, roiPercent: Double) {
    self.init(
      price: price, cost: cost,
      conversion: min(1, (1 + roiPercent / 100) * cost / max(price, .leastNonzeroMagnitude)))
  }

  /// theta > 0 with (1-p) e^{theta c} + p e^{-theta (B-c)} = 1; nil when it loses on average (no bound holds), infinite
  /// when it never loses.
  package var theta: Double? {
    guard cost > 0 else { return .infinity }
    guard price > cost, conversion * price > cost else { return nil }
    guard conversion < 1 else { return .infinity }
    // Convex with a root at 0 and a negative slope there: the other root lies between the lowest point and the place
    // where the first term alone is 1.
    var low = 0.0
    var high = -Real.log1p(-conversion) / cost
    // The slope vanishes where (1-p) c e^{theta c} = p (B-c) e^{-theta (B-c)}.
    low = Real.ln(conversion * (price - cost) / ((1 - conversion) * cost)) / price
    for _ in 0..<200 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if excess(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// L = ln(1/alpha)/theta, USD; nil when no bound holds.
  package func limit(alpha: Double) -> Double? { theta.map { -Real.ln(alpha) / $0 } }

  /// Whether the limit is above `amount` USD beyond doubt, by one look instead of a search; false: look closely.
  package func isSurelyAbove(_ amount: Double, alpha: Double) -> Bool {
    guard amount > 0, cost > 0, price > cost, conversion * price > cost, conversion < 1 else {
      return false
    }
    // The excess is positive exactly beyond theta, and the limit falls as theta rises.
    return excess(-Real.ln(alpha) / (amount * 1.000_001)) > 0
  }

  /// The chance of ever losing `amount` USD, at most; 1 when no bound holds.
  package func chanceOfLosing(_ amount: Double) -> Double {
    theta.map { Real.exp(-$0 * amount) } ?? 1
  }

  private func excess(_ theta: Double) -> Double {
    (1 - conversion) * Real.expm1(theta * cost)
      + conversion * Real.expm1(-theta * (price - cost))
  }
}

// A confidence sequence for a mean by predictable-mixture empirical Bernstein bets, for display: wide for skewed
// money, so decisions never use it. Waudby-Smith and Ramdas, section 3.2.

/// Bounds of the mean of values in a known range, valid at every look.
package struct MeanBounds: Sendable, Hashable {
  /// The range of the values.
  package let low: Double
  package let high: Double
  /// Chance of ever being wrong, both sides together.
  package let alpha: Double
  /// Values taken.
  package private(set) var count = 0

  private var sum = 0.0
  private var variance = 0.25
  private var spread = 0.0
  private var weights = 0.0
  private var weighted = 0.0
  private var weightedOther = 0.0
  private var penalty = 0.0
  private var penaltyOther = 0.0

  /// Bounds for values in `low...high`.
  package init(low: Double, high: Double, alpha: Double) {
    self.low = low
    self.high = high
    self.alpha = alpha
  }

  /// Takes one value; outside the range it is clipped.
  package mutating func take(_ value: Double) {
    let x = max(0, min(1, (value - low) / (high - low)))
    count += 1
    let t = Double(count)
    let bet = min(
      0.5, (2 * Real.ln(2 / alpha) / (t * Real.ln(1 + t) * variance)).squareRoot())
    let psi = -Real.log1p(-bet) - bet
    // The mean before this value; nothing before the first.
    let before = count == 1 ? 0 : sum / (t - 1)
    let beforeOther = count == 1 ? 0 : 1 - before
    penalty += (x - before) * (x - before) * psi
    penaltyOther += (1 - x - beforeOther) * (1 - x - beforeOther) * psi
    weights += bet
    weighted += bet * x
    weightedOther += bet * (1 - x)
    sum += x
    let mean = (0.5 + sum) / (t + 1)
    spread += (x - mean) * (x - mean)
    variance = (0.25 + spread) / (t + 1)
  }

  /// The lower end now, at least `low`.
  package var lower: Double { low + (high - low) * max(0, bound(weighted, penalty)) }
  /// The upper end now, at most `high`.
  package var upper: Double {
    low + (high - low) * (1 - max(0, bound(weightedOther, penaltyOther)))
  }

  private func bound(_ weighted: Double, _ penalty: Double) -> Double {
    guard weights > 0 else { return 0 }
    return (weighted - Real.ln(2 / alpha) - penalty) / weights
  }
}

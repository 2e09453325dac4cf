// Between which returns the truth lies, at every look at once: the tests against eleven returns, inverted.
// Must never claim more than the grid: an end that no test excludes is open.

/// The two ends, percent; nil is open.
package struct ROIInterval: Sendable, Hashable {
  /// The largest return that was excluded from below.
  package var lower: Int?
  /// The smallest return that was excluded from above.
  package var upper: Int?

  /// An interval with those ends.
  package init(lower: Int?, upper: Int?) {
    self.lower = lower
    self.upper = upper
  }

  /// Whether nothing is known.
  package var isOpen: Bool { lower == nil && upper == nil }
}

/// The tests behind the interval.
package struct ROIGrid: Sendable, Hashable {
  /// The returns that are tested, percent. -100 % is trivial (k = 0): revenue cannot be below nothing.
  package static let returns = [-50, 0, 50, 100, 150, 200, 300, 400, 600, 1000]

  private static let noKill = [KillEvidence](repeating: KillEvidence(), count: returns.count)
  private static let noScale = [ScaleEvidence](repeating: ScaleEvidence(), count: returns.count)

  // All grids share the two arrays until their own first run: 1.6 KB a worker that reports nothing.
  private var kill = noKill
  private var scale = noScale

  /// Nothing seen.
  package init() {}

  /// Takes one evaluated run; amounts in USD. `costBound` nil: the first run only tells how large costs are.
  package mutating func take(
    cost: Double, revenue: Double, reserved: Double, maturation: Double, cap: Double,
    costBound: Double?
  ) {
    for (index, percent) in Self.returns.enumerated() {
      let factor = 1 + Double(percent) / 100
      kill[index].takeHighest(
        KillEvidence.growth(
          KillOutcome(
            cost: cost, revenue: revenue, factor: factor, maturation: maturation, cap: cap)))
      if let costBound {
        scale[index].takeHighest(
          ScaleOutcome(cost: cost, revenue: reserved, factor: factor, costBound: costBound))
      }
    }
  }

  /// The two-sided interval of level 1 - alpha.
  package func interval(alpha: Double) -> ROIInterval {
    let wanted = -Real.ln(alpha / 2)
    let lower = Self.returns.indices.last { scale[$0].course.lnHighest >= wanted }
    let upper = Self.returns.indices.first { kill[$0].course.lnHighest >= wanted }
    return ROIInterval(lower: lower.map { Self.returns[$0] }, upper: upper.map { Self.returns[$0] })
  }
}

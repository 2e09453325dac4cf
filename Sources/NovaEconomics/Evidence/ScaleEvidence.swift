// Evidence that a worker earns more than k times what it costs. Hypothesis: E[R | past] <= k E[C | past]. Only the
// cost of a run need be bounded; one run's gain is capped, so no single jackpot can speak alone.
// Must never see a run before it is evaluated, nor see it twice.

/// What a run is worth to the scale test: at least -1.
package struct ScaleOutcome: Sendable, Hashable {
  /// (R - k*C) / (k*Cmax).
  package let y: Double

  /// - Parameters:
  ///   - cost: what the run cost, USD, at most `costBound`.
  ///   - revenue: what it has brought by its evaluation, net of the refund reserve, USD.
  ///   - factor: k, 4 for "+300 %".
  ///   - costBound: Cmax, USD; known before the run.
  package init(cost: Double, revenue: Double, factor: Double, costBound: Double) {
    y = (revenue - factor * cost) / (factor * costBound)
  }
}

/// The betting mixture.
package struct ScaleEvidence: Sendable, Hashable {
  /// The six products.
  package private(set) var mixture = Mixture()
  /// Its value over time.
  package private(set) var course = Course()

  /// ln 20 / 3: at the usual level three winning runs are the least that can speak.
  package static let usualLnCap = 0.998_577_424_517_996_9

  /// Nothing seen.
  package init() {}

  /// Takes one evaluated run; `lnCap` bounds what it can add to each bet.
  package mutating func take(_ outcome: ScaleOutcome, lnCap: Double = usualLnCap) {
    mixture.lanes += Self.growth(outcome, lnCap: lnCap)
    course.take(mixture.lnValue(Self.lnShares))
  }

  mutating func takeHighest(_ outcome: ScaleOutcome) {
    mixture.lanes += Self.growth(outcome, lnCap: Self.usualLnCap)
    if mixture.lnBound(Self.lnShares) > course.lnHighest {
      course.take(mixture.lnValue(Self.lnShares))
    }
  }

  static func growth(_ outcome: ScaleOutcome, lnCap: Double) -> SIMD8<Double> {
    var growth = SIMD8<Double>(repeating: 0)
    for lane in 0..<6 {
      // A cost above its bound would make a factor negative; 1e-6 keeps the bet alive and nearly lost.
      let factor = max(1e-6 - 1, bets[lane] * outcome.y)
      growth[lane] = min(lnCap, Real.log1p(factor))
    }
    return growth
  }

  static let bets: [Double] = [0.4, 0.2, 0.1, 0.05, 0.025, 0.0125]
  static let lnShares = Mixture.lnShares([0.10, 0.20, 0.25, 0.25, 0.15, 0.05])
}

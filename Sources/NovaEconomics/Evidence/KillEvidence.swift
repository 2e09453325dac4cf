// Evidence that a worker earns less than k times what it costs. Hypothesis: E[R | past] >= k E[C | past].
// Revenue counts up to a cap: without one no number of saleless runs says anything of the mean.
// Must never see a run before it is evaluated, nor see it twice.

/// What a run is worth to the kill test: between -1 and k*cost/cap.
package struct KillOutcome: Sendable, Hashable {
  /// (k*G*C - clipped R) / B.
  package let z: Double

  /// - Parameters:
  ///   - cost: what the run cost, USD.
  ///   - revenue: what it has brought by its evaluation, USD; negative after a refund.
  ///   - factor: k, 1 for "pays for itself".
  ///   - maturation: G, the share of revenue that has arrived by then, at least; 0...1.
  ///   - cap: B, USD a run.
  package init(cost: Double, revenue: Double, factor: Double, maturation: Double, cap: Double) {
    z = (factor * maturation * cost - max(-cap, min(revenue, cap))) / cap
  }
}

/// The betting mixture without restarts.
package struct KillEvidence: Sendable, Hashable {
  /// The six products.
  package internal(set) var mixture = Mixture()
  /// Its value over time.
  package internal(set) var course = Course()

  /// Nothing seen.
  package init() {}

  /// Takes one evaluated run.
  package mutating func take(_ outcome: KillOutcome) { take(Self.growth(outcome)) }

  mutating func take(_ growth: SIMD8<Double>) {
    mixture.lanes += growth
    course.take(mixture.lnValue(Self.lnShares))
  }

  /// The same, when only the highest matters: the exact value is not computed where it cannot be a new one.
  mutating func takeHighest(_ growth: SIMD8<Double>) {
    mixture.lanes += growth
    if mixture.lnBound(Self.lnShares) > course.lnHighest {
      course.take(mixture.lnValue(Self.lnShares))
    }
  }

  /// ln(1 + g_j z) for each bet.
  static func growth(_ outcome: KillOutcome) -> SIMD8<Double> { growth(z: outcome.z) }

  /// The same for an outcome of at least -1.
  static func growth(z: Double) -> SIMD8<Double> {
    var growth = SIMD8<Double>(repeating: 0)
    for lane in 0..<6 { growth[lane] = Real.log1p(bets[lane] * z) }
    return growth
  }

  static let bets: [Double] = [0.9, 0.6, 0.4, 0.2, 0.1, 0.05]
  static let shares: [Double] = [0.40, 0.25, 0.15, 0.10, 0.06, 0.04]
  static let lnShares = Mixture.lnShares(shares)
}

/// The kill test with restarts: every 50 runs a fresh mixture is born, so that a worker that was good once and is
/// dead now is found. The level holds over an infinite horizon, since the birth weights 1/(s(s+1)) sum to 1.
package struct RestartingKillEvidence: Sendable, Hashable {
  /// One mixture and ln of its birth weight.
  package struct Part: Sendable, Hashable {
    package internal(set) var mixture = Mixture()
    package let lnWeight: Double
  }

  /// Living parts, oldest first; at most 64.
  package private(set) var parts: [Part] = []
  /// Its value over time.
  package private(set) var course = Course()
  /// Runs taken.
  package private(set) var runs = 0

  /// Runs between births.
  package static let period = 50
  /// More are never kept; dropping one only lowers the value.
  package static let mostParts = 64

  /// Nothing seen.
  package init() {}

  /// Takes one evaluated run.
  package mutating func take(_ outcome: KillOutcome) { take(KillEvidence.growth(outcome)) }

  mutating func take(_ growth: SIMD8<Double>) {
    if runs.isMultiple(of: Self.period) { beBorn() }
    runs += 1
    var value = -Double.infinity
    for index in parts.indices {
      parts[index].mixture.lanes += growth
      value = Real.lnSum(value, parts[index].lnValue)
    }
    course.take(value)
  }

  private mutating func beBorn() {
    if parts.count == Self.mostParts {
      let values = parts.map(\.lnValue)
      var least = 0
      for index in values.indices where values[index] < values[least] { least = index }
      parts.remove(at: least)
    }
    let s = Double(runs / Self.period + 1)
    parts.append(Part(lnWeight: -Real.ln(s * (s + 1))))
  }
}

extension RestartingKillEvidence.Part {
  var lnValue: Double { mixture.lnValue(KillEvidence.lnShares) + lnWeight }
}

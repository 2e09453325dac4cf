// Exact one-sided tests of a rate (success, crash), valid at every look: a uniform mixture of bets over the
// alternative, in closed form. Must never be asked for a rate of exactly 0 or 1.

/// Hits and misses so far, and what they say of the rate behind them.
package struct RateEvidence: Sendable, Hashable {
  /// How often it happened.
  package var hits: Int
  /// How often it did not.
  package var misses: Int

  /// That many of each.
  package init(hits: Int = 0, misses: Int = 0) {
    self.hits = hits
    self.misses = misses
  }

  /// The observed share; nil before the first trial.
  package var share: Double? {
    hits + misses == 0 ? nil : Double(hits) / Double(hits + misses)
  }

  /// ln E against "the rate is at most p": large when it is higher.
  ///
  /// E = B(s+1,f+1) P(Bin(s+f+1,p) <= s) / ((1-p) p^s (1-p)^f), where the tail is I_{1-p}(f+1, s+1).
  package func lnAbove(_ p: Double) -> Double {
    Self.lnMixture(hits: hits, misses: misses, p)
  }

  /// ln E against "the rate is at least p": large when it is lower. The same test with hits and misses exchanged.
  package func lnBelow(_ p: Double) -> Double {
    Self.lnMixture(hits: misses, misses: hits, 1 - p)
  }

  /// ln E of the Beta(1/2,1/2) mixture against "the rate is p".
  package func lnOff(_ p: Double) -> Double {
    let s = Double(hits)
    let f = Double(misses)
    return Beta.ln(s + 0.5, f + 0.5) - Beta.ln(0.5, 0.5) - s * Real.ln(p) - f * Real.ln(1 - p)
  }

  private static func lnMixture(hits: Int, misses: Int, _ p: Double) -> Double {
    let a = Double(misses) + 1
    let b = Double(hits) + 1
    let q = 1 - p
    if q <= (a + 1) / (a + b + 2) {
      // B, p^s and (1-p)^f cancel against the prefix of the incomplete beta function.
      return Real.ln(p * Beta.fraction(a, b, q) / a)
    }
    return Beta.ln(a, b) + Beta.lnLower(a, b, at: q, complement: p) - Double(hits) * Real.ln(p)
      - a * Real.ln(q)
  }
}

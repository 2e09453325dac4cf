// The logarithm of the gamma function, the regularised incomplete beta function and what follows from them: binomial
// tails and exact bounds of a share. Must never cancel: of two complementary tails the small one is computed.

/// The beta family.
package enum Beta {
  /// ln of the gamma function for x > 0, by Stirling's series above 10. Relative error about 1e-15 of the larger of
  /// the result and x.
  package static func lnGamma(_ x: Double) -> Double {
    precondition(x > 0, "the gamma function is asked for a positive number")
    var at = x
    var product = 1.0
    while at < 10 {
      product *= at
      at += 1
    }
    let inverse = 1 / at
    let square = inverse * inverse
    // Bernoulli numbers B2n / (2n (2n-1)).
    let series =
      inverse
      * (1.0 / 12
        + square
        * (-1.0 / 360
          + square
          * (1.0 / 1260
            + square
            * (-1.0 / 1680 + square * (1.0 / 1188 + square * (-691.0 / 360_360 + square / 156))))))
    let halfLnTwoPi = 0.918_938_533_204_672_741_78
    return (at - 0.5) * Real.ln(at) - at + halfLnTwoPi + series - Real.ln(product)
  }

  /// ln B(a, b).
  package static func ln(_ a: Double, _ b: Double) -> Double {
    lnGamma(a) + lnGamma(b) - lnGamma(a + b)
  }

  /// ln of I_x(a, b), the probability that a Beta(a, b) variable is at most x, with `complement` = 1 - x.
  package static func lnLower(_ a: Double, _ b: Double, at x: Double, complement: Double) -> Double
  {
    guard x > 0 else { return -.infinity }
    guard complement > 0 else { return 0 }
    if x <= (a + 1) / (a + b + 2) {
      return prefix(a, b, x, complement) + Real.ln(fraction(a, b, x) / a)
    }
    let upper = prefix(a, b, x, complement) + Real.ln(fraction(b, a, complement) / b)
    return Real.log1p(-Real.exp(min(0, upper)))
  }

  /// The value whose I is `probability`, by bisection to the last bit that matters (60 halvings).
  package static func quantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
    var low = 0.0
    var high = 1.0
    let target = Real.ln(probability)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if lnLower(a, b, at: middle, complement: 1 - middle) < target {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The upper end of the one-sided exact (Clopper-Pearson) interval of a share: `hits` of `trials` at `confidence`.
  package static func upperBound(hits: Int, of trials: Int, confidence: Double) -> Double {
    guard trials > 0, hits < trials else { return 1 }
    return quantile(confidence, Double(hits + 1), Double(trials - hits))
  }

  /// a ln x + b ln(1-x) - ln B(a, b).
  private static func prefix(_ a: Double, _ b: Double, _ x: Double, _ complement: Double) -> Double
  {
    a * Real.ln(x) + b * Real.ln(complement) - ln(a, b)
  }

  /// The continued fraction of I_x(a, b) by Lentz's method; converges in about sqrt(max(a, b)) terms on this side.
  static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var h = d
    for step in 1...100_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      h *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      let change = d * c
      h *= change
      if (change - 1).magnitude < 1e-16 { break }
    }
    return h
  }
}

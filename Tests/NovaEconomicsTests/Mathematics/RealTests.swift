// Our logarithm and exponential against the C library's, over the whole range; and identities no library is needed for.

import Glibc
import Testing

@testable import NovaEconomics

@Suite("Special functions")
struct RealTests {
  /// The distance of two doubles in units in the last place of the larger.
  static func ulps(_ a: Double, _ b: Double) -> Double {
    (a - b).magnitude / max(a.magnitude, b.magnitude).ulp
  }

  /// The library's, of the two that are imported under this name.
  static func lgamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return unsafe lgamma_r(x, &sign)
  }

  @Test("ln agrees with the C library within 2 ulp over the whole range")
  func logarithm() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let x = Double(bitPattern: random.next() & 0x7FFF_FFFF_FFFF_FFFF)
      guard x.isFinite, x > 0 else { continue }
      #expect(Self.ulps(Real.ln(x), Glibc.log(x)) <= 2, "ln \(x)")
    }
    for x in [1, 0.5, 2, 1.0000001, 0.9999999, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      #expect(Self.ulps(Real.ln(x), Glibc.log(x)) <= 2 || Real.ln(x) == Glibc.log(x), "ln \(x)")
    }
    #expect(Real.ln(0) == -.infinity)
    #expect(Real.ln(-1).isNaN)
    #expect(Real.ln(.infinity) == .infinity)
  }

  @Test("exp agrees with the C library within 2 ulp, and ends where doubles end")
  func exponential() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      let x = (random.uniform() - 0.5) * 1400
      #expect(Self.ulps(Real.exp(x), Glibc.exp(x)) <= 2 || Glibc.exp(x) < 1e-307, "exp \(x)")
    }
    #expect(Real.exp(0) == 1)
    #expect(Real.exp(800) == .infinity)
    #expect(Real.exp(-800) == 0)
    #expect(Real.exp(.nan).isNaN)
  }

  @Test("log1p and expm1 keep small arguments within 4 ulp")
  func small() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let x = (random.uniform() - 0.4) * Real.exp(-40 * random.uniform())
      #expect(Self.ulps(Real.log1p(x), Glibc.log1p(x)) <= 4, "log1p \(x)")
      let error = (Real.expm1(x) - Glibc.expm1(x)).magnitude
      #expect(error <= 1e-10 * x.magnitude, "expm1 \(x)")
    }
    #expect(Real.log1p(-1) == -.infinity)
    #expect(Real.log1p(-2).isNaN)
  }

  @Test("powers and sums of logarithms")
  func powers() {
    #expect((Real.power(8, 0.7) - Glibc.pow(8, 0.7)).magnitude < 1e-14)
    #expect(Real.power(0, 0.7) == 0)
    #expect((Real.lnSum(-1000, -1000) - (-1000 + Glibc.log(2))).magnitude < 1e-12)
    #expect(Real.lnSum(-.infinity, 3) == 3)
  }

  @Test("ln Gamma agrees with the C library")
  func gamma() {
    for x in [0.01, 0.5, 1, 1.5, 2, 3.7, 9.99, 10, 10.5, 55, 171, 1e4, 1e7] {
      let library = Self.lgamma(x)
      #expect(
        (Beta.lnGamma(x) - library).magnitude <= 2e-14 * max(1, library.magnitude), "lgamma \(x)")
    }
  }

  @Test("a binomial tail is the sum of its terms", arguments: [0.05, 0.2, 0.5, 0.8, 0.97])
  func tails(p: Double) {
    for n in [1, 5, 20, 200] {
      var sum = 0.0
      for s in 0..<n {
        let terms =
          Self.lgamma(Double(n + 1)) - Self.lgamma(Double(s + 1))
          - Self.lgamma(Double(n - s + 1))
        sum += Glibc.exp(terms + Double(s) * Glibc.log(p) + Double(n - s) * Glibc.log(1 - p))
        let tail = Beta.lnLower(Double(n - s), Double(s + 1), at: 1 - p, complement: p)
        #expect((Glibc.exp(tail) - sum).magnitude < 1e-12 * max(sum, 1e-3), "n \(n) s \(s)")
      }
    }
  }

  @Test("the exact upper bound of a share: its tail is what was asked for")
  func clopperPearson() {
    // Without a hit the bound is known in closed form: 1 - alpha^(1/n).
    #expect(
      (Beta.upperBound(hits: 0, of: 59, confidence: 0.95) - (1 - Glibc.pow(0.05, 1.0 / 59)))
        .magnitude < 1e-12)
    #expect(Beta.upperBound(hits: 7, of: 7, confidence: 0.95) == 1)
    let bound = Beta.upperBound(hits: 3, of: 40, confidence: 0.95)
    let tail = Beta.lnLower(37, 4, at: 1 - bound, complement: bound)
    #expect((Glibc.exp(tail) - 0.05).magnitude < 1e-9)
  }

  @Test("the seeded generator repeats itself and has the moments it should")
  func generator() {
    var first = SeededGenerator(seed: 7)
    var second = SeededGenerator(seed: 7)
    #expect((0..<100).allSatisfy { _ in first.next() == second.next() })
    var other = SeededGenerator(seed: 8)
    #expect(first.next() != other.next())
    var sums = (uniform: 0.0, exponential: 0.0, normal: 0.0, square: 0.0, gamma: 0.0)
    let n = 40_000
    for _ in 0..<n {
      sums.uniform += first.uniform()
      sums.exponential += first.exponential(mean: 3)
      let x = first.normal()
      sums.normal += x
      sums.square += x * x
      sums.gamma += first.gamma(shape: 2.5)
    }
    // Five standard errors of each mean.
    let root = Double(n).squareRoot()
    #expect((sums.uniform / Double(n) - 0.5).magnitude < 5 * 0.289 / root)
    #expect((sums.exponential / Double(n) - 3).magnitude < 5 * 3 / root)
    #expect((sums.normal / Double(n)).magnitude < 5 / root)
    #expect((sums.square / Double(n) - 1).magnitude < 5 * 1.42 / root)
    #expect((sums.gamma / Double(n) - 2.5).magnitude < 5 * 1.59 / root)
  }
}

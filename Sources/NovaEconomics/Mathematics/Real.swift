// Logarithm and exponential, which the standard library does not offer. Pure arithmetic of IEEE 754 doubles, so that a
// decision is recomputed to the same bytes on every machine: a C library's log may differ in the last bit between
// releases. The polynomials are those of FreeBSD's msun (e_log.c, e_exp.c). Must never read a rounding mode or a clock.

/// Elementary functions with an error below 2 units in the last place (`power`: of its exponent).
package enum Real {
  /// The natural logarithm; -inf at 0, NaN below.
  package static func ln(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x < .infinity else { return x }
    // A subnormal number is scaled up by 2^54 first.
    let small = x < Double.leastNormalMagnitude
    let bits = (small ? x * 0x1p54 : x).bitPattern
    var power = Int(bits >> 52) - 1023 - (small ? 54 : 0)
    var mantissa = Double(bitPattern: (bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000)
    if mantissa > 1.414_213_562_373_095_1 {
      mantissa *= 0.5
      power += 1
    }
    let f = mantissa - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even =
      w * (0.399_999_999_994_094_19 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73))
    let odd =
      z
      * (0.666_666_666_666_673_51
        + w
        * (0.285_714_287_436_623_91 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)))
    let half = 0.5 * f * f
    let k = Double(power)
    return k * ln2High - ((half - (s * (half + (even + odd)) + k * ln2Low)) - f)
  }

  /// e to the power x; 0 and inf beyond the range.
  package static func exp(_ x: Double) -> Double {
    guard x == x else { return x }
    guard x < 709.782712893384 else { return .infinity }
    guard x > -745.133219101941 else { return 0 }
    let k = (x * 1.442_695_040_888_963_4).rounded()
    let high = x - k * ln2High
    let low = k * ln2Low
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (0.166_666_666_666_666_02
        + t
        * (-0.002_777_777_777_701_559_3
          + t
          * (6.613_756_321_437_934e-05 + t
            * (-1.653_390_220_546_525_2e-06 + t * 4.138_136_797_057_238_5e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    return Double(sign: .plus, exponent: Int(k), significand: y)
  }

  /// ln(1 + x) without the loss of small x; -inf at -1, NaN below.
  package static func log1p(_ x: Double) -> Double {
    let u = 1 + x
    guard u != 1 else { return x }
    guard u > 0, u < .infinity else { return ln(u) }
    // What the addition lost, put back: d ln(u) = du/u.
    return ln(u) + (x - (u - 1)) / u
  }

  /// exp(x) - 1 without the loss of small x.
  package static func expm1(_ x: Double) -> Double {
    guard x.magnitude < 1e-5 else { return exp(x) - 1 }
    return x * (1 + x / 2 * (1 + x / 3))
  }

  /// base^exponent for a positive base; 0 for 0.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    base == 0 ? (exponent == 0 ? 1 : 0) : exp(exponent * ln(base))
  }

  /// ln(exp(a) + exp(b)).
  package static func lnSum(_ a: Double, _ b: Double) -> Double {
    let top = max(a, b)
    guard top > -.infinity else { return top }
    return top + log1p(exp(min(a, b) - top))
  }

  private static let ln2High = 6.931_471_803_691_238_164_90e-01
  private static let ln2Low = 1.908_214_929_270_587_700_02e-10
}

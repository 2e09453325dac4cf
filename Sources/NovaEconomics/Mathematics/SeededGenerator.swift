// A generator of our own for simulations: xoshiro256** (Blackman, Vigna), filled by SplitMix64. The same seed gives
// the same numbers on every machine and in every release. Must never be used for a secret.

/// Repeatable random numbers.
package struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
  private var a: UInt64
  private var b: UInt64
  private var c: UInt64
  private var d: UInt64

  /// A generator whose whole sequence follows from `seed`.
  package init(seed: UInt64) {
    var at = seed
    func filled() -> UInt64 {
      at &+= 0x9E37_79B9_7F4A_7C15
      var z = at
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    (a, b, c, d) = (filled(), filled(), filled(), filled())
  }

  /// 64 random bits.
  package mutating func next() -> UInt64 {
    let result = Self.rotated(b &* 5, 7) &* 9
    let t = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = Self.rotated(d, 45)
    return result
  }

  /// A number in 0 ..< 1, a multiple of 2^-53.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// True with that probability.
  package mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

  /// An exponential variable of that mean.
  package mutating func exponential(mean: Double) -> Double { -mean * Real.log1p(-uniform()) }

  /// A standard normal variable, by Marsaglia's polar method.
  package mutating func normal() -> Double {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let s = x * x + y * y
      if s > 0, s < 1 { return x * (-2 * Real.ln(s) / s).squareRoot() }
    }
  }

  /// A gamma variable of that shape (at least 1/2) and mean shape, by Marsaglia and Tsang's method.
  package mutating func gamma(shape: Double) -> Double {
    if shape < 1 { return gamma(shape: shape + 1) * Real.power(1 - uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      if Real.ln(1 - uniform()) < 0.5 * x * x + d - d * cube + d * Real.ln(cube) { return d * cube }
    }
  }

  private static func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { (x << by) | (x >> (64 - by)) }
}

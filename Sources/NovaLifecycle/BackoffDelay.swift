// How long to wait before the next try: delay * factor^step, at most max, plus jitter that never exceeds max.
// Integers only. Must never draw from any other generator than the one handed in.

package import NovaModel

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same on every machine.
package struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64
  /// The same seed gives the same numbers.
  package init(seed: UInt64) { state = seed }
  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension WorkerSpec.Backoff {
  /// The delay of the `step`th restart in a row (0 is the first), without jitter; never above `max`.
  package func base(step: Int) -> Span {
    var value = Swift.max(0, delay.nanoseconds)
    let cap = Swift.max(0, max.nanoseconds)
    // 64 doublings exceed any Int64, so further steps change nothing.
    for _ in 0..<Swift.min(Swift.max(0, step), 64) where value < cap {
      let (product, over) = value.multipliedReportingOverflow(by: Swift.max(1000, factorMilli))
      value = over ? cap : product / 1000
    }
    return Span(nanoseconds: Swift.min(value, cap))
  }

  /// The same with 0 to `jitterPercent` of it added; never above `max`.
  package func delay(step: Int, random: inout SplitMix64) -> Span {
    let base = base(step: step).nanoseconds
    let widest = base / 100 * Int64(Swift.min(Swift.max(0, jitterPercent), 100))
    guard widest > 0 else { return Span(nanoseconds: base) }
    let jitter = Int64(random.next().multipliedFullWidth(by: UInt64(widest) + 1).high)
    return Swift.min(Span(nanoseconds: base) + Span(nanoseconds: jitter), max)
  }

  /// A life longer than this ends the row of restarts: the longest delay, and 10 s where that is shorter, so that a
  /// tiny `max` does not call a 100 ms life a success.
  package var resetsAfter: Span { Swift.max(max, .seconds(10)) }
}

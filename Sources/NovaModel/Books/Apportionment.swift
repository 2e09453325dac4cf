// Dividing an amount so that the parts make the whole again: largest remainder, ties to the earlier part.
// Must never pass through a floating-point number, and never lose or make a micro-USD.

/// Divides amounts by weights.
package enum Apportionment {
  /// Parts of `total` in proportion to `weights` (none negative); they sum up to it exactly. Without any weight the
  /// first part gets all; no parts for no weights.
  package static func split(_ total: Int64, by weights: [Int64]) -> [Int64] {
    guard !weights.isEmpty else { return [] }
    let sum = weights.reduce(Int128(0)) { $0 + Int128(max(0, $1)) }
    guard sum > 0 else { return [total] + [Int64](repeating: 0, count: weights.count - 1) }
    let magnitude = Int128(total.magnitude)
    var parts: [Int128] = []
    var rests: [(rest: Int128, index: Int)] = []
    var given: Int128 = 0
    for (index, weight) in weights.enumerated() {
      let (quotient, rest) = (magnitude * Int128(max(0, weight))).quotientAndRemainder(
        dividingBy: sum)
      parts.append(quotient)
      rests.append((rest, index))
      given += quotient
    }
    // Fewer are missing than there are parts with a remainder.
    rests.sort { $0.rest != $1.rest ? $0.rest > $1.rest : $0.index < $1.index }
    for place in 0..<Int(magnitude - given) { parts[rests[place].index] += 1 }
    return parts.map { total < 0 ? Int64(-$0) : Int64($0) }
  }

  /// Weights as millionths that sum up to 1,000,000.
  package static func ppm(_ weights: [Int64]) -> [Int64] { split(1_000_000, by: weights) }
}

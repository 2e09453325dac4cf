// Percentages as people write them: `150%`, or the bare number where the schema says percent.
// Must never pass through a floating-point number.

/// The text form of a whole percentage.
package enum PercentText {
  /// Reads `150%` or `150`, with a minus sign where money may be lost. Nil beyond one million.
  package static func parse(_ text: String) -> Int? {
    var digits = text[...]
    if digits.hasSuffix("%") { digits = digits.dropLast() }
    let negative = digits.hasPrefix("-")
    if negative { digits = digits.dropFirst() }
    guard let value = Digits.whole(digits), value <= 1_000_000 else { return nil }
    return negative ? -Int(value) : Int(value)
  }

  /// Writes `150%`.
  package static func print(_ percent: Int) -> String { "\(percent)%" }
}

// Durations as people write them: `500ms 10s 5m 24h 7d`, `1h30m`. Parsing and printing are inverse.
// Must never guess a unit: a bare number other than 0 is not a duration.

package import NovaModel

/// The text form of a `Span`.
package enum DurationText {
  private static let units: [(suffix: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]

  /// Reads a duration: whole numbers with units from days down, each unit at most once, or `0`.
  /// Nil for anything else and for more than 292 years.
  package static func parse(_ text: String) -> Span? {
    let bytes = Array(text.utf8)
    if bytes == [UInt8(ascii: "0")] { return .zero }
    guard !bytes.isEmpty, bytes.count <= 64 else { return nil }
    var total: Int64 = 0
    var nextUnit = 0
    var index = 0
    while index < bytes.count {
      guard let number = Digits.take(bytes, &index) else { return nil }
      let start = index
      while index < bytes.count, !Digits.isDigit(bytes[index]) { index += 1 }
      let suffix = String(decoding: bytes[start..<index], as: UTF8.self)
      guard let unit = units[nextUnit...].firstIndex(where: { $0.suffix == suffix }) else {
        return nil
      }
      nextUnit = unit + 1
      let (part, over) = number.multipliedReportingOverflow(by: units[unit].nanoseconds)
      let (sum, more) = total.addingReportingOverflow(part)
      guard !over, !more else { return nil }
      total = sum
    }
    return Span(nanoseconds: total)
  }

  /// Writes a span exactly: `3m12s`, `1s500ms`, `0s`; a minus sign before a negative one.
  package static func print(_ span: Span) -> String {
    var rest = span.nanoseconds.magnitude
    guard rest > 0 else { return "0s" }
    var text = span.nanoseconds < 0 ? "-" : ""
    for unit in units {
      let count = rest / UInt64(unit.nanoseconds)
      guard count > 0 else { continue }
      text += String(count) + unit.suffix
      rest -= count * UInt64(unit.nanoseconds)
    }
    return text
  }
}

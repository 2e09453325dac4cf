// Numbers as people read them: sizes, times, shares, money. Must never show an unknown value as a number.

import NovaModel

/// The forms of table cells; nil is `?`.
enum Format {
  /// `3d4h`, `5h12m`, `3m12s`, `12s`: two units, so it never needs more than six columns.
  static func duration(seconds: Int64?) -> String {
    guard let seconds else { return "?" }
    let s = max(0, seconds)
    if s >= 86_400 { return "\(s / 86_400)d\(s % 86_400 / 3600)h" }
    if s >= 3600 { return "\(s / 3600)h\(s % 3600 / 60)m" }
    if s >= 60 { return "\(s / 60)m\(s % 60)s" }
    return "\(s)s"
  }

  /// `57.9M`: powers of 1024, one decimal below 100.
  static func bytes(_ bytes: UInt64?) -> String {
    guard let bytes else { return "?" }
    if bytes < 1024 { return "\(bytes)B" }
    var tenths = bytes > UInt64.max / 10 ? UInt64.max : bytes * 10
    for unit in ["K", "M", "G", "T", "P"] {
      tenths = tenths / 1024
      if tenths < 10_240 || unit == "P" {
        return tenths < 1000 ? "\(tenths / 10).\(tenths % 10)\(unit)" : "\(tenths / 10)\(unit)"
      }
    }
    return "?"
  }

  /// `12.3`: one decimal.
  static func percent(_ value: Double?) -> String {
    guard let value, value.isFinite, value.magnitude < 1e12 else { return "?" }
    let tenths = Int64((value * 10).rounded())
    return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// Decimal USD to `$0.0531`: four places, as an hour of one CPU is $0.0316; below a cent all six, because an idle
  /// worker's $0.000007 an hour is not nothing.
  static func dollars(_ decimal: String?) -> String {
    guard let decimal, let money = Money(decimal: decimal) else { return "?" }
    let sign = money.microUSD < 0 ? "-$" : "$"
    let magnitude = money.microUSD.magnitude
    if magnitude > 0, magnitude < 10_000 {
      let fraction = String(magnitude)
      return sign + "0." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
    // Half a unit of the fourth place; the sum stays in range for every amount that parses from JSON.
    let scaled = (magnitude / 10 + 5) / 10
    let fraction = String(scaled % 10_000)
    return sign + "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count)
      + fraction
  }

  /// Decimal USD for a sentence: `$12.50` from a dollar up and `$0.00` for nothing, else as `dollars`.
  static func amount(_ decimal: String?) -> String {
    guard let decimal, let money = Money(decimal: decimal),
      money.microUSD == 0 || money.microUSD.magnitude >= 1_000_000
    else { return dollars(decimal) }
    let cents = (money.microUSD.magnitude / 1000 + 5) / 10
    let rest = cents % 100
    return "\(money.microUSD < 0 ? "-$" : "$")\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A count.
  static func count(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "?" }

  /// `1 worker`, `2 workers`.
  static func plural(_ count: Int, _ noun: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : many ?? noun + "s")"
  }
}

// Metrics as text: the Prometheus format 0.0.4 or OpenMetrics 1.0, appended to bytes.
// Must never write a value that is not known: an absent sample is left out, and a float is never computed.

package import NovaModel

/// All series of one name.
package struct MetricFamily: Sendable {
  /// As it is written, with its unit; bytes that a name cannot hold become underscores.
  package var name: String
  /// One sentence for people.
  package var help: String
  /// What the numbers mean.
  package var kind: Kind
  /// The series.
  package var samples: [Sample]
  /// Series that are text already, in the order in which they came.
  private(set) var lines: [UInt8] = []

  /// What the numbers mean to Prometheus.
  package enum Kind: String, Sendable, Hashable { case counter, gauge }

  /// One series.
  package struct Sample: Sendable {
    /// In the order in which they are written.
    package var labels: [(name: String, value: String)]
    /// Its number now.
    package var value: MetricValue
    /// A series by its labels.
    package init(_ labels: [(name: String, value: String)] = [], _ value: MetricValue) {
      self.labels = labels
      self.value = value
    }
  }

  /// A family, by its name in base units (`_seconds`, `_bytes`, `_usd`, counters `_total`).
  package init(_ name: String, _ kind: Kind, help: String, _ samples: [Sample] = []) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// Adds a series if its value is known.
  package mutating func add(_ labels: [(name: String, value: String)] = [], _ value: MetricValue?) {
    if let value { samples.append(Sample(labels, value)) }
  }

  /// Adds a series as text if its value is known: of ten thousand nobody holds the parts. The labels must differ from all others.
  package mutating func write(_ labels: MetricLabels, _ value: MetricValue?) {
    guard let value else { return }
    lines.append(contentsOf: name.utf8)
    lines.append(contentsOf: labels.text.utf8)
    lines.append(0x20)
    lines.append(contentsOf: value.text.utf8)
    lines.append(0x0A)
  }
}

/// Labels as they are written, made once for all families that have a series with them.
package struct MetricLabels: Sendable {
  let text: String
  /// In the order in which they are written.
  package init(_ labels: [(name: String, value: String)]) {
    text = MetricsWriter.labelText(labels)
  }
}

/// A number as exact decimal text.
package struct MetricValue: Sendable, Hashable {
  let text: String

  /// A whole number.
  package static func integer(_ value: some FixedWidthInteger) -> MetricValue {
    MetricValue(text: String(value))
  }

  /// 1 or 0.
  package static func flag(_ value: Bool) -> MetricValue { MetricValue(text: value ? "1" : "0") }

  /// Microseconds, shown in seconds.
  package static func microseconds(_ value: UInt64) -> MetricValue { scaled(value, places: 6) }

  /// An amount in USD with six decimals.
  package static func money(_ value: Money) -> MetricValue { MetricValue(text: value.decimal) }

  /// A length of time, shown in seconds with nine decimals.
  package static func seconds(_ value: Span) -> MetricValue { scaled(value.nanoseconds, places: 9) }

  /// `value / 10^places`, exactly; for percentages as ratios and the like.
  package static func scaled(_ value: some FixedWidthInteger, places: Int) -> MetricValue {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
    let sign = value < 0 ? "-" : ""
    guard places > 0 else { return MetricValue(text: sign + padded) }
    return MetricValue(text: sign + padded.dropLast(places) + "." + padded.suffix(places))
  }

  /// Undefined, as a ratio whose divisor is zero.
  package static let notANumber = MetricValue(text: "NaN")
}

/// Writes families.
package enum MetricsWriter {
  /// Appends the families, sorted by name, their series sorted by labels, then those that are text already. A family without samples is left out;
  /// of two series with the same labels, or two families of one name, the first is written.
  package static func write(
    _ families: [MetricFamily], as format: MetricsFormat = .prometheus, to bytes: inout [UInt8]
  ) {
    var written: Set<String> = []
    for (name, family) in families.map({ (safe($0.name, colon: true), $0) })
      .sorted(by: { $0.0 < $1.0 })
    where !(family.samples.isEmpty && family.lines.isEmpty) && written.insert(name).inserted {
      head(name, family, format, to: &bytes)
      var last: String?
      for (labels, value) in family.samples.map({ (labelText($0.labels), $0.value) })
        .sorted(by: { $0.0 < $1.0 }) where labels != last
      {
        append("\(name)\(labels) \(value.text)\n", to: &bytes)
        last = labels
      }
      bytes.append(contentsOf: family.lines)
    }
    if format == .openMetrics { append("# EOF\n", to: &bytes) }
  }

  /// OpenMetrics names a counter's family without `_total`, wants its unit, and escapes quotes in help too.
  private static func head(
    _ name: String, _ family: MetricFamily, _ format: MetricsFormat, to bytes: inout [UInt8]
  ) {
    guard format == .openMetrics else {
      append("# HELP \(name) \(escaped(family.help, quotes: false))\n", to: &bytes)
      return append("# TYPE \(name) \(family.kind.rawValue)\n", to: &bytes)
    }
    let isCounter = family.kind == .counter && name.hasSuffix("_total")
    let bare = isCounter ? String(name.dropLast(6)) : name
    append(
      "# TYPE \(bare) \(isCounter || family.kind == .gauge ? family.kind.rawValue : "unknown")\n",
      to: &bytes)
    if let unit = ["seconds", "bytes", "usd", "ratio"].first(where: { bare.hasSuffix("_" + $0) }) {
      append("# UNIT \(bare) \(unit)\n", to: &bytes)
    }
    append("# HELP \(bare) \(escaped(family.help, quotes: true))\n", to: &bytes)
  }

  static func labelText(_ labels: [(name: String, value: String)]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{"
      + labels.map { "\(safe($0.name, colon: false))=\"\(escaped($0.value, quotes: true))\"" }
      .joined(separator: ",") + "}"
  }

  /// The exposition format escapes backslash and newline everywhere and the quote in label values.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): result += Array("\\\\".utf8)
      case UInt8(ascii: "\n"): result += Array("\\n".utf8)
      case UInt8(ascii: "\"") where quotes: result += Array("\\\"".utf8)
      default: result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A name with every byte outside `[a-zA-Z0-9_]` as an underscore: one bad name must not fail the whole scrape.
  private static func safe(_ name: String, colon: Bool) -> String {
    var result: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        result.append(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9") where !result.isEmpty: result.append(byte)
      case UInt8(ascii: ":") where colon: result.append(byte)
      default: result.append(UInt8(ascii: "_"))
      }
    }
    return result.isEmpty ? "_" : String(decoding: result, as: UTF8.self)
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: text.utf8)
  }
}

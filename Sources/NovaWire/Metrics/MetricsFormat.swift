// The two forms of a metrics page and which of them a client wants. Must never answer OpenMetrics to who did not ask
// for it: it has no content type that anything else reads.

/// How metrics are written.
package enum MetricsFormat: Sendable, Hashable {
  /// The Prometheus text exposition format 0.0.4.
  case prometheus
  /// OpenMetrics 1.0.
  case openMetrics

  /// The header of an answer. Since Prometheus 3 a scrape without it fails.
  package var contentType: String {
    switch self {
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// What an `Accept` header prefers (RFC 9110, 12.5.1); OpenMetrics only when it is named.
  package init(accept: String?) {
    var open = 0, text = 0
    for part in (accept ?? "").lowercased().split(separator: ",") {
      let fields = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let type = fields.first else { continue }
      let quality = MetricsFormat.quality(fields.dropFirst())
      switch type {
      case "application/openmetrics-text":
        let version = fields.first { $0.hasPrefix("version=") }?.dropFirst(8)
        guard version == nil || version == "1.0.0" else { continue }
        open = max(open, quality)
      case "text/plain": text = max(text, quality)
      default: continue
      }
    }
    self = open > 0 && open >= text ? .openMetrics : .prometheus
  }

  /// `q=0.75` as 750; 1000 without it, 0 for what is none.
  private static func quality(_ fields: ArraySlice<String>) -> Int {
    guard let text = fields.first(where: { $0.hasPrefix("q=") })?.dropFirst(2) else { return 1000 }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ Int($0) }), (0...1).contains(whole) else { return 0 }
    guard parts.count == 2 else { return whole * 1000 }
    let digits = parts[1].prefix(3)
    guard let fraction = Int(digits.isEmpty ? "0" : digits) else { return 0 }
    return min(1000, whole * 1000 + fraction * [1000, 100, 10, 1][digits.count])
  }
}

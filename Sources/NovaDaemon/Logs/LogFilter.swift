// Which lines of output are wanted: how many, from when to when, of which stream, matching what.
// Must never cost more than PCRE2's match limit a line.

import NovaLinux
import NovaModel
import NovaWire

/// A page of logs as it was asked for.
struct LogFilter {
  let lines: Int
  var since: WallTime?
  var until: WallTime?
  let stream: OutputStream?
  let pattern: LinePattern?

  init(_ query: LogsQuery) throws(APIError) {
    lines = query.lines ?? 50
    since = try Self.time(query.since, "since")
    until = try Self.time(query.until, "until")
    stream = query.stream.flatMap(OutputStream.init)
    guard let text = query.grep else {
      pattern = nil
      return
    }
    do {
      pattern = try LinePattern(text)
    } catch {
      throw APIError(.badRequest, "grep: \(error.message)", field: "grep")
    }
  }

  private static func time(_ text: String?, _ field: String) throws(APIError) -> WallTime? {
    guard let text else { return nil }
    guard let time = WallTime(rfc3339: text) else {
      throw APIError(
        .badRequest, "\(field) must be a time such as 2026-01-31T12:00:00Z", field: field)
    }
    return time
  }

  /// Whether lines of that stream are wanted.
  func takes(_ candidate: OutputStream) -> Bool { stream == nil || stream == candidate }

  /// Whether a line is wanted; `at` nil where the driver keeps no time.
  func takes(_ line: [UInt8], at: WallTime?) -> Bool {
    if let at, let since, at < since { return false }
    if let at, let until, at > until { return false }
    return pattern.map { $0.look(at: line[...]) == .matches } ?? true
  }
}

// Which headers of a call go on to the provider, and which of its answer come back. Must never pass the worker's own key on, nor
// the provider's key back.

import NovaModel
import NovaWire

/// The rules of headers.
enum CallHeaders {
  /// What belongs to one connection (RFC 9110, 7.6.1), says who the worker is, or is made anew.
  private static let kept: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te",
    "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect", "authorization",
    "x-api-key", "api-key", "cookie", "accept-encoding", "forwarded", "via", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
  ]

  /// What of an answer is made anew or is nobody's business here.
  private static let dropped: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "content-length", "content-encoding", "content-type",
    "set-cookie", "alt-svc", "strict-transport-security", "date", "server",
  ]

  /// The lines of the request to the provider.
  static func request(
    _ headers: [(name: String, value: String)], _ provider: GatewayProvider, key: String
  ) -> [String] {
    var lines = headers.filter {
      let name = $0.name.lowercased()
      return !kept.contains(name) && !name.hasPrefix("x-nova-") && isHeader($0.name, $0.value)
    }.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    switch provider.kind {
    case .anthropic:
      lines.append("x-api-key: \(key)")
      if !headers.contains(where: { $0.name.lowercased() == "anthropic-version" }) {
        lines.append("anthropic-version: 2023-06-01")
      }
    case .openai: lines.append("Authorization: Bearer \(key)")
    }
    // curl would wait for 100 Continue before a long body, and ask for nothing that we could not read.
    return lines + ["Expect:", "Accept-Encoding: identity"]
  }

  /// The headers of the answer to the worker.
  static func answer(_ headers: [(name: String, value: String)], without key: String)
    -> [(String, String)]
  {
    headers.filter {
      !dropped.contains($0.name) && isHeader($0.name, $0.value) && !$0.value.contains(key)
    }.map { ($0.name, $0.value) }
  }

  /// A line that says two things is none.
  private static func isHeader(_ name: String, _ value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }

  /// The first value of that name.
  static func value(_ name: String, _ headers: [(name: String, value: String)]) -> String? {
    headers.first { $0.name.lowercased() == name }?.value
  }

  /// How long an answer asks to wait: `retry-after-ms`, else `Retry-After` in seconds; dates are not read here.
  static func rest(_ headers: [(name: String, value: String)]) -> Span? {
    if let text = value("retry-after-ms", headers), let wait = Int64(text), wait >= 0 {
      return .milliseconds(min(wait, 3_600_000))
    }
    if let text = value("retry-after", headers) {
      let whole = text.prefix { $0.isNumber }
      if let wait = Int64(whole), wait >= 0, whole.count == text.count || text.contains(".") {
        return .seconds(min(wait, 3_600))
      }
    }
    return nil
  }

  /// A body without the provider's key: some providers repeat a part of it when it is wrong.
  static func scrubbed(_ body: [UInt8], of key: String) -> [UInt8] {
    let word = Array(key.utf8)
    guard word.count >= 8 else { return body }
    var out: [UInt8] = []
    var rest = body[...]
    while let at = ByteSearch.first(key, in: rest) {
      out += rest[..<at]
      out += "[redacted]".utf8
      rest = rest[(at + word.count)...]
    }
    return out.isEmpty ? body : out + rest
  }
}

// `If-Match` (RFC 9110, 13.1.1): what a client has seen and wants to change as it was. Must never match by chance: tags
// are compared strongly, so a weak one matches nothing.

/// The condition of a request.
package enum EntityTags: Sendable, Hashable {
  /// `*`: whatever is there now.
  case any
  /// One of these, each with its quotes; weak ones have been left out.
  case list([String])

  /// Reads the header; nil when it is malformed.
  package init?(_ header: String) {
    let bytes = Array(header.utf8)
    if header == "*" {
      self = .any
      return
    }
    var strong: [String] = []
    var count = 0
    var at = 0
    func skipBlanks() {
      while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    }
    while true {
      skipBlanks()
      // An element of a list may be empty (RFC 9110, 5.6.1.2).
      if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      guard at < bytes.count else { break }
      let isWeak = bytes[at...].starts(with: "W/".utf8)
      if isWeak { at += 2 }
      let start = at
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
      at += 1
      while at < bytes.count, bytes[at] == 0x21 || bytes[at] >= 0x23 && bytes[at] != 0x7F {
        at += 1
      }
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
      at += 1
      count += 1
      if !isWeak { strong.append(String(decoding: bytes[start..<at], as: UTF8.self)) }
      skipBlanks()
      guard at == bytes.count || bytes[at] == UInt8(ascii: ",") else { return nil }
    }
    guard count > 0 else { return nil }
    self = .list(strong)
  }

  /// Whether what is there now, whose tag is `tag`, is what the client has seen.
  package func match(_ tag: String) -> Bool {
    switch self {
    case .any: true
    case .list(let tags): tags.contains(tag)
    }
  }
}

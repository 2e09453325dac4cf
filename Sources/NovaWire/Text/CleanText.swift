// Other people's text made safe to show: workers and callers choose it, terminals and logs must survive it.
// Must never let a control character through: an escape sequence in a status could rewrite the screen.

/// Text that can be shown.
package enum CleanText {
  /// `text` with each control character, line separator and direction override replaced by U+FFFD and each
  /// tab by a space: one line that a terminal prints as it is.
  package static func forTerminal(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(isPlain) else { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      clean.append(scalar == "\t" ? " " : isPlain(scalar) ? scalar : "\u{FFFD}")
    }
    return String(clean)
  }

  /// The same from bytes: invalid UTF-8 is repaired and the result is cut at `limit` bytes, between characters.
  package static func forTerminal(_ bytes: some Collection<UInt8>, limit: Int) -> String {
    // Repair can only lengthen, so nothing beyond the limit is ever needed.
    let clean = forTerminal(String(decoding: bytes.prefix(limit), as: UTF8.self))
    guard clean.utf8.count > limit else { return clean }
    var cut = String.UnicodeScalarView()
    var room = limit
    for scalar in clean.unicodeScalars {
      room -= UTF8.width(scalar)
      guard room >= 0 else { break }
      cut.append(scalar)
    }
    return String(cut)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F: false
    // LINE SEPARATOR, PARAGRAPH SEPARATOR, and the embeddings, overrides and isolates of bidirectional text.
    case 0x2028...0x202E, 0x2066...0x2069: false
    default: true
    }
  }
}

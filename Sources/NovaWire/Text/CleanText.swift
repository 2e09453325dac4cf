// Other people's text made safe to show: workers and callers choose it, terminals and logs must survive it.
// Must never let a control character through: an escape sequence in a status could rewrite the screen.

/// Text that can be shown.
package enum CleanText {
  /// `text` as one line that a terminal prints as it is: colour sequences are dropped, a tab is a blank, and every
  /// other control character, line separator, direction mark or invisible one is shown as `\x1b` or `\u{202e}`.
  package static func forTerminal(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
    var out = ""
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.value == 0x1B, let end = colourEnd(scalars, index) {
        index = end
        continue
      }
      index += 1
      switch scalar.value {
      case 0x09: out += " "
      case 0x00..<0x20, 0x7F..<0xA0:
        let digits = String(scalar.value, radix: 16)
        out += "\\x" + (digits.count < 2 ? "0" : "") + digits
      // Bidirectional marks, embeddings, overrides and isolates; line and paragraph separators; BOM.
      case 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
        out += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// The same from bytes: invalid UTF-8 is repaired and the result is cut at `limit` bytes, between characters.
  package static func forTerminal(_ bytes: some Collection<UInt8>, limit: Int) -> String {
    // Repair and visible escapes only lengthen; dropped colours may leave it shorter than it could be.
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

  /// The index after `ESC [ digits ; … m`; nil when it is another sequence.
  private static func colourEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start + 1 < scalars.count, scalars[start + 1] == "[" else { return nil }
    var index = start + 2
    while index < scalars.count, ("0"..."9").contains(scalars[index]) || scalars[index] == ";" {
      index += 1
    }
    return index < scalars.count && scalars[index] == "m" ? index + 1 : nil
  }
}

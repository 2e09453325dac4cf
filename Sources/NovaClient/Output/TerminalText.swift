// Text from workers made fit for a terminal. Must never let an escape sequence, a bidirectional override or a
// newline through: a worker's log line must not be able to paint, hide or forge another.

/// Cleaning and measuring of text.
package enum TerminalText {
  /// One line without control characters: colour sequences are dropped, tabs are blanks, all else is
  /// shown as `\x1b` or `\u{202e}`.
  package static func line(_ text: String) -> String {
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

  /// The index after `ESC [ digits ; … m`; nil when it is another sequence.
  private static func colourEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start + 1 < scalars.count, scalars[start + 1] == "[" else { return nil }
    var index = start + 2
    while index < scalars.count, ("0"..."9").contains(scalars[index]) || scalars[index] == ";" {
      index += 1
    }
    return index < scalars.count && scalars[index] == "m" ? index + 1 : nil
  }

  /// Columns on a terminal: East Asian wide characters and emoji are two, combining marks none.
  package static func width(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  /// At most `columns` wide, the last one an ellipsis when something was cut.
  package static func cut(_ text: String, columns: Int) -> String {
    guard width(text) > columns else { return text }
    var out = ""
    var used = 0
    for scalar in text.unicodeScalars {
      let next = width(scalar)
      if used + next > columns - 1 { break }
      out.unicodeScalars.append(scalar)
      used += next
    }
    return columns > 0 ? out + "…" : ""
  }
}

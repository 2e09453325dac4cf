// How wide text is on a terminal. Must never be given text that was not cleaned: an escape sequence has no width.

/// Measuring and cutting of cleaned text.
package enum TerminalText {
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

// Comma-separated values (RFC 4180), both ways. Must never lose a comma, a quote or a line break inside a field.

/// Reads and writes CSV.
package enum CSVText {
  /// One line with its CRLF-free end; fields are quoted where they need it.
  ///
  /// A field that a spreadsheet would take for a formula is given a leading apostrophe.
  package static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",")
  }

  private static func field(_ text: String) -> String {
    var text = text
    // `=`, `@`, and signs before anything but a number: a cell that runs when the file is opened (OWASP, CSV injection).
    if let first = text.utf8.first,
      first == UInt8(ascii: "=") || first == UInt8(ascii: "@")
        || ((first == UInt8(ascii: "+") || first == UInt8(ascii: "-")) && !isNumber(text))
    {
      text = "'" + text
    }
    let needsQuotes = text.utf8.contains {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
    }
    guard needsQuotes else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static func isNumber(_ text: String) -> Bool {
    text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
  }

  /// The rows of a text; nil when a quote is not closed or stands inside an unquoted field.
  package static func rows(_ bytes: [UInt8]) -> [[String]]? {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var quoted = false
    var wasQuoted = false
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func end(_ row: inout [String]) {
      row.append(String(decoding: field, as: UTF8.self))
      field = []
      wasQuoted = false
    }
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if quoted {
        guard byte == UInt8(ascii: "\"") else {
          field.append(byte)
          continue
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
          field.append(byte)
          index += 1
        } else {
          quoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        guard field.isEmpty, !wasQuoted else { return nil }
        quoted = true
        wasQuoted = true
      case UInt8(ascii: ","): end(&row)
      case 13 where index < bytes.count && bytes[index] == 10: continue
      case 10:
        end(&row)
        if row != [""] { rows.append(row) }
        row = []
      default:
        guard !wasQuoted else { return nil }
        field.append(byte)
      }
    }
    guard !quoted else { return nil }
    if !field.isEmpty || !row.isEmpty || wasQuoted {
      end(&row)
      rows.append(row)
    }
    return rows
  }
}

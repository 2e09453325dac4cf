// JSON as a value that keeps the order of its keys, and its text. Must never write a number that JSON
// does not have: what is not finite becomes null, because absent is not zero.

/// One JSON value (RFC 8259). Objects keep the order in which their members were written.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number as it is written, so that no digit of a 64-bit counter is lost.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One member of an object.
  package struct Member: Sendable, Hashable {
    package var key: String
    package var value: JSONValue
    /// Pairs a key with its value.
    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// A whole number.
  package static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  /// A number, or null when it is not finite.
  package static func real(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    // By its text: rounding a Double would need libm, which this room does not link.
    let text = "\(value)"
    return .number(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  /// The value of a member; nil when this is no object or has no such member.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text of a string value.
  package var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The elements of an array value.
  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The JSON text; `pretty` indents by two spaces and puts one member on a line.
  package func bytes(pretty: Bool = false) -> [UInt8] {
    var out: [UInt8] = []
    write(to: &out, indent: pretty ? 0 : nil)
    return out
  }

  /// Appends the JSON text to `out`.
  package func write(to out: inout [UInt8], indent: Int? = nil) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .number(let text): out += text.utf8
    case .string(let text): Self.write(text, to: &out)
    case .array(let values):
      Self.enclose("[", "]", values, to: &out, indent) { value, out, inner in
        value.write(to: &out, indent: inner)
      }
    case .object(let members):
      Self.enclose("{", "}", members, to: &out, indent) { member, out, inner in
        Self.write(member.key, to: &out)
        out.append(UInt8(ascii: ":"))
        if inner != nil { out.append(UInt8(ascii: " ")) }
        member.value.write(to: &out, indent: inner)
      }
    }
  }

  private static func enclose<Item>(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ items: [Item], to out: inout [UInt8],
    _ indent: Int?, _ body: (Item, inout [UInt8], Int?) -> Void
  ) {
    out.append(UInt8(ascii: open))
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      newline(&out, inner)
      body(item, &out, inner)
    }
    if !items.isEmpty { newline(&out, indent) }
    out.append(UInt8(ascii: close))
  }

  private static func newline(_ out: inout [UInt8], _ indent: Int?) {
    guard let indent else { return }
    out.append(UInt8(ascii: "\n"))
    out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
  }

  private static let hex = Array("0123456789abcdef".utf8)

  /// Appends a quoted string; control characters and DEL are escaped, so a line of JSON is one line.
  package static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    // Most text needs no escape and is one copy.
    let isPlain = text.utf8.allSatisfy {
      $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 0x7F
    }
    if isPlain {
      out.append(contentsOf: text.utf8)
      return out.append(UInt8(ascii: "\""))
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case 0x0A: out += "\\n".utf8
      case 0x0D: out += "\\r".utf8
      case 0x09: out += "\\t".utf8
      case 0x00..<0x20, 0x7F:
        out += "\\u00".utf8
        out.append(hex[Int(byte >> 4)])
        out.append(hex[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

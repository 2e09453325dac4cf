// The members of one JSON object and where their bytes are, for bodies that may be megabytes of which a few words are looked
// at, and that must go on as they came. Must never take for an object what a strict reader would take for something else.

/// The outermost members of a JSON object.
package struct JSONSurface: Sendable {
  /// The whole text.
  package let bytes: [UInt8]
  /// In the order of the text; the ranges are the values' alone.
  package private(set) var members: [(key: String, value: Range<Int>)] = []
  /// Where the closing brace is.
  private var end = 0
  /// A text that spells printable ASCII as \u00xx: no encoder does, so whoever searches the bytes must not trust them.
  package private(set) var isDisguised = false

  /// Arrays and objects inside each other: tools of an agent describe theirs in some 20.
  static let deepest = 200

  /// Reads the outside of an object. Fails on what is none, on a key that comes twice, and where the brackets do not match;
  /// what is inside the values is the receiver's to judge.
  package init(_ bytes: [UInt8]) throws(JSONError) {
    self.bytes = bytes
    var at = 0
    try Self.expect("{", bytes, &at)
    var keys = Set<String>()
    Self.skipSpace(bytes, &at)
    if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
      end = at
      at += 1
    } else {
      while true {
        Self.skipSpace(bytes, &at)
        let start = at
        try skipString(&at)
        guard let key = try JSONParser.parse(Array(bytes[start..<at])).text else {
          throw JSONError(offset: start, message: "expected a key")
        }
        guard keys.insert(key).inserted else {
          throw JSONError(offset: start, message: "the key \(key) appears twice")
        }
        try Self.expect(":", bytes, &at)
        Self.skipSpace(bytes, &at)
        let value = at
        try skipValue(&at)
        members.append((key: key, value: value..<at))
        Self.skipSpace(bytes, &at)
        guard at < bytes.count else {
          throw JSONError(offset: at, message: "the object ends too early")
        }
        if bytes[at] == UInt8(ascii: "}") { break }
        try Self.expect(",", bytes, &at)
      }
      end = at
      at += 1
    }
    Self.skipSpace(bytes, &at)
    guard at == bytes.count else { throw JSONError(offset: at, message: "more follows the value") }
  }

  /// The value of a member, if it is there and is valid and not nested deeper than our own parser goes.
  package subscript(key: String) -> JSONValue? {
    guard let member = members.first(where: { $0.key == key }) else { return nil }
    return try? JSONParser.parse(Array(bytes[member.value]))
  }

  /// Whether there is such a member.
  package func has(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// The text with other values for these members, and with those that are not there at its end. All else is as it was.
  package func replacing(_ values: [(key: String, value: JSONValue)]) -> [UInt8] {
    var edits: [(Range<Int>, [UInt8])] = []
    var added: [UInt8] = []
    for (key, value) in values {
      if let member = members.first(where: { $0.key == key }) {
        edits.append((member.value, value.bytes()))
      } else {
        if !members.isEmpty || !added.isEmpty { added.append(UInt8(ascii: ",")) }
        added += JSONValue.string(key).bytes() + [UInt8(ascii: ":")] + value.bytes()
      }
    }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + added.count + 64)
    var at = 0
    for (range, text) in edits.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
      out += bytes[at..<range.lowerBound]
      out += text
      at = range.upperBound
    }
    return out + bytes[at..<end] + added + bytes[end...]
  }

  // MARK: reading

  private static func skipSpace(_ bytes: [UInt8], _ at: inout Int) {
    while at < bytes.count,
      bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09
    { at += 1 }
  }

  private static func expect(_ scalar: Unicode.Scalar, _ bytes: [UInt8], _ at: inout Int)
    throws(JSONError)
  {
    skipSpace(bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: scalar) else {
      throw JSONError(offset: at, message: "expected \(scalar)")
    }
    at += 1
  }

  private mutating func skipString(_ at: inout Int) throws(JSONError) {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
      throw JSONError(offset: at, message: "expected a text")
    }
    at += 1
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return
      case UInt8(ascii: "\\"):
        if at + 4 < bytes.count, bytes[at + 1] == UInt8(ascii: "u"),
          bytes[at + 2] == UInt8(ascii: "0"), bytes[at + 3] == UInt8(ascii: "0"),
          (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(bytes[at + 4])
        {
          isDisguised = true
        }
        at += 2
      case 0..<0x20:
        throw JSONError(offset: at, message: "a control character stands in a text")
      default: at += 1
      }
    }
    throw JSONError(offset: at, message: "the text ends too early")
  }

  /// One value, without recursion: what is open stands in `brackets`.
  private mutating func skipValue(_ at: inout Int) throws(JSONError) {
    var brackets: [UInt8] = []
    repeat {
      guard at < bytes.count else {
        throw JSONError(offset: at, message: "the value ends too early")
      }
      switch bytes[at] {
      case UInt8(ascii: "\""): try skipString(&at)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard brackets.count < Self.deepest else {
          throw JSONError(offset: at, message: "nested too deep")
        }
        brackets.append(bytes[at] + 2)
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard brackets.popLast() == bytes[at] else {
          throw JSONError(offset: at, message: "the brackets do not match")
        }
        at += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
        guard !brackets.isEmpty else {
          throw JSONError(offset: at, message: "expected a value")
        }
        at += 1
      default:
        let start = at
        while at < bytes.count, Self.isPlain(bytes[at]) { at += 1 }
        guard at > start else { throw JSONError(offset: at, message: "expected a value") }
      }
    } while !brackets.isEmpty
  }

  /// Of a number, true, false or null.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

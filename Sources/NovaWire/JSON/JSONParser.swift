// Bytes to a JSONValue by RFC 8259, strictly. Must never trap, recurse without bound or accept what
// another parser would read differently: a repeated key, a bad escape or invalid UTF-8 is an error.

/// Why bytes are not JSON.
package struct JSONError: Error, Sendable, Hashable {
  /// Byte offset of the trouble, from 0.
  package let offset: Int
  /// What is wrong there.
  package let message: String
}

/// A recursive-descent parser with a depth limit.
package struct JSONParser {
  /// Arrays and objects inside each other; the API needs 6, and the stack holds far more than 32.
  package static let maximumDepth = 32

  private let bytes: [UInt8]
  private var at = 0
  /// The keys of the last object at each depth: rows of a list repeat them, so they need no new text and, as far as
  /// they are the same, no search for a repetition.
  private var shapes: [Int: [String]] = [:]

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The one value that `bytes` hold.
  package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes)
    parser.skipSpace()
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.at == bytes.count else { throw parser.error("more follows the value") }
    return value
  }

  private func error(_ message: String) -> JSONError { JSONError(offset: at, message: message) }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: scalar) else { return false }
    at += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= Self.maximumDepth else { throw error("nested too deep") }
    guard let byte = next else { throw error("the value ends too early") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for byte in text.utf8 {
      guard next == byte else { throw error("expected \(text)") }
      at += 1
    }
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    at += 1
    var values: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw error("expected , or ]") }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    at += 1
    var members: [JSONValue.Member] = []
    let shape = shapes[depth] ?? []
    // Nil while every key so far is that of the shape, whose keys are all different.
    var seen: Set<String>?
    members.reserveCapacity(shape.count)
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let key: String
      if seen == nil, members.count < shape.count, takeKey(shape[members.count]) {
        key = shape[members.count]
      } else {
        key = try string()
        if seen == nil { seen = Set(members.map(\.key)) }
        guard seen?.insert(key).inserted == true else {
          throw error("the key \(key) appears twice")
        }
      }
      skipSpace()
      guard take(":") else { throw error("expected :") }
      skipSpace()
      members.append(.init(key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") {
        if seen != nil { shapes[depth] = members.map(\.key) }
        return .object(members)
      }
      guard take(",") else { throw error("expected , or }") }
    }
  }

  /// Takes `key` in quotes, written without escapes; false, and nothing taken, when something else is there.
  private mutating func takeKey(_ key: String) -> Bool {
    let end = at + 1 + key.utf8.count
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return false }
    var place = at + 1
    for byte in key.utf8 {
      // A quote or backslash in a key is written as an escape: not for here.
      guard bytes[place] == byte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
        byte >= 0x20
      else { return false }
      place += 1
    }
    at = end + 1
    return true
  }

  private mutating func number() throws(JSONError) -> String {
    let start = at
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(JSONError) {
    let start = at
    while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
    guard at > start else { throw error("expected a value") }
  }

  private mutating func string() throws(JSONError) -> String {
    at += 1
    // Most strings have no escape: their bytes are taken as they are.
    var end = at
    while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\\") {
      guard bytes[end] == UInt8(ascii: "\"") else {
        end += 1
        continue
      }
      guard let text = String(validating: bytes[at..<end], as: UTF8.self) else { break }
      at = end + 1
      return text
    }
    var out: [UInt8] = []
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else {
          throw error("the string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &out)
      case 0x00..<0x20: throw error("a control character inside a string")
      default: out.append(byte)
      }
    }
    throw error("the string has no end")
  }

  private mutating func escape(into out: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error("the string has no end") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        guard take("\\"), take("u") else { throw error("half a surrogate pair") }
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
      out += String(Character(scalar)).utf8
    default: throw error("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      at += 1
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

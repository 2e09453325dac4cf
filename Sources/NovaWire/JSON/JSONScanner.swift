// JSON walked over as bytes: where a member begins and ends, without making values of them. For what is large, comes
// from a supervisor and is only compared or passed on. Must never read past the bytes, nor take a text apart wrongly
// because a quote or a bracket stands inside a string.

/// A place in JSON bytes, moved forward by what is taken. It finds ends and does not judge contents: `JSONParser` does.
package struct JSONScanner {
  /// All of it.
  package let bytes: [UInt8]
  /// The next byte to be looked at.
  package var at: Int

  /// At the beginning, or further on.
  package init(_ bytes: [UInt8], at: Int = 0) {
    self.bytes = bytes
    self.at = at
  }

  /// The byte that is there; nil at the end.
  package var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  /// Passes over blanks and line ends.
  package mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  /// Takes that byte after blanks; false, and nothing but blanks taken, when another is there.
  package mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: scalar) else { return false }
    at += 1
    return true
  }

  /// Takes exactly these bytes.
  mutating func take(exactly literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    // SAFETY: index < count, the length of the literal.
    for index in 0..<count where unsafe bytes[at + index] != literal.utf8Start[index] {
      return false
    }
    at += count
    return true
  }

  /// Takes a string with its quotes; the place of what is between them, with its escapes. Nil when there is none.
  package mutating func string() -> Range<Int>? {
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
    var end = at + 1
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "\""):
        let found = at + 1..<end
        at = end + 1
        return found
      case UInt8(ascii: "\\"): end += 2
      default: end += 1
      }
    }
    return nil
  }

  /// Takes a whole value; its place. Nil when it does not end.
  package mutating func value() -> Range<Int>? {
    skipSpace()
    let start = at
    guard let first = next else { return nil }
    switch first {
    case UInt8(ascii: "\""): return string().map { _ in start..<at }
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var depth = 0
      while let byte = next {
        switch byte {
        case UInt8(ascii: "\""):
          guard string() != nil else { return nil }
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        at += 1
        if depth == 0 { return start..<at }
      }
      return nil
    default:
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09:
          return at > start ? start..<at : nil
        default: at += 1
        }
      }
      return at > start ? start..<at : nil
    }
  }
}

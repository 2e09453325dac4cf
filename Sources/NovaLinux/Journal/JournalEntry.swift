// One journal entry in journald's native protocol, as bytes.
// Must never let a value end its own field: what holds a newline is sent with its length.
//
//   NAME=value\n                               when the value holds no newline
//   NAME\n <8 bytes little endian> value \n    else
// A name is [A-Z_][A-Z0-9_]{0,63}; one that begins with _ is journald's own and is refused by it.

/// The bytes of one entry, built field by field.
package struct JournalEntry: Sendable, Equatable {
  /// What is sent.
  package private(set) var bytes: [UInt8] = []

  /// An empty entry.
  package init() {}

  /// Adds a field; false when the name is not one that journald accepts.
  @discardableResult
  package mutating func add(_ name: String, _ value: [UInt8]) -> Bool {
    guard Self.isName(name) else { return false }
    bytes += Array(name.utf8)
    if value.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      let size = UInt64(value.count)
      for shift in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: size >> (shift * 8))) }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value
    bytes.append(UInt8(ascii: "\n"))
    return true
  }

  /// Adds a field of text.
  @discardableResult
  package mutating func add(_ name: String, _ value: String) -> Bool {
    add(name, Array(value.utf8))
  }

  private static func isName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard (1...64).contains(bytes.count), let first = bytes.first,
      first >= UInt8(ascii: "A"), first <= UInt8(ascii: "Z")
    else { return false }
    return bytes.allSatisfy {
      ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "_")
    }
  }
}

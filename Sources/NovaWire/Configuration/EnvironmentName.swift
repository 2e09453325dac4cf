// Names of environment variables. Must never accept one that a shell could not use.

/// The rule for names.
package enum EnvironmentName {
  /// Whether a text is `[A-Za-z_][A-Za-z0-9_]*` of at most 255 bytes.
  package static func isValid(_ name: String) -> Bool {
    guard (1...255).contains(name.utf8.count) else { return false }
    for (index, byte) in name.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "_"):
        continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"): guard index > 0 else { return false }
      default: return false
      }
    }
    return true
  }
}

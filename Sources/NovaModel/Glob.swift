// Patterns of names with `*` and `?`. Must never take longer than the text times the pattern.

/// Matching by glob, on bytes: names are ASCII.
package enum Glob {
  /// Whether the whole text fits; `*` is any number of bytes, `?` is one.
  package static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(text.utf8), pattern: Array(pattern.utf8))
  }

  /// The same on bytes: one remembered star is enough.
  package static func matches(_ text: [UInt8], pattern: [UInt8]) -> Bool {
    var t = 0
    var p = 0
    var star: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        star = (last.p, last.t + 1)
        p = last.p + 1
        t = last.t + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

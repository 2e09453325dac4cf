// Patterns on lines of a worker's output, by PCRE2 with limits, and the cutting of bytes into lines.
// Must never let a pattern or a line cost more than a bounded time: both come from outside.

internal import CPCRE2

/// A pattern that PCRE2 refused.
package struct PatternError: Error, Sendable, Hashable {
  /// The pattern as written.
  package let pattern: String
  /// Where it is wrong, in bytes from its start.
  package let offset: Int
  /// PCRE2's sentence.
  package let reason: String

  /// For people: `cannot read the pattern 'a(': missing closing parenthesis (at byte 2)`.
  package var message: String {
    "cannot read the pattern '\(pattern)': \(reason) (at byte \(offset))"
  }
}

extension LinePattern {
  /// What is wrong with a pattern; nil when nothing is.
  package static func problem(_ pattern: String) -> String? {
    do throws(PatternError) {
      _ = try LinePattern(pattern)
      return nil
    } catch {
      return error.message
    }
  }
}

/// A compiled PCRE2 pattern. Belongs to one thread. See pcre2api(3).
@safe package final class LinePattern {
  private let code: OpaquePointer
  private let match: OpaquePointer
  private let limits: OpaquePointer

  /// Compiles `pattern`: UTF-8, at most 4,096 bytes. Lines may hold invalid UTF-8. Calls pcre2_compile(3).
  package init(_ pattern: String) throws(PatternError) {
    let bytes = Array(pattern.utf8)
    guard bytes.count <= 4096 else {
      throw PatternError(
        pattern: String(pattern.prefix(40)) + "…", offset: 4096, reason: "longer than 4096 bytes")
    }
    var number: CInt = 0
    var offset = 0
    let options = PCRE2_MATCH_INVALID_UTF | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C
    // SAFETY: the pattern is read during the call only; number and offset outlive it.
    let compiled = unsafe bytes.withUnsafeBufferPointer {
      unsafe pcre2_compile_8(
        $0.baseAddress ?? LinePattern.nothing, $0.count, options, &number, &offset, nil)
    }
    guard let compiled = unsafe compiled else {
      throw PatternError(pattern: pattern, offset: offset, reason: LinePattern.text(of: number))
    }
    guard let match = unsafe pcre2_match_data_create_8(1, nil),
      let limits = unsafe pcre2_match_context_create_8(nil)
    else {
      unsafe pcre2_code_free_8(compiled)
      throw PatternError(pattern: pattern, offset: 0, reason: "out of memory")
    }
    // Some milliseconds of backtracking and 1 MiB at most; an honest pattern needs a thousandth of it.
    unsafe pcre2_set_match_limit_8(limits, 50_000)
    unsafe pcre2_set_depth_limit_8(limits, 5_000)
    unsafe pcre2_set_heap_limit_8(limits, 1024)
    unsafe code = compiled
    unsafe self.match = match
    unsafe self.limits = limits
  }

  /// What a look at a line says.
  package enum Verdict: Sendable, Hashable {
    case matches, differs
    /// The limit was reached: treated as no match, but worth a warning.
    case tooCostly
  }

  /// Looks at one line, without its line feed. Calls pcre2_match(3).
  package func look(at line: ArraySlice<UInt8>) -> Verdict {
    // SAFETY: the subject is read during the call only.
    let found = unsafe line.withUnsafeBufferPointer {
      unsafe pcre2_match_8(
        code, $0.baseAddress ?? LinePattern.nothing, $0.count, 0, 0, match, limits)
    }
    if found >= 0 { return .matches }
    return found == PCRE2_ERROR_NOMATCH ? .differs : .tooCostly
  }

  // SAFETY: written once, never read: PCRE2 before 10.43 refuses a null subject even of length 0.
  nonisolated(unsafe) private static let nothing = unsafe UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

  private static func text(of number: CInt) -> String {
    var room = [UInt8](repeating: 0, count: 256)
    let count = unsafe pcre2_get_error_message_8(number, &room, room.count)
    return count > 0 ? String(decoding: room.prefix(Int(count)), as: UTF8.self) : "error \(number)"
  }

  deinit {
    unsafe pcre2_match_context_free_8(limits)
    unsafe pcre2_match_data_free_8(match)
    unsafe pcre2_code_free_8(code)
  }
}

/// Cuts bytes that arrive in pieces into lines; of a long line only the first `limit` bytes are kept.
package struct LineCutter: Sendable {
  private var partial: [UInt8] = []
  private let limit: Int

  /// Keeps at most `limit` bytes of a line.
  package init(limit: Int = 8192) { self.limit = limit }

  /// Takes the next bytes and calls `body` with each completed line, without `\n` or `\r\n`, until it answers true.
  /// Answers whether it did; the bytes after that line are dropped.
  package mutating func feed(
    _ bytes: some Sequence<UInt8>, _ body: (ArraySlice<UInt8>) -> Bool
  ) -> Bool {
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        if partial.count < limit { partial.append(byte) }
        continue
      }
      let stop = body(partial.last == UInt8(ascii: "\r") ? partial.dropLast() : partial[...])
      partial.removeAll(keepingCapacity: true)
      if stop { return true }
    }
    return false
  }
}

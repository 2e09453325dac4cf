// The numbers in the kernel's small text files, found by scanning bytes: no String, no allocation.
// Must never answer 0 for what is not there or not a number: nil is unknown.
//
//   flat keyed   "usage_usec 42\nuser_usec 40\n"             cpu.stat, memory.stat, memory.events, cgroup.events
//   single       "4096\n" or "max\n"                         memory.current, pids.current
//   io.stat      "8:0 rbytes=1 wbytes=2 rios=…\n"            one line a device; no line at all is no IO
//   pressure     "some avg10=0.42 avg60=… total=…\nfull …"   PSI

/// Parsers of cgroup and /proc text.
package enum KernelText {
  /// The number after `key` and a space at the start of a line; nil when absent, malformed or too large.
  package static func value(of key: [UInt8], in text: borrowing Swift.Span<UInt8>) -> UInt64? {
    var start = 0
    let count = text.count
    while start < count {
      if start + key.count < count, text[start + key.count] == space,
        matches(key, text, at: start)
      {
        return number(text, from: start + key.count + 1, endingAt: newline)
      }
      start = lineEnd(text, from: start) + 1
    }
    return nil
  }

  /// The only number of a file of one line; nil for `max`, an empty file and anything else.
  package static func single(_ text: borrowing Swift.Span<UInt8>) -> UInt64? {
    number(text, from: 0, endingAt: newline)
  }

  /// The sums of `rbytes=` and `wbytes=` over all devices; nil when a value is malformed.
  ///
  /// An empty file is a group that did no IO yet: known, and zero.
  package static func ioBytes(_ text: borrowing Swift.Span<UInt8>) -> (read: UInt64, write: UInt64)?
  {
    var sums: (read: UInt64, write: UInt64) = (0, 0)
    var at = 0
    while at < text.count {
      // A word begins here.
      for (key, isRead) in [(readKey, true), (writeKey, false)] where matches(key, text, at: at) {
        guard let value = number(text, from: at + key.count, endingAt: space) else { return nil }
        let (sum, over) = (isRead ? sums.read : sums.write).addingReportingOverflow(value)
        if over { return nil }
        if isRead { sums.read = sum } else { sums.write = sum }
      }
      while at < text.count, text[at] != space, text[at] != newline { at += 1 }
      at += 1
    }
    return sums
  }

  /// `some avg10` in hundredths of a percent, 0...10000; nil when absent or malformed.
  package static func pressure(_ text: borrowing Swift.Span<UInt8>) -> UInt32? {
    guard matches(pressureKey, text, at: 0) else { return nil }
    var at = pressureKey.count
    var whole: UInt32 = 0
    var digits = 0
    while at < text.count, let digit = digit(text[at]), digits < 4 {
      whole = whole * 10 + UInt32(digit)
      digits += 1
      at += 1
    }
    guard digits > 0, at + 2 < text.count, text[at] == UInt8(ascii: "."),
      let tenths = digit(text[at + 1]), let hundredths = digit(text[at + 2])
    else { return nil }
    let share = whole * 100 + UInt32(tenths) * 10 + UInt32(hundredths)
    return share <= 10_000 ? share : nil
  }

  /// How many lines there are: the count of cgroup.procs or cgroup.threads.
  package static func lineCount(_ text: borrowing Swift.Span<UInt8>) -> UInt64 {
    var lines: UInt64 = 0
    for index in 0..<text.count where text[index] == newline { lines += 1 }
    return lines
  }

  /// The process ids of cgroup.procs; what is not a positive number is left out.
  ///
  /// The kernel writes 0 for a process of another pid namespace.
  package static func processIDs(_ text: borrowing Swift.Span<UInt8>) -> [Int32] {
    var ids: [Int32] = []
    var start = 0
    while start < text.count {
      if let value = number(text, from: start, endingAt: newline), value > 0,
        let id = Int32(exactly: value)
      {
        ids.append(id)
      }
      start = lineEnd(text, from: start) + 1
    }
    return ids
  }

  /// How many process ids there are and the first of them: what a list of one or of thousands is mostly asked for.
  package static func idsSeen(
    _ text: borrowing Swift.Span<UInt8>
  ) -> (count: UInt64, first: Int32?)? {
    var seen: (count: UInt64, first: Int32?) = (0, nil)
    var start = 0
    while start < text.count {
      if let value = number(text, from: start, endingAt: newline), value > 0,
        let id = Int32(exactly: value)
      {
        if seen.count == 0 { seen.first = id }
        seen.count += 1
      }
      start = lineEnd(text, from: start) + 1
    }
    return seen
  }

  /// The number of the word with that index (from 0, separated by spaces), such as resident pages of statm.
  package static func word(_ index: Int, of text: borrowing Swift.Span<UInt8>) -> UInt64? {
    var at = 0
    for _ in 0..<index {
      while at < text.count, text[at] != space { at += 1 }
      at += 1
    }
    return number(text, from: at, endingAt: space)
  }

  /// Digits from `from` up to `end`, a newline or the end of the text; nil when anything else is met.
  static func number(
    _ text: borrowing Swift.Span<UInt8>, from: Int, endingAt end: UInt8
  ) -> UInt64? {
    var value: UInt64 = 0
    var at = from
    while at < text.count, text[at] != end, text[at] != newline {
      guard let digit = digit(text[at]) else { return nil }
      let (tens, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, more) = tens.addingReportingOverflow(UInt64(digit))
      if over || more { return nil }
      value = sum
      at += 1
    }
    return at > from ? value : nil
  }

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")
  private static let readKey = Array("rbytes=".utf8)
  private static let writeKey = Array("wbytes=".utf8)
  private static let pressureKey = Array("some avg10=".utf8)

  private static func digit(_ byte: UInt8) -> UInt8? {
    byte >= 48 && byte <= 57 ? byte - 48 : nil
  }

  private static func matches(_ key: [UInt8], _ text: borrowing Swift.Span<UInt8>, at start: Int)
    -> Bool
  {
    guard start + key.count <= text.count else { return false }
    for index in 0..<key.count where text[start + index] != key[index] { return false }
    return true
  }

  private static func lineEnd(_ text: borrowing Swift.Span<UInt8>, from start: Int) -> Int {
    var at = start
    while at < text.count, text[at] != newline { at += 1 }
    return at
  }
}

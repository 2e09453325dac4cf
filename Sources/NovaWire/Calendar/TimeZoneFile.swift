// TZif files (RFC 8536, versions 1 to 4) to TimeZoneRules. The bytes may be anything: every count is checked against
// the length of the file before it is used. Must never consult a zone database: the bytes are handed in.

package import NovaModel

/// Why a file was refused.
package struct TimeZoneError: Error, Sendable, Hashable {
  /// What is wrong with it.
  package var message: String
}

/// Reads TZif files.
package enum TimeZoneFile {
  /// The first year for which the footer's rule is no longer written out.
  static let horizon = 2100
  // RFC 8536, section 3.2: offsets should be between -25 and +26 hours.
  private static let offsets = -93_599...93_599

  /// The offsets of a zone over time, its footer's rule written out until 2100.
  package static func read(_ bytes: [UInt8], name: String) throws(TimeZoneError) -> TimeZoneRules {
    var cursor = ByteCursor(bytes)
    var header = try Header(&cursor)
    var wide = false
    if header.version >= 2 {
      // The first block repeats the data for readers of version 1, in 32 bits.
      try cursor.skip(header.length(timeSize: 4))
      header = try Header(&cursor)
      wide = true
    }
    let block = try Block(&cursor, header, wide: wide)
    var transitions: [TimeZoneRules.Transition] = []
    var offset = block.initialOffset
    func add(_ transition: TimeZoneRules.Transition) {
      guard transition.offset != offset else { return }
      transitions.append(transition)
      offset = transition.offset
    }
    block.transitions.forEach(add)
    if wide, let rule = try footer(&cursor) {
      let last = block.transitions.last?.at
      if let last {
        // A rule may already differ from the last type when that transition is its own first one.
        let year = CivilTime(WallTime(microseconds: seconds(last) * 1_000_000)).year
        for transition in rule.transitions(years: min(max(year, 1900), horizon)..<horizon)
        where transition.at > last {
          add(transition)
        }
      } else {
        // RFC 8536, section 3.3: with no transitions the footer alone holds.
        if let constant = rule.constantOffset {
          return TimeZoneRules(name: name, initialOffset: constant, transitions: [])
        }
        rule.transitions(years: 1900..<horizon).forEach(add)
      }
    }
    return TimeZoneRules(
      name: name, initialOffset: block.initialOffset, transitions: transitions)
  }

  /// Times outside of what the calendar can hold in microseconds, such as the big bang of some files, are clamped.
  private static func seconds(_ at: Int64) -> Int64 {
    min(max(at, -9_000_000_000_000), 9_000_000_000_000)
  }

  private static func footer(_ cursor: inout ByteCursor) throws(TimeZoneError) -> PosixZoneRule? {
    guard try cursor.byte() == UInt8(ascii: "\n") else {
      throw TimeZoneError(message: "the footer does not begin with a newline")
    }
    var text: [UInt8] = []
    while true {
      let byte = try cursor.byte()
      if byte == UInt8(ascii: "\n") { break }
      guard text.count < 128 else { throw TimeZoneError(message: "the footer has no end") }
      text.append(byte)
    }
    if text.isEmpty { return nil }
    guard let rule = PosixZoneRule(text) else {
      throw TimeZoneError(message: "the footer is not a POSIX time zone")
    }
    return rule
  }

  private struct Header {
    var version: Int
    var isUT: Int, isStandard: Int, leaps: Int, times: Int, types: Int, characters: Int

    init(_ cursor: inout ByteCursor) throws(TimeZoneError) {
      for expected in "TZif".utf8 {
        guard try cursor.byte() == expected else {
          throw TimeZoneError(message: "does not begin with 'TZif'")
        }
      }
      let digit = try cursor.byte()
      guard digit == 0 || (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(digit) else {
        throw TimeZoneError(message: "has an unknown version")
      }
      version = digit == 0 ? 1 : Int(digit - UInt8(ascii: "0"))
      try cursor.skip(15)
      isUT = Int(try cursor.unsigned32())
      isStandard = Int(try cursor.unsigned32())
      leaps = Int(try cursor.unsigned32())
      times = Int(try cursor.unsigned32())
      types = Int(try cursor.unsigned32())
      characters = Int(try cursor.unsigned32())
      guard (1...256).contains(types) else {
        throw TimeZoneError(message: "has \(types) local time types, not 1 to 256")
      }
    }

    // Six counts of 32 bits: the weighted sum fits 64.
    func length(timeSize: Int) -> Int {
      times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + isStandard + isUT
    }
  }

  private struct Block {
    var initialOffset: Int
    var transitions: [TimeZoneRules.Transition] = []

    init(_ cursor: inout ByteCursor, _ header: Header, wide: Bool) throws(TimeZoneError) {
      guard header.length(timeSize: wide ? 8 : 4) <= cursor.left else {
        throw TimeZoneError(message: "is cut short")
      }
      var times: [Int64] = []
      for _ in 0..<header.times {
        let at = wide ? try cursor.signed64() : Int64(try cursor.signed32())
        if let last = times.last, last >= at {
          throw TimeZoneError(message: "its transitions are not in ascending order")
        }
        times.append(at)
      }
      var indexes: [Int] = []
      for _ in 0..<header.times {
        let index = Int(try cursor.byte())
        guard index < header.types else {
          throw TimeZoneError(message: "a transition names a type that is not there")
        }
        indexes.append(index)
      }
      var offsets: [Int] = []
      for _ in 0..<header.types {
        let offset = Int(try cursor.signed32())
        guard TimeZoneFile.offsets.contains(offset) else {
          throw TimeZoneError(message: "has an offset of more than 26 hours")
        }
        offsets.append(offset)
        try cursor.skip(2)
      }
      try cursor.skip(
        header.characters + header.leaps * (wide ? 12 : 8) + header.isStandard + header.isUT)
      // RFC 8536, section 3.2: type 0 holds before the first transition; there is at least one type.
      initialOffset = offsets[0]
      transitions = zip(times, indexes).map {
        TimeZoneRules.Transition(at: $0, offset: offsets[$1])
      }
    }
  }
}

/// Big-endian numbers from bytes, each access checked.
struct ByteCursor {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var left: Int { bytes.count - index }

  mutating func skip(_ count: Int) throws(TimeZoneError) {
    guard count >= 0, count <= left else { throw TimeZoneError(message: "is cut short") }
    index += count
  }

  mutating func byte() throws(TimeZoneError) -> UInt8 {
    guard left > 0 else { throw TimeZoneError(message: "is cut short") }
    index += 1
    return bytes[index - 1]
  }

  mutating func unsigned32() throws(TimeZoneError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 { value = value << 8 | UInt32(try byte()) }
    return value
  }

  mutating func signed32() throws(TimeZoneError) -> Int32 {
    Int32(bitPattern: try unsigned32())
  }

  mutating func signed64() throws(TimeZoneError) -> Int64 {
    Int64(bitPattern: UInt64(try unsigned32()) << 32 | UInt64(try unsigned32()))
  }
}

// The footer of a TZif file: a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`, with the extensions of RFC 8536
// (times from -167 to 167 hours). Must never trap: the text comes from a file.

import NovaModel

/// The rule that holds after a zone's last transition.
struct PosixZoneRule {
  /// Seconds east of UTC.
  private var standard: Int
  private var daylight: (offset: Int, start: Day, end: Day)?

  /// A day of every year and a time on it, in seconds after local midnight.
  private struct Day {
    enum Kind {
      /// Jn: 1...365, 29 February never counted.
      case julian(Int)
      /// n: 0...365, 29 February counted.
      case ordinal(Int)
      /// Mm.w.d: the w-th weekday d of month m, 5 is the last.
      case weekday(month: Int, week: Int, day: Int)
    }
    var kind: Kind
    var time: Int

    /// Seconds since 1970 of local midnight of that day, plus the time.
    func local(in year: Int) -> Int64 {
      let day: Int64
      switch kind {
      case .julian(let number):
        let leap =
          CivilTime.days(year: year, month: 3, day: 1)
          - CivilTime.days(year: year, month: 2, day: 28) == 2
        day =
          CivilTime.days(year: year, month: 1, day: 1) + Int64(number - 1)
          + (leap && number >= 60 ? 1 : 0)
      case .ordinal(let number):
        day = CivilTime.days(year: year, month: 1, day: 1) + Int64(number)
      case .weekday(let month, let week, let weekday):
        let first = CivilTime.days(year: year, month: month, day: 1)
        let next =
          month == 12
          ? CivilTime.days(year: year + 1, month: 1, day: 1)
          : CivilTime.days(year: year, month: month + 1, day: 1)
        // 1970-01-01 was a Thursday.
        let firstWeekday = Int(((first + 4) % 7 + 7) % 7)
        var candidate = first + Int64((weekday - firstWeekday + 7) % 7 + 7 * (week - 1))
        while candidate >= next { candidate -= 7 }
        day = candidate
      }
      return day * 86_400 + Int64(time)
    }
  }

  /// Reads the text; nil when it is malformed.
  init?(_ text: [UInt8]) {
    var scanner = Scanner(bytes: text)
    guard scanner.name(), let west = scanner.time(limit: 24) else { return nil }
    standard = -west
    if scanner.atEnd { return }
    guard scanner.name() else { return nil }
    var offset = standard + 3600
    if !scanner.next(is: ",") {
      guard let west = scanner.time(limit: 24) else { return nil }
      offset = -west
    }
    guard scanner.take(","), let start = scanner.day(), scanner.take(","),
      let end = scanner.day(), scanner.atEnd
    else { return nil }
    daylight = (offset, start, end)
  }

  /// The offset when the rule has no daylight saving time.
  var constantOffset: Int? { daylight == nil ? standard : nil }

  /// Every change of the offset in those years, ascending.
  func transitions(years: Range<Int>) -> [TimeZoneRules.Transition] {
    guard let daylight else { return [] }
    var all: [TimeZoneRules.Transition] = []
    for year in years {
      let start = daylight.start.local(in: year) - Int64(standard)
      let end = daylight.end.local(in: year) - Int64(daylight.offset)
      all.append(.init(at: start, offset: daylight.offset))
      all.append(.init(at: end, offset: standard))
    }
    // When a daylight period ends as the next begins (daylight saving all year) the beginning wins.
    all.sort {
      ($0.at, $0.offset == daylight.offset ? 1 : 0) < ($1.at, $1.offset == daylight.offset ? 1 : 0)
    }
    var result: [TimeZoneRules.Transition] = []
    for transition in all {
      if result.last?.at == transition.at { result.removeLast() }
      result.append(transition)
    }
    return result
  }

  private struct Scanner {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { index == bytes.count }

    func next(is character: Unicode.Scalar) -> Bool {
      index < bytes.count && bytes[index] == UInt8(ascii: character)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next(is: character) else { return false }
      index += 1
      return true
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int? {
      guard let value = Digits.take(bytes, &index), range.contains(value) else { return nil }
      return Int(value)
    }

    /// `CET` or `<+0330>`.
    mutating func name() -> Bool {
      if take("<") {
        while index < bytes.count, !next(is: ">") { index += 1 }
        return take(">")
      }
      let start = index
      while index < bytes.count, isLetter(bytes[index]) { index += 1 }
      return index - start >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(limit: Int64) -> Int? {
      let negative = take("-")
      if !negative { _ = take("+") }
      guard let hours = number(0...limit) else { return nil }
      var total = hours * 3600
      if take(":") {
        guard let minutes = number(0...59) else { return nil }
        total += minutes * 60
        if take(":") {
          guard let seconds = number(0...59) else { return nil }
          total += seconds
        }
      }
      return negative ? -total : total
    }

    /// `Jn`, `n` or `Mm.w.d`, each with `/time`; the time is 02:00 when left out.
    mutating func day() -> Day? {
      let kind: Day.Kind
      if take("M") {
        guard let month = number(1...12), take("."), let week = number(1...5), take("."),
          let weekday = number(0...6)
        else { return nil }
        kind = .weekday(month: month, week: week, day: weekday)
      } else if take("J") {
        guard let day = number(1...365) else { return nil }
        kind = .julian(day)
      } else {
        guard let day = number(0...365) else { return nil }
        kind = .ordinal(day)
      }
      guard take("/") else { return Day(kind: kind, time: 7200) }
      guard let time = time(limit: 167) else { return nil }
      return Day(kind: kind, time: time)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
  }
}

// Dates in HTTP fields (RFC 9110, 5.6.7): the form of today and the two obsolete ones, which every recipient must
// understand. Must never consult a clock, a locale or a zone: they are all UTC, and the year of two digits is read by the
// moment that is handed in.

package import NovaModel

/// Reads HTTP-dates, and what `Retry-After` says.
package enum HTTPDate {
  /// The moment of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; nil for
  /// anything else. `now` decides the century of two digits: what would be more than 50 years ahead is past.
  package static func parse(_ text: String, now: WallTime) -> WallTime? {
    let bytes = Array(text.utf8)
    guard let comma = bytes.firstIndex(of: UInt8(ascii: ",")) else { return asctime(bytes) }
    let day = bytes[..<comma]
    var fields = Fields(bytes[(comma + 1)...])
    if day.count == 3, shortDays.contains(where: { day.elementsEqual($0.utf8) }) {
      return fixdate(&fields)
    }
    if longDays.contains(where: { day.elementsEqual($0.utf8) }) { return rfc850(&fields, now) }
    return nil
  }

  /// `Retry-After` (RFC 9110, 10.2.3): seconds, or the time until a date. Nil when it is neither; what is past is zero.
  package static func retryAfter(_ text: String, now: WallTime) -> Span? {
    // A number may be of any length; the longest pause is decided by whoever waits.
    if !text.isEmpty, text.utf8.allSatisfy(Digits.isDigit) {
      return .seconds(Int64(text).map { min($0, longest) } ?? longest)
    }
    guard let date = parse(text, now: now) else { return nil }
    let left = (date.microseconds - now.microseconds + 999_999) / 1_000_000
    return .seconds(max(0, min(left, longest)))
  }

  // Ten years: no product of it overflows.
  private static let longest: Int64 = 315_360_000

  private static let shortDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let longDays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// ` 06 Nov 1994 08:49:37 GMT`.
  private static func fixdate(_ fields: inout Fields) -> WallTime? {
    guard fields.take(" "), let day = fields.number(2), fields.take(" "),
      let month = fields.month(), fields.take(" "), let year = fields.number(4), fields.take(" "),
      let time = fields.time(), fields.take(" GMT"), fields.isAtEnd
    else { return nil }
    return moment(year, month, day, time)
  }

  /// ` 06-Nov-94 08:49:37 GMT`.
  private static func rfc850(_ fields: inout Fields, _ now: WallTime) -> WallTime? {
    guard fields.take(" "), let day = fields.number(2), fields.take("-"),
      let month = fields.month(), fields.take("-"), let short = fields.number(2),
      fields.take(" "), let time = fields.time(), fields.take(" GMT"), fields.isAtEnd
    else { return nil }
    let present = CivilTime(now)
    let limit = [
      present.year + 50, present.month, present.day, present.hour, present.minute, present.second,
    ]
    // The latest of the years that end so, unless it is more than 50 years ahead.
    for century in [1, 0, -1] {
      let year = present.year - present.year % 100 + century * 100 + short
      let fields = [year, month, day, time.hour, time.minute, time.second]
      if !limit.lexicographicallyPrecedes(fields), let found = moment(year, month, day, time) {
        return found
      }
    }
    return nil
  }

  /// `Sun Nov  6 08:49:37 1994`: a day of one digit has a blank before it.
  private static func asctime(_ bytes: [UInt8]) -> WallTime? {
    var fields = Fields(bytes[...])
    guard shortDays.contains(where: { fields.take($0) }), fields.take(" "),
      let month = fields.month(), fields.take(" "),
      let day = fields.take(" ") ? fields.number(1) : fields.number(2), fields.take(" "),
      let time = fields.time(), fields.take(" "), let year = fields.number(4), fields.isAtEnd
    else { return nil }
    return moment(year, month, day, time)
  }

  private static func moment(
    _ year: Int, _ month: Int, _ day: Int, _ time: (hour: Int, minute: Int, second: Int)
  ) -> WallTime? {
    let days = CivilTime.days(year: year, month: month, day: day)
    let found = WallTime(
      microseconds: (days * 86_400 + Int64(time.hour * 3600 + time.minute * 60 + time.second))
        * 1_000_000)
    // The 31st of a month of 30 days would be the 1st of the next.
    let civil = CivilTime(WallTime(microseconds: days * 86_400_000_000))
    return civil.day == day && civil.month == month ? found : nil
  }

  /// What is left of a date.
  private struct Fields {
    private var rest: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ text: String) -> Bool {
      guard rest.starts(with: text.utf8) else { return false }
      rest = rest.dropFirst(text.utf8.count)
      return true
    }

    /// Exactly so many digits.
    mutating func number(_ width: Int) -> Int? {
      guard rest.count >= width, rest.prefix(width).allSatisfy(Digits.isDigit) else { return nil }
      let value = rest.prefix(width).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
      rest = rest.dropFirst(width)
      return value
    }

    /// 1 to 12; names are written as they are, since the case counts (RFC 9110, 5.6.7).
    mutating func month() -> Int? {
      for (index, name) in HTTPDate.months.enumerated() where take(name) { return index + 1 }
      return nil
    }

    /// `08:49:37`; second 60 is a leap second.
    mutating func time() -> (hour: Int, minute: Int, second: Int)? {
      guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60,
        take(":"), let second = number(2), second <= 60
      else { return nil }
      return (hour, minute, second)
    }
  }
}

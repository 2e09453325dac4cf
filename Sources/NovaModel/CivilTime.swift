// RFC 3339 text and the proleptic Gregorian calendar, by arithmetic. Must never consult a locale or a clock.

/// A calendar date and time of day, without a zone.
package struct CivilTime: Sendable, Hashable {
  /// Year, month 1...12, day 1...31.
  package let year: Int, month: Int, day: Int
  /// Hour 0...23, minute 0...59, second 0...59, microsecond 0...999999.
  package let hour: Int, minute: Int, second: Int, microsecond: Int

  /// The fields of a wall time shifted by `offsetSeconds` from UTC.
  package init(_ time: WallTime, offsetSeconds: Int = 0) {
    let (shifted, over) = time.microseconds.addingReportingOverflow(
      Int64(offsetSeconds) * 1_000_000)
    let micros = over ? time.microseconds : shifted
    let days = Self.floorDivide(micros, 86_400_000_000)
    // Wrapping: at the lowest wall times the product lies below the range, the difference never does.
    var rest = micros &- days &* 86_400_000_000
    microsecond = Int(rest % 1_000_000)
    rest /= 1_000_000
    second = Int(rest % 60)
    minute = Int(rest / 60 % 60)
    hour = Int(rest / 3600)
    // Days to civil date: eras of 400 years starting on 1 March 0000 (Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms").
    let z = days + 719_468
    let era = Self.floorDivide(z, 146_097)
    let doe = z - era * 146_097
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    let mp = (5 * doy + 2) / 153
    day = Int(doy - (153 * mp + 2) / 5 + 1)
    month = Int(mp < 10 ? mp + 3 : mp - 9)
    year = Int(yoe + era * 400 + (mp < 10 ? 0 : 1))
  }

  /// Day of the week, 0 is Sunday.
  package var weekday: Int {
    let days = Self.days(year: year, month: month, day: day)
    return Int((days % 7 + 11) % 7)
  }

  /// Days from 1970-01-01 to a civil date.
  package static func days(year: Int, month: Int, day: Int) -> Int64 {
    let y = Int64(month <= 2 ? year - 1 : year)
    let era = floorDivide(y, 400)
    let yoe = y - era * 400
    let mp = Int64((month + 9) % 12)
    let doy = (153 * mp + 2) / 5 + Int64(day) - 1
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy
    return era * 146_097 + doe - 719_468
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
    return rest < 0 ? quotient - 1 : quotient
  }
}

extension WallTime {
  /// RFC 3339 in UTC with milliseconds, such as `2026-11-20T11:07:22.315Z`.
  package var rfc3339: String {
    var text: [UInt8] = []
    text.reserveCapacity(24)
    appendRFC3339(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The same text as bytes: two of them are in each row of a listing.
  package func appendRFC3339(to out: inout [UInt8]) {
    let c = CivilTime(self)
    func pad(_ value: Int, _ width: Int, _ end: Unicode.Scalar) {
      if value >= 0, value < 10_000 {
        if width > 3 || value > 999 { out.append(UInt8(ascii: "0") + UInt8(value / 1000)) }
        if width > 2 || value > 99 { out.append(UInt8(ascii: "0") + UInt8(value / 100 % 10)) }
        out.append(UInt8(ascii: "0") + UInt8(value / 10 % 10))
        out.append(UInt8(ascii: "0") + UInt8(value % 10))
      } else {
        // A year before 0000 or after 9999, as far as the range of a wall time goes.
        let digits = String(value).utf8
        for _ in digits.count..<max(digits.count, width) { out.append(UInt8(ascii: "0")) }
        out += digits
      }
      out.append(UInt8(ascii: end))
    }
    pad(c.year, 4, "-")
    pad(c.month, 2, "-")
    pad(c.day, 2, "T")
    pad(c.hour, 2, ":")
    pad(c.minute, 2, ":")
    pad(c.second, 2, ".")
    pad(c.microsecond / 1000, 3, "Z")
  }
}

extension WallTime {
  /// Parses RFC 3339 text: `2026-11-20T11:07:22Z`, with a fraction or an offset such as `+01:00`. Nil for anything else.
  package init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
      let day = number(8..<10), (1...31).contains(day), let hour = number(11..<13), hour < 24,
      let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
    else { return nil }
    var at = 19
    var micros = 0
    if bytes[at] == UInt8(ascii: ".") {
      let start = at + 1
      at = start
      while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
        at += 1
      }
      guard at > start, let digits = number(start..<min(at, start + 6)) else { return nil }
      micros = digits
      for _ in min(at - start, 6)..<6 { micros *= 10 }
    }
    var offset = 0
    switch at < bytes.count ? bytes[at] : 0 {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): guard at + 1 == bytes.count else { return nil }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard at + 6 == bytes.count, bytes[at + 3] == UInt8(ascii: ":"),
        let hours = number(at + 1..<at + 3), hours < 24,
        let minutes = number(at + 4..<at + 6), minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (bytes[at] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    let days = CivilTime.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
    self.init(microseconds: seconds * 1_000_000 + Int64(micros))
  }
}

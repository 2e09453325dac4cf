// Days, weeks and months of a time zone as spans of civil time. Days are 23, 24 or 25 hours long, or what else the
// zone's rules make of them. Must never add 24 hours to find tomorrow.

/// A calendar day in a zone.
package struct CalendarDay: Sendable, Hashable {
  /// Its midnight.
  package let start: WallTime
  /// The next one.
  package let end: WallTime
  /// The date.
  package let year: Int, month: Int, day: Int

  /// The day that a moment lies in.
  package init(holding time: WallTime, in zone: TimeZoneRules) {
    let civil = CivilTime(time, offsetSeconds: zone.offset(at: Self.seconds(time)))
    self.init(
      days: CivilTime.days(year: civil.year, month: civil.month, day: civil.day), in: zone)
  }

  /// A day by its distance from 1970-01-01.
  package init(days: Int64, in zone: TimeZoneRules) {
    let date = CivilTime(WallTime(microseconds: days * 86_400_000_000))
    year = date.year
    month = date.month
    day = date.day
    start = Self.midnight(days, zone)
    end = Self.midnight(days + 1, zone)
  }

  /// `2026-01-31`.
  package var text: String {
    String(WallTime(microseconds: days * 86_400_000_000).rfc3339.prefix(10))
  }

  /// Days since 1970-01-01.
  package var days: Int64 { CivilTime.days(year: year, month: month, day: day) }

  /// The first moment of a date. Where a change of the clocks skips midnight it is the first that there is.
  private static func midnight(_ days: Int64, _ zone: TimeZoneRules) -> WallTime {
    let local = days * 86_400
    // Two looks: the offset that held before the change, then the one at the moment it gives.
    let first = local - Int64(zone.offset(at: local))
    var guess = local - Int64(zone.offset(at: first))
    let back = CivilTime(
      WallTime(microseconds: guess * 1_000_000), offsetSeconds: zone.offset(at: guess))
    if CivilTime.days(year: back.year, month: back.month, day: back.day) < days {
      // Midnight was skipped: the clocks went from before it to after it at once.
      guess = max(first, guess)
    }
    return WallTime(microseconds: guess * 1_000_000)
  }

  private static func seconds(_ time: WallTime) -> Int64 {
    let (quotient, rest) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return rest < 0 ? quotient - 1 : quotient
  }
}

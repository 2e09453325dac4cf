// A day of the calendar in a time zone: where it begins and where the next one does. Days of 23 and 25 hours come out
// of the zone's own rules. Must never assume that a day has 86,400 seconds or that midnight exists.

/// A calendar day in a zone.
///
/// Days follow each other without gap or overlap: a day begins at the first instant whose local time has reached its
/// midnight. So an hour that is repeated across midnight stays with the day that had begun already.
package struct CalendarDay: Sendable, Hashable {
  /// Its first instant.
  package let start: WallTime
  /// The first instant of the day after.
  package let end: WallTime
  /// The date.
  package let year: Int, month: Int, day: Int
  /// Days since 1970-01-01.
  package let days: Int64

  /// The day that a moment lies in.
  package init(holding time: WallTime, in zone: TimeZoneRules) {
    // 100,000 years either way: far beyond that arithmetic in seconds could overflow.
    let bound: Int64 = 3_155_760_000_000
    let seconds = min(max(Self.floorDivide(time.microseconds, 1_000_000), -bound), bound)
    var days = Self.floorDivide(seconds + Int64(zone.offset(at: seconds)), 86_400)
    while Self.start(of: days, zone) > seconds { days -= 1 }
    while Self.start(of: days + 1, zone) <= seconds { days += 1 }
    self.init(days: days, in: zone)
  }

  /// A day by its distance from 1970-01-01.
  package init(days: Int64, in zone: TimeZoneRules) {
    let date = CivilTime(WallTime(microseconds: days * 86_400_000_000))
    year = date.year
    month = date.month
    day = date.day
    self.days = days
    start = WallTime(microseconds: Self.start(of: days, zone) * 1_000_000)
    end = WallTime(microseconds: Self.start(of: days + 1, zone) * 1_000_000)
  }

  /// `2026-01-31`.
  package var text: String {
    String(WallTime(microseconds: days * 86_400_000_000).rfc3339.prefix(10))
  }

  /// The first Unix second whose local time is at or past the day's midnight.
  private static func start(of days: Int64, _ zone: TimeZoneRules) -> Int64 {
    let midnight = days * 86_400
    // No offset is beyond 26 hours (RFC 8536), so the answer lies within them.
    var at = midnight - 93_600
    while true {
      let offset = Int64(zone.offset(at: at))
      let next = zone.nextTransition(after: at) ?? .max
      let reached = max(at, midnight - offset)
      if reached < next { return reached }
      at = next
    }
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a / b - (a % b < 0 ? 1 : 0)
  }
}

extension TimeZoneRules {
  /// When the offset changes next after `unixSeconds`; nil when it never does again.
  package func nextTransition(after unixSeconds: Int64) -> Int64? {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= unixSeconds { low = middle + 1 } else { high = middle }
    }
    return low < transitions.count ? transitions[low].at : nil
  }
}

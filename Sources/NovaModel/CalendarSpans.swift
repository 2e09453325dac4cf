// A stretch of time cut at midnights, Mondays or firsts of the month of a zone. Must never make an empty span.

/// How a calendar cuts time.
package enum CalendarUnit: Sendable, Hashable { case day, week, month }

/// Spans of a calendar, one after the other.
package struct CalendarSpans: Sendable, Hashable {
  /// One more than there are spans, ascending; the first is at or before the moment asked for.
  package let bounds: [WallTime]
  /// The first day of each span, such as `2026-01-31`; nil where nothing is cut.
  package let names: [String?]

  /// The spans from the one that holds `from` to the one that holds the last moment before `to`.
  package init(from: WallTime, to: WallTime, by unit: CalendarUnit?, in zone: TimeZoneRules) {
    guard let unit else {
      bounds = [from, to]
      names = [nil]
      return
    }
    var day = Self.first(of: CalendarDay(holding: from, in: zone), unit, zone)
    var bounds = [day.start]
    var names: [String?] = []
    repeat {
      names.append(day.text)
      day = Self.next(day, unit, zone)
      bounds.append(day.start)
    } while day.start < to && bounds.count < 5000
    self.bounds = bounds
    self.names = names
  }

  private static func first(of day: CalendarDay, _ unit: CalendarUnit, _ zone: TimeZoneRules)
    -> CalendarDay
  {
    switch unit {
    case .day: return day
    case .week:
      // 1970-01-01 was a Thursday: three days after a Monday.
      let back = (day.days % 7 + 7 + 3) % 7
      return CalendarDay(days: day.days - back, in: zone)
    case .month:
      return CalendarDay(days: CivilTime.days(year: day.year, month: day.month, day: 1), in: zone)
    }
  }

  private static func next(_ day: CalendarDay, _ unit: CalendarUnit, _ zone: TimeZoneRules)
    -> CalendarDay
  {
    switch unit {
    case .day: return CalendarDay(days: day.days + 1, in: zone)
    case .week: return CalendarDay(days: day.days + 7, in: zone)
    case .month:
      let isLast = day.month == 12
      return CalendarDay(
        days: CivilTime.days(
          year: isLast ? day.year + 1 : day.year, month: isLast ? 1 : day.month + 1, day: 1),
        in: zone)
    }
  }
}

// A calendar expression as sets of allowed values, and the rules of a time zone as values.
// Parsing is NovaWire's; finding the next match is NovaLifecycle's. Must never know today's date.

/// The five fields of crontab(5), each a bit set.
package struct CronExpression: Sendable, Hashable {
  /// Bit n is value n.
  package var minutes: UInt64, hours: UInt64, daysOfMonth: UInt64, months: UInt64,
    daysOfWeek: UInt64
  /// crontab(5): when both day fields are restricted a day matches if either does.
  package var dayOfMonthRestricted: Bool, dayOfWeekRestricted: Bool
  /// As it was written.
  package var text: String

  /// Puts checked fields together.
  package init(
    minutes: UInt64, hours: UInt64, daysOfMonth: UInt64, months: UInt64, daysOfWeek: UInt64,
    dayOfMonthRestricted: Bool, dayOfWeekRestricted: Bool, text: String
  ) {
    self.minutes = minutes
    self.hours = hours
    self.daysOfMonth = daysOfMonth
    self.months = months
    self.daysOfWeek = daysOfWeek
    self.dayOfMonthRestricted = dayOfMonthRestricted
    self.dayOfWeekRestricted = dayOfWeekRestricted
    self.text = text
  }
}

/// UTC offsets over time for one zone: the transitions of a TZif file, its footer rule expanded to 2100.
package struct TimeZoneRules: Sendable, Hashable {
  /// The IANA name.
  package let name: String
  /// Offset east of UTC in seconds before the first transition.
  package let initialOffset: Int
  /// Ascending; from `at` (Unix seconds) on, `offset` holds.
  package let transitions: [Transition]

  /// One change of the offset.
  package struct Transition: Sendable, Hashable {
    package let at: Int64
    package let offset: Int
    package init(at: Int64, offset: Int) {
      self.at = at
      self.offset = offset
    }
  }

  /// Puts rules together; `transitions` ascending by time.
  package init(name: String, initialOffset: Int, transitions: [Transition]) {
    self.name = name
    self.initialOffset = initialOffset
    self.transitions = transitions
  }

  /// Coordinated universal time.
  package static let utc = TimeZoneRules(name: "UTC", initialOffset: 0, transitions: [])

  /// Offset east of UTC, in seconds, at a Unix time in seconds.
  package func offset(at unixSeconds: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= unixSeconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? initialOffset : transitions[low - 1].offset
  }
}

// The two clocks of the house and the pair of them. Instants order and time things; wall times are for people.
// Must never read a clock: only the edge does, and hands the value in.

/// A point on CLOCK_MONOTONIC, in nanoseconds since boot (suspended time not counted).
package struct Instant: Sendable, Hashable, Comparable {
  /// Nanoseconds on CLOCK_MONOTONIC.
  package let nanoseconds: UInt64

  /// Wraps a reading of CLOCK_MONOTONIC in nanoseconds.
  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Orders by time.
  package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The instant `span` later; saturates at both ends instead of trapping.
  package static func + (at: Instant, span: Span) -> Instant {
    if span.nanoseconds < 0 {
      let back = span.nanoseconds.magnitude
      return Instant(nanoseconds: back > at.nanoseconds ? 0 : at.nanoseconds - back)
    }
    let (sum, over) = at.nanoseconds.addingReportingOverflow(UInt64(span.nanoseconds))
    return Instant(nanoseconds: over ? .max : sum)
  }

  /// The time from `b` to `a`; negative when `a` is earlier.
  package static func - (a: Instant, b: Instant) -> Span {
    a >= b
      ? Span(nanoseconds: Int64(clamping: a.nanoseconds - b.nanoseconds))
      : Span(nanoseconds: -Int64(clamping: b.nanoseconds - a.nanoseconds))
  }
}

/// A length of time in nanoseconds; the only duration type of the house.
package struct Span: Sendable, Hashable, Comparable {
  /// Nanoseconds; may be negative.
  package let nanoseconds: Int64

  /// A span of that many nanoseconds.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A span of whole microseconds.
  package static func microseconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1000) }
  /// A span of whole milliseconds.
  package static func milliseconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000) }
  /// A span of whole seconds.
  package static func seconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000_000) }
  /// No time at all.
  package static let zero = Span(nanoseconds: 0)

  /// Whole microseconds, rounded towards zero.
  package var wholeMicroseconds: Int64 { nanoseconds / 1000 }
  /// Whole milliseconds, rounded towards zero.
  package var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }
  /// Whole seconds, rounded towards zero.
  package var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }

  /// Orders by length.
  package static func < (a: Span, b: Span) -> Bool { a.nanoseconds < b.nanoseconds }
  /// The sum, saturating.
  package static func + (a: Span, b: Span) -> Span {
    let (sum, over) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return Span(nanoseconds: over ? (a.nanoseconds < 0 ? .min : .max) : sum)
  }
  /// The difference, saturating.
  package static func - (a: Span, b: Span) -> Span {
    let (difference, over) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
    return Span(nanoseconds: over ? (a.nanoseconds < 0 ? .min : .max) : difference)
  }
}

/// A point in civil time: microseconds since 1970-01-01T00:00:00Z. For people and ledgers, never for timers.
package struct WallTime: Sendable, Hashable, Comparable {
  /// Microseconds since the Unix epoch, UTC.
  package let microseconds: Int64

  /// Wraps microseconds since the Unix epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// Orders by time.
  package static func < (a: WallTime, b: WallTime) -> Bool { a.microseconds < b.microseconds }

  /// The wall time `span` later, saturating.
  package static func + (at: WallTime, span: Span) -> WallTime {
    let (sum, over) = at.microseconds.addingReportingOverflow(span.wholeMicroseconds)
    return WallTime(microseconds: over ? (span.nanoseconds < 0 ? .min : .max) : sum)
  }

  /// The time from `b` to `a`; negative when `a` is earlier.
  package static func - (a: WallTime, b: WallTime) -> Span {
    let (difference, over) = a.microseconds.subtractingReportingOverflow(b.microseconds)
    let capped = over ? (a < b ? Int64.min : Int64.max) : difference
    let (nanoseconds, tooLong) = capped.multipliedReportingOverflow(by: 1000)
    return Span(nanoseconds: tooLong ? (capped < 0 ? .min : .max) : nanoseconds)
  }
}

/// Both clocks read at the same time; what the machines get as `now`.
package struct Moment: Sendable, Hashable {
  /// The monotonic reading: decides order, deadlines and windows.
  package let instant: Instant
  /// The civil reading: decides calendar schedules and what people see.
  package let wall: WallTime

  /// Pairs two readings.
  package init(instant: Instant, wall: WallTime) {
    self.instant = instant
    self.wall = wall
  }
}

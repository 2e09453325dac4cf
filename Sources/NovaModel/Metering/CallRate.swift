// How many calls and tokens a minute: a bucket that refills evenly and may be overdrawn by what is only known afterwards.
// Must never let a second pass that was not there.

/// One limit a minute.
package struct CallRate: Sendable, Hashable {
  /// A minute's worth, which is also the most at once.
  package let perMinute: Int64
  private var level: Int64
  private var filled: Instant

  /// A full bucket.
  package init(perMinute: Int, at now: Instant) {
    self.perMinute = Int64(max(1, perMinute))
    level = self.perMinute
    filled = now
  }

  /// How long until something is in it; nil when there is.
  package mutating func wait(at now: Instant) -> Span? {
    refill(at: now)
    guard level <= 0 else { return nil }
    let missing = Int128(1 - level) * 60_000_000_000 / Int128(perMinute) + 1
    return Span(nanoseconds: Int64(clamping: missing))
  }

  /// Takes that many out; what is not there is owed.
  package mutating func take(_ count: Int64, at now: Instant) {
    refill(at: now)
    level = Int64(clamping: Int128(level) - Int128(max(0, count)))
  }

  private mutating func refill(at now: Instant) {
    let gained = Int128(max(0, (now - filled).nanoseconds)) * Int128(perMinute) / 60_000_000_000
    guard gained > 0 else { return }
    level = Int64(clamping: min(Int128(perMinute), Int128(level) + gained))
    // What is less than one stays in the time.
    let used = gained * 60_000_000_000 / Int128(perMinute)
    filled = level == perMinute ? now : filled + Span(nanoseconds: Int64(clamping: used))
  }
}

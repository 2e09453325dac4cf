// How many calls a reservation is made for: few for who calls now and then, many for who calls all the time, and before the last
// one is used up. Must never ask for more because something was refused.

/// What one purse has asked for last. Value and arithmetic alone.
package struct TrancheGrowth: Sendable, Hashable {
  /// Who comes first, or again after a while, gets so many.
  package static let fewest: Int64 = 4
  /// Nobody gets more: a thousand calls a second are not to be a thousand reservations.
  package static let most: Int64 = 1024
  /// Nor more than a dollar above one call, in pico-dollars.
  package static let largest: Int64 = 1_000_000_000_000
  /// Who has not asked for longer does not come often.
  package static let idle = Span.seconds(3)

  private var calls: Int64 = 0
  private var asked: Instant?

  /// Nothing was asked for.
  package init() {}

  /// Somebody waits: for how many calls is asked now. Four times as many where it is a second since the last time at most.
  package mutating func next(at now: Instant) -> Int64 {
    let isSoon = asked.map { now - $0 < .seconds(1) } ?? false
    return ask(isSoon ? calls * 4 : Self.fewest, now)
  }

  /// Nobody waits yet, but half of what was asked for last is held by now: for how many calls is asked ahead. Nil where it is not
  /// time, or not worth it.
  package mutating func ahead(left: Price, of bound: Price, at now: Instant) -> Int64? {
    guard let asked, calls > Self.fewest, now - asked < Self.idle else { return nil }
    let half = min(Int128(bound.picoUSD) * Int128(calls), Int128(Self.largest)) / 2
    guard Int128(left.picoUSD) < half else { return nil }
    return ask(now - asked < .seconds(1) ? calls * 2 : calls, now)
  }

  /// What was asked for ahead was refused, and is nobody's "no": it begins with little again.
  package mutating func refusedAhead() { self = TrancheGrowth() }

  /// What so many calls need beside the first.
  package static func spare(_ calls: Int64, of bound: Price) -> Int64 {
    let (all, over) = bound.picoUSD.multipliedReportingOverflow(by: calls - 1)
    return over ? largest : max(0, min(all, largest))
  }

  private mutating func ask(_ count: Int64, _ now: Instant) -> Int64 {
    calls = min(count, Self.most)
    asked = now
    return calls
  }
}

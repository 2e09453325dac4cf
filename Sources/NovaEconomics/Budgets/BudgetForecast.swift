// How the day will end: the share of a day's spending that is usually done by now, what this day did so far, and what
// the last days did. Integers throughout. Must never forecast from a profile that no day ever followed: without
// history a day is taken to be even.

package import NovaModel

/// How spending usually spreads over a day: the share done by each 24th of it, in millionths.
package struct PaceProfile: Sendable, Hashable {
  /// 25 points from 0 to 1,000,000, never falling.
  package let points: [Int64]

  // 28 days hold four of each weekday.
  /// How many days are looked back on.
  package static let days = 28

  /// An even day.
  package static let even = PaceProfile(points: (0...24).map { Int64($0) * 1_000_000 / 24 })

  private init(points: [Int64]) { self.points = points }

  /// The mean of past days. Each is what had been spent by the end of each of its hours, micro-USD, the last being the
  /// whole day: 23, 24 or 25 of them. Days without spending say nothing.
  package init(days: [[Int64]]) {
    let shares = days.compactMap(Self.shares)
    guard !shares.isEmpty else {
      self = .even
      return
    }
    var points: [Int64] = []
    for index in 0...24 {
      let sum = shares.reduce(Int64(0)) { $0 + $1[index] }
      points.append(max(points.last ?? 0, sum / Int64(shares.count)))
    }
    points[24] = 1_000_000
    self.init(points: points)
  }

  private static func shares(_ hours: [Int64]) -> [Int64]? {
    guard let total = hours.last, total > 0 else { return nil }
    return (0...24).map { index in
      // A 24th of a day of 23 or 25 hours lies between two of its hours.
      let at = Int128(index) * Int128(hours.count)
      let whole = Int(at / 24)
      let rest = at % 24
      let before = whole == 0 ? 0 : Int128(max(0, hours[whole - 1]))
      let after = whole < hours.count ? Int128(max(0, hours[whole])) : before
      let spent = before + (after - before) * rest / 24
      return Int64(clamping: min(1_000_000, max(0, spent * 1_000_000 / Int128(total))))
    }
  }

  /// The share usually done when `elapsedPPM` of the day is over, in millionths.
  package func share(atPPM elapsedPPM: Int64) -> Int64 {
    let at = min(max(elapsedPPM, 0), 1_000_000) * 24
    let index = min(23, Int(at / 1_000_000))
    let rest = at - Int64(index) * 1_000_000
    return points[index] + (points[index + 1] - points[index]) * rest / 1_000_000
  }

  /// When that share is usually done, in millionths of the day; nil when only after its end.
  package func elapsed(atShare share: Int64) -> Int64? {
    guard share <= 1_000_000 else { return nil }
    guard let index = (0..<24).first(where: { points[$0 + 1] >= share }) else { return nil }
    let step = points[index + 1] - points[index]
    let inside = step == 0 ? 0 : max(0, share - points[index]) * 1_000_000 / step
    return (Int64(index) * 1_000_000 + inside) / 24
  }
}

/// What is expected of a day.
package struct BudgetForecast: Sendable, Hashable {
  /// What will have been spent by its end.
  package let total: Money
  /// What the rest of the day goes on at, as if for a whole day.
  private let dayRate: Int128
  private let spent: Money
  private let sharePPM: Int64

  // kappa of docs/economics.md: how many days of today's evidence the mean of the last days is worth.
  private static let weightPPM: Int128 = 300_000

  /// From what is spent, the share of the day's spending usually done by now, and the mean of the last seven days.
  package init(spent: Money, sharePPM: Int64, usualDay: Money) {
    let million: Int128 = 1_000_000
    let share = Int128(min(max(sharePPM, 0), 1_000_000))
    // F = s + (1 - w)(kappa mu0 + s)/(kappa + w), all over 10^6.
    let mass = Self.weightPPM * Int128(usualDay.microUSD) + million * Int128(spent.microUSD)
    dayRate = mass / (Self.weightPPM + share)
    let rest = UsagePricing.roundedHalfEven(
      picoUSD: (million - share) * mass / (Self.weightPPM + share))
    total = Money(
      microUSD: spent.microUSD.addingReportingOverflow(rest.0.microUSD).overflow
        ? .max : spent.microUSD + rest.0.microUSD)
    self.spent = spent
    self.sharePPM = Int64(share)
  }

  /// When the limit will be reached, in millionths of the day; nil when not on this day.
  package func exhaustion(of limit: Money, profile: PaceProfile) -> Int64? {
    guard limit > spent else { return profile.elapsed(atShare: sharePPM) }
    guard dayRate > 0 else { return nil }
    let more = Int128(limit.microUSD - spent.microUSD) * 1_000_000 / dayRate
    return profile.elapsed(atShare: sharePPM + Int64(clamping: more))
  }
}

/// Whether money goes out much faster than usual.
package struct BurnRate: Sendable, Hashable {
  // A quarter of an hour, three times the usual: a burst of a minute is not a leak.
  /// So long the rate must be high.
  package static let window = Span.seconds(900)
  /// So many times the usual rate is high.
  package static let factor: Int128 = 3
  private var marks: [Mark] = []

  private struct Mark: Sendable, Hashable {
    let at: Instant
    let spent: Money
    let sharePPM: Int64
    let day: Int64
  }

  /// Nothing seen yet.
  package init() {}

  /// Looks at the account; true when the last quarter of an hour cost more than three times what it usually does.
  package mutating func isHigh(
    spent: Money, sharePPM: Int64, usualDay: Money, day: Int64, at now: Instant
  ) -> Bool {
    marks.removeAll { $0.day != day }
    while marks.count > 1, now - marks[1].at >= Self.window { marks.removeFirst() }
    defer {
      if marks.last.map({ now - $0.at >= .seconds(30) }) ?? true {
        marks.append(Mark(at: now, spent: spent, sharePPM: sharePPM, day: day))
      }
    }
    guard let first = marks.first, now - first.at >= Self.window, usualDay > .zero else {
      return false
    }
    let usual = Int128(usualDay.microUSD) * Int128(sharePPM - first.sharePPM)
    return Int128(spent.microUSD - first.spent.microUSD) * 1_000_000 > Self.factor * usual
  }
}

/// The daily limit that earns its own growth.
package enum Reinvestment {
  /// Tomorrow's limit: `base` plus a share of the last seven days' matured net profit, per day; at most twice `base`
  /// and never above `cap`. A loss takes it back to `base` at once.
  package static func limit(
    base: Money, maturedProfit7Days: Money, sharePPM: Int64 = 500_000, cap: Money
  ) -> Money {
    let profit = Int128(max(0, maturedProfit7Days.microUSD))
    let pool = profit * Int128(max(0, sharePPM)) / 1_000_000 / 7
    let doubled = Int128(base.microUSD) * 2
    let most = max(Int128(base.microUSD), min(doubled, Int128(cap.microUSD)))
    return Money(microUSD: Int64(clamping: min(Int128(base.microUSD) + pool, most)))
  }
}

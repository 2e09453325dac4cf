// What the shell keeps for the budgets: the keeper, limits set by hand, and how the last days went.
// Must never hold money itself: that is the book's.

import Glibc
package import NovaEconomics
package import NovaModel

/// The budgets of a running supervisor.
package struct BudgetDesk: Sendable {
  /// Limits, accounts, reservations and who is held.
  package var keeper: BudgetKeeper
  /// Limits set by hand.
  package var overrides: [BudgetRule: BudgetOverride] = [:]
  var burn = BurnRate()
  /// The day for which a forecast above the limit was told, and a high burn.
  var toldForecast: Int64?
  var toldBurn: Int64?
  /// What was booked of computing and calls and is not told of as an entry yet; charged already.
  var untold: [WorkerName: Money] = [:]
  /// The last entry that the accounts have taken in, and the last that the disk knows of as taken in.
  var charged: Int64 = 0, storedCharged: Int64 = 0
  /// How the week went; nil until the ledger has said so.
  var matured: MaturedProfit?
  /// Nothing is covered before the shim has said who lives.
  var isOpen = false

  /// A desk with an empty book.
  package init(day: CalendarDay) { keeper = BudgetKeeper(book: BudgetBook(day: day)) }

  /// What one day usually costs: the mean of the last seven that are known; nil before the first.
  package func usualDay(of rule: BudgetRule) -> Money? {
    let today = keeper.book.day.days
    let past = (1...7).compactMap { keeper.book.accounts[rule.node(on: today - $0)]?.settled }
    guard !past.isEmpty else { return nil }
    let sum = past.reduce(Int128(0)) { $0 + Int128($1.microUSD) }
    return Money(microUSD: Int64(clamping: sum / Int128(past.count)))
  }

  /// How a day usually goes.
  package func profile(of rule: BudgetRule) -> PaceProfile {
    let today = keeper.book.day.days
    return PaceProfile(
      days: (1...Int64(PaceProfile.days)).compactMap { back in
        keeper.book.accounts[rule.node(on: today - back)].map { $0.hours + [$0.settled.microUSD] }
      })
  }

  /// What is expected of today, and when the limit will be reached.
  package func forecast(of rule: BudgetRule, at now: WallTime) -> (
    forecast: BudgetForecast, exhaustion: WallTime?
  )? {
    guard rule.daily else { return nil }
    let book = keeper.book
    let node = rule.node(on: book.day.days)
    let profile = profile(of: rule)
    let spent = book.settled(node)
    let share = profile.share(atPPM: book.day.elapsedPPM(at: now))
    // Before there is a usual day, today is taken to go on as it went.
    let usual =
      usualDay(of: rule)
      ?? Money(
        microUSD: share == 0
          ? 0 : Int64(clamping: Int128(spent.microUSD) * 1_000_000 / Int128(share)))
    let forecast = BudgetForecast(spent: spent, sharePPM: share, usualDay: usual)
    let at = book.limit(of: node).flatMap { limit in
      forecast.exhaustion(of: limit, profile: profile).map { ppm in
        let length = Int128(book.day.length.wholeMicroseconds)
        return WallTime(
          microseconds: book.day.start.microseconds + Int64(length * Int128(ppm) / 1_000_000))
      }
    }
    return (forecast, at)
  }

  /// What all workers together can cost at the most.
  static func hostRate(_ prices: HostPrices) -> ComputeRate {
    let cores = max(1, Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let pages = max(0, Int64(sysconf(Int32(_SC_PHYS_PAGES))))
    return ComputeRate(
      milliCores: cores * 1000, memoryBytes: UInt64(pages) * UInt64(max(1, getpagesize())),
      prices: prices)
  }

  /// What `lives` instances of a worker can cost at the most: its limits where the kernel holds them, else the host.
  static func rate(of spec: WorkerSpec, lives: Int, controllers: [String], prices: HostPrices)
    -> ComputeRate
  {
    let count = Int64(max(1, lives))
    var cores = max(1, Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) * 1000
    let pages = max(0, Int64(sysconf(Int32(_SC_PHYS_PAGES))))
    var memory = UInt64(pages) * UInt64(max(1, getpagesize()))
    if let percent = spec.limits.cpuPercent, controllers.contains("cpu") {
      cores = min(cores, Int64(percent) * 10 * count)
    }
    if let bytes = spec.limits.memoryBytes, controllers.contains("memory") {
      memory = min(memory, bytes.multipliedReportingOverflow(by: UInt64(count)).partialValue)
    }
    return ComputeRate(milliCores: cores, memoryBytes: memory, prices: prices)
  }
}

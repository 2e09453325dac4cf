// Days, moments and a generator for the tests of budgets. Must never read a clock or a source of randomness.

import NovaEconomics
import NovaModel

/// A small generator with a seed (SplitMix64), so that every failure can be repeated.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  /// True in `percent` of 100 cases.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

extension Money {
  /// `usd("1.25")`.
  static func usd(_ text: String) -> Money { Money(decimal: text) ?? .zero }
}

enum Stage {
  /// 2026-11-26, a day of 24 hours in UTC.
  static let day = CalendarDay(holding: time("2026-11-26T00:00:00Z"), in: .utc)

  static func time(_ text: String) -> WallTime {
    WallTime(rfc3339: text) ?? WallTime(microseconds: 0)
  }

  /// So many seconds into that day; the monotonic clock shows 1,000 s more.
  static func at(_ seconds: Int) -> Moment {
    Moment(
      instant: Instant(nanoseconds: UInt64(seconds + 1000) * 1_000_000_000),
      wall: day.start + .seconds(Int64(seconds)))
  }

  static func worker(_ name: String) -> WorkerName {
    guard let worker = WorkerName(name) else { preconditionFailure("no name: \(name)") }
    return worker
  }

  static let a = worker("a")
  static let b = worker("b")
  static let fleet = BudgetNode(.fleet, day: day.days)

  static func daily(_ worker: WorkerName) -> BudgetNode {
    BudgetNode(.worker, worker.text, day: day.days)
  }

  static func total(_ worker: WorkerName) -> BudgetNode { BudgetNode(.worker, worker.text) }

  /// A keeper with limits: the fleet's, and by worker.
  static func keeper(fleet: String, _ workers: [WorkerName: WorkerBudget] = [:]) -> BudgetKeeper {
    var keeper = BudgetKeeper(book: BudgetBook(day: day))
    keeper.configure(fleet: .usd(fleet), workers: workers, overrides: [], spent: { _ in .zero })
    return keeper
  }

  static func budget(daily: String? = nil, total: String? = nil, perRun: String? = nil)
    -> WorkerBudget
  {
    var budget = WorkerBudget()
    budget.daily = daily.map(Money.usd)
    budget.total = total.map(Money.usd)
    budget.perRun = perRun.map(Money.usd)
    return budget
  }

  static func wish(
    _ key: String, _ worker: WorkerName?, _ amount: String, least: String? = nil, lease: Int = 60
  ) -> BudgetWish {
    var wish = BudgetWish(
      key: key, worker: worker, amount: .usd(amount), lease: .seconds(Int64(lease)))
    wish.least = least.map(Money.usd)
    return wish
  }
}

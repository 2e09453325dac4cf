// What is added to a limit without changing it: a grant of somebody who was asked, money that earned its own growth, and
// what was booked on an earlier day.

import NovaEconomics
import NovaModel
import Testing

struct BudgetGrantTests {
  private let next = CalendarDay(days: Stage.day.days + 1, in: .utc)

  @Test("a grant raises the limit for the day and is gone with it; so do its thresholds")
  func grant() throws {
    var keeper = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(daily: "1")])
    let node = Stage.daily(Stage.a)
    keeper.book.charge(.usd("0.95"), to: keeper.book.path(worker: Stage.a), at: Stage.at(0))
    #expect(keeper.takeNotices().map { $0.details["percent"] } == ["90"])
    #expect(throws: BudgetRefusal.self) {
      try keeper.book.reserve(Stage.wish("k", Stage.a, "0.5"), at: Stage.at(1))
    }
    keeper.book.grant(.usd("1"), to: node)
    #expect(keeper.book.limit(of: node) == .usd("2"))
    #expect(keeper.book.left(node) == .usd("1.05"))
    let fits = try keeper.book.reserve(Stage.wish("k", Stage.a, "0.5"), at: Stage.at(2))
    #expect(fits.amount == .usd("0.5"))
    #expect(keeper.takeNotices().isEmpty, "not half of the new limit is spent")
    // The same configuration again takes nothing back.
    keeper.configure(
      fleet: .usd("100"), workers: [Stage.a: Stage.budget(daily: "1")], overrides: [],
      spent: { _ in .zero })
    #expect(keeper.book.limit(of: node) == .usd("2"))
    keeper.book.turn(to: next, keep: { _ in true })
    #expect(keeper.book.limit(of: BudgetNode(.worker, "a", day: next.days)) == .usd("1"))
  }

  @Test("a grant on a limit for life stays")
  func life() {
    var keeper = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(total: "1")])
    keeper.book.grant(.usd("1"), to: Stage.total(Stage.a))
    keeper.book.turn(to: next, keep: { _ in true })
    #expect(keeper.book.limit(of: Stage.total(Stage.a)) == .usd("2"))
  }

  @Test("who is asked is asked once a hold, after it was paused")
  func ask() {
    var budget = Stage.budget(daily: "1")
    budget.onExceeded = .ask
    var keeper = Stage.keeper(fleet: "100", [Stage.a: budget])
    func empty() -> [BudgetOrder] {
      keeper.exhausted(Stage.daily(Stage.a), by: Stage.a, isBusy: false, at: Stage.at(0))
    }
    func questions(_ orders: [BudgetOrder]) -> Int {
      orders.count { if case .ask = $0 { true } else { false } }
    }
    let first = empty()
    #expect(questions(first) == 1)
    guard case .pause? = first.first else {
      Issue.record("paused first")
      return
    }
    #expect(questions(empty()) == 0, "the order is repeated, not the question")
  }

  @Test("the fleet's limit of the day grows from the file's, or from one set by hand")
  func reinvested() {
    var keeper = Stage.keeper(fleet: "10")
    let rule = BudgetRule(.fleet, daily: true)
    func configure(_ overrides: [BudgetOverride] = []) {
      keeper.configure(
        fleet: .usd("10"), workers: [:], overrides: overrides,
        fleetLimit: {
          Reinvestment.limit(base: $0, maturedProfit7Days: .usd("70"), cap: .usd("100"))
        },
        spent: { _ in .zero })
    }
    configure()
    #expect(keeper.book.limit(of: Stage.fleet) == .usd("15"))
    configure([
      BudgetOverride(rule: rule, limit: .usd("20"), fileLimit: .usd("10"), actor: "uid:0")
    ])
    #expect(keeper.book.limit(of: Stage.fleet) == .usd("25"))
  }

  @Test("what was booked yesterday and is told today is yesterday's")
  func earlier() {
    var keeper = Stage.keeper(
      fleet: "100", [Stage.a: Stage.budget(daily: "1", total: "9")])
    keeper.book.turn(to: next, keep: { _ in true })
    let path = keeper.book.path(worker: Stage.a, on: Stage.day.days)
    #expect(path == [Stage.fleet, Stage.daily(Stage.a), Stage.total(Stage.a)])
    keeper.book.charge(.usd("0.4"), to: path, at: Stage.at(86_401))
    #expect(keeper.book.settled(Stage.daily(Stage.a)) == .usd("0.4"))
    #expect(keeper.book.settled(BudgetNode(.worker, "a", day: next.days)) == .zero)
    #expect(keeper.book.settled(Stage.total(Stage.a)) == .usd("0.4"))
  }
}

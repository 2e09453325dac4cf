// What an empty budget does to whom and when it is over; and computing that is set aside ahead, against computing that
// is looked at afterwards.

import NovaEconomics
import NovaModel
import Testing

struct BudgetKeeperTests {
  /// Two processors and 4 GiB at the default prices: $0.080170 an hour.
  private let rate = ComputeRate(milliCores: 2000, memoryBytes: 4 << 30, prices: HostPrices())
  private let minute = Span.seconds(60)

  private func exhaust(_ keeper: inout BudgetKeeper, busy: Bool = false, at second: Int = 0)
    -> [BudgetOrder]
  {
    keeper.exhausted(Stage.daily(Stage.a), by: Stage.a, isBusy: busy, at: Stage.at(second))
  }

  @Test("the rate is never below the truth")
  func rounding() {
    #expect(rate.cost(over: .seconds(3600)).decimal == "0.080171")
    #expect(rate.cost(over: Span(nanoseconds: 1)) == Money(microUSD: 1))
    for micro in [1, 7, 1000, 123_456] {
      let money = Money(microUSD: Int64(micro))
      #expect(rate.cost(over: rate.span(for: money)) <= money)
    }
  }

  @Test("compute is covered for an interval, for less when money is short, and then not at all")
  func cover() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "0.0005")])
    #expect(
      keeper.cover(.worker(Stage.a), rate: rate, interval: .seconds(10), at: Stage.at(0))
        == .covered(until: Stage.at(10).instant))
    let whole = keeper.cover(.worker(Stage.a), rate: rate, interval: minute, at: Stage.at(0))
    // $0.0005 last 22.4 s at the worst, a second of it is the margin.
    guard case .covered(let until) = whole else {
      Issue.record("covered")
      return
    }
    #expect((21...22).contains((until - Stage.at(0).instant).wholeSeconds))
    #expect(keeper.book.left(Stage.daily(Stage.a)) == .zero)
    keeper.chargeCompute(.usd("0.00046"), of: Stage.a, at: Stage.at(21))
    #expect(
      keeper.cover(.worker(Stage.a), rate: rate, interval: minute, at: Stage.at(21))
        == .exhausted(Stage.daily(Stage.a)), "0.00004 last less than two seconds")
    #expect(keeper.book.reserved(Stage.daily(Stage.a)) == .zero)
  }

  @Test("computing reserved ahead never overshoots; looking afterwards does")
  func sideBySide() {
    var most: (ahead: Int64, after: Int64) = (0, 0)
    var unused: Int64 = 0
    for seed in 0..<200 {
      var dice = Dice(UInt64(seed))
      let limit = Int64(200 + dice.below(3000))
      var keeper = Stage.keeper(
        fleet: "100", [Stage.a: Stage.budget(daily: Money(microUSD: limit).decimal)])
      let share = 20 + dice.below(81)
      let pace = ComputeRate(
        milliCores: Int64(20 * share), memoryBytes: UInt64(share) << 25, prices: HostPrices())
      // Ahead: what is used is charged when the cover ends, at most a second late.
      var second = 0
      var running = true
      while running, second < 86_400 {
        switch keeper.cover(.worker(Stage.a), rate: rate, interval: minute, at: Stage.at(second)) {
        case .covered(let until):
          let end = Int((until - Stage.at(0).instant).wholeSeconds) + dice.below(2)
          keeper.chargeCompute(
            pace.cost(over: .seconds(Int64(end - second))), of: Stage.a, at: Stage.at(end))
          second = end
        case .exhausted: running = false
        }
      }
      let node = Stage.daily(Stage.a)
      most.ahead = max(most.ahead, keeper.book.overrun(node).microUSD)
      unused = max(unused, (keeper.book.left(node) ?? .zero).microUSD)
      // Afterwards: every booking interval the account is looked at.
      var after: Int64 = 0
      while after < limit { after += pace.cost(over: minute).microUSD }
      most.after = max(most.after, after - limit)
    }
    #expect(most.ahead == 0)
    #expect(most.after > 0)
    #expect(unused <= rate.cost(over: .seconds(2)).microUSD)
    Shown.lines([
      "200 workers that compute until their budget is empty: check-then-act over by at most "
        + "\(Money(microUSD: most.after).dollars), reserved ahead by at most "
        + "\(Money(microUSD: most.ahead).dollars), at most \(Money(microUSD: unused).dollars) unused"
    ])
  }

  @Test("an empty budget pauses, once, and the next day lets it go on")
  func pause() {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    keeper.book.charge(.usd("1"), to: keeper.book.path(worker: Stage.a), at: Stage.at(0))
    let orders = exhaust(&keeper)
    let note = "budget: $1.00 a day is spent, new money at 2026-11-27T00:00:00.000Z"
    #expect(orders.first == .pause(Stage.a, note: note))
    #expect(
      orders.contains { if case .tell(let n) = $0 { n.severity == .critical } else { false } })
    #expect(keeper.holds[Stage.a]?.note == note)
    let again = exhaust(&keeper, at: 5)
    #expect(again.first == .pause(Stage.a, note: note), "it goes on although it is held: once more")
    #expect(!again.contains { if case .tell = $0 { true } else { false } }, "but told once")
    #expect(keeper.review(rate: { _ in rate }, interval: minute).isEmpty, "still the same day")
    let tomorrow = CalendarDay(holding: Stage.at(86_400).wall, in: .utc)
    keeper.book.turn(to: tomorrow) { _ in false }
    #expect(
      keeper.review(rate: { _ in rate }, interval: minute)
        == [.forget(Stage.a), .resume(Stage.a, note: note)])
    #expect(keeper.holds.isEmpty)
  }

  @Test("a lifetime budget is not filled by the next day, but by a higher limit")
  func lifetime() {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(total: "1")])
    keeper.book.charge(.usd("1"), to: keeper.book.path(worker: Stage.a), at: Stage.at(0))
    _ = keeper.exhausted(Stage.total(Stage.a), by: Stage.a, isBusy: false, at: Stage.at(0))
    keeper.book.turn(to: CalendarDay(holding: Stage.at(86_400).wall, in: .utc)) { _ in false }
    #expect(keeper.review(rate: { _ in rate }, interval: minute).isEmpty)
    keeper.configure(
      fleet: .usd("10"), workers: [Stage.a: Stage.budget(total: "2")], overrides: [],
      spent: { _ in .zero })
    #expect(keeper.review(rate: { _ in rate }, interval: minute).count == 2)
  }

  @Test(
    "a provider's daily limit comes and goes with the file, and one set by hand lasts until the file says another"
  )
  func provider() {
    var keeper = Stage.keeper(fleet: "10", [:])
    let node = BudgetNode(.provider, "anthropic", day: Stage.day.days)
    func configure(_ file: [String: Money], _ overrides: [BudgetOverride] = []) {
      keeper.configure(
        fleet: .usd("10"), workers: [:], providers: file, overrides: overrides,
        spent: { _ in .usd("0.25") })
    }
    configure(["anthropic": .usd("2")])
    #expect(keeper.book.left(node) == .usd("1.75"))
    let byHand = BudgetOverride(
      rule: node.rule, limit: .usd("3"), fileLimit: .usd("2"), actor: "uid:0")
    configure(["anthropic": .usd("2")], [byHand])
    #expect(keeper.book.left(node) == .usd("2.75"))
    configure(["anthropic": .usd("1")], [byHand])
    #expect(keeper.book.left(node) == .usd("0.75"))
    configure([:])
    #expect(keeper.book.left(node) == nil)
  }

  @Test("after_run waits for the run under way, and for nothing else")
  func afterRun() {
    var budget = Stage.budget(daily: "1")
    budget.pauseMode = .afterRun
    var keeper = Stage.keeper(fleet: "10", [Stage.a: budget])
    #expect(keeper.runEnded(of: Stage.a).isEmpty)
    let first = exhaust(&keeper, busy: true)
    #expect(!first.contains { if case .pause = $0 { true } else { false } })
    #expect(exhaust(&keeper, busy: true, at: 9).isEmpty)
    guard case .pause? = keeper.runEnded(of: Stage.a).first else {
      Issue.record("paused when the run ended")
      return
    }
    #expect(keeper.runEnded(of: Stage.a).isEmpty)
    var idle = Stage.keeper(fleet: "10", [Stage.a: budget])
    guard case .pause? = exhaust(&idle).first else {
      Issue.record("nothing to wait for: paused at once")
      return
    }
  }

  @Test("stop stops for good; ask pauses and says how to let it go on")
  func stopAndAsk() {
    var budget = Stage.budget(daily: "1")
    budget.onExceeded = .stop
    var keeper = Stage.keeper(fleet: "10", [Stage.a: budget])
    guard case .stop? = exhaust(&keeper).first else {
      Issue.record("stopped")
      return
    }
    keeper.book.turn(to: CalendarDay(holding: Stage.at(86_400).wall, in: .utc)) { _ in false }
    #expect(keeper.review(rate: { _ in rate }, interval: minute) == [.forget(Stage.a)])
    budget.onExceeded = .ask
    var asking = Stage.keeper(fleet: "10", [Stage.a: budget])
    func tellsHow(_ orders: [BudgetOrder]) -> Bool {
      orders.contains {
        if case .tell(let notice) = $0 {
          notice.message.contains("novasup budget set a --daily")
        } else {
          false
        }
      }
    }
    #expect(tellsHow(exhaust(&asking)))
    // Also where the limit was overshot, which was told before it was held: nobody else says how.
    var overshot = Stage.keeper(fleet: "10", [Stage.a: budget])
    overshot.book.charge(
      .usd("1.5"), to: overshot.book.path(worker: Stage.a), at: Stage.at(0))
    #expect(overshot.takeNotices().contains { $0.details["percent"] == "100" })
    #expect(tellsHow(exhaust(&overshot)))
  }

  @Test("three quarters, nine tenths and all of it are told once a day")
  func thresholds() {
    var keeper = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(daily: "10")])
    var told: [String] = []
    for cents in stride(from: 50, through: 1100, by: 50) {
      keeper.book.charge(.usd("0.5"), to: keeper.book.path(worker: Stage.a), at: Stage.at(cents))
      told += keeper.takeNotices().map { "\($0.details["percent"] ?? "") at \(cents)" }
      _ = keeper.book.takeChanges()
    }
    #expect(told == ["75 at 750", "90 at 900", "100 at 1000"])
  }

  @Test("a limit set by hand holds until the file says something else")
  func override() {
    let rule = BudgetRule(.worker, "a", daily: true)
    let override = BudgetOverride(
      rule: rule, limit: .usd("20"), fileLimit: .usd("10"), actor: "uid:0")
    var keeper = Stage.keeper(fleet: "100", [:])
    func limit(_ file: String?) -> Money? {
      keeper.configure(
        fleet: .usd("100"), workers: [Stage.a: Stage.budget(daily: file)], overrides: [override],
        spent: { _ in .zero })
      return keeper.book.limits[rule]
    }
    #expect(limit("10") == .usd("20"))
    #expect(limit("12") == .usd("12"))
    #expect(limit(nil) == nil)
  }

  @Test("whose computing ends gives back what was set aside for it")
  func uncover() {
    var keeper = Stage.keeper(fleet: "100", [Stage.a: Stage.budget(daily: "10")])
    _ = keeper.cover(.worker(Stage.a), rate: rate, interval: minute, at: Stage.at(0))
    #expect(keeper.book.reserved(Stage.daily(Stage.a)) > .zero)
    keeper.uncover(.worker(Stage.a))
    #expect(keeper.book.reserved(Stage.daily(Stage.a)) == .zero)
    #expect(keeper.book.takeChanges().isEmpty, "standing reservations are never written")
  }
}

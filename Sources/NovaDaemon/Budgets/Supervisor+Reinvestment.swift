// `budget.reinvest`: the fleet's daily limit grows by a share of what the last week brought, and falls back when it brought
// less. Must never raise a limit in the middle of a day, nor above the cap.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// What the ledger says of the week before this day, and of the last seven days.
struct MaturedProfit: Sendable, Hashable {
  var day: Int64
  var atStart: Money
  var now: Money
}

extension Supervisor {
  /// How often the last seven days are looked at: a loss takes the limit down within this time.
  static let maturedInterval = Span.seconds(600)

  /// Asks the ledger how the week went; what follows is said and holds at once.
  func lookAtReinvestment() {
    guard let share = configuration?.settings.reinvestPercent, share > 0 else { return }
    let day = desk.keeper.book.day
    _ = inquire(.matured([day.start, Clock.now().wall])) { [weak self] answer in
      guard let self, case .matured(let found) = answer, found.count == 2 else { return }
      let before = reinvestedLimit
      desk.matured = MaturedProfit(day: day.days, atStart: found[0], now: found[1])
      let after = reinvestedLimit
      guard after != before, desk.isOpen else { return }
      history.record(
        EventRecord(
          at: Clock.now().wall, type: "budget.reinvested", severity: .notice, actor: "budget",
          message: "the fleet may spend \(after.dollars) today: the matured profit of seven days "
            + "is " + min(found[0], found[1]).dollars,
          details: ["limit_usd": after.decimal, "profit_usd": min(found[0], found[1]).decimal]))
      configureBudgets()
      budgetTick()
    }
  }

  private var reinvestedLimit: Money { reinvested(fleetBase) }

  /// The fleet's limit without reinvestment.
  var fleetBase: Money {
    let file = configuration?.settings.dailyBudget ?? .zero
    guard let override = desk.overrides[Self.fleetRule], BudgetKeeper.holds(override, in: file)
    else { return file }
    return override.limit ?? file
  }

  /// A limit with what may be spent again: by the week before this day, and no more than the last seven days allow.
  func reinvested(_ base: Money) -> Money {
    guard let settings = configuration?.settings, settings.reinvestPercent > 0,
      let matured = desk.matured, matured.day == desk.keeper.book.day.days
    else { return base }
    return Reinvestment.limit(
      base: base, maturedProfit7Days: min(matured.atStart, matured.now),
      sharePPM: Int64(settings.reinvestPercent) * 10_000,
      cap: settings.hardCap ?? Money(microUSD: .max))
  }

  /// What a report of revenue says of it, whether it is in effect or not.
  func reinvestmentRow(_ profit: Money) -> ReinvestmentRow {
    let settings = configuration?.settings ?? SupervisorSettings()
    let share = settings.reinvestPercent > 0 ? settings.reinvestPercent : 50
    let limit = Reinvestment.limit(
      base: fleetBase, maturedProfit7Days: profit, sharePPM: Int64(share) * 10_000,
      cap: settings.hardCap ?? Money(microUSD: .max))
    return ReinvestmentRow(
      maturedProfit7dUSD: profit.decimal, poolUSD: (limit - fleetBase).decimal,
      suggestedDailyUSD: limit.decimal)
  }
}

// The day's pace: what is told when money goes faster than it should. Must never hold anybody.

import NovaEconomics
import NovaModel

extension Supervisor {
  /// A forecast above the limit and a burn far above the usual are told once a day.
  func watchPace(_ now: Moment) {
    let day = desk.keeper.book.day
    let node = Self.fleetRule.node(on: day.days)
    guard let limit = desk.keeper.book.limit(of: node),
      let usual = desk.usualDay(of: Self.fleetRule)
    else { return }
    let share = desk.profile(of: Self.fleetRule).share(atPPM: day.elapsedPPM(at: now.wall))
    let spent = desk.keeper.book.settled(node)
    let isBurning = desk.burn.isHigh(
      spent: spent, sharePPM: share, usualDay: usual, day: day.days, at: now.instant)
    if isBurning, desk.toldBurn != day.days {
      desk.toldBurn = day.days
      tell(
        BudgetNotice(
          type: "budget.burn", severity: .warning,
          message: "the last quarter of an hour cost more than three times the usual"))
    }
    guard let (forecast, at) = desk.forecast(of: Self.fleetRule, at: now.wall),
      forecast.total > limit, desk.toldForecast != day.days
    else { return }
    desk.toldForecast = day.days
    tell(
      BudgetNotice(
        type: "budget.forecast", severity: .warning,
        message: "today is forecast to cost \(forecast.total.dollars), more than the limit of "
          + limit.dollars + (at.map { ", reached at \($0.rfc3339)" } ?? ""),
        details: ["forecast_usd": forecast.total.decimal, "limit_usd": limit.decimal]))
  }
}

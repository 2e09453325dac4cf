// The fleet's day in money, and what waits for people, as metrics. Must never have a label: whoever wants a worker's
// figures asks the ledger.

import NovaEconomics
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Families of `/metrics`, described in docs/reference/metrics.md.
  func moneyMetrics(at now: WallTime) -> [MetricFamily] {
    let sums = sumsToday(now)
    var spent = MetricFamily(
      "nova_spent_today_usd", .gauge, help: "What the fleet has cost today, in USD.")
    spent.add([], .money(sums.cost))
    var earned = MetricFamily(
      "nova_revenue_today_usd", .gauge,
      help: "What was earned today less what was given back, in USD.")
    earned.add([], .money(sums.netRevenue))
    var limit = MetricFamily(
      "nova_budget_today_usd", .gauge, help: "The fleet's limit of today, in USD.")
    let node = Self.fleetRule.node(on: desk.keeper.book.day.days)
    limit.add([], desk.keeper.book.limit(of: node).map { .money($0) })
    var approvals = MetricFamily(
      "nova_approvals_pending", .gauge, help: "Decisions that wait for somebody's word.")
    approvals.add([], .integer(pendingApprovals))
    var alerts = MetricFamily("nova_alerts_active", .gauge, help: "Alerts that last.")
    alerts.add([], .integer(engine.alerts.active.count))
    return [spent, earned, limit, approvals, alerts]
  }
}

// `GET /v1/budgets` and the lines of the status pages. Must never show a limit's account that is not today's.

import NovaEconomics
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Every limit, who is held, and what is open.
  func budgetReport() -> BudgetReport {
    let book = desk.keeper.book
    let now = Clock.now().wall
    let states = book.reservations.values.map(\.state)
    var report = BudgetReport(
      day: book.day.text, timezone: configuration?.settings.timezone ?? "UTC",
      resetsAt: book.day.end.rfc3339,
      openReservations: book.reservations.values.count {
        $0.state == .open && $0.route != BudgetBook.computeRoute
      },
      unreconciledReservations: states.count { $0 == .unreconciled })
    var rules = Set(book.limits.keys)
    rules.insert(Self.fleetRule)
    report.budgets = rules.sorted().map { row($0.node(on: book.day.days), at: now) }
    let runs = book.accounts.keys.filter { $0.scope == .run }.sorted()
    report.budgets += runs.map { row($0, at: now) }
    report.held = desk.keeper.holds.values.sorted { $0.worker < $1.worker }.map {
      BudgetHoldRow(
        worker: $0.worker.text, action: $0.action.rawValue, pending: $0.isPending,
        since: $0.since.rfc3339, why: $0.note)
    }
    return report
  }

  private func row(_ node: BudgetNode, at now: WallTime) -> BudgetRow {
    let book = desk.keeper.book
    let account = book.accounts[node] ?? BudgetAccount()
    let limit = book.limit(of: node)
    var row = BudgetRow(
      scope: BudgetScopeWord(rawValue: node.scope.rawValue) ?? .fleet,
      subject: node.subject.isEmpty ? nil : node.subject,
      period: node.day == nil ? .total : .day, spentUSD: account.settled.decimal,
      reservedUSD: book.reserved(node).decimal, overrunUSD: book.overrun(node).decimal,
      unreservedUSD: account.unreserved.decimal, unreconciledUSD: account.unreconciled.decimal,
      level: .ok)
    row.limitUSD = limit?.decimal
    row.leftUSD = book.left(node)?.decimal
    row.soft = book.soft.contains(node.rule)
    if let limit {
      let isHeld = desk.keeper.holds.values.contains { $0.rule == node.rule }
      let used = Int128(account.settled.microUSD) * 100
      row.level =
        isHeld || account.settled >= limit && limit > .zero
        ? .exhausted : used >= 75 * Int128(limit.microUSD) && used > 0 ? .warning : .ok
    }
    if let (forecast, at) = desk.forecast(of: node.rule, at: now) {
      row.forecastUSD = forecast.total.decimal
      row.exhaustedAt = at?.rfc3339
    }
    row.grantedUSD = account.granted == .zero ? nil : account.granted.decimal
    if let override = desk.overrides[node.rule], override.limit == book.limits[node.rule] {
      row.setBy = override.actor
    }
    return row
  }

  /// The money lines of `GET /v1/status`.
  func addBudget(to status: inout SystemStatus, at now: WallTime) {
    let node = Self.fleetRule.node(on: desk.keeper.book.day.days)
    status.budgetTodayUSD = desk.keeper.book.limit(of: node)?.decimal
    status.budgetLeftUSD = desk.keeper.book.left(node)?.decimal
    status.forecastTodayUSD = desk.forecast(of: Self.fleetRule, at: now)?.forecast.total.decimal
  }

  /// What is left on the tightest of a worker's own limits.
  func budgetLeft(of worker: WorkerName) -> Money? {
    let book = desk.keeper.book
    let own = book.path(worker: worker).filter { $0.scope == .worker }
    return own.compactMap { book.left($0) }.min()
  }
}

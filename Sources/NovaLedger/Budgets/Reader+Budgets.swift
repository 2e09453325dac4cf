// What budgets remember, read once at the start. Must never read more than can be of use: accounts of some 30 days and
// the newest finished reservations.

internal import NovaModel

extension Reader {
  // As many as a book keeps for callers that repeat themselves.
  private static let finished: Int64 = 4096

  /// Everything that budgets go on from.
  borrowing func budgetState() throws(LedgerError) -> BudgetState {
    var state = BudgetState()
    // The newest 30 days there are, whatever day it is now; daily accounts of whose days nothing is open are history.
    let accounts = try all(
      BudgetAccount.selection
        + " WHERE day = 0 OR day > (SELECT coalesce(max(day), 0) FROM budget_account) - 30"
    ) { row -> (BudgetNode, BudgetAccount)? in
      guard let node = BudgetNode(row, from: 0), let account = BudgetAccount(row, from: 3) else {
        return nil
      }
      return (node, account)
    }
    state.accounts = Dictionary(accounts) { first, _ in first }
    state.reservations =
      try all(
        BudgetReservation.selection + " WHERE state IN ('open', 'unreconciled') ORDER BY id"
      ) { BudgetReservation($0) }
      + all(
        BudgetReservation.selection
          + " WHERE state IN ('settled', 'released') ORDER BY id DESC LIMIT ?",
        [.integer(Self.finished)]
      ) { BudgetReservation($0) }
    let routes = try all("SELECT worker, name, factor_ppm FROM budget_route") {
      row -> (BudgetRoute, Int64)? in
      (BudgetRoute(worker: WorkerName(row.text(0)), name: row.text(1)), row.integer(2))
    }
    state.routes = Dictionary(routes) { first, _ in first }
    state.overrides = try all(BudgetOverride.selection) { BudgetOverride($0) }
    state.holds = try all(BudgetHold.selection) { BudgetHold($0) }
    state.chargedThrough = try connection.integer(
      "SELECT value FROM meta WHERE name = 'entries_charged'")
    return state
  }
}

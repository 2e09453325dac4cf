// Budgets on their way to the disk. Each row is stored whole, so that writing it twice has the effect of once.
// Must never decide whether money may be spent: that was decided before.

internal import NovaModel

/// The statements about budgets.
struct BudgetStatements: ~Copyable {
  var account: Statement, reservation: Statement, route: Statement, override: Statement
  var hold: Statement, forgetHold: Statement, charged: Statement
  var pruneAccounts: Statement, pruneReservations: Statement

  init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    account = connection.prepare(
      """
      INSERT INTO budget_account(scope, subject, day, settled_micro, unreserved_micro,
        unreconciled_micro, told, hours, granted_micro) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(scope, subject, day) DO UPDATE SET settled_micro = excluded.settled_micro,
        unreserved_micro = excluded.unreserved_micro,
        unreconciled_micro = excluded.unreconciled_micro, told = excluded.told,
        hours = excluded.hours, granted_micro = excluded.granted_micro
      """, &failure)
    reservation = connection.prepare(
      """
      INSERT INTO budget_reservation(id, key, worker, run, provider, route, path, amount_micro,
        soft_micro, drawn_micro, state, opened_usec) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(id) DO UPDATE SET key = excluded.key, worker = excluded.worker,
        path = excluded.path, amount_micro = excluded.amount_micro,
        drawn_micro = excluded.drawn_micro, state = excluded.state
      """, &failure)
    route = connection.prepare(
      """
      INSERT INTO budget_route(worker, name, factor_ppm) VALUES (?, ?, ?)
      ON CONFLICT(worker, name) DO UPDATE SET factor_ppm = excluded.factor_ppm
      """, &failure)
    override = connection.prepare(
      """
      INSERT INTO budget_override(scope, subject, daily, limit_micro, file_micro, actor)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT(scope, subject, daily) DO UPDATE SET limit_micro = excluded.limit_micro,
        file_micro = excluded.file_micro, actor = excluded.actor
      """, &failure)
    hold = connection.prepare(
      """
      INSERT INTO budget_hold(worker, scope, subject, daily, action, pending, since_usec, note, needed_micro)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(worker) DO UPDATE SET scope = excluded.scope, subject = excluded.subject,
        daily = excluded.daily, action = excluded.action, pending = excluded.pending,
        since_usec = excluded.since_usec, note = excluded.note, needed_micro = excluded.needed_micro
      """, &failure)
    forgetHold = connection.prepare("DELETE FROM budget_hold WHERE worker = ?", &failure)
    charged = connection.prepare(
      """
      INSERT INTO meta(name, value) VALUES ('entries_charged', ?)
      ON CONFLICT(name) DO UPDATE SET value = max(value, excluded.value)
      """, &failure)
    pruneAccounts = connection.prepare(
      "DELETE FROM budget_account WHERE day > 0 AND day < ?", &failure)
    // A bounded piece: the rest goes at the next retention.
    pruneReservations = connection.prepare(
      """
      DELETE FROM budget_reservation WHERE id IN (SELECT id FROM budget_reservation
        WHERE state IN ('settled', 'released') AND opened_usec < ? ORDER BY opened_usec LIMIT 10000)
      """, &failure)
  }
}

extension Writer {
  mutating func store(_ change: BudgetChange) throws(LedgerError) {
    switch change {
    case .account(let node, let account):
      try statements.budgets.account.run(node.columns + account.columns)
    case .reservation(let reservation):
      try statements.budgets.reservation.run(reservation.columns)
    case .route(let route, let factorPPM):
      try statements.budgets.route.run([
        .text(route.worker?.text ?? ""), .text(route.name), .integer(factorPPM),
      ])
    case .override(let override): try statements.budgets.override.run(override.columns)
    case .hold(let hold): try statements.budgets.hold.run(hold.columns)
    case .forgetHold(let worker): try statements.budgets.forgetHold.run([.text(worker.text)])
    case .charged(let through): try statements.budgets.charged.run([.integer(through)])
    case .retain(let day, let time):
      try statements.budgets.pruneAccounts.run([.integer(day)])
      try statements.budgets.pruneReservations.run([.integer(time.microseconds)])
    }
  }
}

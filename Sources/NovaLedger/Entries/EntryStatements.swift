// The statements of the ledger of money, prepared once and held by name. Must never be built from values.

internal import NovaModel

/// What the writer asks and writes about money.
struct EntryStatements: ~Copyable {
  var insert: Statement, find: Statement, findParts: Statement, findReversing: Statement
  var findOfRun: Statement, nextPart: Statement
  var addBalance: Statement, addPeriod: Statement
  var insertRun: Statement, findRun: Statement
  var findRunTotal: Statement, storeRunTotal: Statement
  var storeHostAccount: Statement
  var findSubscription: Statement, countCycle: Statement
  var findRate: Statement, insertRate: Statement
  var insertTouch: Statement, findTouches: Statement, pruneTouches: Statement

  init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    insert = connection.prepare(
      "INSERT INTO entry(\(Entry.columnNames), hash) VALUES ("
        + String(repeating: "?, ", count: 21)
        + "?) ON CONFLICT(source, external_id, kind, part) DO NOTHING", &failure)
    find = connection.prepare(
      Entry.selection + " WHERE source = ? AND external_id = ? AND kind = ? AND part = ?", &failure)
    findParts = connection.prepare(
      Entry.selection + " WHERE source = ? AND external_id = ? AND kind = ? ORDER BY part", &failure
    )
    findReversing = connection.prepare(Entry.selection + " WHERE reverses = ?", &failure)
    findOfRun = connection.prepare(
      Entry.selection + " WHERE worker = ? AND run = ? ORDER BY id", &failure)
    nextPart = connection.prepare(
      """
      SELECT coalesce(max(part), -1) + 1 FROM entry WHERE source = ? AND external_id = ? AND kind = ?
      """, &failure)
    addBalance = connection.prepare(
      """
      INSERT INTO balance(worker, instance, revenue_micro, contra_micro, cost_micro, compute_micro,
        pending_micro, entries) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(worker, instance) DO UPDATE SET revenue_micro = revenue_micro + excluded.revenue_micro,
        contra_micro = contra_micro + excluded.contra_micro, cost_micro = cost_micro + excluded.cost_micro,
        compute_micro = compute_micro + excluded.compute_micro, pending_micro = pending_micro + excluded.pending_micro, entries = entries + excluded.entries
      """, &failure)
    addPeriod = connection.prepare(
      """
      INSERT INTO period(quarter, worker, kind, source, amount_micro, pending_micro, entries)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(quarter, worker, kind, source) DO UPDATE SET
        amount_micro = amount_micro + excluded.amount_micro,
        pending_micro = pending_micro + excluded.pending_micro, entries = entries + excluded.entries
      """, &failure)
    insertRun = connection.prepare(
      "INSERT INTO run(\(RunRecord.columnNames)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      &failure)
    findRun = connection.prepare(RunRecord.selection + " WHERE worker = ? AND run = ?", &failure)
    findRunTotal = connection.prepare(
      """
      SELECT ok, failed, crashed, with_revenue, lives, crashed_lives, first_usec, last_usec
        FROM run_total WHERE worker = ?
      """, &failure)
    storeRunTotal = connection.prepare(
      """
      INSERT INTO run_total(worker, ok, failed, crashed, with_revenue, lives, crashed_lives, first_usec,
        last_usec) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(worker) DO UPDATE SET ok = excluded.ok, failed = excluded.failed,
        crashed = excluded.crashed, with_revenue = excluded.with_revenue, lives = excluded.lives,
        crashed_lives = excluded.crashed_lives, first_usec = excluded.first_usec,
        last_usec = excluded.last_usec
      """, &failure)
    storeHostAccount = connection.prepare(
      """
      INSERT INTO host_account(id, number, boot_id, boottime_nsec, remainder_pico, early_micro)
      VALUES (1, ?, ?, ?, ?, ?)
      ON CONFLICT(id) DO UPDATE SET number = excluded.number, boot_id = excluded.boot_id,
        boottime_nsec = excluded.boottime_nsec, remainder_pico = excluded.remainder_pico,
        early_micro = excluded.early_micro
      """, &failure)
    findSubscription = connection.prepare(
      "SELECT payment, kind, cycles FROM subscription WHERE source = ? AND name = ?", &failure)
    countCycle = connection.prepare(
      """
      INSERT INTO subscription(source, name, payment, kind, cycles) VALUES (?, ?, ?, ?, 1)
      ON CONFLICT(source, name) DO UPDATE SET cycles = cycles + 1
      """, &failure)
    findRate = connection.prepare(
      ExchangeRate.selection + " WHERE currency = ? AND since_usec = ?", &failure)
    insertRate = connection.prepare(
      "INSERT INTO rate(currency, since_usec, numerator, denominator, actor) VALUES (?, ?, ?, ?, ?)",
      &failure)
    insertTouch = connection.prepare(
      "INSERT INTO touch(key, at_usec, worker, run) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      &failure)
    findTouches = connection.prepare(
      """
      SELECT worker, run, at_usec FROM touch WHERE key = ? AND at_usec BETWEEN ? AND ?
        ORDER BY at_usec, worker, run
      """, &failure)
    pruneTouches = connection.prepare(
      """
      DELETE FROM touch WHERE (key, at_usec, worker, run) IN
        (SELECT key, at_usec, worker, run FROM touch WHERE at_usec < ? ORDER BY at_usec LIMIT ?)
      """, &failure)
  }
}

// The running totals as the last supervisor left them: what the loop keeps in memory from its start on.
// Must never read the entries themselves: there is no bound to their number.

internal import NovaModel

extension Reader {
  /// Every balance.
  borrowing func balances() throws(LedgerError) -> [BalanceKey: Balance] {
    let rows = try all(
      """
      SELECT worker, instance, revenue_micro, contra_micro, cost_micro, compute_micro, pending_micro,
        entries FROM balance
      """
    ) { row -> (BalanceKey, Balance)? in
      let text = row.text(0)
      let worker = WorkerName(text)
      guard text.isEmpty || worker != nil else { return nil }
      return (BalanceKey(worker: worker, instance: Int(row.integer(1))), Balance(row, from: 2))
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// The runs of every worker in numbers.
  borrowing func runTotals() throws(LedgerError) -> [WorkerName: RunTotals] {
    let rows = try all(
      """
      SELECT worker, ok, failed, crashed, with_revenue, lives, crashed_lives, first_usec, last_usec
        FROM run_total
      """
    ) { row -> (WorkerName, RunTotals)? in
      WorkerName(row.text(0)).map { ($0, RunTotals(row, from: 1)) }
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// A worker's newest runs, newest first.
  borrowing func runs(of worker: WorkerName, limit: Int) throws(LedgerError) -> [RunRecord] {
    try all(
      RunRecord.selection + " WHERE worker = ? ORDER BY finished_usec DESC LIMIT ?",
      [.text(worker.text), .integer(Int64(max(1, limit)))]
    ) { RunRecord($0) }
  }

  /// Entries after an id, oldest first.
  borrowing func entries(after: Int64, limit: Int) throws(LedgerError) -> [Entry] {
    try all(
      Entry.selection + " WHERE id > ? ORDER BY id LIMIT ?",
      [.integer(after), .integer(Int64(max(1, limit)))]
    ) { Entry($0) }
  }
}

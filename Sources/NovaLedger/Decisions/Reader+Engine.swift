// What the engine asks of the ledger: once at the start all it goes on with, later a page of decisions or evaluations.
// Must never be asked for all evaluations at once: they come in pages.

internal import NovaModel

extension Reader {
  /// All that a new supervisor needs.
  borrowing func engineState(now: WallTime) throws(LedgerError) -> EngineState {
    var state = EngineState()
    let epochs = try all(
      """
      SELECT \(EpochRecord.columnNames) FROM epoch e
        WHERE number = (SELECT max(number) FROM epoch WHERE worker = e.worker)
      """
    ) { EpochRecord($0) }
    for epoch in epochs { state.epochs[epoch.worker] = epoch }
    state.lastSequence = try connection.integer("SELECT max(sequence) FROM evaluation") ?? 0
    state.lastDecision = try connection.integer("SELECT max(id) FROM decision") ?? 0
    state.lastAlert = try connection.integer("SELECT max(id) FROM alert") ?? 0
    state.decisions = try all(
      DecisionRecord.selection
        + " WHERE state IN ('pending', 'withheld') OR (id > 0 AND at_usec > ?) ORDER BY id",
      [.integer(now.microseconds - 2 * 86_400_000_000)]
    ) { DecisionRecord($0) }
    state.alerts = try all(AlertRecord.selection + " WHERE resolved_usec IS NULL ORDER BY id") {
      AlertRecord($0)
    }
    for setting in EngineSetting.allCases {
      let found = try all(
        "SELECT value FROM engine WHERE name = ?", [.text(setting.rawValue)]
      ) { $0.integer(0) }
      state.settings[setting] = found.first
    }
    for (name, since) in try sources(EngineWrite.stalePrefix) { state.stale[name] = since }
    for (name, _) in try sources(EngineWrite.silentPrefix) { state.silent.insert(name) }
    state.ripening = try ripening()
    state.strays = try strays()
    state.revenue = try revenue(since: now + .seconds(-7 * 86_400))
    state.news = try news()
    return state
  }

  /// Sources of which the engine's table keeps a time, by what their rows begin with.
  private borrowing func sources(_ prefix: String) throws(LedgerError) -> [(String, WallTime)] {
    try all(
      "SELECT name, value FROM engine WHERE name GLOB ? AND value <> 0", [.text(prefix + "*")]
    ) { row in
      (
        String(row.text(0).dropFirst(prefix.count)), WallTime(microseconds: row.integer(1))
      )
    }
  }

  private borrowing func ripening() throws(LedgerError) -> [RipeningRun] {
    let names = RunRecord.columnNames.split(separator: ",").map {
      "r." + $0.filter { !$0.isWhitespace }
    }.joined(separator: ", ")
    return try all(
      """
      SELECT \(names),
        coalesce((SELECT sum(amount_micro) FROM entry e WHERE e.worker = r.worker AND e.run = r.run AND e.pending = 0
          AND e.kind IN ('llm', 'compute', 'platform_fee', 'api_call', 'message', 'tool', 'fixed_share', 'reported')),
          0),
        coalesce((SELECT sum(amount_micro) FROM entry e WHERE e.worker = r.worker AND e.run = r.run AND e.pending = 0
          AND e.kind IN ('sale', 'subscription_cycle', 'manual', 'refund', 'dispute', 'dispute_fee',
            'chargeback_won')), 0)
        FROM run r LEFT JOIN evaluation v ON v.worker = r.worker AND v.run = r.run
        WHERE v.sequence IS NULL ORDER BY r.finished_usec
      """
    ) { row in
      RunRecord(row).map {
        RipeningRun(
          run: $0, cost: Money(microUSD: -row.integer(12)),
          revenue: Money(microUSD: row.integer(13)))
      }
    }
  }

  /// What was earned since then, by quarters of an hour, of somebody and of nobody.
  private borrowing func revenue(since: WallTime) throws(LedgerError) -> [RevenueQuarter] {
    try all(
      """
      SELECT min(booked_usec), worker IS NOT NULL, sum(amount_micro) FROM entry
        WHERE \(EntryKind.condition(EntryKind.income)) AND \(EntryKind.condition(EntryKind.sales))
        AND pending = 0 AND booked_usec >= ?
        GROUP BY booked_usec / \(Writer.quarter), worker IS NOT NULL
      """, [.integer(since.microseconds)]
    ) { row in
      RevenueQuarter(
        at: WallTime(microseconds: row.integer(0)), isOwned: row.flag(1),
        amount: Money(microUSD: row.integer(2)))
    }
  }

  /// When the sources of the newest 10,000 entries of revenue spoke: enough for the pulse of each, and no long look.
  private borrowing func news() throws(LedgerError) -> [RevenueNews] {
    try all(
      """
      SELECT booked_usec, worker, source FROM (SELECT id, booked_usec, worker, source FROM entry
        WHERE \(EntryKind.condition(EntryKind.income)) ORDER BY booked_usec DESC LIMIT 10000)
        WHERE source <> 'worker' ORDER BY booked_usec, id
      """
    ) { row in
      RevenueNews(
        source: row.text(2), worker: row.optionalText(1).flatMap { WorkerName($0) },
        at: WallTime(microseconds: row.integer(0)))
    }
  }

  /// What was earned or given back without a run of its own to be counted with, less what evaluations have counted.
  private borrowing func strays() throws(LedgerError) -> [WorkerName: Money] {
    let rows = try all(
      """
      SELECT worker, sum(amount) FROM (
        SELECT e.worker AS worker, e.amount_micro AS amount FROM entry e
          LEFT JOIN evaluation v ON v.worker = e.worker AND v.run = e.run
          WHERE \(EntryKind.condition(EntryKind.income, of: "e.kind")) AND e.pending = 0
          AND e.worker IS NOT NULL
          AND (e.run IS NULL OR (e.kind IN ('refund', 'dispute', 'dispute_fee', 'chargeback_won')
            AND v.sequence IS NOT NULL AND e.booked_usec > v.at_usec))
        UNION ALL SELECT worker, -stray_micro FROM evaluation WHERE stray_micro <> 0)
      GROUP BY worker HAVING sum(amount) <> 0
      """
    ) { row in WorkerName(row.text(0)).map { ($0, Money(microUSD: row.integer(1))) } }
    return Dictionary(rows) { first, _ in first }
  }

  /// Evaluations with a greater sequence, oldest first; of one worker and epoch, or of all.
  borrowing func evaluations(after: Int64, worker: WorkerName?, epoch: Int64?, limit: Int)
    throws(LedgerError) -> [Evaluation]
  {
    var conditions = ["sequence > ?"]
    var values: [Value] = [.integer(after)]
    if let worker {
      conditions.append("worker = ?")
      values.append(.text(worker.text))
    }
    if let epoch {
      conditions.append("epoch = ?")
      values.append(.integer(epoch))
    }
    values.append(.integer(Int64(max(1, limit))))
    return try all(
      Evaluation.selection + " WHERE " + conditions.joined(separator: " AND ")
        + " ORDER BY sequence LIMIT ?", values
    ) { Evaluation($0) }
  }

  /// Who has ever earned from a source.
  borrowing func earners(from source: String) throws(LedgerError) -> Set<WorkerName> {
    Set(
      try all(
        """
        SELECT DISTINCT worker FROM entry WHERE source = ? AND worker IS NOT NULL
          AND kind IN ('sale', 'subscription_cycle', 'manual')
        """, [.text(source)]
      ) { WorkerName($0.text(0)) })
  }

  /// One epoch.
  borrowing func epochs(of worker: WorkerName) throws(LedgerError) -> [EpochRecord] {
    try all(
      "SELECT \(EpochRecord.columnNames) FROM epoch WHERE worker = ? ORDER BY number DESC LIMIT 1000",
      [.text(worker.text)]
    ) { EpochRecord($0) }
  }

  /// Decisions as asked for, newest first.
  borrowing func decisions(_ query: DecisionQuery) throws(LedgerError) -> [DecisionRecord] {
    var conditions: [String] = []
    var values: [Value] = []
    if let state = query.state {
      conditions.append("state = ?")
      values.append(.text(state.rawValue))
    }
    if let worker = query.worker {
      conditions.append("worker = ?")
      values.append(.text(worker.text))
    }
    if let since = query.since {
      conditions.append("at_usec >= ?")
      values.append(.integer(since.microseconds))
    }
    if let before = query.before {
      conditions.append("id < ?")
      values.append(.integer(before))
    }
    values.append(.integer(Int64(min(max(1, query.limit), 1000))))
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    return try all(DecisionRecord.selection + filter + " ORDER BY id DESC LIMIT ?", values) {
      DecisionRecord($0)
    }
  }

  /// One decision.
  borrowing func decision(_ id: Int64) throws(LedgerError) -> DecisionRecord? {
    try all(DecisionRecord.selection + " WHERE id = ?", [.integer(id)]) { DecisionRecord($0) }.first
  }

  /// Alerts, newest first; only those that last, or all; of an id below `before`.
  borrowing func alerts(
    lasting: Bool, before: Int64 = .max, limit: Int
  ) throws(LedgerError) -> [AlertRecord] {
    try all(
      AlertRecord.selection + " WHERE id < ?" + (lasting ? " AND resolved_usec IS NULL" : "")
        + " ORDER BY id DESC LIMIT ?",
      [.integer(before), .integer(Int64(min(max(1, limit), 1000)))]
    ) { AlertRecord($0) }
  }

  /// How a worker sells: asked when an epoch begins.
  borrowing func sales(of worker: WorkerName) throws(LedgerError) -> SalesSummary {
    var summary = SalesSummary()
    let name = Value.text(worker.text)
    summary.sales =
      try all(
        """
        SELECT count(*) FROM entry WHERE worker = ? AND pending = 0
          AND \(EntryKind.condition(EntryKind.sales))
        """, [name]
      ) { $0.integer(0) }.first ?? 0
    guard summary.sales > 0 else { return summary }
    summary.refunds =
      try all(
        """
        SELECT count(*) FROM entry WHERE \(EntryKind.condition(EntryKind.income))
          AND kind IN ('refund', 'dispute') AND worker = ? AND pending = 0
        """, [name]
      ) { $0.integer(0) }.first ?? 0
    guard summary.sales >= 30 else { return summary }
    summary.highSale =
      try all(
        """
        SELECT amount_micro FROM entry WHERE worker = ? AND pending = 0
          AND \(EntryKind.condition(EntryKind.sales)) ORDER BY amount_micro DESC LIMIT 1 OFFSET ?
        """, [name, .integer(summary.sales / 100)]
      ) { Money(microUSD: $0.integer(0)) }.first
    return summary
  }
}

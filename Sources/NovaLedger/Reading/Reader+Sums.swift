// Sums of money by spans of time. Reads the table of 15-minute sums, or for the cohort view the entries of runs; one row
// at a time. Must never be asked on the loop for more than a day.

internal import NovaModel

extension Reader {
  /// Answers a question; an error is an answer.
  borrowing func answer(_ question: LedgerQuestion) -> LedgerAnswer {
    do throws(LedgerError) {
      switch question {
      case .sums(let sums):
        return .sums(
          sums.cohort ? try cohort(sums) : try self.sums(sums), runs: try cohortRuns(sums))
      case .audit(let anchor): return .audit(try audit(against: anchor))
      case .matured(let moments): return .matured(try matured(moments))
      case .entries(let entries): return .entries(try self.entries(entries))
      case .runs(let from, let to, let workers):
        return .runs(try runs(from: from, to: to, workers))
      case .lastRuns(let worker, let limit):
        return .lastRuns(try lastRuns(of: worker, limit: limit))
      case .figures(let question): return .figures(try figures(question))
      case .calls(let question): return .calls(try calls(question))
      case .callSums(let question): return .callSums(try callSums(question))
      case .modelPrices(let number): return .modelPrices(try modelPrices(number))
      }
    } catch {
      return .failed(error)
    }
  }

  /// By the time of booking.
  borrowing func sums(_ question: SumsQuestion) throws(LedgerError) -> [SumKey: Balance] {
    guard let first = question.bounds.first, let last = question.bounds.last else { return [:] }
    let wanted = question.workers.map { Set($0.map(\.text)) }
    var sums: [SumKey: Balance] = [:]
    var statement = try connection.prepare(
      """
      SELECT quarter, worker, kind, source, amount_micro, pending_micro, entries FROM period
        WHERE quarter >= ? AND quarter < ?
      """)
    try statement.query([.integer(Self.quarter(first)), .integer(Self.quarter(last))]) { row in
      let worker = row.text(1)
      if let wanted, !wanted.contains(worker) { return }
      guard let kind = EntryKind(rawValue: row.text(2)) else { return }
      let at = WallTime(microseconds: row.integer(0) * Writer.quarter)
      let key = SumKey(
        span: Self.span(at, question.bounds), worker: question.byWorker ? WorkerName(worker) : nil,
        kind: question.byKind ? kind : nil, source: question.bySource ? row.text(3) : nil)
      sums[key, default: Balance()].add(
        kind, amount: row.integer(4), pending: row.integer(5), entries: row.integer(6))
    }
    return sums
  }

  /// By the start of the run. What the run used of the host comes from the run: its entries are booked by the minute.
  private borrowing func cohort(_ question: SumsQuestion) throws(LedgerError) -> [SumKey: Balance] {
    guard let first = question.bounds.first, let last = question.bounds.last else { return [:] }
    let wanted = question.workers.map { Set($0.map(\.text)) }
    var sums: [SumKey: Balance] = [:]
    func key(_ at: Int64, _ worker: String, _ kind: EntryKind, _ source: String) -> SumKey? {
      if let wanted, !wanted.contains(worker) { return nil }
      return SumKey(
        span: Self.span(WallTime(microseconds: at), question.bounds),
        worker: question.byWorker ? WorkerName(worker) : nil, kind: question.byKind ? kind : nil,
        source: question.bySource ? source : nil)
    }
    let range: [Value] = [.integer(first.microseconds), .integer(last.microseconds)]
    var entries = try connection.prepare(
      """
      SELECT r.started_usec, r.worker, e.kind, e.source, e.amount_micro, e.pending FROM run r
        JOIN entry e ON e.worker = r.worker AND e.run = r.run
        WHERE r.started_usec >= ? AND r.started_usec < ? AND e.kind <> 'compute'
      """)
    try entries.query(range) { row in
      guard let kind = EntryKind(rawValue: row.text(2)),
        let key = key(row.integer(0), row.text(1), kind, row.text(3))
      else { return }
      let isPending = row.flag(5)
      sums[key, default: Balance()].add(
        kind, amount: isPending ? 0 : row.integer(4), pending: isPending ? row.integer(4) : 0,
        entries: 1)
    }
    var compute = try connection.prepare(
      """
      SELECT started_usec, worker, compute_micro FROM run
        WHERE started_usec >= ? AND started_usec < ? AND compute_micro IS NOT NULL
      """)
    try compute.query(range) { row in
      guard let key = key(row.integer(0), row.text(1), .compute, "compute") else { return }
      sums[key, default: Balance()].add(.compute, amount: -row.integer(2), pending: 0, entries: 0)
    }
    return sums
  }

  private borrowing func cohortRuns(_ question: SumsQuestion) throws(LedgerError)
    -> [SumKey: RunTotals]
  {
    guard let first = question.bounds.first, let last = question.bounds.last, !question.byKind,
      !question.bySource
    else { return [:] }
    let wanted = question.workers.map { Set($0.map(\.text)) }
    var totals: [SumKey: RunTotals] = [:]
    var statement = try connection.prepare(
      "SELECT started_usec, worker, outcome FROM run WHERE started_usec >= ? AND started_usec < ?")
    try statement.query([.integer(first.microseconds), .integer(last.microseconds)]) { row in
      let worker = row.text(1)
      if let wanted, !wanted.contains(worker) { return }
      let key = SumKey(
        span: Self.span(WallTime(microseconds: row.integer(0)), question.bounds),
        worker: question.byWorker ? WorkerName(worker) : nil)
      totals[key, default: RunTotals()].count(row.text(2))
    }
    return totals
  }

  /// Finished runs by outcome.
  borrowing func runs(from: WallTime, to: WallTime, _ workers: [WorkerName]?) throws(LedgerError)
    -> [WorkerName: RunTotals]
  {
    var totals: [WorkerName: RunTotals] = [:]
    if let workers {
      var statement = try connection.prepare(
        """
        SELECT outcome, count(*) FROM run WHERE worker = ? AND finished_usec >= ? AND finished_usec < ?
          GROUP BY outcome
        """)
      for worker in workers {
        try statement.query(
          [.text(worker.text), .integer(from.microseconds), .integer(to.microseconds)]
        ) { row in
          totals[worker, default: RunTotals()].count(row.text(0), times: row.integer(1))
        }
      }
      return totals
    }
    var statement = try connection.prepare(
      """
      SELECT worker, outcome, count(*) FROM run WHERE finished_usec >= ? AND finished_usec < ?
        GROUP BY worker, outcome
      """)
    try statement.query([.integer(from.microseconds), .integer(to.microseconds)]) { row in
      guard let worker = WorkerName(row.text(0)) else { return }
      totals[worker, default: RunTotals()].count(row.text(1), times: row.integer(2))
    }
    return totals
  }

  /// Lines, oldest first.
  borrowing func entries(_ question: EntriesQuestion) throws(LedgerError) -> [Entry] {
    var conditions: [String] = []
    var values: [Value] = []
    if let after = question.after {
      conditions.append("id > ?")
      values.append(.integer(after))
    }
    if let since = question.since {
      conditions.append("booked_usec >= ?")
      values.append(.integer(since.microseconds))
    }
    if question.income {
      conditions.append(EntryKind.condition(EntryKind.income))
    }
    if let workers = question.workers {
      conditions.append(
        "worker IN (" + workers.map { _ in "?" }.joined(separator: ", ") + ")")
      values += workers.map { .text($0.text) }
    }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    values.append(.integer(Int64(min(max(question.limit, 1), 10_000))))
    let newest = question.after == nil
    let found = try all(
      Entry.selection + filter + " ORDER BY id \(newest ? "DESC" : "ASC") LIMIT ?", values
    ) { Entry($0) }
    return newest ? found.reversed() : found
  }

  /// The number of the span that a moment lies in.
  static func span(_ at: WallTime, _ bounds: [WallTime]) -> Int {
    var low = 0
    var high = bounds.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if bounds[middle] <= at { low = middle } else { high = middle - 1 }
    }
    return min(low, max(0, bounds.count - 2))
  }

  private static func quarter(_ at: WallTime) -> Int64 {
    let (quotient, rest) = at.microseconds.quotientAndRemainder(dividingBy: Writer.quarter)
    return rest < 0 ? quotient - 1 : quotient
  }
}

extension RunTotals {
  /// Counts runs by the column's word.
  mutating func count(_ outcome: String, times: Int64 = 1) {
    switch RunOutcome(rawValue: outcome) {
    case .ok: ok += times
    case .failed: failed += times
    case .crashed: crashed += times
    case nil: return
    }
  }
}

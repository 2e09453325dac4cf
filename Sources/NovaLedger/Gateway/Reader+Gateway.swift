// What is asked of calls of models: which are known, the newest, sums by model, provider and worker, and a table of prices.
// Must never change anything.

internal import NovaModel

extension Reader {
  /// What a new supervisor goes on with.
  borrowing func gatewayState() throws(LedgerError) -> GatewayState {
    var state = GatewayState()
    state.prices = try all(ModelPricesVersion.selection + " ORDER BY number DESC LIMIT 1") {
      ModelPricesVersion($0)
    }.first
    let carries = try all("SELECT worker, remainder_pico FROM model_call_carry") {
      row -> (WorkerName, Int64)? in
      WorkerName(row.text(0)).map { ($0, row.integer(1)) }
    }
    state.remainders = Dictionary(carries) { first, _ in first }
    let totals = try all(
      """
      SELECT worker, provider, outcome, calls, input_tokens, cache_read_tokens, cache_write_tokens,
        output_tokens, reasoning_tokens, amount_micro FROM model_call_total
      """
    ) { row -> (CallTotalKey, CallTotal)? in
      WorkerName(row.text(0)).map {
        (
          CallTotalKey(worker: $0, provider: row.text(1), outcome: row.text(2)),
          CallTotal(row, from: 3)
        )
      }
    }
    state.totals = Dictionary(totals) { first, _ in first }
    return state
  }

  /// Those of some calls that are on the disk.
  borrowing func knownCalls(_ ids: [String]) throws(LedgerError) -> Set<String> {
    var found: Set<String> = []
    var statement = try connection.prepare("SELECT id FROM model_call WHERE id = ?")
    for id in ids {
      try statement.query([.text(id)]) { row in found.insert(row.text(0)) }
    }
    return found
  }

  /// Calls, newest first.
  borrowing func calls(_ question: CallsQuestion) throws(LedgerError) -> [ModelCall] {
    var conditions: [String] = []
    var values: [Value] = []
    if let before = question.before {
      conditions.append("number < ?")
      values.append(.integer(before))
    }
    for (column, text) in [("provider", question.provider), ("model", question.model)] {
      guard let text else { continue }
      conditions.append("\(column) = ?")
      values.append(.text(text))
    }
    if let workers = question.workers {
      conditions.append(
        "worker IN (" + workers.map { _ in "?" }.joined(separator: ", ") + ")")
      values += workers.map { .text($0.text) }
    }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    values.append(.integer(Int64(min(max(question.limit, 1), 10_000))))
    return try all(
      ModelCall.selection + filter + " ORDER BY number DESC LIMIT ?", values
    ) { ModelCall($0) }
  }

  /// Sums of calls by span and what else is asked for.
  borrowing func callSums(_ question: CallSumsQuestion) throws(LedgerError)
    -> [CallSumKey: CallTotal]
  {
    guard let first = question.bounds.first, let last = question.bounds.last else { return [:] }
    let wanted = question.workers.map { Set($0.map(\.text)) }
    var sums: [CallSumKey: CallTotal] = [:]
    let (at, tables) =
      question.cohort
      ? ("r.started_usec", "run r JOIN model_call c ON c.worker = r.worker AND c.run = r.run")
      : ("c.at_usec", "model_call c")
    var statement = try connection.prepare(
      """
      SELECT \(at), c.worker, c.provider, c.model, 1, coalesce(c.input_tokens, 0),
        coalesce(c.cache_read_tokens, 0), coalesce(c.cache_write_tokens, 0),
        coalesce(c.output_tokens, 0), coalesce(c.reasoning_tokens, 0), c.amount_micro
        FROM \(tables) WHERE \(at) >= ? AND \(at) < ?
      """)
    try statement.query([.integer(first.microseconds), .integer(last.microseconds)]) { row in
      let worker = row.text(1)
      if let wanted, !wanted.contains(worker) { return }
      let key = CallSumKey(
        span: Self.span(WallTime(microseconds: row.integer(0)), question.bounds),
        worker: question.byWorker ? WorkerName(worker) : nil,
        provider: question.byProvider ? row.text(2) : nil,
        model: question.byModel ? row.text(3) : nil)
      sums[key, default: CallTotal()].add(CallTotal(row, from: 4))
    }
    return sums
  }

  /// The table of a version; nil: there is none of that number.
  borrowing func modelPrices(_ number: Int64) throws(LedgerError) -> String? {
    try all("SELECT body FROM model_prices WHERE number = ?", [.integer(number)]) { row in
      row.text(0)
    }.first
  }
}

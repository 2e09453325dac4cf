// Questions to the database on a connection of its own that cannot write. Used by the loop's thread: every answer is
// bounded, and in WAL mode no question waits for a commit. Must never change anything.

internal import NovaModel

/// The reading connection.
struct Reader: ~Copyable {
  let connection: Connection

  init(_ connection: consuming Connection) { self.connection = connection }

  /// What the last supervisor left; the serial comes from the writer, which set the block aside.
  borrowing func durableState(next: Incarnation) throws(LedgerError) -> DurableState {
    var state = DurableState()
    state.nextIncarnation = next
    // One transaction, so that all tables are of the same moment.
    try connection.execute("BEGIN")
    defer { try? connection.execute("ROLLBACK") }
    state.workers = try all(WorkerRecord.selection + " ORDER BY name") { WorkerRecord($0) }
    state.instances = try all(InstanceRecord.selection + " ORDER BY worker, number") {
      InstanceRecord($0)
    }
    state.openIncarnations = try all(
      IncarnationRecord.selection + " WHERE ended_usec IS NULL ORDER BY serial"
    ) { IncarnationRecord($0) }
    state.price = try all(PriceVersion.selection + " ORDER BY id DESC LIMIT 1") {
      PriceVersion($0)
    }.first
    state.nextEventID =
      1 + (try connection.integer("SELECT seq FROM sqlite_sequence WHERE name = 'event'") ?? 0)
    state.configuration = try configuration()
    state.hostAccount = try all(
      "SELECT number, boot_id, boottime_nsec, remainder_pico, early_micro FROM host_account"
    ) {
      HostAccountRecord(
        number: $0.integer(0), bootID: $0.text(1), boottime: $0.counter(2),
        remainderPico: $0.integer(3), early: Money(microUSD: $0.integer(4)))
    }.first
    state.rates = try all(ExchangeRate.selection + " ORDER BY currency, since_usec") {
      ExchangeRate($0)
    }
    state.budgets = try budgetState()
    state.gateway = try gatewayState()
    return state
  }

  private borrowing func configuration() throws(LedgerError) -> StoredConfiguration? {
    let found: [(Int64, Int64)] = try all(
      "SELECT generation, accepted_usec FROM configuration ORDER BY generation DESC LIMIT 1"
    ) { ($0.integer(0), $0.integer(1)) }
    guard let (generation, accepted) = found.first else { return nil }
    let files = try all(
      "SELECT path, bytes FROM configuration_file WHERE generation = ? ORDER BY position",
      [.integer(generation)]
    ) { ConfigurationFile(path: $0.text(0), bytes: $0.blob(1)) }
    return StoredConfiguration(
      generation: generation, accepted: WallTime(microseconds: accepted), files: files)
  }

  /// Events, ascending.
  borrowing func events(_ query: EventQuery) throws(LedgerError) -> [EventRecord] {
    var conditions: [String] = []
    var values: [Value] = []
    if let after = query.after {
      conditions.append("id > ?")
      values.append(.integer(after))
    }
    if let before = query.before {
      conditions.append("id < ?")
      values.append(.integer(before))
    }
    if let worker = query.worker {
      conditions.append("worker = ?")
      values.append(.text(worker.text))
    }
    if let since = query.since {
      conditions.append("at_usec >= ?")
      values.append(.integer(since.microseconds))
    }
    if !query.types.isEmpty {
      var any: [String] = []
      for type in query.types {
        if type.hasSuffix(".*") {
          // All that begin with `instance.` lie between `instance.` and `instance/`, the next byte.
          any.append("(type >= ? AND type < ?)")
          values.append(.text(String(type.dropLast())))
          values.append(.text(type.dropLast(2) + "/"))
        } else {
          any.append("type = ?")
          values.append(.text(type))
        }
      }
      conditions.append("(" + any.joined(separator: " OR ") + ")")
    }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    values.append(.integer(Int64(min(max(query.limit, 1), 10_000))))
    let found = try all(
      EventRecord.selection + filter + " ORDER BY id \(query.newest ? "DESC" : "ASC") LIMIT ?",
      values
    ) { EventRecord($0) }
    return query.newest ? found.reversed() : found
  }

  /// What every instance ever used, and what was booked for it since a time.
  borrowing func usage(since: WallTime) throws(LedgerError) -> [InstanceID: UsageSummary] {
    var result: [InstanceID: UsageSummary] = [:]
    let lives = try all(
      """
      SELECT worker, number, cpu_usec, memory_kib_msec, io_read_bytes, io_write_bytes, estimated,
        incarnations, cost_micro FROM instance_usage
      """
    ) { row -> (InstanceID, UsageSummary)? in
      guard let worker = WorkerName(row.text(0)) else { return nil }
      var summary = UsageSummary()
      summary.totals = UsageTotals(row, from: 2)
      summary.incarnations = Int(row.integer(7))
      summary.cost = Money(microUSD: row.integer(8))
      return (InstanceID(worker: worker, number: Int(row.integer(1))), summary)
    }
    for (id, summary) in lives { result[id] = summary }
    for (id, cost) in try cost(from: since, to: nil) {
      result[id, default: .init()].recentCost = cost
    }
    return result
  }

  /// What was booked in `from ..< to`, by instance; those with no booking are left out.
  borrowing func cost(from: WallTime, to: WallTime?) throws(LedgerError) -> [InstanceID: Money] {
    let rows = try all(
      """
      SELECT i.worker, i.number, sum(b.cost_micro) FROM usage_booking b
        JOIN incarnation i ON i.serial = b.incarnation
        WHERE b.at_usec >= ? AND b.at_usec < ? GROUP BY i.worker, i.number
      """, [.integer(from.microseconds), .integer(to?.microseconds ?? .max)]
    ) { row -> (InstanceID, Money)? in
      guard let worker = WorkerName(row.text(0)) else { return nil }
      return (
        InstanceID(worker: worker, number: Int(row.integer(1))), Money(microUSD: row.integer(2))
      )
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// The lives of an instance, newest first.
  borrowing func incarnations(of id: InstanceID, limit: Int) throws(LedgerError)
    -> [IncarnationRecord]
  {
    try all(
      IncarnationRecord.selection
        + " WHERE worker = ? AND number = ? ORDER BY serial DESC LIMIT ?",
      [.text(id.worker.text), .integer(Int64(id.number)), .integer(Int64(max(1, limit)))]
    ) { IncarnationRecord($0) }
  }

  /// The newest bookings of a life, oldest first.
  borrowing func bookings(of incarnation: Incarnation, limit: Int) throws(LedgerError)
    -> [UsageBooking]
  {
    try all(
      """
      SELECT number, at_usec, cpu_usec, memory_kib_msec, io_read_bytes, io_write_bytes, estimated,
        price_id, cost_micro FROM usage_booking WHERE incarnation = ? ORDER BY number DESC LIMIT ?
      """, [.counter(incarnation.serial), .integer(Int64(max(1, limit)))]
    ) { row in
      UsageBooking(
        incarnation: incarnation, number: Int(row.integer(0)),
        at: WallTime(microseconds: row.integer(1)), usage: UsageTotals(row, from: 2),
        price: PriceID(row.integer(7)), cost: Money(microUSD: row.integer(8)))
    }.reversed()
  }

  /// Every row as a value; one that cannot be read as what it should be is an error, not left out.
  borrowing func all<T>(
    _ sql: String, _ values: [Value] = [], _ read: (borrowing Row) -> T?
  ) throws(LedgerError) -> [T] {
    var found: [T] = []
    var unreadable = 0
    var statement = try connection.prepare(sql)
    try statement.query(values) { row in
      if let value = read(row) { found.append(value) } else { unreadable += 1 }
    }
    guard unreadable == 0 else {
      throw LedgerError(
        .corrupt, doing: "read the state database",
        message: "\(unreadable) rows hold values that this release does not know", statement: sql,
        remedy: LedgerError.remedy(.corrupt))
    }
    return found
  }
}

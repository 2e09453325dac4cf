// Every statement that changes the database, prepared once and held by name. Must never be built from values.

internal import NovaModel

/// The writer's statements.
struct WriteStatements: ~Copyable {
  var begin: Statement, commit: Statement, rollback: Statement
  var savepoint: Statement, release: Statement, rollbackToSavepoint: Statement
  var reserve: Statement
  var storeWorker: Statement, forgetWorker: Statement
  var storeInstance: Statement, forgetInstance: Statement
  var findIncarnation: Statement, storeIncarnation: Statement, insertBooking: Statement
  var findUsage: Statement, storeUsage: Statement
  var lastEvent: Statement, findEvent: Statement, insertEvent: Statement
  var findPrice: Statement, insertPrice: Statement
  var lastConfiguration: Statement, configurationFiles: Statement
  var insertConfiguration: Statement, insertConfigurationFile: Statement
  var pruneConfiguration: Statement
  var retainFrom: Statement, pruneEvents: Statement, pruneBookings: Statement
  var pruneIncarnations: Statement
  var budgets: BudgetStatements

  /// Those about money.
  var money: EntryStatements
  /// Those of the decision engine.
  var engine: EngineStatements
  /// Those of the history of figures.
  var figures: FigureStatements
  /// Those about calls of models.
  var gateway: GatewayStatements

  /// Prepares all of them, or throws the first error.
  static func prepared(on connection: borrowing Connection) throws(LedgerError) -> WriteStatements {
    var failure: LedgerError?
    let all = WriteStatements(connection, &failure)
    if let failure { throw failure }
    return all
  }

  /// Does not throw: Swift 6.3 cannot leave the initializer of a noncopyable struct half way.
  private init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    money = EntryStatements(connection, &failure)
    budgets = BudgetStatements(connection, &failure)
    engine = EngineStatements(connection, &failure)
    figures = FigureStatements(connection, &failure)
    gateway = GatewayStatements(connection, &failure)
    begin = connection.prepare("BEGIN IMMEDIATE", &failure)
    commit = connection.prepare("COMMIT", &failure)
    rollback = connection.prepare("ROLLBACK", &failure)
    savepoint = connection.prepare("SAVEPOINT one_write", &failure)
    release = connection.prepare("RELEASE one_write", &failure)
    rollbackToSavepoint = connection.prepare("ROLLBACK TO one_write", &failure)
    reserve = connection.prepare(
      "UPDATE meta SET value = max(value, ?) WHERE name = 'incarnations_reserved'", &failure)
    storeWorker = connection.prepare(
      """
      INSERT INTO worker(name, wanted, paused, pause_reason, count, count_file_value, pinned, rolling)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(name) DO UPDATE SET wanted = excluded.wanted, paused = excluded.paused,
        pause_reason = excluded.pause_reason, count = excluded.count,
        count_file_value = excluded.count_file_value, pinned = excluded.pinned,
        rolling = excluded.rolling
      """, &failure)
    forgetWorker = connection.prepare("DELETE FROM worker WHERE name = ?", &failure)
    storeInstance = connection.prepare(
      """
      INSERT INTO instance(worker, number, state, reason, since_usec, incarnation, crashes,
        backoff_step, cooldowns, due, restarts_total, exit_status, exit_oom, exit_usec, fingerprint)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(worker, number) DO UPDATE SET state = excluded.state, reason = excluded.reason,
        since_usec = excluded.since_usec, incarnation = excluded.incarnation,
        crashes = excluded.crashes, backoff_step = excluded.backoff_step,
        cooldowns = excluded.cooldowns, due = excluded.due,
        restarts_total = excluded.restarts_total, exit_status = excluded.exit_status,
        exit_oom = excluded.exit_oom, exit_usec = excluded.exit_usec,
        fingerprint = excluded.fingerprint
      """, &failure)
    forgetInstance = connection.prepare(
      "DELETE FROM instance WHERE worker = ? AND number = ?", &failure)
    findIncarnation = connection.prepare(
      IncarnationRecord.selection + " WHERE serial = ?", &failure)
    storeIncarnation = connection.prepare(
      """
      INSERT INTO incarnation(serial, worker, number, pid, started_usec, boot_id, bookings,
        cpu_usec, memory_kib_msec, io_read_bytes, io_write_bytes, estimated, cost_micro,
        cost_remainder_pico, ended_usec, exit_status, oom, crashed)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(serial) DO UPDATE SET worker = excluded.worker, number = excluded.number,
        pid = excluded.pid, started_usec = excluded.started_usec, boot_id = excluded.boot_id,
        bookings = excluded.bookings, cpu_usec = excluded.cpu_usec,
        memory_kib_msec = excluded.memory_kib_msec, io_read_bytes = excluded.io_read_bytes,
        io_write_bytes = excluded.io_write_bytes, estimated = excluded.estimated,
        cost_micro = excluded.cost_micro, cost_remainder_pico = excluded.cost_remainder_pico,
        ended_usec = excluded.ended_usec, exit_status = excluded.exit_status, oom = excluded.oom,
        crashed = excluded.crashed
      """, &failure)
    insertBooking = connection.prepare(
      """
      INSERT INTO usage_booking(incarnation, number, at_usec, cpu_usec, memory_kib_msec,
        io_read_bytes, io_write_bytes, estimated, price_id, cost_micro)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, &failure)
    findUsage = connection.prepare(
      """
      SELECT incarnations, cpu_usec, memory_kib_msec, io_read_bytes, io_write_bytes, estimated,
        cost_micro FROM instance_usage WHERE worker = ? AND number = ?
      """, &failure)
    storeUsage = connection.prepare(
      """
      INSERT INTO instance_usage(worker, number, incarnations, cpu_usec, memory_kib_msec,
        io_read_bytes, io_write_bytes, estimated, cost_micro)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(worker, number) DO UPDATE SET incarnations = excluded.incarnations,
        cpu_usec = excluded.cpu_usec, memory_kib_msec = excluded.memory_kib_msec,
        io_read_bytes = excluded.io_read_bytes, io_write_bytes = excluded.io_write_bytes,
        estimated = excluded.estimated, cost_micro = excluded.cost_micro
      """, &failure)
    lastEvent = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'", &failure)
    findEvent = connection.prepare(EventRecord.selection + " WHERE id = ?", &failure)
    insertEvent = connection.prepare(
      """
      INSERT INTO event(id, at_usec, type, severity, worker, instance, actor, message, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, &failure)
    findPrice = connection.prepare(PriceVersion.selection + " WHERE id = ?", &failure)
    insertPrice = connection.prepare(
      """
      INSERT INTO price(id, since_usec, cpu_hour_pico, memory_gib_hour_pico, gpu_hour_pico,
        host_hour_pico, share_idle) VALUES (?, ?, ?, ?, ?, ?, ?)
      """, &failure)
    lastConfiguration = connection.prepare(
      "SELECT generation FROM configuration ORDER BY generation DESC LIMIT 1", &failure)
    configurationFiles = connection.prepare(
      "SELECT path, bytes FROM configuration_file WHERE generation = ? ORDER BY position", &failure)
    insertConfiguration = connection.prepare(
      "INSERT INTO configuration(generation, accepted_usec) VALUES (?, ?)", &failure)
    insertConfigurationFile = connection.prepare(
      "INSERT INTO configuration_file(generation, position, path, bytes) VALUES (?, ?, ?, ?)",
      &failure)
    pruneConfiguration = connection.prepare(
      "DELETE FROM configuration WHERE generation <= ?", &failure)
    retainFrom = connection.prepare(
      "UPDATE meta SET value = max(value, ?) WHERE name = 'retained_from_usec'", &failure)
    // Only the head of the history, so that what is left has no gap even where the clock was set back.
    pruneEvents = connection.prepare(
      """
      DELETE FROM event WHERE id IN (SELECT id FROM event
        WHERE id < coalesce((SELECT id FROM event WHERE at_usec >= ?1 ORDER BY id LIMIT 1),
          9223372036854775807) ORDER BY id LIMIT ?2)
      """, &failure)
    pruneBookings = connection.prepare(
      """
      DELETE FROM usage_booking WHERE (incarnation, number) IN
        (SELECT incarnation, number FROM usage_booking WHERE at_usec < ?1 ORDER BY at_usec LIMIT ?2)
      """, &failure)
    pruneIncarnations = connection.prepare(
      """
      DELETE FROM incarnation WHERE serial IN (SELECT serial FROM incarnation i
        WHERE ended_usec < ?1 AND NOT EXISTS
          (SELECT 1 FROM usage_booking b WHERE b.incarnation = i.serial) ORDER BY serial LIMIT ?2)
      """, &failure)
  }
}

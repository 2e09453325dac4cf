// The schema of the state database, as numbered migrations that only go forward, one transaction each. What it means
// is told in docs/reference/state-database.md. Must never change a migration that was released: add another.

internal import NovaModel

/// The schema and the way to it.
enum LedgerSchema {
  /// "NOVA" in ASCII, so that file(1) and we know the file as ours.
  static let applicationID: Int64 = 0x4E4F_5641

  /// Migration n (from 1) leads from user_version n-1 to n.
  static let migrations: [String] = [
    version1, rollingRestarts, moneyBooks, budgets, decisions, grants, rates, figures, modelCalls,
  ]

  /// The user_version this release reads and writes.
  static var current: Int64 { Int64(migrations.count) }

  /// Checks whose file it is, before anything in it is touched; returns its version.
  static func version(of connection: borrowing Connection, path: String) throws(LedgerError)
    -> Int64
  {
    let version = try connection.integer("PRAGMA user_version") ?? 0
    let application = try connection.integer("PRAGMA application_id") ?? 0
    let objects = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    let isNew = version == 0 && application == 0 && objects == 0
    guard isNew || application == applicationID else {
      throw LedgerError(
        .foreign, doing: "open the state database \(path)",
        message: "it is a database of another program", remedy: LedgerError.remedy(.foreign))
    }
    guard version <= current else {
      throw LedgerError(
        .newer, doing: "open the state database \(path)",
        message: "it was written by a newer release (schema \(version); this one knows \(current))",
        remedy: LedgerError.remedy(.newer))
    }
    return version
  }

  /// Takes the database from `version` to the current one, each step whole or not at all.
  static func migrate(
    _ connection: borrowing Connection, from version: Int64, now: WallTime,
    through migrations: [String] = migrations
  ) throws(LedgerError) {
    for (index, migration) in migrations.enumerated().dropFirst(Int(version)) {
      try connection.execute("BEGIN IMMEDIATE")
      do throws(LedgerError) {
        try connection.execute(migration)
        if index == 0 {
          try connection.execute("PRAGMA application_id = \(applicationID)")
          try connection.execute(
            "INSERT INTO meta(name, value) VALUES ('created_usec', \(now.microseconds))")
        }
        try connection.execute("PRAGMA user_version = \(index + 1)")
        try connection.execute("COMMIT")
      } catch {
        if !connection.isIdle { try? connection.execute("ROLLBACK") }
        throw error
      }
    }
  }

  private static let version1 = """
    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO meta(name, value) VALUES ('incarnations_reserved', 0), ('retained_from_usec', 0);
    CREATE TRIGGER meta_only_rises BEFORE UPDATE ON meta WHEN NEW.value < OLD.value
      BEGIN SELECT RAISE(ABORT, 'a value of meta only rises'); END;
    CREATE TRIGGER meta_stays BEFORE DELETE ON meta
      BEGIN SELECT RAISE(ABORT, 'a value of meta is never deleted'); END;

    CREATE TABLE worker (
      name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63),
      wanted INTEGER CHECK (wanted IN (0, 1)),
      paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
      pause_reason TEXT,
      count INTEGER,
      count_file_value INTEGER,
      pinned INTEGER NOT NULL CHECK (pinned IN (0, 1))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE instance (
      worker TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      state TEXT NOT NULL,
      reason TEXT NOT NULL,
      since_usec INTEGER NOT NULL,
      incarnation INTEGER,
      crashes TEXT NOT NULL,
      backoff_step INTEGER NOT NULL,
      cooldowns INTEGER NOT NULL,
      due TEXT,
      restarts_total INTEGER NOT NULL,
      exit_status TEXT,
      exit_oom INTEGER CHECK (exit_oom IN (0, 1)),
      exit_usec INTEGER,
      fingerprint INTEGER,
      PRIMARY KEY (worker, number),
      CHECK ((exit_status IS NULL) = (exit_oom IS NULL) AND (exit_oom IS NULL) = (exit_usec IS NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE price (
      id INTEGER PRIMARY KEY CHECK (id >= 1),
      since_usec INTEGER NOT NULL,
      cpu_hour_pico INTEGER NOT NULL,
      memory_gib_hour_pico INTEGER NOT NULL,
      gpu_hour_pico INTEGER NOT NULL,
      host_hour_pico INTEGER,
      share_idle TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER price_is_fixed BEFORE UPDATE ON price
      BEGIN SELECT RAISE(ABORT, 'a price is never changed'); END;
    CREATE TRIGGER price_stays BEFORE DELETE ON price
      BEGIN SELECT RAISE(ABORT, 'a price is never deleted'); END;

    CREATE TABLE incarnation (
      serial INTEGER PRIMARY KEY CHECK (serial >= 1),
      worker TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      pid INTEGER NOT NULL,
      started_usec INTEGER NOT NULL,
      boot_id TEXT NOT NULL,
      bookings INTEGER NOT NULL CHECK (bookings >= 0),
      cpu_usec INTEGER NOT NULL CHECK (cpu_usec >= 0),
      memory_kib_msec INTEGER NOT NULL CHECK (memory_kib_msec >= 0),
      io_read_bytes INTEGER CHECK (io_read_bytes >= 0),
      io_write_bytes INTEGER CHECK (io_write_bytes >= 0),
      estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
      cost_micro INTEGER NOT NULL CHECK (cost_micro >= 0),
      cost_remainder_pico INTEGER NOT NULL CHECK (cost_remainder_pico BETWEEN -500000 AND 500000),
      ended_usec INTEGER,
      exit_status TEXT,
      oom INTEGER NOT NULL CHECK (oom IN (0, 1))
    ) STRICT;
    CREATE INDEX incarnation_open ON incarnation(serial) WHERE ended_usec IS NULL;
    CREATE INDEX incarnation_of ON incarnation(worker, number);
    CREATE TRIGGER incarnation_only_grows BEFORE UPDATE ON incarnation
      WHEN NEW.serial <> OLD.serial OR NEW.worker <> OLD.worker OR NEW.number <> OLD.number
        OR NEW.bookings < OLD.bookings OR NEW.cpu_usec < OLD.cpu_usec
        OR NEW.memory_kib_msec < OLD.memory_kib_msec OR NEW.cost_micro < OLD.cost_micro
      BEGIN SELECT RAISE(ABORT, 'what an incarnation used only grows'); END;
    CREATE TRIGGER incarnation_stays BEFORE DELETE ON incarnation
      WHEN OLD.ended_usec IS NULL
        OR OLD.ended_usec >= (SELECT value FROM meta WHERE name = 'retained_from_usec')
      BEGIN SELECT RAISE(ABORT, 'an incarnation is kept for its retention'); END;

    CREATE TABLE usage_booking (
      incarnation INTEGER NOT NULL REFERENCES incarnation(serial),
      number INTEGER NOT NULL CHECK (number >= 1),
      at_usec INTEGER NOT NULL,
      cpu_usec INTEGER NOT NULL CHECK (cpu_usec >= 0),
      memory_kib_msec INTEGER NOT NULL CHECK (memory_kib_msec >= 0),
      io_read_bytes INTEGER CHECK (io_read_bytes >= 0),
      io_write_bytes INTEGER CHECK (io_write_bytes >= 0),
      estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
      price_id INTEGER NOT NULL REFERENCES price(id),
      cost_micro INTEGER NOT NULL CHECK (cost_micro >= 0),
      PRIMARY KEY (incarnation, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX usage_booking_at ON usage_booking(at_usec, incarnation, cost_micro);
    CREATE TRIGGER usage_booking_is_fixed BEFORE UPDATE ON usage_booking
      BEGIN SELECT RAISE(ABORT, 'a booking is never changed'); END;
    CREATE TRIGGER usage_booking_stays BEFORE DELETE ON usage_booking
      WHEN OLD.at_usec >= (SELECT value FROM meta WHERE name = 'retained_from_usec')
      BEGIN SELECT RAISE(ABORT, 'a booking is kept for its retention'); END;

    CREATE TABLE instance_usage (
      worker TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      incarnations INTEGER NOT NULL,
      cpu_usec INTEGER NOT NULL,
      memory_kib_msec INTEGER NOT NULL,
      io_read_bytes INTEGER,
      io_write_bytes INTEGER,
      estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
      cost_micro INTEGER NOT NULL,
      PRIMARY KEY (worker, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at_usec INTEGER NOT NULL,
      type TEXT NOT NULL,
      severity INTEGER NOT NULL CHECK (severity IN (2, 4, 5, 6)),
      worker TEXT,
      instance INTEGER,
      actor TEXT NOT NULL,
      message TEXT NOT NULL,
      details TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_worker ON event(worker, id) WHERE worker IS NOT NULL;
    CREATE INDEX event_at ON event(at_usec);
    CREATE TRIGGER event_has_no_gap BEFORE INSERT ON event
      WHEN NEW.id <> coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) + 1
        AND NEW.type <> 'ledger.events_dropped'
      BEGIN SELECT RAISE(ABORT, 'an event follows the one before it'); END;
    CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
      BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
    CREATE TRIGGER event_stays BEFORE DELETE ON event
      WHEN OLD.at_usec >= (SELECT value FROM meta WHERE name = 'retained_from_usec')
      BEGIN SELECT RAISE(ABORT, 'an event is kept for its retention'); END;

    CREATE TABLE configuration (
      generation INTEGER PRIMARY KEY AUTOINCREMENT,
      accepted_usec INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE configuration_file (
      generation INTEGER NOT NULL REFERENCES configuration(generation) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      path TEXT NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (generation, position)
    ) STRICT, WITHOUT ROWID;
    """
}

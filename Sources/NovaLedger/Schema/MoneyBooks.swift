// The ledger of money. Entries are chained by SHA-256 and never changed; the totals beside them are kept in
// the same transaction. Must never be changed once released: add another migration.

extension LedgerSchema {
  // No IN (…): SQLite builds a table of the list for every row that is written, which is half the time of it. A
  // question finds the index where its condition has the same words: `EntryKind.condition`.
  /// Adds `entry`, `balance`, `period`, `run`, `run_total`, `touch`, `host_account` and `incarnation.crashed`.
  static let moneyBooks = """
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY CHECK (id >= 1),
      event_usec INTEGER NOT NULL,
      booked_usec INTEGER NOT NULL,
      worker TEXT,
      instance INTEGER,
      incarnation INTEGER,
      run TEXT,
      kind TEXT NOT NULL CHECK (kind = 'compute' OR kind = 'llm' OR kind = 'reported' OR kind = 'sale'
        OR kind = 'api_call' OR kind = 'tool' OR kind = 'message' OR kind = 'platform_fee'
        OR kind = 'fixed_share' OR kind = 'subscription_cycle' OR kind = 'manual' OR kind = 'refund'
        OR kind = 'dispute' OR kind = 'dispute_fee' OR kind = 'chargeback_won'),
      source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 64),
      external_id TEXT NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
      part INTEGER NOT NULL CHECK (part >= 0),
      amount_micro INTEGER NOT NULL,
      pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
      currency TEXT,
      minor_units INTEGER,
      rate TEXT,
      rule TEXT NOT NULL,
      weight_ppm INTEGER NOT NULL CHECK (weight_ppm BETWEEN 0 AND 1000000),
      matures_usec INTEGER,
      reverses INTEGER REFERENCES entry(id),
      price_id INTEGER REFERENCES price(id),
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      CHECK ((currency IS NULL) = (minor_units IS NULL) AND (minor_units IS NULL) = (rate IS NULL)),
      CHECK (instance IS NULL OR worker IS NOT NULL)
    ) STRICT;
    CREATE UNIQUE INDEX entry_once ON entry(source, external_id, kind, part);
    CREATE INDEX entry_run ON entry(worker, run) WHERE run IS NOT NULL;
    CREATE INDEX entry_reverses ON entry(reverses) WHERE reverses IS NOT NULL;
    CREATE INDEX entry_income ON entry(booked_usec)
      WHERE (kind = 'sale' OR kind = 'subscription_cycle' OR kind = 'manual' OR kind = 'refund'
        OR kind = 'dispute' OR kind = 'dispute_fee' OR kind = 'chargeback_won');
    CREATE TRIGGER entry_follows BEFORE INSERT ON entry
      WHEN NEW.id <> coalesce((SELECT max(id) FROM entry), 0) + 1
      BEGIN SELECT RAISE(ABORT, 'an entry follows the one before it'); END;
    CREATE TRIGGER entry_reverses_less BEFORE INSERT ON entry
      WHEN NEW.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.reverses
        AND (e.amount_micro >= 0) = (NEW.amount_micro <= 0)
        AND abs(NEW.amount_micro) <= abs(e.amount_micro) AND e.worker IS NEW.worker
        AND e.pending = NEW.pending)
      BEGIN SELECT RAISE(ABORT, 'a reversing entry takes back at most what it names'); END;
    CREATE TRIGGER entry_is_fixed BEFORE UPDATE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
    CREATE TRIGGER entry_stays BEFORE DELETE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

    CREATE TABLE balance (
      worker TEXT NOT NULL,
      instance INTEGER NOT NULL,
      revenue_micro INTEGER NOT NULL,
      contra_micro INTEGER NOT NULL,
      cost_micro INTEGER NOT NULL,
      compute_micro INTEGER NOT NULL,
      pending_micro INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      PRIMARY KEY (worker, instance)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE period (
      quarter INTEGER NOT NULL,
      worker TEXT NOT NULL,
      kind TEXT NOT NULL,
      source TEXT NOT NULL,
      amount_micro INTEGER NOT NULL,
      pending_micro INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      PRIMARY KEY (quarter, worker, kind, source)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      worker TEXT NOT NULL,
      run TEXT NOT NULL CHECK (length(run) BETWEEN 1 AND 128),
      instance INTEGER NOT NULL,
      incarnation INTEGER,
      outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'failed', 'crashed')),
      origin TEXT NOT NULL CHECK (origin IN ('report', 'notify', 'exit')),
      started_usec INTEGER NOT NULL,
      finished_usec INTEGER NOT NULL,
      reported_cost_micro INTEGER CHECK (reported_cost_micro >= 0),
      reported_revenue_micro INTEGER CHECK (reported_revenue_micro >= 0),
      source TEXT,
      compute_micro INTEGER CHECK (compute_micro >= 0)
    ) STRICT;
    CREATE UNIQUE INDEX run_once ON run(worker, run);
    CREATE INDEX run_started ON run(started_usec, worker, outcome);
    CREATE INDEX run_finished ON run(worker, finished_usec, outcome);
    CREATE TRIGGER run_is_fixed BEFORE UPDATE ON run
      BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;
    CREATE TRIGGER run_stays BEFORE DELETE ON run
      BEGIN SELECT RAISE(ABORT, 'a run is never deleted'); END;

    CREATE TABLE run_total (
      worker TEXT PRIMARY KEY,
      ok INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      crashed INTEGER NOT NULL,
      with_revenue INTEGER NOT NULL,
      lives INTEGER NOT NULL,
      crashed_lives INTEGER NOT NULL,
      first_usec INTEGER,
      last_usec INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE touch (
      key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
      at_usec INTEGER NOT NULL,
      worker TEXT NOT NULL,
      run TEXT NOT NULL,
      PRIMARY KEY (key, at_usec, worker, run)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX touch_at ON touch(at_usec);

    CREATE TABLE host_account (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      number INTEGER NOT NULL CHECK (number >= 0),
      boot_id TEXT NOT NULL,
      boottime_nsec INTEGER NOT NULL,
      remainder_pico INTEGER NOT NULL,
      early_micro INTEGER NOT NULL CHECK (early_micro >= 0)
    ) STRICT;

    ALTER TABLE incarnation ADD COLUMN crashed INTEGER NOT NULL DEFAULT 0 CHECK (crashed IN (0, 1));
    """
}

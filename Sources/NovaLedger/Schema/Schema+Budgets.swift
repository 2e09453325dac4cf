// The migration that adds budgets: accounts, reservations, limits set by hand, and what was done about empty ones. Must
// never be changed once it was released: add another migration.

extension LedgerSchema {
  static let budgets = """
    CREATE TABLE budget_account (
      scope TEXT NOT NULL CHECK (scope IN ('fleet', 'worker', 'run', 'provider')),
      subject TEXT NOT NULL,
      day INTEGER NOT NULL,
      settled_micro INTEGER NOT NULL CHECK (settled_micro >= 0),
      unreserved_micro INTEGER NOT NULL CHECK (unreserved_micro BETWEEN 0 AND settled_micro),
      unreconciled_micro INTEGER NOT NULL CHECK (unreconciled_micro BETWEEN 0 AND settled_micro),
      told INTEGER NOT NULL CHECK (told IN (0, 75, 90, 100)),
      hours TEXT NOT NULL,
      PRIMARY KEY (scope, subject, day)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE budget_reservation (
      id INTEGER PRIMARY KEY CHECK (id >= 1),
      key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
      worker TEXT,
      run TEXT,
      provider TEXT,
      route TEXT NOT NULL,
      path TEXT NOT NULL,
      amount_micro INTEGER NOT NULL CHECK (amount_micro >= 0),
      soft_micro INTEGER NOT NULL CHECK (soft_micro BETWEEN 0 AND amount_micro),
      drawn_micro INTEGER NOT NULL CHECK (drawn_micro >= 0),
      state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'unreconciled')),
      opened_usec INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX budget_reservation_open ON budget_reservation(id)
      WHERE state IN ('open', 'unreconciled');
    CREATE INDEX budget_reservation_done ON budget_reservation(opened_usec)
      WHERE state IN ('settled', 'released');
    CREATE TRIGGER budget_reservation_is_fixed BEFORE UPDATE ON budget_reservation
      WHEN NEW.key <> OLD.key OR NEW.worker IS NOT OLD.worker OR NEW.amount_micro <> OLD.amount_micro
        OR NEW.drawn_micro < OLD.drawn_micro
        OR (OLD.state IN ('settled', 'released') AND NEW.state <> OLD.state)
      BEGIN SELECT RAISE(ABORT, 'a reservation is only spent and ended'); END;
    CREATE TRIGGER budget_reservation_stays BEFORE DELETE ON budget_reservation
      WHEN OLD.state NOT IN ('settled', 'released')
      BEGIN SELECT RAISE(ABORT, 'a reservation stays until it is ended'); END;

    CREATE TABLE budget_route (
      worker TEXT NOT NULL,
      name TEXT NOT NULL,
      factor_ppm INTEGER NOT NULL CHECK (factor_ppm >= 1000000),
      PRIMARY KEY (worker, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE budget_override (
      scope TEXT NOT NULL,
      subject TEXT NOT NULL,
      daily INTEGER NOT NULL CHECK (daily IN (0, 1)),
      limit_micro INTEGER CHECK (limit_micro >= 0),
      file_micro INTEGER CHECK (file_micro >= 0),
      actor TEXT NOT NULL,
      PRIMARY KEY (scope, subject, daily)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE budget_hold (
      worker TEXT PRIMARY KEY,
      scope TEXT NOT NULL,
      subject TEXT NOT NULL,
      daily INTEGER NOT NULL CHECK (daily IN (0, 1)),
      action TEXT NOT NULL CHECK (action IN ('pause', 'stop', 'ask')),
      pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
      since_usec INTEGER NOT NULL,
      note TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}

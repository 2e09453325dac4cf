// The migration that brings decisions: evaluated runs, epochs, decisions, alerts and the engine's own settings.
// Must never be changed once it was released: add another migration.

extension LedgerSchema {
  static let decisions = """
    CREATE TABLE evaluation (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      worker TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      run TEXT NOT NULL,
      at_usec INTEGER NOT NULL,
      cost_micro INTEGER NOT NULL,
      revenue_micro INTEGER NOT NULL,
      stray_micro INTEGER NOT NULL,
      maturation_ppm INTEGER NOT NULL CHECK (maturation_ppm BETWEEN 0 AND 1000000),
      ok INTEGER NOT NULL CHECK (ok IN (0, 1))
    ) STRICT;
    CREATE UNIQUE INDEX evaluation_once ON evaluation(worker, run);
    CREATE INDEX evaluation_of ON evaluation(worker, epoch, sequence);
    CREATE TRIGGER evaluation_is_fixed BEFORE UPDATE ON evaluation
      BEGIN SELECT RAISE(ABORT, 'an evaluation is never changed'); END;
    CREATE TRIGGER evaluation_stays BEFORE DELETE ON evaluation
      BEGIN SELECT RAISE(ABORT, 'an evaluation is never deleted'); END;

    CREATE TABLE epoch (
      worker TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      since_usec INTEGER NOT NULL,
      reason TEXT NOT NULL,
      fingerprint INTEGER NOT NULL,
      instances INTEGER NOT NULL,
      cap_micro INTEGER NOT NULL,
      reserve_ppm INTEGER NOT NULL,
      base_revenue_micro INTEGER NOT NULL,
      base_cost_micro INTEGER NOT NULL,
      base_finished INTEGER NOT NULL,
      base_ok INTEGER NOT NULL,
      base_lives INTEGER NOT NULL,
      base_crashed INTEGER NOT NULL,
      scale_ups INTEGER NOT NULL,
      tranches INTEGER NOT NULL,
      drift_from INTEGER NOT NULL,
      changed_usec INTEGER,
      PRIMARY KEY (worker, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE decision (
      id INTEGER PRIMARY KEY CHECK (id >= 1),
      at_usec INTEGER NOT NULL,
      worker TEXT NOT NULL,
      action TEXT NOT NULL,
      mode TEXT NOT NULL,
      route TEXT NOT NULL,
      inputs TEXT NOT NULL,
      verdict TEXT NOT NULL,
      other_verdict TEXT NOT NULL,
      expires_usec INTEGER,
      state TEXT NOT NULL CHECK (state IN ('pending', 'withheld', 'executed', 'rejected', 'expired', 'stale',
        'failed')),
      resolved_usec INTEGER,
      resolved_by TEXT,
      note TEXT
    ) STRICT;
    CREATE INDEX decision_of ON decision(worker, id);
    CREATE INDEX decision_state ON decision(state, id);
    CREATE TRIGGER decision_is_fixed
      BEFORE UPDATE OF id, at_usec, worker, action, mode, route, inputs, verdict, other_verdict, expires_usec
      ON decision
      WHEN NEW.id <> OLD.id OR NEW.at_usec <> OLD.at_usec OR NEW.worker <> OLD.worker
        OR NEW.action <> OLD.action OR NEW.mode <> OLD.mode OR NEW.route <> OLD.route
        OR NEW.inputs <> OLD.inputs OR NEW.verdict <> OLD.verdict OR NEW.other_verdict <> OLD.other_verdict
        OR NEW.expires_usec IS NOT OLD.expires_usec
      BEGIN SELECT RAISE(ABORT, 'what was decided is never changed'); END;
    CREATE TRIGGER decision_is_resolved_once BEFORE UPDATE OF state ON decision
      WHEN OLD.state NOT IN ('pending', 'withheld') AND NEW.state <> OLD.state
      BEGIN SELECT RAISE(ABORT, 'a decision is resolved once'); END;
    CREATE TRIGGER decision_stays BEFORE DELETE ON decision
      BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

    CREATE TABLE alert (
      id INTEGER PRIMARY KEY CHECK (id >= 1),
      kind TEXT NOT NULL,
      worker TEXT,
      severity INTEGER NOT NULL CHECK (severity IN (2, 4, 5, 6)),
      message TEXT NOT NULL,
      raised_usec INTEGER NOT NULL,
      resolved_usec INTEGER,
      acknowledged_usec INTEGER,
      acknowledged_by TEXT,
      silenced_until_usec INTEGER
    ) STRICT;
    CREATE INDEX alert_lasting ON alert(id) WHERE resolved_usec IS NULL;

    CREATE TABLE engine (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX entry_sale ON entry(worker, amount_micro)
      WHERE (kind = 'sale' OR kind = 'subscription_cycle' OR kind = 'manual') AND pending = 0;
    """
}

// The migration that brings calls of models: each call, what is left over of a worker's below a micro-dollar, calls in numbers,
// and the versions of the model prices. Must never be changed once it was released: add another migration.

extension LedgerSchema {
  /// Adds what a held worker needs to go on, `model_call`, `model_call_total`, `model_call_carry` and `model_prices`.
  static let modelCalls = """
    ALTER TABLE budget_hold ADD COLUMN needed_micro INTEGER CHECK (needed_micro >= 0);

    CREATE TABLE model_call (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
      at_usec INTEGER NOT NULL,
      worker TEXT NOT NULL,
      run TEXT,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      duration_msec INTEGER NOT NULL CHECK (duration_msec >= 0),
      status INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
      input_tokens INTEGER CHECK (input_tokens >= 0),
      cache_read_tokens INTEGER CHECK (cache_read_tokens >= 0),
      cache_write_tokens INTEGER CHECK (cache_write_tokens >= 0),
      output_tokens INTEGER CHECK (output_tokens >= 0),
      reasoning_tokens INTEGER CHECK (reasoning_tokens >= 0),
      cost_pico INTEGER NOT NULL CHECK (cost_pico >= 0),
      saved_pico INTEGER CHECK (saved_pico >= 0),
      amount_micro INTEGER NOT NULL CHECK (amount_micro >= 0),
      estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
      reservation INTEGER,
      prices INTEGER,
      reason TEXT
    ) STRICT;
    CREATE INDEX model_call_at ON model_call(at_usec);
    CREATE INDEX model_call_worker ON model_call(worker, number);
    CREATE TRIGGER model_call_is_fixed BEFORE UPDATE ON model_call
      BEGIN SELECT RAISE(ABORT, 'a call is never changed'); END;
    CREATE TRIGGER model_call_stays BEFORE DELETE ON model_call
      WHEN OLD.at_usec >= (SELECT value FROM meta WHERE name = 'retained_from_usec')
      BEGIN SELECT RAISE(ABORT, 'a call is kept for its retention'); END;

    CREATE TABLE model_call_total (
      worker TEXT NOT NULL,
      provider TEXT NOT NULL,
      outcome TEXT NOT NULL,
      calls INTEGER NOT NULL CHECK (calls >= 0),
      input_tokens INTEGER NOT NULL,
      cache_read_tokens INTEGER NOT NULL,
      cache_write_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      reasoning_tokens INTEGER NOT NULL,
      amount_micro INTEGER NOT NULL,
      PRIMARY KEY (worker, provider, outcome)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE model_call_carry (
      worker TEXT PRIMARY KEY,
      remainder_pico INTEGER NOT NULL CHECK (remainder_pico BETWEEN -500000 AND 500000)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE model_prices (
      number INTEGER PRIMARY KEY CHECK (number >= 1),
      since_usec INTEGER NOT NULL,
      sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
      actor TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER model_prices_are_fixed BEFORE UPDATE ON model_prices
      BEGIN SELECT RAISE(ABORT, 'model prices are never changed'); END;
    CREATE TRIGGER model_prices_stay BEFORE DELETE ON model_prices
      BEGIN SELECT RAISE(ABORT, 'model prices are never deleted'); END;
    """
}

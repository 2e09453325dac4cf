// The migration that adds rates of exchange, and subscriptions with the payment that won each. Must never be changed once it
// was released: add another migration.

extension LedgerSchema {
  /// Adds `rate` and `subscription`.
  static let rates = """
    CREATE TABLE rate (
      currency TEXT NOT NULL CHECK (length(currency) = 3),
      since_usec INTEGER NOT NULL,
      numerator INTEGER NOT NULL CHECK (numerator > 0),
      denominator INTEGER NOT NULL CHECK (denominator > 0),
      actor TEXT NOT NULL,
      PRIMARY KEY (currency, since_usec)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER rate_is_fixed BEFORE UPDATE ON rate
      BEGIN SELECT RAISE(ABORT, 'a rate is never changed'); END;
    CREATE TRIGGER rate_stays BEFORE DELETE ON rate
      BEGIN SELECT RAISE(ABORT, 'a rate is never deleted'); END;

    CREATE TABLE subscription (
      source TEXT NOT NULL,
      name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
      payment TEXT NOT NULL,
      kind TEXT NOT NULL,
      cycles INTEGER NOT NULL CHECK (cycles >= 1),
      PRIMARY KEY (source, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER subscription_only_grows BEFORE UPDATE ON subscription
      WHEN NEW.payment <> OLD.payment OR NEW.kind <> OLD.kind OR NEW.cycles < OLD.cycles
      BEGIN SELECT RAISE(ABORT, 'who won a subscription is never changed'); END;
    CREATE TRIGGER subscription_stays BEFORE DELETE ON subscription
      BEGIN SELECT RAISE(ABORT, 'a subscription is never deleted'); END;
    """
}

// The migration that adds what is granted on top of a limit when somebody was asked. Must never be changed once it was
// released: add another migration.

extension LedgerSchema {
  /// Adds `budget_account.granted_micro`.
  static let grants = """
    ALTER TABLE budget_account ADD COLUMN granted_micro INTEGER NOT NULL DEFAULT 0
      CHECK (granted_micro >= 0);
    """
}

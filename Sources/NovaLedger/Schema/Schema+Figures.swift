// The migration that brings the history of figures: seconds of a few hours by minute and shard, minutes and hours by
// worker. Must never be changed once it was released: add another migration.

extension LedgerSchema {
  static let figures = """
    CREATE TABLE figure_second (
      minute INTEGER NOT NULL,
      shard INTEGER NOT NULL CHECK (shard >= 0),
      sheet BLOB NOT NULL,
      PRIMARY KEY (minute, shard)
    ) STRICT;

    CREATE TABLE figure (
      step INTEGER NOT NULL CHECK (step IN (60, 3600)),
      start INTEGER NOT NULL,
      worker TEXT NOT NULL,
      samples BLOB NOT NULL,
      PRIMARY KEY (step, start, worker)
    ) STRICT, WITHOUT ROWID;
    """
}

// The bounds of the ledger. Must never be read from a file here: whoever opens the ledger chooses.

package import NovaModel

/// How the ledger behaves.
package struct LedgerOptions: Sendable, Hashable {
  /// Looks through the whole file at start (`PRAGMA quick_check`); about 1 s a gigabyte.
  package var quickCheck = false
  /// How many writes wait for the disk, beside those being written, before they are merged and, last, events
  /// are given up.
  package var maxPendingWrites = 65_536
  /// The same in bytes of memory, estimated.
  package var maxPendingBytes = 64 << 20
  /// The first wait after a failed commit; it doubles.
  package var retryDelay: Span = .milliseconds(100)
  /// The longest wait.
  package var retryMax: Span = .seconds(5)
  /// Serials of incarnations set aside at once. A whole fleet may be spawned before the first commit, so half a
  /// block must exceed 10,000 workers.
  package var incarnationBlock: UInt64 = 65_536
  /// `PRAGMA max_page_count`, to see a full disk without one; nil: SQLite's own.
  package var maxPageCount: Int64?

  /// The defaults.
  package init() {}
}

// How the ledger is, at a glance, for `novasup health` and for the decision to start another process. Must never be
// the only way to learn of trouble: completions tell it too.

package import NovaModel

/// The state of the ledger's thread.
package struct LedgerCondition: Sendable, Hashable {
  /// Why nothing can be written at present, nil when all is well.
  package var trouble: LedgerError?
  /// What waits for the disk, the batch being written included.
  package var pending = LedgerPending(writes: 0, bytes: 0, droppedEvents: 0)
  /// More than the bound is pending though all was merged: bookings are never given up, so nothing that makes new
  /// ones may be started until the disk takes them.
  package var isOverfull = false
  /// Transactions committed since the start.
  package var commits: UInt64 = 0
  /// Serials up to this one are set aside on the disk; beyond it nothing may be spawned.
  package var reservedThrough: Incarnation

  init(reservedThrough: Incarnation) { self.reservedThrough = reservedThrough }
}

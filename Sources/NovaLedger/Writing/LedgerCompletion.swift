// What the ledger tells the loop: what became durable, what was refused, and whether the storage is in trouble.
// Must never be needed to free memory: the loop may drain late, the list is bounded by the submissions pending.

package import NovaModel

/// One answer of the ledger's thread.
package enum LedgerCompletion: Sendable, Hashable {
  /// Every write submitted with that ticket, and all submitted before it, is on the disk.
  case durable(ticket: UInt64)
  /// Like `durable`, but a run or entry submitted with that ticket was there before, with the same amounts.
  case repeated(ticket: UInt64)
  /// A run or an external id submitted with that ticket cannot be booked, in a sentence for whoever sent it: it is there
  /// with other amounts, or more would be given back than was paid. It was left out; all else went through.
  case conflicted(ticket: UInt64?, String)
  /// These entries are new in the books and on the disk; told before the tickets they came with, each once.
  case booked([Entry])
  /// These runs are new and on the disk; told before the tickets they came with, each once.
  case ran([RunRecord])
  /// The answer to a question.
  case answered(ticket: UInt64, LedgerAnswer)
  /// A write broke an invariant and was left out for good; the others went through. Nil: it had no ticket.
  case rejected(ticket: UInt64?, LedgerError)
  /// Nothing can be written at present; it is kept and tried again. Told when it begins and when it changes.
  case degraded(LedgerError, LedgerPending)
  /// Everything that was kept is on the disk.
  case recovered
  /// The backup asked for with that ticket is whole and on the disk, or there is none.
  case backedUp(ticket: UInt64, Result<BackupReport, LedgerError>)
}

/// What waits for the disk.
package struct LedgerPending: Sendable, Hashable {
  /// Writes kept.
  package var writes: Int
  /// Their estimated size in memory, bytes.
  package var bytes: Int
  /// Events given up since the trouble began, because the bound was reached; an event in the history names them.
  package var droppedEvents: Int64
  /// Puts the figures together.
  package init(writes: Int, bytes: Int, droppedEvents: Int64) {
    self.writes = writes
    self.bytes = bytes
    self.droppedEvents = droppedEvents
  }
}

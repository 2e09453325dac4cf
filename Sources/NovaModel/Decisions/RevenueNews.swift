// What the ledger tells of recent revenue at a start, so that whoever watches it goes on where the last supervisor ended.
// Must never stand for an entry: what was booked is the ledger's to say.

/// Revenue of a quarter of an hour, of somebody's or of nobody's.
package struct RevenueQuarter: Sendable, Hashable {
  /// A moment of that quarter.
  package var at: WallTime
  package var isOwned: Bool
  package var amount: Money
  /// Puts it together.
  package init(at: WallTime, isOwned: Bool, amount: Money) {
    self.at = at
    self.isOwned = isOwned
    self.amount = amount
  }
}

/// That a source of revenue has spoken.
package struct RevenueNews: Sendable, Hashable {
  package var source: String
  /// Whose revenue it was; nil: nobody's.
  package var worker: WorkerName?
  package var at: WallTime
  /// Puts it together.
  package init(source: String, worker: WorkerName?, at: WallTime) {
    self.source = source
    self.worker = worker
    self.at = at
  }
}

// What can be asked of the history, and the shapes of the answers. Must never hold an open statement or a row.

package import NovaModel

/// Which events are wanted.
package struct EventQuery: Sendable, Hashable {
  /// Only events after this id.
  package var after: Int64?
  /// Only events before this id.
  package var before: Int64?
  /// At most so many, 1...10,000.
  package var limit = 100
  /// Only events of this worker.
  package var worker: WorkerName?
  /// Any of these types; `instance.*` stands for all that begin with `instance.`. Empty: all.
  package var types: [String] = []
  /// Only events at or after.
  package var since: WallTime?
  /// The newest `limit` instead of the oldest; the answer is ascending either way.
  package var newest = false

  /// Every event, from the oldest.
  package init() {}
}

/// What an instance, or a whole worker, has used and cost.
package struct UsageSummary: Sendable, Hashable {
  /// Of all its lives, also those whose bookings are past retention.
  package var totals = UsageTotals()
  /// What of it has been booked as cost.
  package var cost: Money = .zero
  /// Lives so far.
  package var incarnations = 0
  /// Booked at or after the time asked for, such as an hour ago.
  package var recentCost: Money = .zero

  /// Nothing used.
  package init() {}
}

/// One line of the account of an incarnation.
package struct UsageBooking: Sendable, Hashable {
  /// Of which life.
  package var incarnation: Incarnation
  /// Ascending within the incarnation; a number is left out where bookings were merged in a full mailbox.
  package var number: Int
  /// When it was booked.
  package var at: WallTime
  /// What was used since the booking before.
  package var usage: UsageTotals
  /// At which prices.
  package var price: PriceID
  /// What it cost, without the fraction that is carried on.
  package var cost: Money
}

// The vocabulary of what can be written. Every write can be applied twice with the effect of once, because after
// an error nobody knows whether a commit reached the disk. Must never hold SQL.

package import NovaModel

/// One change of the durable state.
package enum LedgerWrite: Sendable, Hashable {
  /// Stores what people want of a worker.
  case worker(WorkerRecord)
  /// Forgets a worker's record; its history stays.
  case forgetWorker(WorkerName)
  /// Stores an instance's memory.
  case instance(InstanceRecord)
  /// Forgets an instance's record; its history stays.
  case forgetInstance(InstanceID)
  /// Stores an incarnation and, when `bookings` is higher than what is stored, books the difference between its
  /// cumulative usage and cost and the stored ones, at `price`. The same number again changes no amount.
  case book(IncarnationRecord, at: WallTime, price: PriceID)
  /// Appends history. `id` is the one after the previous event's; the first comes from `DurableState`.
  case event(EventRecord)
  /// Stores a new version of the host's prices; its bookings come after it.
  case price(PriceVersion)
  /// Stores the files of an accepted configuration as the newest of at most ten generations.
  case configuration([ConfigurationFile], at: WallTime)
  /// Books an entry of money as it is; the same source, external id, kind and part again books nothing, and with
  /// another amount or worker it is answered as a conflict.
  case entry(Entry)
  /// Stores a finished run with the entries it brings, all or none; the same run again changes nothing, and with other
  /// amounts it is answered as a conflict.
  case run(RunRecord, entries: [Entry])
  /// Books a payment for whom the rules of attribution name, in parts where they divide it.
  case revenue(RevenueFact)
  /// Books what was given back of a payment, as the payment was split.
  case contra(ContraFact)
  /// Stores a rate of exchange; the same again is known, another for the same moment a conflict.
  case rate(ExchangeRate)
  /// Remembers that a worker dealt with a customer.
  case touch(Touch)
  /// Stores up to when the host's own price is booked; the entries of that belong to the same submission.
  case hostAccount(HostAccountRecord)
  /// Stores what budgets have to remember.
  case budget(BudgetChange)
  /// Stores what the decision engine keeps.
  case engine(EngineWrite)
  /// Stores the history of figures.
  case figures(FigureWrite)
  /// Stores what is kept of calls of models.
  case gateway(GatewayWrite)
  /// Gives up history older than `from`; the only way that a booking or an event is ever deleted.
  case retain(from: WallTime)
}

/// Prices and since when they hold. A price never changes: another price is another version.
package struct PriceVersion: Sendable, Hashable {
  /// The number of the version: the one before plus one.
  package var id: PriceID
  /// From when on it is booked at.
  package var since: WallTime
  /// The prices.
  package var prices: HostPrices
  /// Puts a version together.
  package init(id: PriceID, since: WallTime, prices: HostPrices) {
    self.id = id
    self.since = since
    self.prices = prices
  }
}

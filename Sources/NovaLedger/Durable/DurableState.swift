// What the state database remembers when the supervisor starts. Must never hold history: that is read page by page.

package import NovaModel

/// Everything a supervisor needs to go on where the last one ended.
package struct DurableState: Sendable, Hashable {
  /// Ordered by name.
  package var workers: [WorkerRecord] = []
  /// Ordered by worker and number.
  package var instances: [InstanceRecord] = []
  /// The lives whose final booking is not durable, oldest first.
  package var openIncarnations: [IncarnationRecord] = []
  /// Neither it nor a higher serial was ever handed out.
  package var nextIncarnation = Incarnation(1)
  /// The id of the next event.
  package var nextEventID: Int64 = 1
  /// The newest prices, nil before the first.
  package var price: PriceVersion?
  /// Up to when the host's own price is booked, nil while it never had one.
  package var hostAccount: HostAccountRecord?
  /// The configuration accepted last, nil before the first.
  package var configuration: StoredConfiguration?
  /// Every rate of exchange, by currency and time.
  package var rates: [ExchangeRate] = []
  /// What budgets remember.
  package var budgets = BudgetState()
  /// What is remembered of calls of models.
  package var gateway = GatewayState()

  /// A new state directory.
  package init() {}
}

/// An accepted configuration as it was stored.
package struct StoredConfiguration: Sendable, Hashable {
  /// Ascending, from 1.
  package var generation: Int64
  /// When it was accepted.
  package var accepted: WallTime
  /// In the order in which they were given.
  package var files: [ConfigurationFile]
  /// Puts a stored configuration together.
  package init(generation: Int64, accepted: WallTime, files: [ConfigurationFile]) {
    self.generation = generation
    self.accepted = accepted
    self.files = files
  }
}

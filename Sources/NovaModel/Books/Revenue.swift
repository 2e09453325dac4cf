// Money from outside as facts: who paid what to whom, and what was given back. Which worker gets it is decided when it
// is booked, in one transaction with it. Must never carry an amount that was not checked.

/// One payment.
package struct RevenueFact: Sendable, Hashable {
  /// The platform: `stripe`, `gumroad`, `manual`, …
  package var source: String
  /// The platform's id; booked once.
  package var externalID: String
  /// Of side revenue.
  package var kind: EntryKind
  /// Positive.
  package var amount: Money
  package var original: ForeignAmount?
  /// The platform's fee; a cost of whoever gets the revenue. Nil: not known.
  package var fee: Money?
  package var event: WallTime
  package var booked: WallTime
  package var matures: WallTime?
  /// Rule 1: the event names it. Rule 2: its product is mapped to it.
  package var named: Named?
  /// Rule 3: keys under which workers have said that they touched this customer.
  package var touches: [String] = []
  /// How touches are weighed.
  package var touchRule = AttributionRule.lastTouch
  /// The source's name of the subscription that it is a cycle of.
  package var subscription: String?
  /// How many cycles of a subscription are credited to who won it, where that is not the usual number.
  package var creditCycles: [WorkerName: Int] = [:]

  /// A worker that an event or a product map names.
  package struct Named: Sendable, Hashable {
    package var worker: WorkerName
    package var run: String?
    /// `explicit` or `product`.
    package var rule: AttributionRule
    /// Names a worker.
    package init(worker: WorkerName, run: String? = nil, rule: AttributionRule) {
      self.worker = worker
      self.run = run
      self.rule = rule
    }
  }

  /// How many cycles of a subscription that it won are a worker's; its first is always.
  package func credit(of worker: WorkerName) -> Int {
    max(1, creditCycles[worker] ?? EconomicsSpec().creditCycles)
  }

  /// A payment to nobody yet.
  package init(
    source: String, externalID: String, kind: EntryKind, amount: Money, event: WallTime,
    booked: WallTime
  ) {
    self.source = source
    self.externalID = externalID
    self.kind = kind
    self.amount = amount
    self.event = event
    self.booked = booked
  }
}

/// Something of a payment given back, fought over, or won back. It follows the split of the payment.
package struct ContraFact: Sendable, Hashable {
  package var source: String
  /// The refund's or dispute's own id; booked once.
  package var externalID: String
  /// Of side contra.
  package var kind: EntryKind
  /// The payment's id at the same source.
  package var payment: String
  /// Positive: what was given back; nil: all that is left of the payment.
  package var amount: Money?
  package var event: WallTime
  package var booked: WallTime

  /// Gives something back.
  package init(
    source: String, externalID: String, kind: EntryKind, payment: String, amount: Money?,
    event: WallTime, booked: WallTime
  ) {
    self.source = source
    self.externalID = externalID
    self.kind = kind
    self.payment = payment
    self.amount = amount
    self.event = event
    self.booked = booked
  }
}

/// A worker says that it dealt with a customer, under a key that the payment will carry as well.
package struct Touch: Sendable, Hashable {
  package var key: String
  package var worker: WorkerName
  package var run: String?
  package var at: WallTime

  /// Puts a touch together.
  package init(key: String, worker: WorkerName, run: String?, at: WallTime) {
    self.key = key
    self.worker = worker
    self.run = run
    self.at = at
  }

  /// A touch counts for so long.
  package static let window = Span.seconds(30 * 86_400)
  /// With `time_decay` a touch is worth half after so long.
  package static let halfLife = Span.seconds(7 * 86_400)
}

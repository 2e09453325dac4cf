// A line of the ledger of money. An entry is never changed: what was wrong is reversed by another entry.
// Must never hold an amount whose sign is not its effect on the profit: earned is positive, spent is negative.

/// What an entry is about.
package enum EntryKind: String, Sendable, Hashable, CaseIterable {
  // Revenue, gross of the platform's fees and without tax.
  case sale
  case subscriptionCycle = "subscription_cycle"
  case manual
  // What is given back of it, or fought over; a chargeback that was won comes back.
  case refund
  case dispute
  case disputeFee = "dispute_fee"
  case chargebackWon = "chargeback_won"
  // Cost.
  case llm
  case compute
  case platformFee = "platform_fee"
  case apiCall = "api_call"
  case message
  case tool
  /// A share of what nobody used: the idle part of the host.
  case fixedShare = "fixed_share"
  /// What a worker said that its run has cost.
  case reported

  /// The three sides of the books.
  package enum Side: String, Sendable, Hashable, CaseIterable { case revenue, contra, cost }

  /// On which side it is summed up.
  package var side: Side {
    switch self {
    case .sale, .subscriptionCycle, .manual: .revenue
    case .refund, .dispute, .disputeFee, .chargebackWon: .contra
    case .llm, .compute, .platformFee, .apiCall, .message, .tool, .fixedShare, .reported: .cost
    }
  }

  /// The sign of an entry that is not itself a reversal: 1 or -1.
  package var sign: Int64 {
    switch side {
    case .revenue: 1
    case .contra: self == .chargebackWon ? 1 : -1
    case .cost: -1
    }
  }
}

/// By which rule an entry came to its worker.
package enum AttributionRule: String, Sendable, Hashable, CaseIterable {
  /// The event itself names the worker, or it is the worker's own cost or report.
  case explicit
  /// The product is mapped to a worker.
  case product
  case lastTouch = "last_touch"
  case linear
  case timeDecay = "time_decay"
  /// A later cycle of a subscription: as the payment that won it.
  case subscription
  /// Nobody can be named; never assigned by itself.
  case unattributed
  /// A refund or dispute: as what it takes back.
  case original
  /// A cost that is shared by a rule of the prices.
  case shared
}

/// One line of the ledger.
package struct Entry: Sendable, Hashable {
  /// From 1, without gap; 0 until the ledger has given it one.
  package var id: Int64 = 0
  /// When it happened.
  package var event: WallTime
  /// When it was booked.
  package var booked: WallTime
  /// Whose it is; nil: nobody's (unattributed revenue, the idle host).
  package var worker: WorkerName?
  package var instance: Int?
  /// The life whose compute cost it is.
  package var incarnation: Incarnation?
  /// The run it belongs to, by the worker's own id.
  package var run: String?
  package var kind: EntryKind
  /// Where it comes from: `compute`, `worker`, `stripe`, `manual`, …
  package var source: String
  /// The source's name for it; once per source and kind, in parts where it is split.
  package var externalID: String
  /// From 0: the part of a split or the turn of a new attribution.
  package var part = 0
  /// What it adds to the profit.
  package var amount: Money
  /// Said by a worker and not confirmed: it counts nowhere yet.
  package var isPending = false
  /// The amount in the currency it was paid in.
  package var original: ForeignAmount?
  package var rule = AttributionRule.explicit
  /// Share of the event in millionths.
  package var weightPPM: Int64 = 1_000_000
  /// From when on it counts as settled: after it no refund is expected. Nil: at once.
  package var matures: WallTime?
  /// The entry that this one takes back, wholly or in part.
  package var reverses: Int64?
  /// The prices it was computed with.
  package var price: PriceID?

  /// A line; the rest has defaults.
  package init(
    event: WallTime, booked: WallTime, worker: WorkerName?, kind: EntryKind, source: String,
    externalID: String, amount: Money
  ) {
    self.event = event
    self.booked = booked
    self.worker = worker
    self.kind = kind
    self.source = source
    self.externalID = externalID
    self.amount = amount
  }

  /// What it adds to the cost: positive for an ordinary cost, zero for what is no cost.
  package var cost: Money {
    kind.side == .cost && !isPending ? Money(microUSD: -amount.microUSD) : .zero
  }
}

/// An amount in another currency, as the platform gave it.
package struct ForeignAmount: Sendable, Hashable {
  /// ISO 4217, upper case.
  package var currency: String
  /// In the currency's smallest unit.
  package var minorUnits: Int64
  /// How it became USD: `settled` (the platform's own figure) or the id of a rate.
  package var rate: String

  /// Puts an amount together.
  package init(currency: String, minorUnits: Int64, rate: String) {
    self.currency = currency
    self.minorUnits = minorUnits
    self.rate = rate
  }
}

/// The number of a version of the host's prices, from 1.
package struct PriceID: Sendable, Hashable, Comparable {
  /// The number.
  package let number: Int64
  /// Wraps a number.
  package init(_ number: Int64) { self.number = number }
  /// Orders by age.
  package static func < (a: PriceID, b: PriceID) -> Bool { a.number < b.number }
}

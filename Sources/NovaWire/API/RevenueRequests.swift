// Money from outside, handed in: `POST /v1/revenue`. Must never be booked without the source's own id for it, by which
// a repeated hand-in is known.

/// What was paid, or given back.
package enum RevenueKind: String, Codable, Sendable, Hashable, CaseIterable {
  case sale, manual, refund, dispute
  case subscriptionCycle = "subscription_cycle"
  case disputeFee = "dispute_fee"
  case chargebackWon = "chargeback_won"
}

/// One payment, refund or dispute.
package struct RevenueRequest: Codable, Sendable, Hashable {
  /// Nil: `sale`.
  package var kind: RevenueKind?
  /// Where it comes from, such as `stripe`; nil: `manual`.
  package var source: String?
  /// The source's id, at most 200 bytes; booked once.
  package var id: String
  /// Decimal USD, positive, at most six places. For a refund or dispute nil is all that is left.
  package var amountUSD: String?
  /// What was really paid, when it was not USD: decimal in that currency. `amount_usd` is then what the platform settled
  /// for it; without that it is converted at the rate of the day (`POST /v1/rates`).
  package var amount: String?
  /// ISO 4217; nil: USD.
  package var currency: String?
  /// The platform's fee, decimal USD; booked as a cost.
  package var feeUSD: String?
  /// refund, dispute, dispute_fee, chargeback_won: the id of the payment.
  package var of: String?
  /// Whose it is, where that is known.
  package var worker: String?
  /// The worker's run that earned it.
  package var runID: String?
  /// The product that was sold, looked up in `economics.products` of the workers.
  package var product: String?
  /// Keys under which workers have reported a touch.
  package var touch: [String]?
  /// subscription_cycle: the source's name of the subscription. Later cycles go to who won the first, as many as
  /// `economics.credit_cycles` says.
  package var subscription: String?
  /// RFC 3339; nil: now.
  package var at: String?
  /// From when on it counts as settled, RFC 3339; nil: at once.
  package var maturesAt: String?
  /// Judge it and book nothing.
  package var dryRun: Bool?

  /// A payment.
  package init(id: String) { self.id = id }
}

/// It is booked and durable.
package struct RevenueResponse: Codable, Sendable, Hashable {
  package var source: String
  package var id: String
  /// It was booked before, with the same amount.
  package var repeated: Bool

  /// Says what was booked.
  package init(source: String, id: String, repeated: Bool) {
    self.source = source
    self.id = id
    self.repeated = repeated
  }
}

/// What a unit of a currency is worth from some moment on: `POST /v1/rates`.
package struct RateRequest: Codable, Sendable, Hashable {
  /// ISO 4217.
  package var currency: String
  /// USD for one unit, decimal with at most nine places, such as `1.0812`.
  package var usd: String
  /// RFC 3339; nil: now.
  package var since: String?

  /// A rate from now on.
  package init(currency: String, usd: String) {
    self.currency = currency
    self.usd = usd
  }
}

/// A rate of exchange.
package struct RateRow: Codable, Sendable, Hashable {
  package var currency: String
  /// USD for one unit.
  package var usd: String
  /// RFC 3339: from then on, at most for seven days.
  package var since: String
  package var setBy: String

  /// Puts a rate together.
  package init(currency: String, usd: String, since: String, setBy: String) {
    self.currency = currency
    self.usd = usd
    self.since = since
    self.setBy = setBy
  }
}

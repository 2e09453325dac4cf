// Budgets over the API: what is left, who is held, limits set by hand, and money set aside before it is spent.
// Must never carry an amount as a number: money is decimal text.

/// `GET /v1/budgets`.
package struct BudgetReport: Codable, Sendable, Hashable {
  /// The calendar day of the daily limits, in `timezone`.
  package var day: String
  package var timezone: String
  /// When daily limits begin anew, RFC 3339.
  package var resetsAt: String
  /// The fleet first, then workers, runs and providers by name.
  package var budgets: [BudgetRow] = []
  package var held: [BudgetHoldRow] = []
  /// Reservations that are open, and those of which nobody said what they cost.
  package var openReservations: Int
  package var unreconciledReservations: Int

  /// A report without rows.
  package init(
    day: String, timezone: String, resetsAt: String, openReservations: Int,
    unreconciledReservations: Int
  ) {
    self.day = day
    self.timezone = timezone
    self.resetsAt = resetsAt
    self.openReservations = openReservations
    self.unreconciledReservations = unreconciledReservations
  }
}

/// What a limit is about.
package enum BudgetScopeWord: String, Codable, Sendable, Hashable, CaseIterable {
  case fleet, worker, run, provider
}

/// For which time a limit holds.
package enum BudgetPeriod: String, Codable, Sendable, Hashable, CaseIterable { case day, total }

/// How far a budget is used.
package enum BudgetLevel: String, Codable, Sendable, Hashable, CaseIterable {
  /// Below three quarters; more than that; nothing left.
  case ok, warning, exhausted
}

/// One limit and its account.
package struct BudgetRow: Codable, Sendable, Hashable {
  package var scope: BudgetScopeWord
  /// Whose; nil for the fleet. A run is `WORKER/RUN`.
  package var subject: String?
  package var period: BudgetPeriod
  /// Nil: none.
  package var limitUSD: String?
  /// What of the limit was granted when somebody was asked; nil: nothing.
  package var grantedUSD: String?
  /// Everything that was spent.
  package var spentUSD: String
  /// Set aside and not spent.
  package var reservedUSD: String
  package var leftUSD: String?
  /// Spent beyond the limit; only what nobody had reserved can be.
  package var overrunUSD: String
  /// Of what was spent: what nobody had reserved.
  package var unreservedUSD: String
  /// Of what was spent: reservations counted in full, because nobody said what they cost.
  package var unreconciledUSD: String
  /// What will have been spent at the end of the day; nil for other periods.
  package var forecastUSD: String?
  /// When the limit will be reached, RFC 3339; nil: not today.
  package var exhaustedAt: String?
  package var level: BudgetLevel
  package var soft = false
  /// Who set it by hand; nil: the file.
  package var setBy: String?

  /// A row without a limit.
  package init(
    scope: BudgetScopeWord, subject: String?, period: BudgetPeriod, spentUSD: String,
    reservedUSD: String, overrunUSD: String, unreservedUSD: String, unreconciledUSD: String,
    level: BudgetLevel
  ) {
    self.scope = scope
    self.subject = subject
    self.period = period
    self.spentUSD = spentUSD
    self.reservedUSD = reservedUSD
    self.overrunUSD = overrunUSD
    self.unreservedUSD = unreservedUSD
    self.unreconciledUSD = unreconciledUSD
    self.level = level
  }
}

/// A worker that an empty budget holds.
package struct BudgetHoldRow: Codable, Sendable, Hashable {
  package var worker: String
  /// `pause`, `stop` or `ask`.
  package var action: String
  /// Waiting for the end of its present run.
  package var pending: Bool
  package var since: String
  package var why: String

  /// Puts a row together.
  package init(worker: String, action: String, pending: Bool, since: String, why: String) {
    self.worker = worker
    self.action = action
    self.pending = pending
    self.since = since
    self.why = why
  }
}

/// `POST /v1/budgets`: a limit set by hand. It holds until the file says something else than it says now.
package struct BudgetSetRequest: Codable, Sendable, Hashable {
  /// Whose; neither this nor `provider`: the fleet's.
  package var worker: String?
  package var provider: String?
  /// Decimal USD, or `none`.
  package var dailyUSD: String?
  package var totalUSD: String?

  /// Sets nothing.
  package init() {}
}

/// `POST /v1/budgets/reserve`.
package struct BudgetReserveRequest: Codable, Sendable, Hashable {
  /// The caller's own key, at most 128 bytes: repeated, it is the same reservation.
  package var key: String
  /// The highest it can cost, decimal USD.
  package var amountUSD: String
  /// What is still of use when that does not fit; left out: all or nothing.
  package var leastUSD: String?
  /// For whom; a worker's own process leaves it out.
  package var worker: String?
  package var runID: String?
  package var provider: String?
  /// The kind of call, at most 64 bytes: estimates learn by it.
  package var route: String?
  /// How long until it counts as spent, 1 to 3600 (120).
  package var leaseSeconds: Double?
  /// The caller has nothing else of the worker's money that it could use or give back: the worker is held by its budget if
  /// not even `least_usd` fits. Only nova-edge's word for it counts.
  package var isLast: Bool?

  /// A wish without options.
  package init(key: String, amountUSD: String) {
    self.key = key
    self.amountUSD = amountUSD
  }
}

/// `POST /v1/budgets/settle`.
package struct BudgetSettleRequest: Codable, Sendable, Hashable {
  package var reservation: Int64
  /// What it has cost in all so far, decimal USD.
  package var spentUSD: String
  /// The last word; the rest is given back (default). False: a part of it, and the lease begins anew.
  package var final: Bool?

  /// A last word.
  package init(reservation: Int64, spentUSD: String) {
    self.reservation = reservation
    self.spentUSD = spentUSD
  }
}

/// `POST /v1/budgets/release`.
package struct BudgetReleaseRequest: Codable, Sendable, Hashable {
  package var reservation: Int64

  /// Gives one back.
  package init(reservation: Int64) { self.reservation = reservation }
}

/// What became of a reservation.
package enum ReservationState: String, Codable, Sendable, Hashable, CaseIterable {
  case open, settled, released, unreconciled
}

/// The answer of `reserve`, `settle` and `release`; it is durable.
package struct ReservationRow: Codable, Sendable, Hashable {
  package var reservation: Int64
  package var state: ReservationState
  /// What was set aside.
  package var amountUSD: String
  /// What was spent of it.
  package var spentUSD: String
  /// What it cost beyond what was set aside.
  package var overrunUSD: String
  /// What is left on the tightest limit; nil: none of them has one.
  package var leftUSD: String?

  /// Puts an answer together.
  package init(
    reservation: Int64, state: ReservationState, amountUSD: String, spentUSD: String,
    overrunUSD: String
  ) {
    self.reservation = reservation
    self.state = state
    self.amountUSD = amountUSD
    self.spentUSD = spentUSD
    self.overrunUSD = overrunUSD
  }
}

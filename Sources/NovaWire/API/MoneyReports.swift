// What was spent and earned, as the API tells it: `GET /v1/costs`, `GET /v1/revenue`, `GET /v1/entries`.
// Must never hold a number for what is not known, and never a fraction of a micro-USD.

/// By what a report is divided.
package enum MoneyGrouping: String, Codable, Sendable, Hashable, CaseIterable {
  case worker, category, source
  /// Of calls of models alone.
  case provider, model
}

/// Into what spans of time a report is divided.
package enum MoneyPeriod: String, Codable, Sendable, Hashable, CaseIterable {
  case day, week, month
}

/// How revenue is dated: by the day it was booked, or by the start of the run that earned it.
package enum RevenueView: String, Codable, Sendable, Hashable, CaseIterable {
  case cash, cohort
}

/// `GET /v1/costs` and `GET /v1/revenue`.
package struct MoneyReport: Codable, Sendable, Hashable {
  /// The first and the last moment it covers, RFC 3339; nil: from the first entry, up to now.
  package var since: String?
  package var until: String?
  /// The zone of its days.
  package var timezone: String
  /// Nil: one row for the whole time.
  package var period: MoneyPeriod?
  package var by: [MoneyGrouping]
  package var view: RevenueView
  package var rows: [MoneyRow] = []
  /// All rows together.
  package var total: MoneyRow
  package var reinvestment: ReinvestmentRow?

  /// A report without rows yet.
  package init(
    timezone: String, period: MoneyPeriod?, by: [MoneyGrouping], view: RevenueView, total: MoneyRow
  ) {
    self.timezone = timezone
    self.period = period
    self.by = by
    self.view = view
    self.total = total
  }
}

/// One line of a report: what is summed up, and the sums. Decimal USD with six places.
package struct MoneyRow: Codable, Sendable, Hashable {
  /// The first day of the period, such as `2026-01-31`; nil where the report has none.
  package var period: String?
  /// Nil: not divided by it, or nobody's (unattributed, idle).
  package var worker: String?
  package var category: String?
  package var source: String?
  package var costUSD: String
  /// Gross.
  package var revenueUSD: String
  /// Refunds and disputes; zero or negative, unless more was won back.
  package var contraUSD: String
  package var netRevenueUSD: String
  package var profitUSD: String
  package var pendingUSD: String
  /// Profit over cost; nil where `roi_status` says why.
  package var roiPercent: Double?
  /// `no_data` or `no_cost`; nil where there is a value.
  package var roiStatus: String?
  package var entries: Int64
  /// Finished runs and those that went well; nil where the rows are not divided by worker alone.
  package var runs: Int64?
  package var runsOk: Int64?
  /// Where rows are calls of models: whose, and of which.
  package var provider: String?
  package var model: String?
  /// Calls of models in it, and their tokens; nil where the rows are not divided by worker, provider or model.
  package var calls: Int64?
  package var inputTokens: Int64?
  package var cacheReadTokens: Int64?
  package var cacheWriteTokens: Int64?
  package var outputTokens: Int64?
  package var reasoningTokens: Int64?

  /// A row.
  package init(
    costUSD: String, revenueUSD: String, contraUSD: String, netRevenueUSD: String,
    profitUSD: String, pendingUSD: String, entries: Int64
  ) {
    self.costUSD = costUSD
    self.revenueUSD = revenueUSD
    self.contraUSD = contraUSD
    self.netRevenueUSD = netRevenueUSD
    self.profitUSD = profitUSD
    self.pendingUSD = pendingUSD
    self.entries = entries
  }
}

/// What of the profit may be spent again.
package struct ReinvestmentRow: Codable, Sendable, Hashable {
  /// Profit of the last seven days of which the revenue has matured.
  package var maturedProfit7dUSD: String
  /// Half of a seventh of it.
  package var poolUSD: String
  /// The daily budget with the pool, never more than twice itself.
  package var suggestedDailyUSD: String

  /// Puts the figures together.
  package init(maturedProfit7dUSD: String, poolUSD: String, suggestedDailyUSD: String) {
    self.maturedProfit7dUSD = maturedProfit7dUSD
    self.poolUSD = poolUSD
    self.suggestedDailyUSD = suggestedDailyUSD
  }
}

/// One line of the ledger of money.
package struct EntryRow: Codable, Sendable, Hashable {
  package var id: Int64
  /// When it happened and when it was booked, RFC 3339.
  package var at: String
  package var bookedAt: String
  package var worker: String?
  package var instance: Int?
  package var runID: String?
  package var kind: String
  package var source: String
  package var externalID: String
  /// What it adds to the profit: earned is positive, spent negative.
  package var amountUSD: String
  package var pending: Bool
  /// The amount as it was paid, such as `12.50 EUR`.
  package var paid: String?
  /// Why it is this worker's: `explicit`, `product`, `last_touch`, …
  package var rule: String
  /// Share of the event, 1 is all of it.
  package var weight: Double
  package var maturesAt: String?
  /// The entry that this one takes back.
  package var reverses: Int64?
  /// The version of the prices it was computed with.
  package var price: Int64?

  /// A line; what else is known is set afterwards.
  package init(
    id: Int64, at: String, bookedAt: String, kind: String, source: String, externalID: String,
    amountUSD: String, pending: Bool, rule: String, weight: Double
  ) {
    self.id = id
    self.at = at
    self.bookedAt = bookedAt
    self.kind = kind
    self.source = source
    self.externalID = externalID
    self.amountUSD = amountUSD
    self.pending = pending
    self.rule = rule
    self.weight = weight
  }
}

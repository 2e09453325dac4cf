// What one worker has cost and earned, in all and lately. Must never hold a rate for which nothing was counted.

/// Money and runs of a worker.
package struct WorkerMoney: Codable, Sendable, Hashable {
  /// Since the first entry.
  package var lifetime: Window
  /// The last 24 hours, 7 days and 30 days.
  package var day: Window
  package var week: Window
  package var month: Window
  /// Share of finished runs that went well, since the first; nil before it.
  package var successPercent: Double?
  /// Share of ended lives that ended in a crash; nil before the first.
  package var crashPercent: Double?
  /// When the last run ended, RFC 3339.
  package var lastRunAt: String?

  /// Puts the windows together.
  package init(lifetime: Window, day: Window, week: Window, month: Window) {
    self.lifetime = lifetime
    self.day = day
    self.week = week
    self.month = month
  }

  /// The sums of a span of time; decimal USD.
  package struct Window: Codable, Sendable, Hashable {
    package var costUSD: String
    /// Net of what was given back; nil: nobody has said anything about revenue.
    package var revenueUSD: String?
    package var profitUSD: String?
    package var pendingUSD: String
    package var roiPercent: Double?
    package var roiStatus: String?
    /// Finished runs, of which went well.
    package var runs: Int64
    package var runsOk: Int64
    /// Puts sums together.
    package init(costUSD: String, pendingUSD: String, runs: Int64, runsOk: Int64) {
      self.costUSD = costUSD
      self.pendingUSD = pendingUSD
      self.runs = runs
      self.runsOk = runsOk
    }
  }
}

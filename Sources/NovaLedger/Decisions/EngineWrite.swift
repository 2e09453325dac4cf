// What the decision engine writes. Every write can be applied twice with the effect of once.
// Must never hold SQL.

package import NovaModel

/// One change of what the engine keeps.
package enum EngineWrite: Sendable, Hashable {
  /// Appends an evaluated run; the same run again changes nothing.
  case evaluation(Evaluation)
  /// Begins an epoch, or stores its tranches and scale-ups.
  case epoch(EpochRecord)
  /// Appends a decision, or stores what became of it.
  case decision(DecisionRecord)
  /// Stores an alert as it is now.
  case alert(AlertRecord)
  /// A setting of the engine's own, such as whether it acts by itself.
  case setting(EngineSetting, Int64)
  /// A source of revenue does not answer since then; nil: it does.
  case source(String, staleSince: WallTime?)
  /// A source of revenue has fallen silent by itself, with its last news then; nil: it speaks.
  case silence(String, since: WallTime?)
}

/// The engine's own settings.
package enum EngineSetting: String, Sendable, Hashable, CaseIterable {
  /// 1 or 0: somebody has said whether it acts by itself; it outweighs the configuration.
  case autonomous
}

extension EngineWrite {
  /// What a source's row of the engine's table is named by.
  static let stalePrefix = "stale:"
  static let silentPrefix = "silent:"
}

/// What a new supervisor needs to go on.
package struct EngineState: Sendable, Hashable {
  /// The newest epoch of each worker.
  package var epochs: [WorkerName: EpochRecord] = [:]
  /// The last evaluation and decision.
  package var lastSequence: Int64 = 0
  package var lastDecision: Int64 = 0
  package var lastAlert: Int64 = 0
  /// Decisions that may still change, and those of the last day.
  package var decisions: [DecisionRecord] = []
  /// Alerts that last.
  package var alerts: [AlertRecord] = []
  package var settings: [EngineSetting: Int64] = [:]
  /// Sources of revenue that do not answer, and since when.
  package var stale: [String: WallTime] = [:]
  /// Sources that had fallen silent by themselves.
  package var silent: Set<String> = []
  /// Finished runs that were not evaluated, with what is booked for each so far.
  package var ripening: [RipeningRun] = []
  /// Revenue and refunds that no evaluation has counted yet and that belong to no run.
  package var strays: [WorkerName: Money] = [:]
  /// Revenue of the last seven days by quarters of an hour.
  package var revenue: [RevenueQuarter] = []
  /// The last pieces of news from sources of revenue, oldest first.
  package var news: [RevenueNews] = []
  /// Nothing there.
  package init() {}
}

/// A run on its way to be evaluated.
package struct RipeningRun: Sendable, Hashable {
  package var run: RunRecord
  package var cost: Money
  package var revenue: Money
  /// Puts it together.
  package init(run: RunRecord, cost: Money, revenue: Money) {
    self.run = run
    self.cost = cost
    self.revenue = revenue
  }
}

/// Which decisions are asked for.
package struct DecisionQuery: Sendable, Hashable {
  package var state: DecisionState?
  package var worker: WorkerName?
  package var since: WallTime?
  /// Only of a smaller id.
  package var before: Int64?
  /// At most so many, the newest.
  package var limit = 100
  /// The newest of all.
  package init() {}
}

/// What is known of a worker's sales.
package struct SalesSummary: Sendable, Hashable {
  package var sales: Int64 = 0
  package var refunds: Int64 = 0
  /// 99 of 100 sales are at most this; nil below 30 sales.
  package var highSale: Money?
  /// No sale.
  package init() {}
}

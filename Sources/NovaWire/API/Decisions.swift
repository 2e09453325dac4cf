// Decisions, autonomy and what it would take: the pages of the engine. Money is decimal USD, rates are percent, what is
// not known is null. Must never carry a figure that the decision itself did not see.

/// `GET /v1/decisions`: one decision.
package struct DecisionRow: Codable, Sendable, Hashable {
  /// Ascending.
  package var id: Int64
  /// RFC 3339.
  package var at: String
  package var worker: String
  /// `scale_up`, `scale_down`, `kill`, `pause`, `resume`, `deploy` or `optimise`.
  package var action: String
  package var fromInstances: Int
  package var toInstances: Int
  /// `threshold` or `evidence`.
  package var mode: String
  /// The rule that fired.
  package var rule: String
  /// One sentence for the owner.
  package var reason: String
  /// `pending`, `withheld`, `executed`, `rejected`, `expired`, `stale` or `failed`.
  package var state: String
  /// `automatic`, `approval` or `withheld`, and why.
  package var route: String
  package var routeReason: String
  /// 0...1; null where a threshold alone decided.
  package var confidence: Double?
  package var roiPercent: Double?
  /// `no_data` or `no_cost` where there is no ROI.
  package var roiStatus: String?
  /// The ends of the interval; null is open.
  package var roiLowerPercent: Int?
  package var roiUpperPercent: Int?
  package var successRatePercent: Double?
  package var runs: Int
  package var evaluatedRuns: Int
  package var costUSD: String
  package var revenueUSD: String
  /// Null: not known.
  package var stakeUSD: String?
  package var riskScore: Int
  /// `low`, `medium` or `high`.
  package var riskBand: String
  /// What the other mode would have decided on the same facts.
  package var otherMode: String
  package var otherAction: String
  package var otherReason: String
  package var alternatives: [AlternativeRow] = []
  package var expiresAt: String?
  package var resolvedAt: String?
  package var resolvedBy: String?
  /// Why it was rejected or is stale, or what went wrong.
  package var note: String?

  /// A row with what every decision has.
  package init(
    id: Int64, at: String, worker: String, action: String, fromInstances: Int, toInstances: Int,
    mode: String, rule: String, reason: String, state: String, route: String, routeReason: String,
    runs: Int, evaluatedRuns: Int, costUSD: String, revenueUSD: String, riskScore: Int,
    riskBand: String, otherMode: String, otherAction: String, otherReason: String
  ) {
    self.id = id
    self.at = at
    self.worker = worker
    self.action = action
    self.fromInstances = fromInstances
    self.toInstances = toInstances
    self.mode = mode
    self.rule = rule
    self.reason = reason
    self.state = state
    self.route = route
    self.routeReason = routeReason
    self.runs = runs
    self.evaluatedRuns = evaluatedRuns
    self.costUSD = costUSD
    self.revenueUSD = revenueUSD
    self.riskScore = riskScore
    self.riskBand = riskBand
    self.otherMode = otherMode
    self.otherAction = otherAction
    self.otherReason = otherReason
  }
}

/// Something that was considered and not chosen.
package struct AlternativeRow: Codable, Sendable, Hashable {
  package var action: String
  /// Why not.
  package var reason: String
  /// Pairs them.
  package init(action: String, reason: String) {
    self.action = action
    self.reason = reason
  }
}

/// `GET /v1/decisions/{id}`: a decision with all it saw.
package struct DecisionDetail: Codable, Sendable, Hashable {
  package var decision: DecisionRow
  /// Facts and settings as they are stored, one `name value` a line.
  package var inputs: String
  /// The verdicts as they are stored.
  package var verdict: String
  package var otherVerdict: String
  /// The epoch whose runs it rests on; null when it is not kept.
  package var epoch: EpochRow?
  /// Of an arm: the epoch of the worker whose job it does; null when it is none, or it is not kept.
  package var baseEpoch: EpochRow?
  /// Puts a page together.
  package init(decision: DecisionRow, inputs: String, verdict: String, otherVerdict: String) {
    self.decision = decision
    self.inputs = inputs
    self.verdict = verdict
    self.otherVerdict = otherVerdict
  }
}

/// The terms under which a worker's runs are compared.
package struct EpochRow: Codable, Sendable, Hashable {
  package var worker: String
  package var number: Int64
  /// RFC 3339.
  package var since: String
  package var reason: String
  package var instances: Int
  package var capUSD: String
  package var reservePpm: Int
  /// Puts a row together.
  package init(
    worker: String, number: Int64, since: String, reason: String, instances: Int,
    capUSD: String, reservePpm: Int
  ) {
    self.worker = worker
    self.number = number
    self.since = since
    self.reason = reason
    self.instances = instances
    self.capUSD = capUSD
    self.reservePpm = reservePpm
  }
}

/// `GET /v1/evaluations`: one run as the tests saw it.
package struct EvaluationRow: Codable, Sendable, Hashable {
  package var sequence: Int64
  package var worker: String
  package var epoch: Int64
  package var run: String
  /// RFC 3339.
  package var at: String
  package var costUSD: String
  package var revenueUSD: String
  package var maturationPpm: Int
  package var ok: Bool
  /// Up to what the revenue of a run counts for the kill test in that epoch; null: the epoch is not kept.
  package var capUSD: String?
  /// Puts a row together.
  package init(
    sequence: Int64, worker: String, epoch: Int64, run: String, at: String, costUSD: String,
    revenueUSD: String, maturationPpm: Int, ok: Bool
  ) {
    self.sequence = sequence
    self.worker = worker
    self.epoch = epoch
    self.run = run
    self.at = at
    self.costUSD = costUSD
    self.revenueUSD = revenueUSD
    self.maturationPpm = maturationPpm
    self.ok = ok
  }
}

/// `POST /v1/decisions/{id}/approve` and `/reject`.
package struct ResolutionRequest: Codable, Sendable, Hashable {
  /// At most 200 bytes; a rejection needs one.
  package var reason: String?
  /// With a reason or without.
  package init(reason: String? = nil) { self.reason = reason }
}

/// `GET /v1/autonomy`.
package struct AutonomyStatus: Codable, Sendable, Hashable {
  /// Whether the engine acts by itself now.
  package var enabled: Bool
  /// What the configuration says; somebody's order outweighs it.
  package var configured: Bool
  /// What somebody ordered; null: nobody did.
  package var ordered: Bool?
  /// The kill-switch file is there: nothing is done until it is gone.
  package var halted: Bool
  /// Where that file would be.
  package var haltFile: String
  /// `threshold` or `evidence`.
  package var mode: String
  /// The stored runs are still being read: nothing is decided yet.
  package var rebuilding: Bool
  package var pendingApprovals: Int
  package var killsLastHour: Int
  package var killsLastDay: Int
  /// Sources of revenue that do not answer: who earns from them is not judged.
  package var staleSources: [String] = []
  /// Sources that used to speak and have fallen silent by themselves.
  package var silentSources: [String] = []
  /// RFC 3339; null before the first.
  package var lastTickAt: String?
  /// Null before the first.
  package var lastTickMilliseconds: Double?
  /// The thresholds in force by their names in the configuration, and the fleet's daily budget.
  package var thresholds: JSONMap<String> = [:]
  /// Puts a page together.
  package init(
    enabled: Bool, configured: Bool, ordered: Bool?, halted: Bool, haltFile: String, mode: String,
    rebuilding: Bool, pendingApprovals: Int, killsLastHour: Int, killsLastDay: Int
  ) {
    self.enabled = enabled
    self.configured = configured
    self.ordered = ordered
    self.halted = halted
    self.haltFile = haltFile
    self.mode = mode
    self.rebuilding = rebuilding
    self.pendingApprovals = pendingApprovals
    self.killsLastHour = killsLastHour
    self.killsLastDay = killsLastDay
  }
}

/// `POST /v1/autonomy`.
package struct AutonomyRequest: Codable, Sendable, Hashable {
  package var enabled: Bool
  /// On or off.
  package init(enabled: Bool) { self.enabled = enabled }
}

/// `POST /v1/autonomy/sources`: whether a source of revenue answers.
package struct SourceRequest: Codable, Sendable, Hashable {
  /// As its entries are named, `stripe` say.
  package var source: String
  /// It does not answer: no sale may only be no news.
  package var stale: Bool
  /// Names a source.
  package init(source: String, stale: Bool) {
    self.source = source
    self.stale = stale
  }
}

/// `POST /v1/autonomy/run`: one analysis now.
package struct AnalysisRequest: Codable, Sendable, Hashable {
  /// Decide and show, change and keep nothing.
  package var dryRun: Bool?
  /// For real or not.
  package init(dryRun: Bool? = nil) { self.dryRun = dryRun }
}

/// Its answer.
package struct AnalysisResponse: Codable, Sendable, Hashable {
  /// Workers that were looked at.
  package var workers: Int
  package var milliseconds: Double
  package var dryRun: Bool
  /// What was decided; with `dry_run` these have no number (0) and were not kept.
  package var decisions: [DecisionRow]
  /// Puts an answer together.
  package init(workers: Int, milliseconds: Double, dryRun: Bool, decisions: [DecisionRow]) {
    self.workers = workers
    self.milliseconds = milliseconds
    self.dryRun = dryRun
    self.decisions = decisions
  }
}

/// `GET /v1/outlook`: how far a worker is from each edge.
package struct OutlookRow: Codable, Sendable, Hashable {
  package var worker: String
  /// What would be decided now, and why (or why nothing).
  package var action: String
  package var reason: String
  package var otherAction: String
  package var otherReason: String
  package var roiPercent: Double?
  package var roiLowerPercent: Int?
  package var roiUpperPercent: Int?
  package var runs: Int
  package var evaluatedRuns: Int
  package var distances: [DistanceRow]
  /// Puts a row together.
  package init(
    worker: String, action: String, reason: String, otherAction: String, otherReason: String,
    runs: Int, evaluatedRuns: Int, distances: [DistanceRow]
  ) {
    self.worker = worker
    self.action = action
    self.reason = reason
    self.otherAction = otherAction
    self.otherReason = otherReason
    self.runs = runs
    self.evaluatedRuns = evaluatedRuns
    self.distances = distances
  }
}

/// The way to one edge.
package struct DistanceRow: Codable, Sendable, Hashable {
  /// `pause`, `kill` or `scale_up`.
  package var action: String
  /// Null: not within sight.
  package var runs: Int?
  package var amountUSD: String?
  /// What kind of runs or dollars, in words.
  package var meaning: String
  /// Puts a row together.
  package init(action: String, runs: Int?, amountUSD: String?, meaning: String) {
    self.action = action
    self.runs = runs
    self.amountUSD = amountUSD
    self.meaning = meaning
  }
}

// A run: one piece of a worker's work, from its start to its result. Must never be counted twice: its id is unique for
// its worker for ever.

/// How a run ended.
package enum RunOutcome: String, Sendable, Hashable, CaseIterable {
  case ok
  /// It said so, or exited with a code that is no success.
  case failed
  /// It ended abnormally: a signal, out of memory, no heartbeat.
  case crashed
}

/// Who said that a run has ended.
package enum RunOrigin: String, Sendable, Hashable, CaseIterable {
  /// The worker, through the API.
  case report
  /// The worker, by sd_notify(3).
  case notify
  /// The exit of a job.
  case exit
}

/// A finished run.
package struct RunRecord: Sendable, Hashable {
  package var worker: WorkerName
  package var instance: Int
  package var incarnation: Incarnation?
  /// Unique for the worker; the key under which a repeated report is known.
  package var id: String
  package var outcome: RunOutcome
  package var origin: RunOrigin
  /// The end of the run before, or the start of the life; a run belongs to the day of its start.
  package var started: WallTime
  package var finished: WallTime
  /// What the worker said it has cost; nil: it said nothing.
  package var reportedCost: Money?
  /// What the worker said it has earned; nil: it said nothing, which is not zero.
  package var reportedRevenue: Money?
  /// Where the revenue comes from, as the worker said.
  package var source: String?
  /// What the instance used of the host from `started` to `finished`, by the prices; nil: not known.
  package var computeCost: Money?

  /// A run without money.
  package init(
    worker: WorkerName, instance: Int, incarnation: Incarnation?, id: String, outcome: RunOutcome,
    origin: RunOrigin, started: WallTime, finished: WallTime
  ) {
    self.worker = worker
    self.instance = instance
    self.incarnation = incarnation
    self.id = id
    self.outcome = outcome
    self.origin = origin
    self.started = started
    self.finished = finished
  }

  /// What a repeated report must say to be the same one.
  package func saysTheSame(as other: RunRecord) -> Bool {
    outcome == other.outcome && reportedCost == other.reportedCost
      && reportedRevenue == other.reportedRevenue && source == other.source
  }
}

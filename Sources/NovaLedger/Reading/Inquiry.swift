// Questions whose answer may take long: asked by the loop, answered on a thread of their own with a connection of its own.
// Must never change anything, and never keep more than one answer's worth of rows in memory.

package import NovaModel

/// What can be asked.
package enum LedgerQuestion: Sendable, Hashable {
  /// Sums of entries by spans of time and what else is asked for.
  case sums(SumsQuestion)
  /// Every hash and every total, computed again.
  case audit(AuditAnchor?)
  /// The net profit of the seven days before each of some moments, without revenue that may still be given back.
  case matured([WallTime])
  /// Lines of the ledger.
  case entries(EntriesQuestion)
  /// The runs of workers in numbers, finished in a span.
  case runs(from: WallTime, to: WallTime, workers: [WorkerName]?)
  /// The newest runs of a worker.
  case lastRuns(WorkerName, limit: Int)
  /// Figures over time.
  case figures(FigureQuestion)
  /// Calls of models.
  case calls(CallsQuestion)
  case callSums(CallSumsQuestion)
  /// The table of a version of the model prices.
  case modelPrices(Int64)
}

/// The answer to one.
package enum LedgerAnswer: Sendable, Hashable {
  case sums([SumKey: Balance], runs: [SumKey: RunTotals])
  case audit(AuditReport)
  case matured([Money])
  case entries([Entry])
  case runs([WorkerName: RunTotals])
  case lastRuns([RunRecord])
  /// In the order of the workers asked for.
  case figures([FigureGrid])
  /// Newest first.
  case calls([ModelCall])
  case callSums([CallSumKey: CallTotal])
  /// Nil: there is no such version.
  case modelPrices(String?)
  case failed(LedgerError)
}

/// What to sum up.
package struct SumsQuestion: Sendable, Hashable {
  /// The spans of time lie between these, ascending; nothing before the first or after the last counts. Multiples of
  /// 15 minutes: what is between is rounded down.
  package var bounds: [WallTime]
  package var byWorker = false, byKind = false, bySource = false
  /// Nil: all, and what is nobody's.
  package var workers: [WorkerName]?
  /// By the start of the run that an entry belongs to; entries without a run are left out.
  package var cohort = false

  /// Everything between bounds.
  package init(bounds: [WallTime]) { self.bounds = bounds }
}

/// To what a sum belongs.
package struct SumKey: Sendable, Hashable {
  /// The number of the span, from 0.
  package var span: Int
  package var worker: WorkerName?
  package var kind: EntryKind?
  package var source: String?

  /// Names a sum.
  package init(span: Int, worker: WorkerName? = nil, kind: EntryKind? = nil, source: String? = nil)
  {
    self.span = span
    self.worker = worker
    self.kind = kind
    self.source = source
  }
}

/// Which lines.
package struct EntriesQuestion: Sendable, Hashable {
  package var workers: [WorkerName]?
  /// With a greater id, the first of them; nil: the newest.
  package var after: Int64?
  /// Booked at or after.
  package var since: WallTime?
  /// Only revenue and contra.
  package var income = false
  /// At most so many.
  package var limit = 100

  /// The newest.
  package init() {}
}

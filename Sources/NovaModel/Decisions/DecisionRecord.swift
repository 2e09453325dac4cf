// A decision as it is kept: what was seen, what was decided, what the other mode would have decided, and what became of
// it. Must never be changed but for the last: the ledger refuses it.

/// What became of a decision.
package enum DecisionState: String, Sendable, Hashable, CaseIterable {
  /// Waits for a person.
  case pending
  /// It may not be done: pinned, halted, a limit of autonomy. Kept to be seen.
  case withheld
  /// Carried out.
  case executed
  case rejected
  /// Nobody answered in time; counts as rejected.
  case expired
  /// The facts have moved: what was proposed no longer follows from them.
  case stale
  /// It was tried and could not be carried out.
  case failed

  /// It may still change.
  package var isOpen: Bool { self == .pending || self == .withheld }
}

/// One decision.
package struct DecisionRecord: Sendable, Hashable {
  /// From 1, ascending.
  package var id: Int64
  package var at: WallTime
  package var worker: WorkerName
  /// The words of NovaEconomics' DecisionAction, DecisionMode and DecisionRoute.
  package var action: String
  package var mode: String
  package var route: String
  /// Facts, settings, verdict and the other mode's verdict, as texts that read back to the bit.
  package var inputs: String
  package var verdict: String
  package var other: String
  /// When it expires unanswered; nil: it does not.
  package var expires: WallTime?
  package var state: DecisionState
  package var resolved: WallTime?
  /// Who: `engine`, `uid:1000`.
  package var resolvedBy: String?
  /// Why it was rejected or is stale, or what went wrong.
  package var note: String?

  /// A decision just made.
  package init(
    id: Int64, at: WallTime, worker: WorkerName, action: String, mode: String, route: String,
    inputs: String, verdict: String, other: String, expires: WallTime?, state: DecisionState
  ) {
    self.id = id
    self.at = at
    self.worker = worker
    self.action = action
    self.mode = mode
    self.route = route
    self.inputs = inputs
    self.verdict = verdict
    self.other = other
    self.expires = expires
    self.state = state
  }
}

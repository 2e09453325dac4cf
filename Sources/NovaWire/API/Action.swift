// Orders and their outcome: `POST /v1/actions`. Must never be carried out for some targets when one of
// them does not exist: every name is resolved first.

/// The verbs of `POST /v1/actions`.
package enum ActionVerb: String, Codable, Sendable, Hashable, CaseIterable {
  case start, stop, restart, kill, pause, resume, scale, reset, deploy
}

/// An order.
package struct ActionRequest: Codable, Sendable, Hashable {
  /// `name`, `name@2`, a glob such as `agent-*`, or `*` for all. At most 1,000.
  package var targets: [String]
  package var action: ActionVerb
  /// stop, restart: overrides `stop_timeout`.
  package var timeoutSeconds: Double?
  /// kill: a number or name such as `TERM` or `SIGTERM`; nil is SIGKILL to the whole group.
  package var signal: String?
  /// kill: the signal goes to every process of the group.
  package var allProcesses: Bool?
  /// kill: policy is not asked, it stays down.
  package var noRestart: Bool?
  /// restart: one instance after the other.
  package var rolling: Bool?
  /// scale: the wanted number, for every target.
  package var count: Int?
  /// scale: a wanted number by worker; then `targets` is empty.
  package var counts: JSONMap<Int>?
  /// scale: times the wanted number, rounded up.
  package var multiplier: Double?
  /// scale: fails with `precondition_failed` unless this is the live count.
  package var current: Int?
  /// scale: the engine leaves the count alone.
  package var pin: Bool?
  /// For the history, at most 200 bytes.
  package var reason: String?
  /// Answer when it is true (default), or at once.
  package var wait: Bool?
  /// How long to wait for it; then the answer says `timed_out` and the job goes on.
  package var waitTimeoutSeconds: Double?
  /// Say what would be done and do nothing.
  package var dryRun: Bool?

  /// An order without options.
  package init(targets: [String], action: ActionVerb) {
    self.targets = targets
    self.action = action
  }
}

/// What became of an order.
package struct ActionResponse: Codable, Sendable, Hashable {
  package var action: ActionVerb
  /// One a target (for `scale` one a worker), in the order of their names.
  package var results: [ActionResult]
  /// Others that were stopped because they require a target, in the order it was done.
  package var alsoAffected: [String] = []
  package var timedOut = false
  package var dryRun = false

  /// Puts an outcome together.
  package init(action: ActionVerb, results: [ActionResult]) {
    self.action = action
    self.results = results
  }
}

/// The outcome for one target.
package struct ActionResult: Codable, Sendable, Hashable {
  /// `name@N`; for scale `name`.
  package var target: String
  package var ok: Bool
  /// False: it was so already.
  package var changed: Bool
  /// scale: the count before and after.
  package var from: Int?
  package var to: Int?
  /// The state it is in now.
  package var state: String?
  /// Why it is not ok; decides the exit code of novasup.
  package var code: APIErrorCode?
  /// One sentence for people.
  package var message: String?
  /// Where a spawn failed, such as `exec`, and its errno.
  package var stage: String?
  package var errno: Int32?
  /// How the process ended, when it did.
  package var exitCode: Int32?
  package var signal: Int32?
  /// On failure: the last lines of output, oldest first.
  package var lastLines: [String] = []

  /// An outcome without details.
  package init(
    target: String, ok: Bool, changed: Bool, state: String? = nil, code: APIErrorCode? = nil,
    message: String? = nil
  ) {
    self.target = target
    self.ok = ok
    self.changed = changed
    self.state = state
    self.code = code
    self.message = message
  }
}

// What was decided and why, complete enough to be argued with. Must never hold a machine's order: the daemon makes
// orders of it.

package import NovaModel

/// What can be done to a worker.
package enum DecisionAction: String, Sendable, Hashable, CaseIterable {
  case none
  case scaleUp = "scale_up"
  case scaleDown = "scale_down"
  case kill
  case pause
  /// Another tranche for a worker that met its stop-loss.
  case resume
  case deploy
  case optimise
}

/// What the rule of a verdict was.
package enum DecisionRule: String, Sendable, Hashable, CaseIterable {
  case budget
  case negativeROI = "negative_roi"
  case highROI = "high_roi"
  case expectedROI = "expected_roi"
  case stopLoss = "stop_loss"
  case drift
  case tranche
  case shrink
  /// One arm of a job against the other.
  case arm
  case none
}

/// What becomes of a verdict.
package enum DecisionRoute: String, Sendable, Hashable, CaseIterable {
  /// Nothing is to be done.
  case nothing
  /// The engine does it.
  case automatic
  /// It waits for a person.
  case approval
  /// It would be done, but may not: pinned, halted, a limit of autonomy.
  case withheld
}

/// How bad it would be if it were wrong.
package enum RiskBand: String, Sendable, Hashable, CaseIterable {
  case low, medium, high

  /// Below 33 low, below 66 medium.
  package init(score: Int) { self = score < 33 ? .low : score < 66 ? .medium : .high }
}

/// Something that was considered and not chosen.
package struct Alternative: Sendable, Hashable {
  package let action: DecisionAction
  /// Why not.
  package let reason: String
  package init(action: DecisionAction, reason: String) {
    self.action = action
    self.reason = reason
  }
}

/// A decision about one worker.
package struct Verdict: Sendable, Hashable {
  package var worker: WorkerName
  package var mode: DecisionMode
  package var action = DecisionAction.none
  package var rule = DecisionRule.none
  /// One sentence for the owner.
  package var reason = ""
  package var fromInstances = 0
  package var toInstances = 0
  /// 1 - 1/max K of the test behind it; nil where a threshold alone decided.
  package var confidence: Double?
  /// Nil: not known, so a person is asked.
  package var stake: Money?
  package var riskScore = 0
  package var route = DecisionRoute.nothing
  /// Why it goes that way.
  package var routeReason = ""
  package var alternatives: [Alternative] = []

  /// Nothing to do.
  package init(worker: WorkerName, mode: DecisionMode) {
    self.worker = worker
    self.mode = mode
  }

  /// The band of `riskScore`.
  package var riskBand: RiskBand { RiskBand(score: riskScore) }

  /// Whether this one, made on the facts of now, still says what `old` said. A step up may have grown meanwhile, not
  /// shrunk; everything else must be the same.
  package func stillOrders(_ old: Verdict) -> Bool {
    guard worker == old.worker, action == old.action, fromInstances == old.fromInstances else {
      return false
    }
    return action == .scaleUp ? toInstances >= old.toInstances : toInstances == old.toInstances
  }

  /// As text, one fact a line, for the ledger and for comparison to the byte.
  package var text: String {
    var lines = [
      "worker \(worker.text)", "mode \(mode.rawValue)", "action \(action.rawValue)",
      "rule \(rule.rawValue)", "from_instances \(fromInstances)", "to_instances \(toInstances)",
      "confidence \(confidence.factText)", "stake_usd \(stake.factText)", "risk_score \(riskScore)",
      "risk_band \(riskBand.rawValue)", "route \(route.rawValue)",
      "route_reason \(routeReason)", "reason \(reason)",
    ]
    lines += alternatives.map { "alternative \($0.action.rawValue) \($0.reason)" }
    return lines.map { $0 + "\n" }.joined()
  }
}

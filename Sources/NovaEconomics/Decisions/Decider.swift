// The decision about one worker: a function of its inputs and nothing else. Rule, stake, risk, then whether the engine
// may do it, must ask, or has to leave it. Must never read a clock, a file or another worker.

import NovaModel

/// Decides.
package enum Decider {
  /// The verdict on one worker in the mode of the settings.
  package static func verdict(_ inputs: DecisionInputs) -> Verdict {
    verdict(inputs, in: inputs.settings.mode)
  }

  /// Whether anything follows at all: the same rules without their reasons, for a tick over everybody.
  package static func isDue(_ inputs: DecisionInputs) -> Bool {
    let blank = Judgement(explains: false)
    let judgement =
      switch inputs.settings.mode {
      case .threshold:
        ThresholdRules.judge(inputs.worker, inputs.settings, inputs.fleet, blank)
      case .evidence: EvidenceRules.judge(inputs.worker, inputs.settings, inputs.fleet, blank)
      }
    return judgement.finding != nil
  }

  /// The verdict in either mode.
  package static func verdict(_ inputs: DecisionInputs, in mode: DecisionMode) -> Verdict {
    let (settings, fleet, worker) = (inputs.settings, inputs.fleet, inputs.worker)
    let judgement =
      switch mode {
      case .threshold: ThresholdRules.judge(worker, settings, fleet)
      case .evidence: EvidenceRules.judge(worker, settings, fleet)
      }
    var verdict = Verdict(worker: worker.worker, mode: mode)
    verdict.fromInstances = worker.instances
    verdict.toInstances = worker.instances
    verdict.alternatives = judgement.alternatives
    guard let finding = judgement.finding else {
      // The rule that was looked at last is the one that was nearest to firing.
      verdict.reason = judgement.alternatives.last?.reason ?? "nothing is known of it"
      verdict.stake = .zero
      return verdict
    }
    verdict.action = finding.action
    verdict.rule = finding.rule
    verdict.reason = finding.reason
    verdict.toInstances = finding.toInstances
    verdict.confidence = finding.confidence
    verdict.stake = Stake.of(
      finding.action, to: finding.toInstances, worker, settings, expectedBudget: worker.budgetLeft)
    verdict.riskScore = Risk.score(
      stake: verdict.stake, dayLeft: fleet.dayLeft, confidence: finding.confidence,
      variation: worker.variation, crashShare: worker.crashShare)
    (verdict.route, verdict.routeReason) = route(verdict, worker, fleet, settings)
    return verdict
  }

  /// Who does it. The first that applies.
  private static func route(
    _ verdict: Verdict, _ worker: WorkerFacts, _ fleet: FleetFacts, _ settings: EngineSettings
  ) -> (DecisionRoute, String) {
    // A budget is a promise to the owner, not an opinion: it holds in every mode and for everybody.
    if verdict.rule == .budget { return (.automatic, "a budget is kept without being asked") }
    if worker.isPinned { return (.withheld, "an operator pinned it") }
    if fleet.isHalted { return (.withheld, "the kill-switch file is there") }
    guard let stake = verdict.stake else { return (.approval, "what is at stake is not known") }
    let limit = settings.thresholds.requireApprovalAbove
    guard stake < limit else {
      return (
        .approval, "\(Spoken.dollars(stake)) at stake, not under \(Spoken.dollars(limit))"
      )
    }
    if verdict.riskBand == .high { return (.approval, "the risk is high (\(verdict.riskScore))") }
    if verdict.rule == .tranche, worker.tranches > 1 || worker.yield <= 1 || fleet.dayLeft < stake {
      return (.approval, "one tranche is given by itself, to a worker that is thought to earn")
    }
    guard fleet.isAutonomous else { return (.approval, "autonomy is off") }
    if verdict.action == .kill {
      guard fleet.killsLastHour < settings.killsPerHour else {
        return (
          .withheld,
          "\(fleet.killsLastHour) killed in the last hour, at most \(settings.killsPerHour)"
        )
      }
      let most = max(1, fleet.workers * settings.killsPerDayPercent / 100)
      guard fleet.killsLastDay < most else {
        return (.withheld, "\(fleet.killsLastDay) killed in the last day, at most \(most)")
      }
    }
    return (.automatic, "\(Spoken.dollars(stake)) at stake, under \(Spoken.dollars(limit))")
  }
}

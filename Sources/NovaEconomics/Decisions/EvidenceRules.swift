// Mode `evidence`: the thresholds stay necessary, and each action needs proof that fits how hard it is to undo:
// allocate less on a posterior mean, pause on a bounded loss or a drift, kill on an e-value of 20.

import NovaModel

/// Mode `evidence`.
enum EvidenceRules {
  /// So much of the processors and of the memory must be free before anything grows.
  static let leastHostPercent = 20

  static func judge(_ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts)
    -> Judgement
  {
    judge(worker, settings, fleet, Judgement())
  }

  static func judge(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts, _ blank: Judgement
  ) -> Judgement {
    var judgement = blank
    if worker.isCandidate {
      judgement.finding = CommonRules.deploy(worker, settings, &judgement)
      return judgement
    }
    guard worker.isWanted else {
      judgement.pass(.deploy, "it is stopped and no candidate")
      return judgement
    }
    if let pause = CommonRules.budgetPause(worker, &judgement) {
      judgement.finding = pause
      return judgement
    }
    guard !CommonRules.isBlind(worker, &judgement) else { return judgement }
    judgement.finding =
      ArmRules.judge(worker, settings, &judgement) ?? kill(worker, settings, fleet, &judgement)
      ?? stopLoss(worker, settings, &judgement) ?? drift(worker, settings, &judgement)
      ?? tranche(worker, settings, fleet, &judgement) ?? shrink(worker, settings, &judgement)
      ?? grow(worker, settings, fleet, &judgement)
    return judgement
  }

  // MARK: down

  private static func kill(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts,
    _ judgement: inout Judgement
  ) -> Finding? {
    let limits = settings.thresholds
    func pass(_ reason: @autoclosure () -> String) -> Finding? {
      judgement.pass(.kill, reason())
      return nil
    }
    guard worker.runs >= limits.minRuns else {
      return pass("\(worker.runs) of \(limits.minRuns) runs that it takes")
    }
    guard worker.isBelow(percent: limits.killROIPercent) else {
      return pass("ROI \(worker.roi.spoken) is not below \(limits.killROIPercent) %")
    }
    let wanted = -Real.ln(settings.killAlpha)
    guard worker.lnKill >= wanted else {
      return pass(
        "the evidence of a loss is \(Spoken.tenths(Real.exp(min(30, worker.lnKill)))) of "
          + "\(Spoken.tenths(Real.exp(wanted))) over \(worker.evaluatedRuns) evaluated runs")
    }
    guard fleet.unattributedPPM <= 100_000 else {
      return pass(
        "\(Spoken.tenths(Double(fleet.unattributedPPM) / 10_000)) % of the revenue cannot be credited to anybody"
      )
    }
    guard worker.isSelected else {
      return pass("among so many workers tested together this evidence is not enough (e-BH)")
    }
    return Finding(
      action: .kill, rule: .negativeROI,
      reason: "ROI \(worker.roi.spoken) over \(worker.runs) runs, evidence of a loss "
        + "\(Spoken.tenths(Real.exp(min(30, worker.lnKill)))) over \(worker.evaluatedRuns) evaluated runs",
      toInstances: 0, confidence: 1 - Real.exp(-worker.lnKillHighest))
  }

  private static func stopLoss(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ judgement: inout Judgement
  ) -> Finding? {
    guard !worker.isPaused else {
      judgement.pass(.pause, "it is paused already")
      return nil
    }
    // Who is far from it needs no exact limit, unless somebody wants to read it.
    guard judgement.explains || Exposure.isNear(worker, settings) else { return nil }
    guard let limit = Stake.stopLoss(worker, settings) else {
      judgement.pass(.pause, "what a run costs is not known yet")
      return nil
    }
    guard limit > .zero else {
      judgement.pass(
        .pause, "no stop-loss: with this cap a worker worth having sells in every run")
      return nil
    }
    let granted = Stake.granted(worker, limit)
    let loss = Exposure.loss(worker, settings)
    func words() -> String {
      "it has lost \(Spoken.dollars(max(.zero, loss))) of the \(Spoken.dollars(granted)) it may lose"
        + (loss > worker.loss
          ? ", with \(Spoken.dollars(loss - worker.loss)) in runs beyond what may be out unjudged"
          : "")
    }
    guard loss >= granted else {
      judgement.pass(.pause, words())
      return nil
    }
    return Finding(
      action: .pause, rule: .stopLoss, reason: words(), toInstances: worker.instances)
  }

  private static func drift(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ judgement: inout Judgement
  ) -> Finding? {
    // Whoever never earned raises the alarm within 19 runs; paused then, it would never come to the 20 that judge it.
    guard !worker.isPaused, worker.drift >= DriftDetector.threshold,
      worker.runs >= settings.thresholds.minRuns
    else { return nil }
    return Finding(
      action: .pause, rule: .drift,
      reason: "it has begun to lose: drift \(Spoken.tenths(worker.drift)) of "
        + "\(Spoken.tenths(DriftDetector.threshold))",
      toInstances: worker.instances)
  }

  private static func tranche(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts,
    _ judgement: inout Judgement
  ) -> Finding? {
    guard worker.isPaused, worker.isStopped else { return nil }
    return Finding(
      action: .resume, rule: .tranche,
      reason: "it met its stop-loss; another tranche would let it run on (yield "
        + "\(Spoken.tenths(worker.yield)) per dollar as far as is known)",
      toInstances: worker.instances)
  }

  private static func shrink(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ judgement: inout Judgement
  ) -> Finding? {
    func pass(_ reason: @autoclosure () -> String) -> Finding? {
      judgement.pass(.scaleDown, reason())
      return nil
    }
    guard worker.instances > max(1, worker.minInstances) else {
      return pass("it has its fewest instances, \(worker.instances)")
    }
    guard !isCooling(worker, settings) else { return pass("its count was changed not long ago") }
    let poor = worker.roiUpper.map { $0 <= settings.thresholds.minROIPercent } ?? false
    guard poor || worker.allocationLowTicks >= 3 else {
      return pass("neither the evidence nor the day's allocation asks for fewer")
    }
    return Finding(
      action: .scaleDown, rule: .shrink,
      reason: poor
        ? "its ROI is at most \(worker.roiUpper ?? 0) %, below the \(settings.thresholds.minROIPercent) % of a further instance"
        : "the day's allocation has given it \(Spoken.tenths(worker.allocation ?? 0)) instances three times",
      toInstances: worker.instances - 1)
  }

  // MARK: up

  private static func grow(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts,
    _ judgement: inout Judgement
  ) -> Finding? {
    let limits = settings.thresholds
    func pass(_ reason: @autoclosure () -> String) -> Finding? {
      judgement.pass(.scaleUp, reason())
      return nil
    }
    guard worker.runs >= limits.minRuns, worker.isAbove(percent: limits.scaleROIPercent) else {
      return pass(
        "ROI \(worker.roi.spoken) over \(worker.runs) runs is not above \(limits.scaleROIPercent) %"
      )
    }
    let alpha = settings.scaleAlpha(number: worker.scaleUps + 1)
    let wanted = -Real.ln(alpha)
    guard worker.lnScale >= wanted else {
      return pass(
        "the evidence of a gain is \(Spoken.tenths(Real.exp(min(30, worker.lnScale)))) of "
          + "\(Spoken.tenths(Real.exp(wanted))) over \(worker.evaluatedRuns) evaluated runs")
    }
    guard succeeds(worker, settings) else {
      return pass(
        "it is not proven that more than \(limits.scaleSuccessRatePercent) % of its runs go well")
    }
    if case .percent(let roi) = worker.roi {
      let marginal = ScalingReturns(beta: worker.beta).marginalROIPercent(
        instances: worker.instances, roiPercent: roi)
      guard marginal >= Double(limits.minROIPercent) else {
        return pass("one instance more would return \(Spoken.signedPercent(marginal))")
      }
    }
    guard !isCooling(worker, settings) else { return pass("its count was changed not long ago") }
    if let free = fleet.hostFreePercent, free < leastHostPercent {
      return pass("only \(free) % of the host is free, it takes \(leastHostPercent)")
    }
    if let most = Exposure.limit(worker, settings), worker.inFlight > most {
      return pass(
        "\(Spoken.dollars(worker.inFlight)) are in runs that are not judged yet, more than "
          + "\(Spoken.dollars(most))")
    }
    if let allocation = worker.allocation, allocation < Double(worker.instances) {
      return pass("the day's allocation gives it \(Spoken.tenths(allocation)) instances")
    }
    return CommonRules.growth(
      worker, settings, fleet, &judgement,
      reason: "ROI \(worker.roi.spoken) over \(worker.runs) runs, evidence of a gain "
        + "\(Spoken.tenths(Real.exp(min(30, worker.lnScale)))) over \(worker.evaluatedRuns) evaluated runs",
      confidence: 1 - Real.exp(-worker.lnScaleHighest))
  }

  private static func succeeds(_ worker: WorkerFacts, _ settings: EngineSettings) -> Bool {
    let limits = settings.thresholds
    guard limits.scaleSuccessRatePercent > 0, limits.scaleSuccessRatePercent < 100 else {
      return worker.succeedsAbove(percent: limits.scaleSuccessRatePercent)
    }
    if worker.acceptsObservedSuccess {
      return worker.succeedsAbove(percent: limits.scaleSuccessRatePercent)
    }
    let tested = RateEvidence(
      hits: worker.evaluatedOK, misses: worker.evaluatedRuns - worker.evaluatedOK)
    return tested.lnAbove(Double(limits.scaleSuccessRatePercent) / 100)
      >= -Real.ln(settings.scaleAlpha)
  }

  private static func isCooling(_ worker: WorkerFacts, _ settings: EngineSettings) -> Bool {
    guard let changed = worker.changedSeconds else { return false }
    return changed < settings.cooldownSeconds || worker.evaluatedRuns < settings.cooldownRuns
  }
}

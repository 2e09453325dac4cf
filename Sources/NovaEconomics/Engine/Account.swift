// One worker's present epoch: its evidence, how its revenue arrives, what is in flight. Updated in constant time by
// each run and entry. Must never be filled from another worker's money.

package import NovaModel

/// What the engine keeps of one worker.
package struct Account: Sendable {
  /// The present epoch.
  package var epoch: EpochRecord
  /// What its evaluated runs say.
  package internal(set) var evidence: WorkerEvidence
  /// How its revenue arrives.
  package internal(set) var maturation: Maturation
  /// Revenue and refunds without a run of their own, for the next evaluation.
  package internal(set) var stray = Money.zero
  /// Cost of runs that are not evaluated yet.
  package internal(set) var inFlight = Money.zero
  /// Its returns to scale, as far as its epochs have told.
  package var returns = ScalingReturns()
  /// What the day's allocation gave it last, and for how many ticks it was below the count less one.
  package internal(set) var allocation: Double?
  package internal(set) var allocationLowTicks = 0

  /// An account whose epoch begins.
  package init(epoch: EpochRecord, factors: TestFactors, maturation: Maturation) {
    self.epoch = epoch
    self.maturation = maturation
    evidence = WorkerEvidence(EvidenceTerms(epoch, factors))
  }

  /// Another epoch: the evidence begins anew, what was learnt of delays stays.
  mutating func begin(_ epoch: EpochRecord, _ factors: TestFactors) {
    self.epoch = epoch
    evidence = WorkerEvidence(EvidenceTerms(epoch, factors))
    allocation = nil
    allocationLowTicks = 0
  }

  /// Takes what the day's allocation gives it; answers for how many ticks in a row that was low.
  mutating func allocate(_ instances: Double, count: Int) -> Int {
    allocation = instances
    allocationLowTicks = instances < Double(count - 1) ? allocationLowTicks + 1 : 0
    return allocationLowTicks
  }

  /// An alarm was acted upon, or somebody resumed it: the detector begins anew.
  package mutating func resetDrift() {
    evidence.resetDrift()
    epoch.driftFrom = evidence.terms.driftFrom
  }
}

extension EvidenceTerms {
  /// The terms that were fixed when an epoch began, for the thresholds of now.
  package init(_ epoch: EpochRecord, _ factors: TestFactors) {
    self.init(
      killFactor: EngineSettings.factor(factors.killROIPercent),
      scaleFactor: EngineSettings.factor(factors.scaleROIPercent), cap: epoch.cap,
      reservePPM: epoch.reservePPM, driftFrom: epoch.driftFrom)
  }
}

/// The thresholds that tests are made for; another value needs the runs to be taken again.
package struct TestFactors: Sendable, Hashable {
  package var killROIPercent: Int
  package var scaleROIPercent: Int

  /// The thresholds of the settings.
  package init(_ thresholds: SupervisorSettings.Thresholds) {
    killROIPercent = thresholds.killROIPercent
    scaleROIPercent = thresholds.scaleROIPercent
  }
}

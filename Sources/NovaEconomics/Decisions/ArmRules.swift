// An arm against the worker whose job it does with other parameters: proven better it takes its place, proven worse it is
// killed, and until then both run. The same in both modes: parameters are not compared by a threshold.

import NovaModel

enum ArmRules {
  /// What follows for an arm; nil: it is none, or nothing is proven.
  static func judge(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ judgement: inout Judgement
  ) -> Finding? {
    guard let base = worker.armOf else { return nil }
    func pass(_ reason: @autoclosure () -> String) -> Finding? {
      judgement.pass(.optimise, reason())
      return nil
    }
    guard worker.armBaseInstances > 0 else { return pass("\(base) is stopped") }
    guard !worker.isPaused else { return pass("it is paused") }
    let least = settings.thresholds.minRuns
    guard worker.armPairs >= least else {
      return pass("\(worker.armPairs) of \(least) runs are compared with \(base)")
    }
    if worker.lnArmBetter >= -Real.ln(settings.scaleAlpha) {
      return Finding(
        action: .optimise, rule: .arm,
        reason: "run against run it earns more than \(base): evidence "
          + "\(Spoken.tenths(Real.exp(min(30, worker.lnArmBetter)))) over \(worker.armPairs) pairs",
        toInstances: min(worker.maxInstances, max(worker.instances, worker.armBaseInstances)),
        confidence: 1 - Real.exp(-worker.lnArmBetter))
    }
    if worker.lnArmWorse >= -Real.ln(settings.killAlpha) {
      return Finding(
        action: .kill, rule: .arm,
        reason: "run against run it earns less than \(base): evidence "
          + "\(Spoken.tenths(Real.exp(min(30, worker.lnArmWorse)))) over \(worker.armPairs) pairs",
        toInstances: 0, confidence: 1 - Real.exp(-worker.lnArmWorse))
    }
    return pass("\(worker.armPairs) pairs of runs do not say which is better")
  }
}

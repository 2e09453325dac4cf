// The original rules, to the letter: pause over budget; nothing before the minimum of runs; kill below one return,
// scale above another with enough success; deploy a candidate whose expected return is high enough.

import NovaModel

/// A rule that fired, before anybody asks what it costs.
struct Finding: Sendable, Hashable {
  var action: DecisionAction
  var rule: DecisionRule
  var reason: String
  var toInstances: Int
  var confidence: Double?
}

/// What was looked at on the way: the rule that fired, and why the others did not.
struct Judgement: Sendable, Hashable {
  var finding: Finding?
  var alternatives: [Alternative] = []
  /// A tick asks only whether something fired; reasons are made for those who read them.
  var explains = true

  init(explains: Bool = true) { self.explains = explains }

  /// Notes why an action was not chosen.
  mutating func pass(_ action: DecisionAction, _ reason: @autoclosure () -> String) {
    if explains { alternatives.append(Alternative(action: action, reason: reason())) }
  }
}

/// Mode `threshold`.
enum ThresholdRules {
  static func judge(_ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts)
    -> Judgement
  {
    judge(worker, settings, fleet, Judgement())
  }

  static func judge(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts, _ blank: Judgement
  ) -> Judgement {
    var judgement = blank
    let limits = settings.thresholds
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
    if let arm = ArmRules.judge(worker, settings, &judgement) {
      judgement.finding = arm
      return judgement
    }
    guard worker.runs >= limits.minRuns else {
      let why = "\(worker.runs) of \(limits.minRuns) runs that it takes"
      judgement.pass(.kill, why)
      judgement.pass(.scaleUp, why)
      return judgement
    }
    let seen = "ROI \(worker.roi.spoken) over \(worker.runs) runs"
    if worker.isBelow(percent: limits.killROIPercent) {
      judgement.finding = Finding(
        action: .kill, rule: .negativeROI,
        reason: "\(seen) is below \(limits.killROIPercent) %", toInstances: 0)
      judgement.pass(.scaleUp, "ROI \(worker.roi.spoken) is not above \(limits.scaleROIPercent) %")
      return judgement
    }
    judgement.pass(.kill, "ROI \(worker.roi.spoken) is not below \(limits.killROIPercent) %")
    guard worker.isAbove(percent: limits.scaleROIPercent) else {
      judgement.pass(.scaleUp, "ROI \(worker.roi.spoken) is not above \(limits.scaleROIPercent) %")
      return judgement
    }
    guard worker.succeedsAbove(percent: limits.scaleSuccessRatePercent) else {
      judgement.pass(
        .scaleUp,
        "\(worker.okRuns) of \(worker.runs) runs went well, not above \(limits.scaleSuccessRatePercent) %"
      )
      return judgement
    }
    judgement.finding = CommonRules.growth(
      worker, settings, fleet, &judgement,
      reason: "\(seen) is above \(limits.scaleROIPercent) %, \(worker.okRuns) runs went well",
      confidence: nil)
    return judgement
  }
}

/// What both modes share.
enum CommonRules {
  static func budgetPause(_ worker: WorkerFacts, _ judgement: inout Judgement) -> Finding? {
    guard worker.budgetExceeded else {
      judgement.pass(
        .pause,
        worker.budgetLeft.map { "\(Spoken.dollars($0)) of its budget are left" }
          ?? "no budget of its own is exceeded")
      return nil
    }
    guard !worker.isPaused else {
      judgement.pass(.pause, "its budget is exceeded and it is paused already")
      return nil
    }
    return Finding(
      action: .pause, rule: .budget, reason: "its budget is exceeded",
      toInstances: worker.instances)
  }

  /// A source of its revenue does not answer: no sale may only be no news, so nothing but its budget moves it.
  static func isBlind(_ worker: WorkerFacts, _ judgement: inout Judgement) -> Bool {
    guard worker.isSourceStale else { return false }
    for action in [DecisionAction.kill, .pause, .scaleUp] {
      judgement.pass(action, "a source of its revenue does not answer")
    }
    return true
  }

  static func deploy(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ judgement: inout Judgement
  ) -> Finding? {
    let least = settings.thresholds.minROIPercent
    guard let expected = worker.expectedROIPercent else {
      judgement.pass(.deploy, "no return is expected of it (economics.expected_roi)")
      return nil
    }
    guard expected > least else {
      judgement.pass(.deploy, "its expected ROI of \(expected) % is not above \(least) %")
      return nil
    }
    return Finding(
      action: .deploy, rule: .expectedROI,
      reason: "its expected ROI of \(expected) % is above \(least) %",
      toInstances: max(1, worker.instances))
  }

  /// The step up: at most the double, at most what the day's money pays for, never above its own maximum.
  static func growth(
    _ worker: WorkerFacts, _ settings: EngineSettings, _ fleet: FleetFacts,
    _ judgement: inout Judgement, reason: String, confidence: Double?
  ) -> Finding? {
    guard !worker.isPaused else {
      judgement.pass(.scaleUp, "it is paused")
      return nil
    }
    guard worker.instances < worker.maxInstances else {
      judgement.pass(.scaleUp, "it has its most instances, \(worker.maxInstances)")
      return nil
    }
    var most = min(max(1, worker.instances) * 2, worker.maxInstances)
    if let day = Stake.highDay(worker), day > .zero {
      // Rounded up, so that a little money still buys one.
      let affordable =
        (fleet.dayLeft.microUSD + day.microUSD - 1) / day.microUSD
      guard fleet.dayLeft > .zero else {
        judgement.pass(.scaleUp, "today's budget is spent")
        return nil
      }
      most = min(most, worker.instances + Int(clamping: affordable))
    }
    guard most > worker.instances else {
      judgement.pass(.scaleUp, "no further instance can be paid for today")
      return nil
    }
    return Finding(
      action: .scaleUp, rule: .highROI, reason: reason, toInstances: most, confidence: confidence)
  }
}

// The ledger's evaluated runs once more, under settings that were not in force: which actions would have followed, and
// what they would have changed. Must never claim to know what other runs would have brought: a stopped worker's runs
// are left out, a scaled one's are multiplied by its returns to scale.

package import NovaModel

/// What one set of settings would have made of the past.
package struct WhatIf: Sendable {
  /// An action that would have followed.
  package struct Step: Sendable, Hashable {
    package let at: WallTime
    package let worker: WorkerName
    package let action: DecisionAction
    package let from: Int
    package let to: Int
    package let reason: String
    package let isAutomatic: Bool
  }

  /// The settings.
  package let settings: EngineSettings
  /// What would have followed, oldest first.
  package private(set) var steps: [Step] = []
  /// What would have been spent and earned, USD.
  package private(set) var cost = 0.0
  package private(set) var revenue = 0.0
  /// Runs that would have been made.
  package private(set) var runs = 0.0

  private var workers: [WorkerName: State] = [:]
  private let dayLimit: Money

  private struct State {
    var evidence: WorkerEvidence
    var facts: WorkerFacts
    var began: WallTime
    /// When its count would last have been changed.
    var changed: WallTime?
    var isStopped = false
    var scaleUps = 0
    /// Instances against those that were really there.
    var factor = 1.0
  }

  /// Begins with nothing seen. `dayLimit` is the fleet's daily budget.
  package init(_ settings: EngineSettings, dayLimit: Money) {
    self.settings = settings
    self.dayLimit = dayLimit
  }

  /// Takes the next run, oldest first. `cap`: up to what its revenue counted then; nil: not known.
  package mutating func take(_ evaluation: Evaluation, cap: Money? = nil) {
    let name = evaluation.worker
    var state = workers[name] ?? begin(name, evaluation.at, cap)
    guard !state.isStopped else { return }
    let returns = ScalingReturns()
    let scale = state.factor <= 1 ? state.factor : returns.yield(state.factor)
    cost += evaluation.cost.usd * state.factor
    revenue += evaluation.revenue.usd * scale
    runs += state.factor
    var own = evaluation
    own.worker = name
    state.evidence.take(own)
    state.facts.runs += 1
    if evaluation.isOK { state.facts.okRuns += 1 }
    state.facts.cost = state.facts.cost + evaluation.cost
    state.facts.revenue = state.facts.revenue + evaluation.revenue
    state.facts.epochSeconds = max(1, (evaluation.at - state.began).wholeSeconds)
    state.facts.changedSeconds = state.changed.map { max(0, (evaluation.at - $0).wholeSeconds) }
    state.facts.take(state.evidence, intervalAlpha: settings.intervalAlpha)
    state.facts.loss = state.facts.cost - state.facts.revenue
    state.facts.isSelected = state.evidence.kill.course.reached(alpha: settings.killAlpha)
    decide(&state, at: evaluation.at)
    workers[name] = state
  }

  private func begin(_ name: WorkerName, _ at: WallTime, _ cap: Money?) -> State {
    State(
      evidence: WorkerEvidence(
        EvidenceTerms(
          killFactor: settings.killFactor, scaleFactor: settings.scaleFactor,
          cap: cap ?? settings.usualCap, reservePPM: 50_000)), facts: WorkerFacts(worker: name),
      began: at)
  }

  private mutating func decide(_ state: inout State, at: WallTime) {
    var fleet = FleetFacts()
    fleet.isAutonomous = true
    fleet.dayLimit = dayLimit
    let inputs = DecisionInputs(settings: settings, fleet: fleet, worker: state.facts)
    guard Decider.isDue(inputs) else { return }
    let verdict = Decider.verdict(inputs)
    steps.append(
      Step(
        at: at, worker: state.facts.worker, action: verdict.action, from: verdict.fromInstances,
        to: verdict.toInstances, reason: verdict.reason, isAutomatic: verdict.route == .automatic))
    switch verdict.action {
    case .kill, .pause: state.isStopped = true
    case .scaleUp, .scaleDown:
      state.factor *= Double(verdict.toInstances) / Double(max(1, verdict.fromInstances))
      state.facts.instances = verdict.toInstances
      if verdict.action == .scaleUp { state.scaleUps += 1 }
      // Another epoch: the evidence begins anew.
      var fresh = begin(state.facts.worker, at, state.evidence.terms.cap)
      fresh.facts.instances = verdict.toInstances
      fresh.facts.scaleUps = state.scaleUps
      fresh.changed = at
      fresh.scaleUps = state.scaleUps
      fresh.factor = state.factor
      state = fresh
    case .none, .resume, .deploy, .optimise: break
    }
  }
}

// How far a worker is from each edge, in runs and in dollars, as things go. Must never promise: it says what it would
// take, not what will come.

package import NovaModel

/// The way to one edge.
package struct Distance: Sendable, Hashable {
  package let action: DecisionAction
  /// Runs it would take, of the kind that `meaning` says; nil: not within sight.
  package let runs: Int?
  /// Dollars it would take; nil: not known.
  package let amount: Money?
  /// One sentence.
  package let meaning: String
  package init(action: DecisionAction, runs: Int?, amount: Money?, meaning: String) {
    self.action = action
    self.runs = runs
    self.amount = amount
    self.meaning = meaning
  }
}

/// Looks ahead.
package enum Outlook {
  /// The ways to pause, kill and scale in the mode of the settings.
  package static func of(_ inputs: DecisionInputs, evidence: WorkerEvidence?) -> [Distance] {
    [pause(inputs), kill(inputs, evidence), scale(inputs, evidence)]
  }

  /// A number of runs; nil where it is beyond all sight.
  private static func count(_ runs: Double) -> Int? {
    runs.magnitude < 1e15 ? Int(runs) : nil
  }

  private static func pause(_ inputs: DecisionInputs) -> Distance {
    let worker = inputs.worker
    var left = worker.budgetLeft
    var meaning = "until its budget is spent"
    if inputs.settings.mode == .evidence, let limit = Stake.stopLoss(worker, inputs.settings),
      limit > .zero
    {
      let loss = Money(
        microUSD: max(
          0,
          Stake.granted(worker, limit).microUSD.subtractingReportingOverflow(
            Exposure.loss(worker, inputs.settings).microUSD
          ).partialValue))
      if left.map({ loss < $0 }) ?? true {
        left = loss
        meaning = "without a sale until its stop-loss"
      }
    }
    guard let left else {
      return Distance(action: .pause, runs: nil, amount: nil, meaning: "no limit is set")
    }
    let runs = worker.runCost.flatMap { count((left.usd / $0).rounded(.up)) }
    return Distance(action: .pause, runs: runs, amount: left, meaning: meaning)
  }

  private static func kill(_ inputs: DecisionInputs, _ evidence: WorkerEvidence?) -> Distance {
    let (worker, settings) = (inputs.worker, inputs.settings)
    let percent = settings.thresholds.killROIPercent
    guard let cost = worker.runCost else {
      return Distance(
        action: .kill, runs: nil, amount: nil, meaning: "what a run costs is not known")
    }
    guard percent > -100 else {
      return Distance(
        action: .kill, runs: nil, amount: nil, meaning: "no return is below \(percent) %")
    }
    // At the mean cost C/n of its n runs, revenue is below k times the cost from the first whole number of runs above
    // R/(k C/n) on.
    let bound =
      Int128(max(0, worker.revenue.microUSD)) * 100 * Int128(worker.runs)
      / (Int128(worker.cost.microUSD) * Int128(100 + percent))
    let beyond = bound - Int128(worker.runs) + 1
    guard beyond < 1_000_000_000_000_000 else {
      return Distance(
        action: .kill, runs: nil, amount: nil, meaning: "its ROI is far above \(percent) %")
    }
    let toThreshold = max(settings.thresholds.minRuns - worker.runs, Int(beyond), 0)
    let amount = Money(roundingUpUSD: Double(toThreshold) * cost)
    guard settings.mode == .evidence else {
      return Distance(
        action: .kill, runs: toThreshold, amount: amount,
        meaning:
          "without a sale until its ROI is below \(percent) % after \(settings.thresholds.minRuns) runs"
      )
    }
    guard let proof = evidence?.salelessRunsToKill(alpha: settings.killAlpha) else {
      return Distance(
        action: .kill, runs: nil, amount: nil,
        meaning: "no proof of a loss within 2,000 saleless runs")
    }
    let runs = max(proof, toThreshold)
    return Distance(
      action: .kill, runs: runs, amount: Money(roundingUpUSD: Double(runs) * cost),
      meaning: "without a sale until a loss is proven")
  }

  private static func scale(_ inputs: DecisionInputs, _ evidence: WorkerEvidence?) -> Distance {
    let (worker, settings) = (inputs.worker, inputs.settings)
    let percent = settings.thresholds.scaleROIPercent
    let factor = EngineSettings.factor(percent)
    let missing = max(0, factor * worker.cost.usd - worker.revenue.usd)
    let amount = Money(roundingUpUSD: missing)
    let least = max(0, settings.thresholds.minRuns - worker.runs)
    if settings.mode == .evidence, let evidence {
      let alpha = settings.scaleAlpha(number: worker.scaleUps + 1)
      guard let proof = evidence.sellingRunsToScale(alpha: alpha) else {
        return Distance(
          action: .scaleUp, runs: nil, amount: amount,
          meaning: "no proof above \(percent) % within 2,000 selling runs")
      }
      return Distance(
        action: .scaleUp, runs: max(proof, least), amount: amount,
        meaning: "of selling runs in a row until a return above \(percent) % is proven")
    }
    return Distance(
      action: .scaleUp, runs: missing > 0 ? nil : least, amount: amount,
      meaning: missing > 0
        ? "of revenue are missing for an ROI above \(percent) %"
        : "until \(settings.thresholds.minRuns) runs are there")
  }
}

// What an action could cost if it is wrong, from the pessimistic plan: the figure that is compared with the approval
// limit. Must never be low for want of data: what cannot be known is nil, and nil asks a person.

package import NovaModel

/// Money at stake.
package enum Stake {
  /// The stop-loss of one instance: what a worker worth having loses at most, with chance 1 - alpha. Nil while the cost
  /// of a run is not known.
  package static func stopLoss(_ worker: WorkerFacts, _ settings: EngineSettings) -> Money? {
    guard let cost = worker.runCost else { return worker.runs > 0 ? .zero : nil }
    return pilot(worker, cost, settings).limit(alpha: settings.pilotAlpha).flatMap {
      Money(roundingUpUSD: $0)
    }
  }

  /// What a worker may lose with the tranches that it was granted.
  static func granted(_ worker: WorkerFacts, _ stopLoss: Money) -> Money {
    let (sum, over) = stopLoss.microUSD.multipliedReportingOverflow(
      by: Int64(max(1, worker.tranches)))
    return Money(microUSD: over ? .max : sum)
  }

  /// Whether the stop-loss is above `amount` USD beyond doubt: what a tick over everybody asks first.
  static func isStopLoss(
    surelyAbove amount: Double, _ worker: WorkerFacts, _ settings: EngineSettings
  )
    -> Bool
  {
    guard amount > 0, let cost = worker.runCost else { return false }
    return pilot(worker, cost, settings).isSurelyAbove(amount, alpha: settings.pilotAlpha)
  }

  private static func pilot(_ worker: WorkerFacts, _ cost: Double, _ settings: EngineSettings)
    -> StopLoss
  {
    let cap = worker.cap > .zero ? worker.cap : settings.usualCap
    return StopLoss(
      price: cap.usd, cost: cost, roiPercent: Double(settings.thresholds.minROIPercent))
  }

  /// A day of one instance at the upper end: the mean plus 1.645 deviations of the mean day, from what single runs vary.
  package static func highDay(_ worker: WorkerFacts) -> Money? {
    guard let cost = worker.runCost, let perDay = worker.runsPerDay else {
      return worker.runs > 0 && worker.cost == .zero ? .zero : nil
    }
    let days = max(Double(worker.epochSeconds) / 86_400, 1 / 1440.0)
    // Of the spread of profits only the part that could be cost counts: a run never cost more than its deviation.
    let spread = min(worker.deviation ?? cost, cost)
    let high = cost * perDay + 1.645 * spread * (perDay / max(days, 1)).squareRoot()
    return Money(roundingUpUSD: high)
  }

  /// What a verdict's action puts at stake.
  package static func of(
    _ action: DecisionAction, to instances: Int, _ worker: WorkerFacts, _ settings: EngineSettings,
    expectedBudget: Money?
  ) -> Money? {
    switch action {
    case .none, .scaleDown: return .zero
    case .scaleUp:
      let more = Int64(max(0, instances - worker.instances))
      guard let loss = stopLoss(worker, settings), let day = highDay(worker) else { return nil }
      // A change is watched for one cooldown, at most a day.
      let share = min(86_400, settings.cooldownSeconds)
      let (days, over) = day.microUSD.multipliedReportingOverflow(by: share)
      guard !over else { return nil }
      let (sum, more2) = loss.microUSD.addingReportingOverflow(days / 86_400)
      let (total, more3) = sum.multipliedReportingOverflow(by: more)
      return more2 || more3 ? nil : Money(microUSD: total)
    case .resume: return stopLoss(worker, settings)
    case .deploy:
      if let expectedBudget { return expectedBudget }
      let usual = StopLoss(
        price: settings.usualCap.usd, cost: settings.usualCap.usd / 40,
        roiPercent: Double(settings.thresholds.minROIPercent))
      return usual.limit(alpha: settings.pilotAlpha).flatMap { Money(roundingUpUSD: $0) }
    case .kill:
      // What it might have earned in a week: by the upper end of its return where the evidence knows one, else as seen.
      guard let cost = worker.runCost, let perDay = worker.runsPerDay else { return .zero }
      let percent = worker.roiUpper.map(Double.init) ?? worker.roi.percent ?? 0
      guard percent > 0 else { return .zero }
      return Money(
        roundingUpUSD: percent / 100 * cost * perDay * 7 * Double(max(1, worker.instances)))
    case .pause, .optimise:
      guard let cost = worker.runCost, let perDay = worker.runsPerDay else { return .zero }
      let day = cost * perDay * Double(max(1, worker.instances))
      // What the arm costs more than now; the other costs nothing then.
      if action == .optimise {
        let more = max(0, instances - worker.instances)
        return Money(roundingUpUSD: cost * perDay * Double(more))
      }
      return Money(roundingUpUSD: max(0, worker.yield - 1) * day)
    }
  }
}

/// How bad it would be if it were wrong, 0...100.
package enum Risk {
  /// 100 * clip(.4 stake/left of today + .3 (1 - confidence) + .2 CV/(CV+1) + .1 crash rate). What is not known counts
  /// as the worst.
  package static func score(
    stake: Money?, dayLeft: Money, confidence: Double?, variation: Double?, crashShare: Double?
  ) -> Int {
    let share: Double
    if let stake {
      share = stake <= .zero ? 0 : dayLeft > .zero ? min(1, stake.usd / dayLeft.usd) : 1
    } else {
      share = 1
    }
    let spread = variation.map { $0 / ($0 + 1) } ?? 1
    let sum =
      0.4 * share + 0.3 * (1 - (confidence ?? 0)) + 0.2 * spread + 0.1 * (crashShare ?? 0)
    return Int((100 * max(0, min(1, sum))).rounded())
  }
}

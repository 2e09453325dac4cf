// Everything the evaluated runs of one worker's epoch say, updated in constant time a run and never by looking back.
// The same runs in the same order give the same bits on every machine. Must never be fed a run of another epoch.

package import NovaModel

/// What the tests of an epoch are made with: fixed when it begins.
package struct EvidenceTerms: Sendable, Hashable {
  /// k of the kill test.
  package var killFactor: Double
  /// k of the scale test.
  package var scaleFactor: Double
  /// B: revenue of a run counts up to this for the kill test.
  package var cap: Money
  /// Share of revenue kept back for refunds by the scale test, millionths.
  package var reservePPM: Int
  /// The drift detector looks at later evaluations alone.
  package var driftFrom: Int64

  /// Terms for one epoch.
  package init(
    killFactor: Double, scaleFactor: Double, cap: Money, reservePPM: Int, driftFrom: Int64 = 0
  ) {
    self.killFactor = killFactor
    self.scaleFactor = scaleFactor
    self.cap = cap
    self.reservePPM = reservePPM
    self.driftFrom = driftFrom
  }
}

/// The state of the tests.
package struct WorkerEvidence: Sendable, Hashable {
  /// What they are made with.
  package private(set) var terms: EvidenceTerms
  /// "Pays for itself", with restarts.
  package private(set) var kill = RestartingKillEvidence()
  /// "Is not worth scaling".
  package private(set) var scale = ScaleEvidence()
  /// "Has not begun to lose".
  package private(set) var drift = DriftDetector()
  /// The interval.
  package private(set) var grid = ROIGrid()
  /// Runs that went well and did not.
  package private(set) var success = RateEvidence()
  /// The last run that was taken.
  package private(set) var lastSequence: Int64 = 0
  /// Sums over the evaluated runs.
  package private(set) var cost = Money.zero
  package private(set) var revenue = Money.zero
  /// Runs that brought anything.
  package private(set) var sales = 0
  /// The largest cost of a run so far, USD.
  private var largestCost = 0.0
  private var meanProfit = 0.0
  private var spread = 0.0

  /// Nothing evaluated.
  package init(_ terms: EvidenceTerms) { self.terms = terms }

  /// Evaluated runs.
  package var runs: Int { kill.runs }

  /// Takes one run.
  package mutating func take(_ evaluation: Evaluation) {
    let cost = evaluation.cost.usd
    let revenue = evaluation.revenue.usd
    let reserved = revenue * (1 - Double(terms.reservePPM) / 1_000_000)
    let maturation = Double(evaluation.maturationPPM) / 1_000_000
    let cap = max(terms.cap.usd, 1e-6)
    // Known before the run: a quarter more than the dearest so far. The first run only tells how dear runs are.
    let bound = largestCost > 0 ? largestCost * 1.25 : nil
    let outcome = KillOutcome(
      cost: cost, revenue: revenue, factor: terms.killFactor, maturation: maturation, cap: cap)
    kill.take(outcome)
    if evaluation.sequence > terms.driftFrom { drift.take(outcome) }
    if let bound {
      scale.take(
        ScaleOutcome(cost: cost, revenue: reserved, factor: terms.scaleFactor, costBound: bound))
    }
    grid.take(
      cost: cost, revenue: revenue, reserved: reserved, maturation: maturation, cap: cap,
      costBound: bound)
    largestCost = max(largestCost, cost)
    if evaluation.isOK { success.hits += 1 } else { success.misses += 1 }
    self.cost = self.cost + evaluation.cost
    self.revenue = self.revenue + evaluation.revenue
    if evaluation.revenue > .zero { sales += 1 }
    let profit = revenue - cost
    let before = profit - meanProfit
    meanProfit += before / Double(runs)
    spread += before * (profit - meanProfit)
    lastSequence = evaluation.sequence
  }

  /// After an alarm or a resumption the detector begins anew.
  package mutating func resetDrift() {
    drift = DriftDetector()
    terms.driftFrom = lastSequence
  }

  /// Standard deviation over mean of a run's profit, absolute; nil before two runs or at a mean of nothing.
  package var variation: Double? {
    guard runs >= 2, meanProfit != 0 else { return nil }
    return (spread / Double(runs - 1)).squareRoot() / meanProfit.magnitude
  }

  /// Standard deviation of a run's profit, USD.
  package var deviation: Double? { runs >= 2 ? (spread / Double(runs - 1)).squareRoot() : nil }

  /// How many runs without a sale until the kill test reaches 1/alpha, at the mean cost so far; nil beyond `limit`.
  package func salelessRunsToKill(alpha: Double, limit: Int = 2000) -> Int? {
    let wanted = -Real.ln(alpha)
    guard kill.course.lnNow < wanted else { return 0 }
    guard runs > 0, cost > .zero else { return nil }
    let growth = KillEvidence.growth(
      KillOutcome(
        cost: cost.usd / Double(runs), revenue: 0, factor: terms.killFactor, maturation: 1,
        cap: max(terms.cap.usd, 1e-6)))
    var ahead = kill
    for run in 1...limit {
      ahead.take(growth)
      if ahead.course.lnNow >= wanted { return run }
    }
    return nil
  }

  /// How many selling runs in a row until the scale test reaches 1/alpha, at the mean sale so far; nil beyond `limit`.
  package func sellingRunsToScale(alpha: Double, limit: Int = 2000) -> Int? {
    let wanted = -Real.ln(alpha)
    guard scale.course.lnNow < wanted else { return 0 }
    guard sales > 0, cost > .zero else { return nil }
    let outcome = ScaleOutcome(
      cost: cost.usd / Double(runs),
      revenue: revenue.usd / Double(sales) * (1 - Double(terms.reservePPM) / 1_000_000),
      factor: terms.scaleFactor, costBound: largestCost * 1.25)
    guard outcome.y > 0 else { return nil }
    var ahead = scale
    for run in 1...limit {
      ahead.take(outcome)
      if ahead.course.lnNow >= wanted { return run }
    }
    return nil
  }
}

// Two arms of one job, run against run: evidence that the second earns more than the first, and that it earns less.
// Profits are clipped at the revenue cap on both sides, so that a difference has bounds that are known before the run.
// Must never compare runs of which one belongs to another epoch than the present one.

package import NovaModel

/// What the pairs of runs say, valid at every look.
package struct ArmEvidence: Sendable, Hashable {
  /// B: profits count between -B and B, USD.
  package let cap: Double
  /// Pairs taken.
  package private(set) var pairs = 0
  /// The evaluations that were taken, of either side: between these two, and of the two epochs, it is made again.
  package private(set) var firstSequence: Int64?
  package private(set) var lastSequence: Int64?
  /// Against "the arm earns no more".
  package private(set) var better = Course()
  /// Against "the arm earns no less".
  package private(set) var worse = Course()

  private var up = Mixture()
  private var down = Mixture()
  /// Runs of one side that wait for one of the other; only one of both holds any.
  private var waiting: [Double] = []
  private var isBaseWaiting = false

  /// More never wait: a side that is so far ahead is compared by its latest runs.
  static let mostWaiting = 1000

  /// Nothing seen.
  package init(cap: Double) { self.cap = max(cap, 1e-6) }

  /// Takes an evaluated run of the base, or of the arm.
  package mutating func take(_ evaluation: Evaluation, isBase: Bool) {
    firstSequence = firstSequence ?? evaluation.sequence
    lastSequence = evaluation.sequence
    take(profit: evaluation.revenue.usd - evaluation.cost.usd, isBase: isBase)
  }

  /// Takes the profit of an evaluated run of the base, or of the arm.
  package mutating func take(profit: Double, isBase: Bool) {
    let clipped = max(-cap, min(profit, cap))
    guard !waiting.isEmpty, isBaseWaiting != isBase else {
      isBaseWaiting = isBase
      if waiting.count == Self.mostWaiting { waiting.removeFirst() }
      return waiting.append(clipped)
    }
    let other = waiting.removeFirst()
    let difference = isBase ? other - clipped : clipped - other
    // In -1...1: each profit is within the cap.
    let z = difference / (2 * cap)
    pairs += 1
    up.lanes += KillEvidence.growth(z: z)
    down.lanes += KillEvidence.growth(z: -z)
    better.take(up.lnValue(KillEvidence.lnShares))
    worse.take(down.lnValue(KillEvidence.lnShares))
  }
}

// One run as decisions see it: looked at exactly once, when enough of its revenue has had time to arrive.
// Must never be changed or taken twice: the tests are fair games only then.

package import NovaModel

/// An evaluated run.
package struct Evaluation: Sendable, Hashable {
  /// From 1, ascending over all workers.
  package var sequence: Int64
  /// Whose run it was.
  package var worker: WorkerName
  /// The worker's epoch it counts for; a changed configuration or count begins another.
  package var epoch: Int64
  /// The ledger's number of the run.
  package var run: Int64
  /// When it was evaluated.
  package var at: WallTime
  /// All that was booked for the run until then.
  package var cost: Money
  /// Revenue less refunds that was attributed until then; negative after a refund of an earlier run.
  package var revenue: Money
  /// G in millionths: the share of revenue that has arrived by then, at least.
  package var maturationPPM: Int
  /// It went well.
  package var isOK: Bool

  /// A run as it was found.
  package init(
    sequence: Int64, worker: WorkerName, epoch: Int64, run: Int64, at: WallTime, cost: Money,
    revenue: Money, maturationPPM: Int, isOK: Bool
  ) {
    self.sequence = sequence
    self.worker = worker
    self.epoch = epoch
    self.run = run
    self.at = at
    self.cost = cost
    self.revenue = revenue
    self.maturationPPM = maturationPPM
    self.isOK = isOK
  }
}

extension Money {
  /// For the tests, which are statistics: never booked from.
  package var usd: Double { Double(microUSD) / 1_000_000 }

  /// Rounded up, so that what is at stake is never understated; nil when out of range or no number.
  package init?(roundingUpUSD usd: Double) {
    guard usd.isFinite, usd.magnitude < 9e12 else { return nil }
    self.init(microUSD: Int64((usd * 1_000_000).rounded(.up)))
  }
}

// One run as decisions see it: looked at exactly once, when enough of its revenue has had time to arrive.
// Must never be changed or taken twice: the tests are fair games only then.

/// An evaluated run.
package struct Evaluation: Sendable, Hashable {
  /// From 1, ascending over all workers.
  package var sequence: Int64
  /// Whose run it was.
  package var worker: WorkerName
  /// The worker's epoch it counts for; a changed configuration or count begins another.
  package var epoch: Int64
  /// The worker's own id of the run.
  package var run: String
  /// When it was evaluated.
  package var at: WallTime
  /// All that was booked for the run until then.
  package var cost: Money
  /// Revenue less refunds that was credited until then, `stray` included; negative after a refund of an earlier run.
  package var revenue: Money
  /// The part of `revenue` that names no run, or takes back what an earlier run has brought.
  package var stray: Money
  /// G in millionths: the share of revenue that has arrived by then, at least.
  package var maturationPPM: Int
  /// It went well.
  package var isOK: Bool

  /// A run as it was found.
  package init(
    sequence: Int64, worker: WorkerName, epoch: Int64, run: String, at: WallTime, cost: Money,
    revenue: Money, stray: Money, maturationPPM: Int, isOK: Bool
  ) {
    self.sequence = sequence
    self.worker = worker
    self.epoch = epoch
    self.run = run
    self.at = at
    self.cost = cost
    self.revenue = revenue
    self.stray = stray
    self.maturationPPM = maturationPPM
    self.isOK = isOK
  }
}

// A stretch of a worker's life over which its runs can be compared: from a change of its configuration or its
// count to the next. Decisions look at the present one. Must never be changed once another has begun.

/// One epoch of one worker.
package struct EpochRecord: Sendable, Hashable {
  package var worker: WorkerName
  /// From 1.
  package var number: Int64
  package var since: WallTime
  /// Why it began: `first`, `configuration` or `count`.
  package var reason: String
  /// What of the configuration a change of makes another epoch, as a number.
  package var fingerprint: UInt64
  package var instances: Int
  /// What the tests are made with: the revenue of a run counts up to the cap, and so much is kept back for refunds.
  package var cap: Money
  package var reservePPM: Int
  /// The running totals when it began: what was booked since is the difference.
  package var baseRevenue: Money = .zero
  package var baseCost: Money = .zero
  package var baseFinished: Int64 = 0
  package var baseOK: Int64 = 0
  package var baseLives: Int64 = 0
  package var baseCrashed: Int64 = 0
  /// Scale-ups since the configuration last changed.
  package var scaleUps = 0
  /// Stop-loss tranches granted in it, 1 at first.
  package var tranches = 1
  /// The drift detector looks at later evaluations alone: it began anew after a resumption.
  package var driftFrom: Int64 = 0
  /// When the count was last changed; nil: never.
  package var changed: WallTime?

  /// An epoch that begins.
  package init(
    worker: WorkerName, number: Int64, since: WallTime, reason: String, fingerprint: UInt64,
    instances: Int, cap: Money, reservePPM: Int
  ) {
    self.worker = worker
    self.number = number
    self.since = since
    self.reason = reason
    self.fingerprint = fingerprint
    self.instances = instances
    self.cap = cap
    self.reservePPM = reservePPM
  }
}

// What the shim reports to the brain, version 1. Facts only, each about a child, a socket or a refused order.
// Must never be lost: an exit is repeated on every connection until it is acknowledged.

package import NovaModel

/// A report of the shim.
package enum ShimReport: Sendable, Equatable {
  /// Answer to `.hello`. `cgroupRoot` nil: no writable cgroup, so sessions take its place.
  case hello(
    version: UInt32, features: [String], pid: Int32, cgroupRoot: String?, controllers: [String])
  /// A child's listener in its own network; a duplicate. Before its `.started`, and after every hello while it lives.
  case listener(slot: String, incarnation: UInt64, DescriptorBox)
  /// The program is executing. CLOCK_MONOTONIC nanoseconds of its start, which is before anything that it has said; nil from a
  /// shim of before it told so.
  case started(slot: String, incarnation: UInt64, pid: Int32, startedMonotonicNsec: UInt64?)
  /// It is not; nothing of it is left. Once, after a reconnect if the brain was away.
  case failed(slot: String, incarnation: UInt64, stage: SpawnStage, errno: Int32)
  /// Part of the answer to `.list`: a live child. CLOCK_MONOTONIC nanoseconds of its start.
  case child(slot: String, incarnation: UInt64, pid: Int32, startedMonotonicNsec: UInt64)
  /// Ended; may come more than once (live, and with every list) until acknowledged.
  case exited(ExitReport)
  /// End of the list.
  case listed
  /// The worker's notify socket; a duplicate, so datagrams wait while no brain reads.
  case notifySocket(worker: String, DescriptorBox)
  /// An order could not be carried out, and why, for people.
  case refused(String)

  /// For a brain of before there were listeners, which knows no stage for them and would take the report for noise.
  var inOlderWords: ShimReport {
    guard case .failed(let slot, let incarnation, .network, let number) = self else { return self }
    return .failed(slot: slot, incarnation: incarnation, stage: .privileges, errno: number)
  }
}

/// How a child ended and what wait4(2) says it used, reaped descendants included.
package struct ExitReport: Sendable, Hashable {
  /// The key of its order.
  package var slot: String
  /// The key of its order.
  package var incarnation: UInt64
  /// The number it had; free for others by now.
  package var pid: Int32
  /// Exit code or signal.
  package var status: ExitStatus
  /// ru_utime and ru_stime, microseconds.
  package var userUsec: UInt64, systemUsec: UInt64
  /// ru_maxrss, KiB.
  package var maxRSSKiB: UInt64
  /// When it was reaped.
  package var at: WallTime
  /// The same on CLOCK_MONOTONIC.
  package var atMonotonic: Instant
  /// Describes an exit.
  package init(
    slot: String, incarnation: UInt64, pid: Int32, status: ExitStatus, userUsec: UInt64,
    systemUsec: UInt64, maxRSSKiB: UInt64, at: WallTime, atMonotonic: Instant
  ) {
    self.slot = slot
    self.incarnation = incarnation
    self.pid = pid
    self.status = status
    self.userUsec = userUsec
    self.systemUsec = systemUsec
    self.maxRSSKiB = maxRSSKiB
    self.at = at
    self.atMonotonic = atMonotonic
  }
}

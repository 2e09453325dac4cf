// What the shell knows of one incarnation that is alive or not yet settled: its group, its readings, what it has
// used. The fleet decides; this remembers. Must never outlive its settling.

package import NovaLinux
package import NovaModel

/// One life of an instance, seen from the shell.
package final class Life {
  /// Who it is.
  package let id: InstanceID
  /// Which life.
  package let incarnation: Incarnation
  /// The spec it was started with, or the present one for a life that was adopted.
  package var spec: WorkerSpec
  /// Its row in the ledger: what has been booked of it.
  package var record: IncarnationRecord
  /// Its processes.
  package var group: ProcessGroup?
  /// Kept descriptors for its readings; nil until it runs.
  package var reader: ProcessGroupReader?
  /// Its reader keeps its files open, which counts against the budget.
  package var keepsFiles = false
  /// Key of its watch on cgroup.events.
  package var watch: GroupWatcher.Key?
  /// The main process, once started.
  package var pid: Int32?
  /// When it was started, monotonic; for an adopted one as the shim says.
  package var startedAt: Instant?

  /// What it has used so far: cumulative, ahead of `record.booked` by at most one booking interval.
  package var totals = UsageTotals()
  /// CPU of earlier epochs of the counter, and its value as last read, microseconds.
  package var cpuEpochBase: UInt64 = 0
  package var lastRawCPU: UInt64 = 0
  /// When it was booked last, monotonic; nil: not yet.
  package var bookedAt: Instant?
  /// It pays for what it has reserved, used or not.
  package var reserves: Bool {
    spec.economics.reserveCPUPercent > 0 || spec.economics.reserveMemoryBytes > 0
      || spec.economics.reserveGPUs > 0
  }
  /// From where its first reading counts.
  package var basis = MeteringBasis.unknown
  /// The newest reading, and of the one before what the share of a CPU is counted from.
  package var reading: Reading?
  package var cpuBefore: (at: Instant, usec: UInt64)?
  /// Highest memory seen, in bytes.
  package var peak: UInt64?
  /// For COST/H: marks a minute apart.
  package var olderMark: UsageMark?, newerMark: UsageMark?

  /// Where its readings go in the history, and what of its cost has gone there.
  package var track: FigureTrack?
  package var figured: Money

  /// STATUS= as last sent, cleaned.
  package var statusText: String?
  /// READY=1 came: only the first has to last.
  package var saidReady = false
  /// When WATCHDOG=1 came last.
  package var lastHeartbeat: Instant?
  /// How it ended, once the shim said so.
  package var exit: ExitReport?
  package var exitWasOOM = false
  /// `.emptied` was posted; it is said once.
  package var saidEmpty = false
  /// Why the kernel would not freeze or thaw it, the last time it was asked.
  package var freezeRefusal: String?
  /// The freeze state last told to the fleet.
  package var saidFrozen = false
  /// Its slot was given free.
  package var isGone = false
  /// `.memoryExceeded` was posted; it is said once a life.
  package var saidMemory = false
  /// Limits that this host does not enforce.
  package var unenforced: [String] = []

  /// The run it has reported last, when that ended, and what the life had cost by then.
  package var lastRun: String?
  package var lastRunEnd: WallTime?
  package var runMark: Money = .zero
  /// The last run id that was made up here: microseconds since 1970.
  package var lastRunID: Int64 = 0
  /// A refused datagram about money was said; it is said once a life.
  package var saidRefusal = false

  package var readiness: [ReadinessWatch] = []
  package var health: HealthMonitor?
  /// Where its output goes, once that is decided.
  package var driver: WorkerSpec.Logs.Driver?
  /// It counts among the journal's streams.
  package var holdsStreams = false
  /// Its files were looked at for a rotation that a crash cut short.
  package var sawRotation = false
  /// Sizes of its two files when it began, for `ready: {log:}`.
  package var outputStart: UInt64 = 0, errorStart: UInt64 = 0

  /// A life at its beginning.
  package init(
    id: InstanceID, incarnation: Incarnation, spec: WorkerSpec, record: IncarnationRecord,
    group: ProcessGroup?
  ) {
    self.id = id
    self.incarnation = incarnation
    self.spec = spec
    self.record = record
    self.group = group
    totals = record.booked
    runMark = record.cost
    figured = record.cost
  }

  /// CPU over the time between the two newest readings, in hundredths of a percent of one CPU; nil: unknown.
  package var cpuHundredths: UInt64? {
    guard let new = reading, let old = cpuBefore, let usec = new.counters.cpuUsec, usec >= old.usec
    else { return nil }
    let wall = (new.at - old.at).wholeMicroseconds
    guard wall > 0 else { return nil }
    return (usec - old.usec) * 10_000 / UInt64(wall)
  }
}

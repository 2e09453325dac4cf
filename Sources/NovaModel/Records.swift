// What must survive a crash of the supervisor: the rows of the state database as values.
// Must never hold a monotonic instant: those mean nothing after a reboot. Deadlines are kept as
// CLOCK_BOOTTIME plus boot id, with the wall time beside them for the time after a reboot.

/// What people want of a worker; survives everything.
package struct WorkerRecord: Sendable, Hashable {
  package var name: WorkerName
  /// `start` and `stop` write it; nil: never said, so `autostart` decides.
  package var wanted: Bool?
  /// Frozen by an operator or a budget.
  package var paused = false
  package var pauseReason: String?
  /// A count scaled by hand or by the engine; holds until `instances` in the file changes.
  package var count: Int?
  /// The `instances` of the file when `count` was set.
  package var countFileValue: Int?
  /// Scaled with --pin: the engine leaves it alone.
  package var pinned = false
  /// A rolling restart under way.
  package var rolling: RollingRestart?
  package init(name: WorkerName) { self.name = name }
}

/// A restart that goes through a worker's instances one at a time, and goes on after a restart of the supervisor.
package struct RollingRestart: Sendable, Hashable {
  /// One instance and the life it had when the restart was asked for: whoever has another by then was restarted.
  package struct Step: Sendable, Hashable {
    package var number: Int
    package var before: Incarnation?
    package init(number: Int, before: Incarnation?) {
      self.number = number
      self.before = before
    }
  }

  /// Those whose turn comes, in order.
  package var rest: [Step]
  /// The one that is under way.
  package var current: Step?
  /// Who asked for it, as events say it.
  package var actor: String
  package init(rest: [Step], current: Step? = nil, actor: String) {
    self.rest = rest
    self.current = current
    self.actor = actor
  }
}

/// A deadline that survives a restart of the brain exactly and a reboot by the wall clock.
package struct Deadline: Sendable, Hashable {
  /// CLOCK_BOOTTIME nanoseconds, meaningful while `bootID` is this boot's.
  package var boottime: UInt64
  package var bootID: String
  package var wall: WallTime
  package init(boottime: UInt64, bootID: String, wall: WallTime) {
    self.boottime = boottime
    self.bootID = bootID
    self.wall = wall
  }
}

/// One instance's durable memory.
package struct InstanceRecord: Sendable, Hashable {
  package var id: InstanceID
  package var state: State
  package var reason: Reason
  /// When it entered that state.
  package var since: WallTime
  /// The life that is (or was last) running, nil before the first.
  package var incarnation: Incarnation?
  /// Crashes inside the sliding window, oldest first.
  package var crashes: [Deadline] = []
  /// Restarts in a row without a stable period: the exponent of the backoff.
  package var backoffStep = 0
  /// Cooldown rounds without a stable period.
  package var cooldowns = 0
  /// End of the backoff, cooldown or wait it is in.
  package var due: Deadline?
  package var restartsTotal = 0
  package var lastExit: LastExit?
  /// Fingerprint of the spec its process was started with.
  package var fingerprint: UInt64?
  package init(id: InstanceID, state: State, reason: Reason, since: WallTime) {
    self.id = id
    self.state = state
    self.reason = reason
    self.since = since
  }
}

/// How the previous life ended.
package struct LastExit: Sendable, Hashable {
  package var status: ExitStatus
  package var oom: Bool
  package var at: WallTime
  package init(status: ExitStatus, oom: Bool, at: WallTime) {
    self.status = status
    self.oom = oom
    self.at = at
  }
}

/// One life of an instance and what it used; the unit of booking.
package struct IncarnationRecord: Sendable, Hashable {
  package var incarnation: Incarnation
  package var id: InstanceID
  package var pid: Int32
  package var started: WallTime
  package var bootID: String
  /// Cumulative usage as last booked, and the number of that booking; the next one is `bookings + 1`.
  package var booked = UsageTotals()
  package var bookings = 0
  /// What has been booked of cost for it so far.
  package var cost: Money = .zero
  /// Fractions of a micro-USD not booked yet, in pico-USD, so that the sum of bookings equals the bill.
  package var costRemainderPico: Int64 = 0
  /// Set when the final booking is durable.
  package var ended: WallTime?
  package var exit: ExitStatus?
  package var oom = false
  /// Its end counted as a crash.
  package var crashed = false
  /// The run that this life is, for a job; names its cost in the books and is not stored here.
  package var run: String?
  package init(
    incarnation: Incarnation, id: InstanceID, pid: Int32, started: WallTime, bootID: String
  ) {
    self.incarnation = incarnation
    self.id = id
    self.pid = pid
    self.started = started
    self.bootID = bootID
  }
}

/// A line of history: who did what to whom, and why.
package struct EventRecord: Sendable, Hashable {
  /// Ascending without gap; 0 until the ledger has given it one.
  package var id: Int64 = 0
  package var at: WallTime
  /// Dotted lower-case type, such as `instance.exited`, `operator.scale`, `config.reloaded`.
  package var type: String
  package var severity: Severity
  package var worker: WorkerName?
  package var instance: Int?
  /// Who: `supervisor`, `uid:1000`, `engine`.
  package var actor: String
  /// One sentence for people.
  package var message: String
  /// Further facts, names to text.
  package var details: [String: String] = [:]
  package init(
    at: WallTime, type: String, severity: Severity = .info, worker: WorkerName? = nil,
    instance: Int? = nil, actor: String = "supervisor", message: String,
    details: [String: String] = [:]
  ) {
    self.at = at
    self.type = type
    self.severity = severity
    self.worker = worker
    self.instance = instance
    self.actor = actor
    self.message = message
    self.details = details
  }
  /// As in syslog, the four we use.
  package enum Severity: Int, Sendable, Hashable, CaseIterable {
    case critical = 2
    case warning = 4
    case notice = 5
    case info = 6
  }
}

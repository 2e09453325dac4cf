// One line of `novasup ps` as JSON. The first 23 keys and their order are the contract of
// docs/reference/api.md; later keys may be added at the end, none renamed. Unknown is nil, never 0.

/// One instance: an element of `GET /v1/workers`.
package struct WorkerRow: Codable, Sendable, Hashable {
  package var name: String
  /// From 1.
  package var instance: Int
  /// A `State` by its raw value.
  package var state: String
  /// The reason word of `APIWords.reason`.
  package var reason: String
  package var pid: Int32?
  /// RFC 3339, UTC; nil when no process lives.
  package var startedAt: String?
  package var uptimeSeconds: Int64?
  /// Crashes inside the window.
  package var crashes: Int
  package var maxCrashes: Int
  /// Nil outside of cooldown.
  package var cooldownRemainingSeconds: Int64?
  package var restartsTotal: Int
  /// 100 is one whole CPU.
  package var cpuPercent: Double?
  package var cpuUsageUsec: UInt64?
  package var memoryBytes: UInt64?
  package var memoryPeakBytes: UInt64?
  package var tasks: UInt64?
  /// Decimal USD with six places: what it has cost since it is known.
  package var costUSD: String?
  package var costPerHourUSD: String?
  package var revenueUSD: String?
  package var roiPercent: Int64?
  package var roiStatus: String?
  package var lastExit: LastExitRow?
  /// STATUS= of the worker, as it sent it.
  package var statusText: String?

  // Additions.

  /// One short sentence for the WHY column, such as `cooldown 3m12s left, crashes 5/5`.
  package var why: String?
  /// When it entered this state, RFC 3339.
  package var since: String?
  /// `service`, `once`, `interval` or `schedule`.
  package var mode: String?
  /// Whether the desired state wants it to run.
  package var wanted: Bool?
  /// Whether it counts as ready: `ready`, or `running` where nothing is asked for.
  package var ready: Bool?
  package var backoffRemainingSeconds: Int64?
  /// RFC 3339; for a job between runs.
  package var nextRunAt: String?
  package var threads: UInt64?
  package var cpuUserUsec: UInt64?
  package var cpuSystemUsec: UInt64?
  package var ioReadBytes: UInt64?
  package var ioWriteBytes: UInt64?
  /// The memory figures are sums of resident sets, not the kernel's own account.
  package var memoryEstimated: Bool?
  package var pressure: PressureRow?
  package var incarnation: UInt64?

  /// An instance of which nothing else is known yet.
  package init(
    name: String, instance: Int, state: String, reason: String, crashes: Int, maxCrashes: Int,
    restartsTotal: Int
  ) {
    self.name = name
    self.instance = instance
    self.state = state
    self.reason = reason
    self.crashes = crashes
    self.maxCrashes = maxCrashes
    self.restartsTotal = restartsTotal
  }
}

/// How the previous life of an instance ended.
package struct LastExitRow: Codable, Sendable, Hashable {
  /// The exit code; nil after a signal or when nobody saw it.
  package var code: Int32?
  /// The signal's number.
  package var signal: Int32?
  package var oom: Bool
  /// RFC 3339.
  package var at: String

  /// Describes an end.
  package init(code: Int32? = nil, signal: Int32? = nil, oom: Bool, at: String) {
    self.code = code
    self.signal = signal
    self.oom = oom
    self.at = at
  }
}

/// Share of the last 10 s in which some task of the group waited (PSI `some avg10`), percent.
package struct PressureRow: Codable, Sendable, Hashable {
  package var cpuPercent: Double?
  package var memoryPercent: Double?
  package var ioPercent: Double?

  /// Puts readings together; nil where the kernel has none.
  package init(cpuPercent: Double? = nil, memoryPercent: Double? = nil, ioPercent: Double? = nil) {
    self.cpuPercent = cpuPercent
    self.memoryPercent = memoryPercent
    self.ioPercent = ioPercent
  }
}

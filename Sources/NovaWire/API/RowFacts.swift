// One instance as values: what `WorkerRow` says in text. A listing of ten thousand is written from them without a string
// in between. Must never hold a text that a number says as well.

package import NovaModel

/// What is known of an instance; unknown is nil, never 0.
package struct RowFacts: Sendable, Hashable {
  package var id: InstanceID
  package var state: State
  package var reason: Reason
  package var pid: Int32?
  /// Nil when no process lives.
  package var startedAt: WallTime?
  package var uptimeSeconds: Int64?
  package var crashes: Int
  package var maxCrashes: Int
  package var cooldownRemainingSeconds: Int64?
  package var restartsTotal: Int
  /// Hundredths of a percent of one CPU.
  package var cpuHundredths: UInt64?
  package var cpuUsageUsec: UInt64?
  package var memoryBytes: UInt64?
  package var memoryPeakBytes: UInt64?
  package var tasks: UInt64?
  package var cost: Money?
  package var costPerHour: Money?
  package var revenue: Money?
  package var roiPercent: Int64?
  package var roiStatus: String?
  package var lastExit: LastExit?
  package var statusText: String?
  package var why: String?
  package var since: WallTime
  package var mode: String?
  package var wanted = false
  package var ready = false
  package var backoffRemainingSeconds: Int64?
  package var nextRunAt: WallTime?
  package var threads: UInt64?
  package var cpuUserUsec: UInt64?
  package var cpuSystemUsec: UInt64?
  package var ioReadBytes: UInt64?
  package var ioWriteBytes: UInt64?
  package var memoryEstimated: Bool?
  package var pressure: Pressure?
  package var incarnation: UInt64?

  /// PSI `some avg10` in hundredths of a percent; nil where the kernel has none.
  package struct Pressure: Sendable, Hashable {
    package var cpu: UInt32?, memory: UInt32?, io: UInt32?
    /// Puts readings together.
    package init(cpu: UInt32? = nil, memory: UInt32? = nil, io: UInt32? = nil) {
      self.cpu = cpu
      self.memory = memory
      self.io = io
    }
  }

  /// An instance of which nothing else is known yet.
  package init(
    id: InstanceID, state: State, reason: Reason, crashes: Int, maxCrashes: Int,
    restartsTotal: Int, since: WallTime
  ) {
    self.id = id
    self.state = state
    self.reason = reason
    self.crashes = crashes
    self.maxCrashes = maxCrashes
    self.restartsTotal = restartsTotal
    self.since = since
  }
}

extension WorkerRow {
  /// The same as the texts and numbers of the API.
  package init(_ facts: RowFacts) {
    self.init(
      name: facts.id.worker.text, instance: facts.id.number, state: facts.state.rawValue,
      reason: APIWords.reason(facts.reason), crashes: facts.crashes, maxCrashes: facts.maxCrashes,
      restartsTotal: facts.restartsTotal)
    pid = facts.pid
    startedAt = facts.startedAt?.rfc3339
    uptimeSeconds = facts.uptimeSeconds
    cooldownRemainingSeconds = facts.cooldownRemainingSeconds
    cpuPercent = facts.cpuHundredths.map { Double($0) / 100 }
    cpuUsageUsec = facts.cpuUsageUsec
    memoryBytes = facts.memoryBytes
    memoryPeakBytes = facts.memoryPeakBytes
    tasks = facts.tasks
    costUSD = facts.cost?.decimal
    costPerHourUSD = facts.costPerHour?.decimal
    revenueUSD = facts.revenue?.decimal
    roiPercent = facts.roiPercent
    roiStatus = facts.roiStatus
    lastExit = facts.lastExit.map(APIWords.lastExit)
    statusText = facts.statusText
    why = facts.why
    since = facts.since.rfc3339
    mode = facts.mode
    wanted = facts.wanted
    ready = facts.ready
    backoffRemainingSeconds = facts.backoffRemainingSeconds
    nextRunAt = facts.nextRunAt?.rfc3339
    threads = facts.threads
    cpuUserUsec = facts.cpuUserUsec
    cpuSystemUsec = facts.cpuSystemUsec
    ioReadBytes = facts.ioReadBytes
    ioWriteBytes = facts.ioWriteBytes
    memoryEstimated = facts.memoryEstimated
    pressure = facts.pressure.map { pressure in
      PressureRow(
        cpuPercent: pressure.cpu.map { Double($0) / 100 },
        memoryPercent: pressure.memory.map { Double($0) / 100 },
        ioPercent: pressure.io.map { Double($0) / 100 })
    }
    incarnation = facts.incarnation
  }
}

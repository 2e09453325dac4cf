// One worker on one page: `GET /v1/workers/NAME`. Must never carry the value of an environment variable
// or of a secret; names only.

/// Everything about one worker, or (NAME@N) about one instance of it.
package struct WorkerDetail: Codable, Sendable, Hashable {
  package var name: String
  /// Where it is defined: FILE:LINE.
  package var origin: String
  package var spec: SpecSummary
  /// Desired state: nil when nobody said and `autostart` decides.
  package var wanted: Bool?
  package var paused = false
  package var pauseReason: String?
  /// The count that is wanted now.
  package var instancesWanted: Int
  /// The count of the file, where scaling by hand or the engine overrides it.
  package var instancesConfigured: Int
  package var pinned = false
  package var instances: [InstanceDetail] = []
  /// RFC 3339; jobs only.
  package var nextRunAt: String?
  /// What this host cannot enforce, in words.
  package var limitsNotEnforced: [String] = []
  /// What is left on the tightest of its own limits; nil: it has none.
  package var budgetLeftUSD: String?
  /// Nil until the engine decides.
  package var lastDecision: String?
  /// What the engine would decide now, and how far it is from pause, kill and scale; nil before it is known to it.
  package var outlook: OutlookRow?
  /// What it has cost and earned; nil where the books cannot be read.
  package var money: WorkerMoney?
  /// Its calls of models; nil: it may call none and has called none today.
  package var models: WorkerModels?

  /// A worker without instances yet.
  package init(
    name: String, origin: String, spec: SpecSummary, instancesWanted: Int, instancesConfigured: Int
  ) {
    self.name = name
    self.origin = origin
    self.spec = spec
    self.instancesWanted = instancesWanted
    self.instancesConfigured = instancesConfigured
  }
}

/// The configuration of a worker as far as people may see it.
package struct SpecSummary: Codable, Sendable, Hashable {
  /// The argument list; a shell command is `["/bin/sh", "-c", TEXT]`.
  package var command: [String]
  package var directory: String?
  /// The user it runs as, after defaults.
  package var user: String?
  /// `service`, `once`, `every 30s` or the calendar expression.
  package var mode: String
  package var autostart = true
  package var minInstances = 0
  package var maxInstances = 8
  package var restart = "always"
  package var ready = "none"
  package var stopSignal = "TERM"
  package var stopTimeoutSeconds: Double = 10
  package var maxCrashes = 5
  package var crashWindowSeconds: Double = 600
  package var cooldownSeconds: Double = 300
  package var maxCooldowns = 5
  package var requires: [String] = []
  package var after: [String] = []
  package var limits = LimitsRow()
  package var logDriver = "file"
  /// Names only.
  package var environmentNames: [String] = []
  /// Names only.
  package var secretNames: [String] = []

  /// A spec with the defaults of the configuration.
  package init(command: [String], mode: String) {
    self.command = command
    self.mode = mode
  }
}

/// `limits:`; nil is none.
package struct LimitsRow: Codable, Sendable, Hashable {
  package var memoryBytes: UInt64?
  package var memoryHighBytes: UInt64?
  package var cpuPercent: Int?
  package var pids: UInt64?
  package var files: UInt64?
  package var ioWeight: Int?

  /// No limits.
  package init() {}
}

/// One instance with what only the detail page shows.
package struct InstanceDetail: Codable, Sendable, Hashable {
  package var row: WorkerRow
  /// The group's path; nil where no cgroup is available.
  package var cgroupPath: String?
  package var health: [HealthCheckRow] = []
  /// The last 10 lines of output, oldest first.
  package var lastLines: [String] = []

  /// Wraps a row.
  package init(row: WorkerRow) { self.row = row }
}

/// The state of one health check of one instance.
package struct HealthCheckRow: Codable, Sendable, Hashable {
  package var name: String
  /// Nil: not looked yet.
  package var passing: Bool?
  /// Failures in a row.
  package var failures: Int
  package var threshold: Int
  /// What the last failure said.
  package var message: String?
  /// RFC 3339.
  package var checkedAt: String?

  /// Describes a check.
  package init(
    name: String, passing: Bool?, failures: Int, threshold: Int, message: String? = nil,
    checkedAt: String? = nil
  ) {
    self.name = name
    self.passing = passing
    self.failures = failures
    self.threshold = threshold
    self.message = message
    self.checkedAt = checkedAt
  }
}

/// The processes inside one worker: `GET /v1/workers/NAME/processes`.
package struct ProcessTree: Codable, Sendable, Hashable {
  package var name: String
  package var instances: [Instance] = []

  /// A worker without instances.
  package init(name: String, instances: [Instance] = []) {
    self.name = name
    self.instances = instances
  }

  /// One instance; its processes in the order parent before child.
  package struct Instance: Codable, Sendable, Hashable {
    package var instance: Int
    package var processes: [Process] = []
    /// Puts an instance together.
    package init(instance: Int, processes: [Process]) {
      self.instance = instance
      self.processes = processes
    }
  }

  /// One process.
  package struct Process: Codable, Sendable, Hashable {
    package var pid: Int32
    package var ppid: Int32
    /// The command line, or the name in brackets when there is none.
    package var command: String
    package var memoryBytes: UInt64?
    package var threads: UInt64?
    /// Puts a process together.
    package init(
      pid: Int32, ppid: Int32, command: String, memoryBytes: UInt64? = nil, threads: UInt64? = nil
    ) {
      self.pid = pid
      self.ppid = ppid
      self.command = command
      self.memoryBytes = memoryBytes
      self.threads = threads
    }
  }
}

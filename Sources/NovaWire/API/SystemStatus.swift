// The whole system on one page, and who answers. Must never need a look at every process: it is asked often.

/// `GET /v1/status`.
package struct SystemStatus: Codable, Sendable, Hashable {
  package var version: String
  package var pid: Int32
  /// When this supervisor process started, RFC 3339.
  package var since: String
  package var uptimeSeconds: Int64
  package var host: HostMode
  /// Configured workers, and their instances by state.
  package var workers: Int
  package var instances: Int
  package var instancesByState: JSONMap<Int> = [:]
  /// Today's compute cost so far, decimal USD; nil until something was booked.
  package var costTodayUSD: String?
  /// The fleet's limit of today.
  package var budgetTodayUSD: String?
  /// What is left of it, and what will have been spent at the end of the day.
  package var budgetLeftUSD: String?
  package var forecastTodayUSD: String?
  package var revenueTodayUSD: String?
  /// What calls of models that were asked today have cost, and the tokens of those that ended in the last minute; nil: no
  /// gateway is configured.
  package var modelCostTodayUSD: String?
  package var modelTokensPerMinute: Int64?
  package var pendingApprovals: Int?
  /// Counts accepted configurations of this state directory.
  package var configGeneration: Int64?
  /// When the configuration in effect was accepted, RFC 3339.
  package var configAcceptedAt: String?
  /// `ok`, or what is wrong with the ledger.
  package var ledger: String
  /// `running`, `starting` or `draining`.
  package var phase = "running"
  /// Sentences, the most urgent first.
  package var warnings: [String] = []

  /// A page with what is always known.
  package init(
    version: String, pid: Int32, since: String, uptimeSeconds: Int64, host: HostMode, workers: Int,
    instances: Int, ledger: String
  ) {
    self.version = version
    self.pid = pid
    self.since = since
    self.uptimeSeconds = uptimeSeconds
    self.host = host
    self.workers = workers
    self.instances = instances
    self.ledger = ledger
  }

  /// What this host lets the supervisor do.
  package struct HostMode: Codable, Sendable, Hashable {
    /// 2, 1 (hybrid: v2 without its controllers), or 0 without a writable tree.
    package var cgroupVersion: Int
    package var controllers: [String]
    /// What is estimated or not enforced here, in words.
    package var notes: [String]
    /// Describes a host.
    package init(cgroupVersion: Int, controllers: [String], notes: [String] = []) {
      self.cgroupVersion = cgroupVersion
      self.controllers = controllers
      self.notes = notes
    }
  }
}

/// `GET /v1/version`.
package struct VersionInfo: Codable, Sendable, Hashable {
  package var version: String
  /// The version of this API; grows when a client must know.
  package var api = 1
  package var pid: Int32?

  /// Names a version.
  package init(version: String, pid: Int32? = nil) {
    self.version = version
    self.pid = pid
  }
}

/// `GET /v1/health`.
package struct HealthReport: Codable, Sendable, Hashable {
  /// Every wanted instance runs, passes its checks and keeps its heartbeat.
  package var healthy: Bool
  package var instances: [Row] = []

  /// A report.
  package init(healthy: Bool, instances: [Row] = []) {
    self.healthy = healthy
    self.instances = instances
  }

  /// One instance.
  package struct Row: Codable, Sendable, Hashable {
    package var name: String
    package var instance: Int
    package var state: String
    /// Nil: nothing is checked, or not looked yet.
    package var healthy: Bool?
    package var running: Bool
    package var checks: [HealthCheckRow] = []
    /// Since the last WATCHDOG=1; nil without a heartbeat.
    package var heartbeatAgeSeconds: Double?
    package var watchdogSeconds: Double?
    /// The heartbeat is late.
    package var stale = false
    /// It runs with a configuration, user or binary that a restart would replace.
    package var needsRestart = false
    /// Why, for people.
    package var message: String?
    /// An instance of which nothing is checked.
    package init(name: String, instance: Int, state: String, running: Bool, healthy: Bool?) {
      self.name = name
      self.instance = instance
      self.state = state
      self.running = running
      self.healthy = healthy
    }
  }
}

// A command as a transient worker: `POST /v1/run`. Must never be listed back with the values of its environment.

/// `POST /v1/run`.
package struct RunRequest: Codable, Sendable, Hashable {
  /// The worker's name; none that the configuration files define.
  package var name: String
  /// The program and its arguments, taken as they are: no shell, no specifiers.
  package var command: [String]
  /// An absolute path; nil is the default of a worker.
  package var directory: String?
  /// Nil is the default of a worker.
  package var user: String?
  /// Names and values.
  package var environment: JSONMap<String>?
  /// Nil is `once`.
  package var mode: RunMode?
  /// Nil is 1.
  package var instances: Int?
  package var limits: RunLimits?
  /// For the history, at most 200 bytes.
  package var reason: String?
  /// Judge it and do nothing.
  package var dryRun: Bool?

  /// A command that runs once.
  package init(name: String, command: [String]) {
    self.name = name
    self.command = command
  }
}

/// How long a transient worker runs.
package enum RunMode: String, Codable, Sendable, Hashable, CaseIterable {
  /// Until it ends, and never again by itself.
  case once
  /// For ever, restarted like any service.
  case service
}

/// `limits` of a transient worker; nil is none.
package struct RunLimits: Codable, Sendable, Hashable {
  package var memoryBytes: UInt64?
  /// 100 is one whole CPU.
  package var cpuPercent: Int?
  package var pids: UInt64?

  /// No limits.
  package init() {}
}

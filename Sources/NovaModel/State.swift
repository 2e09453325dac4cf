// The states an instance can be in and the reasons it got there; the words of `novasup ps`.
// Must never gain a case without a row in the lifecycle table and in docs/reference.

/// What an instance is doing.
package enum State: String, Sendable, Hashable, CaseIterable {
  case stopped, starting, running, ready, paused, stopping, killing, backoff, cooldown, waiting
  case completed, failed, lost
}

/// Where in the child a spawn failed, in the order the child goes through them.
package enum SpawnStage: String, Sendable, Hashable, CaseIterable {
  case clone, cgroup, session, signals, limits, umask, nice, oomScore, groups, user, capabilities
  case privileges, directory, stdio, descriptors, exec
  /// Something the supervisor prepares before the child exists: log file, credentials, user look-up.
  case prepare
  /// A network of its own with a way to the gateway. Last, for the numbers of the others are what older shims say.
  case network
}

/// Why an instance is in its state.
package enum Reason: Sendable, Hashable {
  case none
  case `operator`
  case exitOK
  case exitFailed(Int32)
  case signal(Int32)
  case oom
  case startTimeout
  case execFailed(SpawnStage, Int32)
  case healthFailed
  case watchdog
  case budget
  case decision
  case dependency
  case shimLost
  /// The readings, not the kernel, enforce `limits.memory` here and it was exceeded.
  case memoryLimit
  /// The worker was taken out of the configuration, scaled down, or replaced by a reload.
  case configuration
  /// The next run of a job waits: what the last ones cost is out and not judged yet.
  case ripening
}

extension Reason {
  /// The program could not be started.
  package var isExecFailed: Bool { if case .execFailed = self { true } else { false } }
}

/// How a process ended.
package enum ExitStatus: Sendable, Hashable {
  case exited(Int32)
  case signaled(Int32, coreDumped: Bool)
  /// Nobody saw it: the shim that was its parent is gone.
  case unknown
}

/// A failed call, translated at the door so that pure rooms can carry it: which call, which errno, about what.
package struct Fault: Error, Sendable, Hashable {
  /// The call or stage, such as `openat` or `exec`.
  package let call: String
  /// The errno value.
  package let number: Int32
  /// The file, worker or address it was about.
  package let subject: String

  /// Describes a failed call.
  package init(call: String, number: Int32, subject: String) {
    self.call = call
    self.number = number
    self.subject = subject
  }
}

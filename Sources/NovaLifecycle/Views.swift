// What others may see of the fleet: values copied out, never the machines themselves.
// Must never be a way back in: nothing changes the fleet but an event.

package import NovaModel

/// One boot of the host, and how far its two clocks are apart.
package struct BootInfo: Sendable, Hashable {
  /// /proc/sys/kernel/random/boot_id.
  package var id: String
  /// CLOCK_BOOTTIME minus CLOCK_MONOTONIC in nanoseconds: the time spent suspended.
  package var boottimeOffset: UInt64
  /// Names a boot.
  package init(id: String, boottimeOffset: UInt64) {
    self.id = id
    self.boottimeOffset = boottimeOffset
  }
}

/// A worker as it is configured and wanted.
package struct WorkerView: Sendable, Hashable {
  /// The configuration in force.
  package var spec: WorkerSpec
  /// `Fingerprint` of the process that it starts.
  package var fingerprint: UInt64
  /// Somebody, or `autostart`, wants it up.
  package var wanted: Bool
  /// Frozen, or kept from starting, by an operator or a budget.
  package var paused: Bool
  /// Why, for people; nil when it is not paused.
  package var pauseReason: String?
  /// How many instances it should have: the file's number or one that was scaled to.
  package var count: Int
  /// `instances` in the file.
  package var fileCount: Int
  /// The engine leaves the count alone.
  package var pinned: Bool
}

/// An instance as it is.
package struct InstanceView: Sendable, Hashable {
  /// Which instance.
  package var id: InstanceID
  /// What it is doing.
  package var state: State
  /// Why it is in that state.
  package var reason: Reason
  /// When it entered the state.
  package var since: Moment
  /// The life that is there, or was last.
  package var incarnation: Incarnation?
  /// Nil when no process of it is alive or its number is not known yet.
  package var pid: Int32?
  /// Start of the process that `pid` names.
  package var startedAt: Moment?
  /// Crashes inside the window when the fleet last handled an event; `crashesInWindow(at:)` is exact.
  package var crashesInWindow: Int
  /// The limit at which it cools down.
  package var maxCrashes: Int
  /// Cooldown rounds without a stable period.
  package var cooldowns: Int
  /// End of the backoff or cooldown, or the next run of a job.
  package var due: Instant?
  /// Restarts after failures, kills and losses since the record began; runs of a job and wishes do not count.
  package var restartsTotal: Int
  /// How the previous life ended; nil before the first end.
  package var lastExit: LastExit?
  /// It should be up: its worker is wanted, it was not stopped by itself, and the count includes it.
  package var wanted: Bool
  /// A life of it that ended is not booked yet.
  package var needsSettle: Bool
  /// The kernel says its group is frozen.
  package var frozen: Bool
  /// Workers that must come up first while it waits in `starting`.
  package var waitingFor: [WorkerName]
  /// It is to be frozen, or kept from starting, whatever it is doing now.
  package var paused = false
  /// Why it was paused, where somebody said so.
  package var pauseNote: String?
  let crashWindow: CrashWindow
  let crashSpan: Span

  /// How many crashes count at `now`.
  package func crashesInWindow(at now: Instant) -> Int {
    crashWindow.count(at: now, window: crashSpan)
  }
}

/// What a reload does to one worker.
package struct Change: Sendable, Hashable {
  /// Whom it concerns.
  package var worker: WorkerName
  /// What happens.
  package var kind: Kind
  /// Names a change.
  package init(worker: WorkerName, kind: Kind) {
    self.worker = worker
    self.kind = kind
  }

  /// The kinds of change; a worker may have one of the middle two and a `rescaled` beside it.
  package enum Kind: Sendable, Hashable {
    /// It is new.
    case added
    /// It stops and is forgotten.
    case removed
    /// These fields need a new process.
    case restarted(fields: [String])
    /// These fields take effect without one.
    case updated(fields: [String])
    /// The number of instances changes; nobody is restarted.
    case rescaled(from: Int, to: Int)
  }
}

/// A target that names nothing.
package struct UnknownTarget: Error, Sendable, Hashable {
  /// As it was typed.
  package let pattern: String
  /// The nearest name there is, when one is near.
  package let suggestion: String?

  /// `no worker 'outrech' (did you mean 'outreach'?)`.
  package var message: String {
    let what =
      pattern.contains("*") || pattern.contains("?")
      ? "no worker matches '\(pattern)'"
      : pattern.contains("@") ? "no instance '\(pattern)'" : "no worker '\(pattern)'"
    return what + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
  }
}

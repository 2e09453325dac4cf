// The parts of a worker's configuration: what is executed, as whom, in which mode, within which limits.
// Must never hold what was learned at run time.

extension WorkerSpec {
  /// What to execute. Specifiers are still in the text.
  package enum Command: Sendable, Hashable {
    /// exec'ed as it is.
    case arguments([String])
    /// Handed to /bin/sh -c.
    case shell(String)
  }

  /// As whom and with which process attributes it runs. Nil is the supervisor's default.
  package struct Identity: Sendable, Hashable {
    package var user: String?
    package var group: String?
    package var supplementaryGroups: [String] = []
    package var umask: UInt32?
    package var nice: Int32?
    package var oomScoreAdjust: Int32 = 0
    package init() {}
  }

  /// A service runs for ever; a job runs, ends and runs again.
  package enum Mode: Sendable, Hashable {
    case service
    /// A one-shot: no interval and no schedule; done when it exits well.
    case once
    /// A run every `interval`, counted from start to start, never overlapping.
    case interval(Span)
    /// A run at each match of a calendar expression.
    case schedule(CronExpression, zone: String)
  }

  /// What makes `running` become `ready`.
  package enum Readiness: Sendable, Hashable {
    case none
    case notify
    /// A PCRE2 pattern on a line of output.
    case log(String)
    /// A port on 127.0.0.1; the text may hold specifiers and arithmetic is not done.
    case tcp(String)
    case http(String)
  }

  /// Whether an ended worker comes back.
  package enum RestartPolicy: String, Sendable, Hashable, CaseIterable {
    case always
    case onFailure = "on-failure"
    case never
  }

  /// The delay before a restart: `delay * factor^n`, at most `max`, plus up to `jitterPercent`.
  package struct Backoff: Sendable, Hashable {
    package var delay: Span = .seconds(1)
    /// In thousandths, so 2 is 2000.
    package var factorMilli: Int64 = 2000
    package var max: Span = .seconds(30)
    package var jitterPercent: Int = 10
    package init() {}
  }

  /// How many crashes in which window, and what follows.
  package struct CrashLimit: Sendable, Hashable {
    package var maxCrashes = 5
    package var window: Span = .seconds(600)
    package var cooldown: Span = .seconds(300)
    /// 0: stop for good at the first limit; -1: for ever.
    package var maxCooldowns = 5
    package init() {}
  }

  /// One periodic look at whether it works.
  package struct HealthCheck: Sendable, Hashable {
    package var name: String
    package var probe: Probe
    package var period: Span = .seconds(10)
    package var timeout: Span = .seconds(3)
    package var threshold = 3
    package var action: Action = .restart
    package init(name: String, probe: Probe) {
      self.name = name
      self.probe = probe
    }
    /// How it looks.
    package enum Probe: Sendable, Hashable {
      case http(String)
      case tcp(String)
      case exec(Command)
    }
    /// What a crossed threshold does.
    package enum Action: String, Sendable, Hashable, CaseIterable {
      case restart, none
    }
  }

  /// Kernel limits; nil is none.
  package struct Limits: Sendable, Hashable {
    package var memoryBytes: UInt64?
    package var memoryHighBytes: UInt64?
    /// Percent of one CPU: 150 is one and a half.
    package var cpuPercent: Int?
    package var pids: UInt64?
    package var files: UInt64?
    package var ioWeight: Int?
    package init() {}
  }

  /// What the worker may do.
  package struct Security: Sendable, Hashable {
    package var noNewPrivileges = true
    package var network: Network = .host
    /// Nil: the user's own. Empty: none. Names as in capabilities(7), lower case.
    package var capabilities: [String]?
    package init() {}
    /// Which network it sees.
    package enum Network: String, Sendable, Hashable, CaseIterable {
      case host, none, gateway
    }
  }

  /// Where its output goes.
  package struct Logs: Sendable, Hashable {
    package var driver: Driver = .auto
    package var maxSizeBytes: UInt64 = 50 << 20
    package var keep = 5
    package init() {}
    /// `auto` is journal where journald listens, up to 3,500 streams, else file.
    package enum Driver: String, Sendable, Hashable, CaseIterable {
      case auto, journal, file
    }
  }
}

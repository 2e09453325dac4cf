// The model's enums as the words of the API. Must never invent a word: these are in docs/reference/api.md.

package import NovaModel

/// Words and sentences for states, reasons, severities and signals.
package enum APIWords {
  /// The reason as one word of the API.
  package static func reason(_ reason: Reason) -> String {
    switch reason {
    case .none: "none"
    case .operator: "operator"
    case .exitOK: "exit_ok"
    case .exitFailed: "exit_failed"
    case .signal: "signal"
    case .oom: "oom"
    case .startTimeout: "start_timeout"
    case .execFailed: "exec_failed"
    case .healthFailed: "health_failed"
    case .watchdog: "watchdog"
    case .budget: "budget"
    case .decision: "decision"
    case .dependency: "dependency"
    case .shimLost: "shim_lost"
    case .memoryLimit: "memory_limit"
    case .configuration: "configuration"
    }
  }

  /// The reason as a short phrase for people; `errnoText` is strerror(3). Nil where there is none.
  package static func phrase(_ reason: Reason, errnoText: (Int32) -> String) -> String? {
    switch reason {
    case .none: nil
    case .operator: "by operator"
    case .exitOK: "exit 0"
    case .exitFailed(let code): "exit \(code)"
    case .signal(let number): "killed by \(signalName(number))"
    case .oom: "out of memory"
    case .startTimeout: "not ready within start_timeout"
    case .execFailed(let stage, let number): "\(stage.rawValue): \(errnoText(number))"
    case .healthFailed: "health check failed"
    case .watchdog: "no heartbeat"
    case .budget: "budget"
    case .decision: "decision of the engine"
    case .dependency: "waits for a worker it requires"
    case .shimLost: "its parent process was lost"
    case .memoryLimit: "over limits.memory"
    case .configuration: "changed in the configuration"
    }
  }

  /// The severity as a word.
  package static func severity(_ severity: EventRecord.Severity) -> String {
    switch severity {
    case .critical: "critical"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    }
  }

  /// The end of a life as a row.
  package static func lastExit(_ exit: LastExit) -> LastExitRow {
    switch exit.status {
    case .exited(let code): LastExitRow(code: code, oom: exit.oom, at: exit.at.rfc3339)
    case .signaled(let number, _): LastExitRow(signal: number, oom: exit.oom, at: exit.at.rfc3339)
    case .unknown: LastExitRow(oom: exit.oom, at: exit.at.rfc3339)
    }
  }

  // signal(7), the numbers of x86 and ARM; other architectures are not built for.
  private static let signals: [(name: String, number: Int32)] = [
    ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7),
    ("FPE", 8), ("KILL", 9), ("USR1", 10), ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14),
    ("TERM", 15), ("STKFLT", 16), ("CHLD", 17), ("CONT", 18), ("STOP", 19), ("TSTP", 20),
    ("TTIN", 21), ("TTOU", 22), ("URG", 23), ("XCPU", 24), ("XFSZ", 25), ("VTALRM", 26),
    ("PROF", 27), ("WINCH", 28), ("IO", 29), ("PWR", 30), ("SYS", 31),
  ]

  /// `SIGTERM` for 15; a number without a name is `signal 40`.
  package static func signalName(_ number: Int32) -> String {
    signals.first { $0.number == number }.map { "SIG" + $0.name } ?? "signal \(number)"
  }

  /// The number of `TERM`, `SIGTERM`, `term` or `15`; nil when there is no such signal.
  package static func signalNumber(_ text: String) -> Int32? {
    if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
    let upper = text.uppercased()
    let bare = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
    return signals.first { $0.name == bare }?.number
  }
}

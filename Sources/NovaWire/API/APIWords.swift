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
    case .ripening: "ripening"
    }
  }

  /// The reason as a short phrase for people; `errnoText` is strerror(3). Nil where there is none.
  package static func phrase(_ reason: Reason, errnoText: (Int32) -> String) -> String? {
    switch reason {
    case .none: nil
    case .operator: "by operator"
    case .exitOK: "exit 0"
    case .exitFailed(let code): "exit \(code)"
    case .signal(let number): "killed by \(SignalName.spoken(number))"
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
    case .ripening: "its last runs are not judged yet"
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
}

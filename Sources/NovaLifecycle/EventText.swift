// The sentences of history about instances. One place, so that the same thing is always said in the same words.
// Must never say a number without its unit.

import NovaModel

enum EventText {
  /// `2.1s`, `45s`, `3m12s`, `2h05m`.
  static func span(_ span: Span) -> String {
    let milliseconds = max(0, span.wholeMilliseconds)
    if milliseconds < 10_000 {
      let tenths = (milliseconds + 50) / 100
      return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
    }
    let seconds = (milliseconds + 500) / 1000
    if seconds < 60 { return "\(seconds)s" }
    func two(_ n: Int64) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if seconds < 3600 {
      return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(two(seconds % 60))s"
    }
    let minutes = seconds / 60
    return minutes % 60 == 0 ? "\(minutes / 60)h" : "\(minutes / 60)h\(two(minutes % 60))m"
  }

  /// `exit 1`, `signal 9`, `start timed out`: why something ended or was ended.
  static func reason(_ reason: Reason) -> String {
    switch reason {
    case .none: "no reason given"
    case .operator: "by an operator"
    case .exitOK: "exit 0"
    case .exitFailed(let code): "exit \(code)"
    case .signal(let number): "signal \(number)" + named(number)
    case .oom: "out of memory"
    case .startTimeout: "start timed out"
    case .execFailed(let stage, let number): "\(stage.rawValue) failed, errno \(number)"
    case .healthFailed: "health check failed"
    case .watchdog: "no heartbeat"
    case .budget: "by its budget"
    case .decision: "by a decision"
    case .dependency: "because of a dependency"
    case .shimLost: "nova-shim died"
    case .memoryLimit: "memory limit exceeded"
    case .configuration: "by the configuration"
    case .ripening: "because its last runs are not judged yet"
    }
  }

  private static func named(_ number: Int32) -> String {
    let name = SignalName.name(number)
    return name == String(number) ? "" : " SIG" + name
  }

  /// `redis` or `redis and postgres`.
  static func list(_ names: [WorkerName]) -> String {
    guard let last = names.last else { return "" }
    return names.count == 1
      ? last.text : names.dropLast().map(\.text).joined(separator: ", ") + " and " + last.text
  }
}

// What of a worker is baked into its process: a change of these fields needs a new process, a change of any other
// does not. Must never depend on hash seeds or dictionary order: the number is stored and compared after a restart.

package import NovaModel

/// FNV-1a, 64 bits, over length-prefixed fields, so that no two lists of fields read the same.
package struct Fingerprint: Sendable, Hashable {
  private var hash = FNV1a<UInt64>("")
  /// The number that is stored.
  package var value: UInt64 { hash.value }

  /// The fingerprint of the process that `spec` starts.
  package static func of(_ spec: WorkerSpec) -> Fingerprint {
    var fingerprint = Fingerprint()
    // Of what came with later releases nothing is said where it is not used: their processes stay.
    for field in spec.processFields where !(field.isLate && field.parts.isEmpty) {
      fingerprint.add(field.name)
      for part in field.parts { fingerprint.add(part) }
      fingerprint.hash.add(0xFF)
    }
    return fingerprint
  }

  private mutating func add(_ text: String) {
    hash.add("\(text.utf8.count):")
    hash.add(text)
  }
}

extension WorkerSpec {
  /// A field of the file in a form that can be compared and hashed.
  struct ProcessField: Sendable, Hashable {
    let name: String
    let parts: [String]
    var isLate = false
  }

  /// The fields that need a new process, by the names of the file.
  var processFields: [ProcessField] {
    func optional(_ value: (some CustomStringConvertible)?) -> String {
      value.map { "=" + $0.description } ?? "-"
    }
    let argv: [String]
    switch command {
    case .arguments(let list): argv = ["exec"] + list
    case .shell(let text): argv = ["shell", text]
    }
    let kind: String
    switch mode {
    case .service: kind = "service"
    case .once: kind = "once"
    // A changed interval or schedule moves the next run; it does not break off this one.
    case .interval, .schedule: kind = "job"
    }
    return [
      ProcessField(name: "command", parts: argv),
      ProcessField(name: "directory", parts: [optional(directory)]),
      ProcessField(name: "user", parts: [optional(identity.user)]),
      ProcessField(name: "group", parts: [optional(identity.group)]),
      ProcessField(name: "supplementary_groups", parts: identity.supplementaryGroups),
      ProcessField(name: "umask", parts: [optional(identity.umask)]),
      ProcessField(name: "nice", parts: [optional(identity.nice)]),
      ProcessField(name: "oom_score_adj", parts: [String(identity.oomScoreAdjust)]),
      ProcessField(
        name: "environment",
        parts: environment.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }),
      ProcessField(name: "environment_file", parts: [optional(environmentFile)]),
      ProcessField(name: "secrets", parts: secrets.sorted()),
      ProcessField(name: "limits.files", parts: [optional(limits.files)]),
      ProcessField(
        name: "security",
        parts: [
          String(security.noNewPrivileges), security.network.rawValue,
          security.capabilities == nil ? "-" : "=",
        ] + (security.capabilities ?? []).sorted()),
      ProcessField(name: "logs.driver", parts: [logs.driver.rawValue]),
      ProcessField(name: "mode", parts: [kind]),
      // Where it finds them is in its environment.
      ProcessField(name: "gateway.providers", parts: gateway.providers, isLate: true),
    ]
  }

  /// Names of the fields that differ and need a new process.
  func processChanges(to next: WorkerSpec) -> [String] {
    zip(processFields, next.processFields).filter { $0 != $1 }.map(\.0.name)
  }

  /// Names of the fields that differ and take effect in place. `instances` and `origin` are neither.
  func softChanges(to next: WorkerSpec) -> [String] {
    var otherLimits = (limits, next.limits)
    otherLimits.0.files = nil
    otherLimits.1.files = nil
    var otherLogs = (logs, next.logs)
    otherLogs.0.driver = .auto
    otherLogs.1.driver = .auto
    var otherGateway = (gateway, next.gateway)
    otherGateway.0.providers = []
    otherGateway.1.providers = []
    let differs: [(String, Bool)] = [
      ("autostart", autostart != next.autostart),
      ("min_instances", minInstances != next.minInstances),
      ("max_instances", maxInstances != next.maxInstances),
      ("mode", mode != next.mode), ("ready", ready != next.ready),
      ("start_timeout", startTimeout != next.startTimeout),
      ("stop_signal", stopSignal != next.stopSignal),
      ("stop_timeout", stopTimeout != next.stopTimeout),
      ("watchdog", watchdog != next.watchdog), ("restart", restart != next.restart),
      ("success_exit_codes", successExitCodes != next.successExitCodes),
      ("backoff", backoff != next.backoff),
      ("max_crashes", crashLimit.maxCrashes != next.crashLimit.maxCrashes),
      ("crash_window", crashLimit.window != next.crashLimit.window),
      ("cooldown", crashLimit.cooldown != next.crashLimit.cooldown),
      ("max_cooldowns", crashLimit.maxCooldowns != next.crashLimit.maxCooldowns),
      ("requires", requires != next.requires), ("after", after != next.after),
      ("health", health != next.health), ("limits", otherLimits.0 != otherLimits.1),
      ("logs", otherLogs.0 != otherLogs.1), ("budget", budget != next.budget),
      ("economics", economics != next.economics),
      ("gateway", otherGateway.0 != otherGateway.1),
    ]
    let hard = Set(processChanges(to: next))
    return differs.filter { $0.1 && !hard.contains($0.0) }.map(\.0)
  }
}

// workers.d/*.yaml: the keys of a worker, what each can be, and which go together. The keys are a contract with people's
// files; docs/reference/configuration.md is their other half. Must never know a default: those are NovaModel's.

import NovaModel

/// Reads one worker.
enum WorkerSchema {
  static let keys = [
    "after", "autostart", "backoff", "budget", "command", "cooldown", "crash_window", "directory",
    "economics", "environment", "environment_file", "gateway", "group", "health", "instances",
    "interval",
    "limits", "logs", "max_cooldowns", "max_crashes", "max_instances", "min_instances", "mode",
    "nice", "oom_score_adj", "ready", "requires", "restart", "schedule", "secrets", "security",
    "start_timeout", "stop_signal", "stop_timeout", "success_exit_codes", "supplementary_groups",
    "timezone", "umask", "user", "watchdog",
  ]

  /// Names that the supervisor itself sets for every worker.
  static let ownedVariables: Set<String> = [
    "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "NOVA_INSTANCE", "NOVA_SOCKET", "NOVA_WORKER",
    "WATCHDOG_USEC",
  ]

  // InstanceID numbers run to 99,999; 10,000 instances of one worker are the design's whole fleet.
  static let mostInstances = 10_000

  enum ModeWord: String, CaseIterable { case service, job }

  /// A worker and the names it hangs on; what was refused keeps its default.
  static func read(
    _ entry: YAMLNode.Entry, name: WorkerName, _ judge: inout Judge, zones: inout ZoneTable
  ) -> (spec: WorkerSpec, links: [WorkerLink]) {
    var spec = WorkerSpec(name: name, command: .arguments([]))
    spec.origin = "\(judge.file):\(entry.line)"
    guard
      let top = judge.section(
        entry.value, "worker '\(name)'", prefix: "", schema: "workers.*.", keys: keys)
    else { return (spec, []) }
    if top["command"] == nil {
      judge.refuse(
        line: entry.line, column: entry.column, "worker '\(name)' has no command")
    }
    judge.read(top, "command", into: &spec.command, .command)
    judge.read(top, "directory", into: &spec.directory, .path)
    identity(top, &spec.identity, &judge)
    environment(top, &spec, &judge)
    judge.read(top, "autostart", into: &spec.autostart, .boolean)
    instances(top, &spec, &judge)
    mode(top, &spec, &judge, &zones)
    lifecycle(top, &spec, &judge)
    readiness(top, &spec, &judge)
    health(top, &spec, &judge)
    limits(top, &spec.limits, &judge)
    security(top, &spec.security, &judge)
    GatewaySchema.worker(top, &spec, &judge)
    logs(top, &spec.logs, &judge)
    budget(top, &spec.budget, &judge)
    economics(top, &spec.economics, &judge)
    var links = links(top, "requires", of: name, &judge) + links(top, "after", of: name, &judge)
    if let base = spec.economics.armOf {
      links.append(
        WorkerLink(
          from: name, to: base, key: "economics.arm_of", file: judge.file, line: entry.line,
          column: entry.column))
    }
    spec.requires = links.filter { $0.key == "requires" }.map(\.to)
    spec.after = links.filter { $0.key == "after" }.map(\.to)
    return (spec, links)
  }

  private static func identity(
    _ top: Section, _ identity: inout WorkerSpec.Identity, _ judge: inout Judge
  ) {
    judge.read(top, "user", into: &identity.user, .account("user"))
    judge.read(top, "group", into: &identity.group, .account("group"))
    judge.read(
      top, "supplementary_groups", into: &identity.supplementaryGroups,
      .list(.account("group")))
    judge.read(top, "umask", into: &identity.umask, .umask)
    judge.read(top, "nice", into: &identity.nice, .whole(-20...19))
    judge.read(top, "oom_score_adj", into: &identity.oomScoreAdjust, .whole(-1000...1000))
  }

  private static func environment(
    _ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge
  ) {
    if let node = top["environment"] {
      if case .mapping(let entries) = node.content {
        for entry in entries {
          if !EnvironmentName.isValid(entry.key) {
            judge.refuse(
              line: entry.line, column: entry.column,
              "environment: \(quoted(entry.key)) is not a variable name")
          } else if ownedVariables.contains(entry.key) {
            judge.refuse(
              line: entry.line, column: entry.column,
              "environment: '\(entry.key)' is set by the supervisor")
          } else if let value = judge.convert(
            entry.value, "environment.\(entry.key)", .expandable)
          {
            spec.environment[entry.key] = value
          }
        }
      } else {
        judge.refuse(node, "environment must be a mapping, not \(node.shape)")
      }
    }
    // A leading '-' makes the file optional, as in systemd.exec(5).
    judge.read(top, "environment_file", into: &spec.environmentFile, .optionalPath)
    judge.read(top, "secrets", into: &spec.secrets, .list(.secretName))
  }

  private static func instances(
    _ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge
  ) {
    let count = Kind<Int>.whole(0...mostInstances)
    let wanted = judge.read(top, "instances", into: &spec.instances, count)
    let low = judge.read(top, "min_instances", into: &spec.minInstances, count)
    let high = judge.read(top, "max_instances", into: &spec.maxInstances, count)
    // What is not said follows from what is: `instances: 20` alone lifts the default maximum.
    if high == nil { spec.maxInstances = max(spec.maxInstances, spec.instances, spec.minInstances) }
    if wanted == nil, low ?? 0 <= high ?? .max {
      spec.instances = min(max(spec.instances, spec.minInstances), spec.maxInstances)
    }
    if let low, let high, low > high {
      judge.refuse(
        top["min_instances"] ?? top.node, "min_instances: \(low) is above max_instances: \(high)")
    } else if let wanted, let low, wanted < low {
      judge.refuse(
        top["instances"] ?? top.node, "instances: \(wanted) is below min_instances: \(low)")
    } else if let wanted, let high, wanted > high {
      judge.refuse(
        top["instances"] ?? top.node, "instances: \(wanted) is above max_instances: \(high)")
    }
  }

  private static func mode(
    _ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge, _ zones: inout ZoneTable
  ) {
    var word = ModeWord.service
    judge.read(top, "mode", into: &word, .choice)
    var interval = Span.zero
    var cron: CronExpression?
    var zone = "UTC"
    let hasInterval = judge.read(top, "interval", into: &interval, .positiveDuration) != nil
    judge.read(top, "schedule", into: &cron, .cron)
    if judge.read(top, "timezone", into: &zone, .nonEmpty) != nil {
      judge.require(zone: zone, top, "timezone", &zones)
    }
    if let node = top["timezone"], top["schedule"] == nil {
      judge.refuse(node, "timezone: is only for a schedule (add 'schedule')")
    }
    if let node = top["schedule"], top["interval"] != nil {
      judge.refuse(node, "schedule: cannot go with interval (choose one)")
    }
    if word == .service {
      for key in ["interval", "schedule"] {
        guard let node = top[key] else { continue }
        judge.refuse(node, "\(key): is only for a job (add 'mode: job')")
      }
    } else if let cron {
      spec.mode = .schedule(cron, zone: zone)
    } else {
      spec.mode = hasInterval ? .interval(interval) : .once
    }
  }

  private static func lifecycle(
    _ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge
  ) {
    judge.read(top, "start_timeout", into: &spec.startTimeout, .positiveDuration)
    judge.read(top, "stop_signal", into: &spec.stopSignal, .signal)
    judge.read(top, "stop_timeout", into: &spec.stopTimeout, .duration())
    judge.read(top, "watchdog", into: &spec.watchdog, .duration())
    judge.read(top, "restart", into: &spec.restart, .choice)
    var codes: [Int32] = []
    if judge.read(top, "success_exit_codes", into: &codes, .list(.whole(0...255))) != nil {
      spec.successExitCodes = Set(codes)
    }
    if let backoff = judge.section(top, "backoff", keys: ["delay", "factor", "jitter", "max"]) {
      judge.read(backoff, "delay", into: &spec.backoff.delay, .duration())
      judge.read(backoff, "factor", into: &spec.backoff.factorMilli, .thousandths(1000...100_000))
      judge.read(backoff, "max", into: &spec.backoff.max, .duration())
      judge.read(backoff, "jitter", into: &spec.backoff.jitterPercent, .percent(0...100))
      if spec.backoff.max < spec.backoff.delay {
        if let node = backoff["max"] {
          judge.refuse(node, "backoff.max: is shorter than backoff.delay")
        } else {
          spec.backoff.max = spec.backoff.delay
        }
      }
    }
    judge.read(top, "max_crashes", into: &spec.crashLimit.maxCrashes, .whole(1...1000))
    judge.read(top, "crash_window", into: &spec.crashLimit.window, .positiveDuration)
    judge.read(top, "cooldown", into: &spec.crashLimit.cooldown, .duration())
    judge.read(top, "max_cooldowns", into: &spec.crashLimit.maxCooldowns, .whole(-1...1000))
  }

  private static func links(
    _ top: Section, _ key: String, of name: WorkerName, _ judge: inout Judge
  ) -> [WorkerLink] {
    guard let node = top[key] else { return [] }
    guard case .sequence(let items) = node.content else {
      judge.refuse(node, "\(key): must be a list, not \(node.shape)")
      return []
    }
    var seen: Set<WorkerName> = []
    return items.compactMap { item in
      guard let to = judge.convert(item, key, .workerName), seen.insert(to).inserted else {
        return nil
      }
      return WorkerLink(
        from: name, to: to, key: key, file: judge.file, line: item.line, column: item.column)
    }
  }
}

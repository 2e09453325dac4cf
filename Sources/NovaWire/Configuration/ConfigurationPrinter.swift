// The effective configuration as YAML that loads back to the same one: every key, defaults included.
// Must never print the value of an environment variable; its names alone are listed, in a comment.

package import NovaModel

/// Writes configurations.
package enum ConfigurationPrinter {
  /// The text of a `supervisor.yaml` with these settings.
  package static func supervisor(_ settings: SupervisorSettings) -> String {
    let limits = settings.thresholds
    let prices = settings.prices
    let accounting = settings.accounting
    var lines = [
      "autonomous: \(settings.autonomous)",
      "decision: { mode: \(settings.decisionMode), interval: \(DurationText.print(settings.decisionInterval)), "
        + "cooldown: \(DurationText.print(settings.decisionCooldown)), speed: \(settings.decisionSpeed), "
        + "alert_delay: \(DurationText.print(settings.decisionAlertDelay)) }",
      "budget: { daily: \(settings.dailyBudget.decimal), timezone: \(settings.timezone), "
        + "reinvest: \(settings.reinvestPercent)%, hard_cap: \(settings.hardCap?.decimal ?? "null") }",
      "attribution: \(settings.attribution.rawValue)",
      "thresholds:",
      "  min_roi: \(limits.minROIPercent)%",
      "  warn_roi: \(limits.warnROIPercent)%",
      "  scale_roi: \(limits.scaleROIPercent)%",
      "  kill_roi: \(limits.killROIPercent)%",
      "  scale_success_rate: \(limits.scaleSuccessRatePercent)%",
      "  min_runs: \(limits.minRuns)",
      "  require_approval_above: \(limits.requireApprovalAbove.decimal)",
      "prices:",
      "  cpu_hour: \(price(prices.cpuHour))",
      "  memory_gib_hour: \(price(prices.memoryGiBHour))",
      "  gpu_hour: \(price(prices.gpuHour))",
    ]
    lines.append("  host_hour: \(prices.hostHour.map(price) ?? "null")")
    lines.append("  share_idle: \(prices.shareIdle.rawValue)")
    lines.append("accounting:")
    lines.append("  sample_interval: \(DurationText.print(accounting.sampleInterval))")
    lines.append("  booking_interval: \(DurationText.print(accounting.bookingInterval))")
    lines.append("  retention: \(DurationText.print(accounting.retention))")
    lines.append(
      "backups: { interval: \(DurationText.print(settings.backups.interval)), keep: \(settings.backups.keep) }"
    )
    lines.append(
      "edge: { listen: \(text(settings.edgeListen)), token_file: \(text(settings.edgeTokenFile)) }")
    lines += alerts(settings.alerts) + gateway(settings.gateway)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text of a file of these workers, by name.
  package static func workers(_ workers: [WorkerName: WorkerSpec]) -> String {
    let specs = workers.values.sorted { $0.name < $1.name }
    return "workers:\n" + specs.map(worker).joined()
  }

  private static func worker(_ spec: WorkerSpec) -> String {
    let keys =
      execution(spec) + counts(spec) + lifecycle(spec) + checks(spec) + confinement(spec)
      + money(spec)
    return "  \(text(spec.name.text)):\n" + keys.map { "    \($0)\n" }.joined()
  }

  private static func execution(_ spec: WorkerSpec) -> [String] {
    let own = spec.identity
    var lines = [
      "command: \(command(spec.command))", "directory: \(text(spec.directory))",
      "user: \(text(own.user))", "group: \(text(own.group))",
      "supplementary_groups: \(list(own.supplementaryGroups))",
      "umask: \(own.umask.map { "\"0\(String($0, radix: 8))\"" } ?? "null")",
      "nice: \(number(own.nice))", "oom_score_adj: \(own.oomScoreAdjust)",
    ]
    if !spec.environment.isEmpty {
      let names = spec.environment.keys.sorted().joined(separator: ", ")
      lines.append("# environment, values not shown: \(names)")
    }
    lines.append("environment_file: \(text(spec.environmentFile))")
    lines.append("secrets: \(list(spec.secrets))")
    return lines
  }

  private static func counts(_ spec: WorkerSpec) -> [String] {
    var lines = [
      "autostart: \(spec.autostart)", "instances: \(spec.instances)",
      "min_instances: \(spec.minInstances)", "max_instances: \(spec.maxInstances)",
    ]
    switch spec.mode {
    case .service: lines.append("mode: service")
    case .once: lines.append("mode: job")
    case .interval(let span): lines += ["mode: job", "interval: \(DurationText.print(span))"]
    case .schedule(let cron, let zone):
      lines += ["mode: job", "schedule: \(text(cron.text))", "timezone: \(zone)"]
    }
    return lines
  }

  private static func lifecycle(_ spec: WorkerSpec) -> [String] {
    let backoff = spec.backoff
    let crashes = spec.crashLimit
    let codes = spec.successExitCodes.sorted().map(String.init).joined(separator: ", ")
    let ready =
      switch spec.ready {
      case .none: "none"
      case .notify: "notify"
      case .log(let pattern): "{ log: \(text(pattern)) }"
      case .tcp(let port): "{ tcp: \(text(port)) }"
      case .http(let url): "{ http: \(text(url)) }"
      }
    return [
      "ready: \(ready)", "start_timeout: \(DurationText.print(spec.startTimeout))",
      "stop_signal: \(SignalName.name(spec.stopSignal))",
      "stop_timeout: \(DurationText.print(spec.stopTimeout))",
      "watchdog: \(DurationText.print(spec.watchdog))", "restart: \(spec.restart.rawValue)",
      "success_exit_codes: [\(codes)]",
      "backoff: { delay: \(DurationText.print(backoff.delay)), factor: "
        + "\(MetricValue.scaled(backoff.factorMilli, places: 3).text), "
        + "max: \(DurationText.print(backoff.max)), jitter: \(backoff.jitterPercent)% }",
      "max_crashes: \(crashes.maxCrashes)", "crash_window: \(DurationText.print(crashes.window))",
      "cooldown: \(DurationText.print(crashes.cooldown))",
      "max_cooldowns: \(crashes.maxCooldowns)", "requires: \(list(spec.requires.map(\.text)))",
      "after: \(list(spec.after.map(\.text)))",
    ]
  }

  private static func checks(_ spec: WorkerSpec) -> [String] {
    guard !spec.health.isEmpty else { return ["health: []"] }
    return ["health:"]
      + spec.health.map { check in
        let probe =
          switch check.probe {
          case .http(let url): "http: \(text(url))"
          case .tcp(let port): "tcp: \(text(port))"
          case .exec(let words): "exec: \(command(words))"
          }
        return "  - { name: \(text(check.name)), \(probe), "
          + "period: \(DurationText.print(check.period)), "
          + "timeout: \(DurationText.print(check.timeout)), threshold: \(check.threshold), "
          + "action: \(check.action.rawValue) }"
      }
  }

  private static func confinement(_ spec: WorkerSpec) -> [String] {
    let limits = spec.limits
    let own = spec.security
    return [
      "limits: { memory: \(number(limits.memoryBytes)), memory_high: "
        + "\(number(limits.memoryHighBytes)), cpu: \(number(limits.cpuPercent)), "
        + "pids: \(number(limits.pids)), files: \(number(limits.files)), "
        + "io_weight: \(number(limits.ioWeight)) }",
      "security: { no_new_privileges: \(own.noNewPrivileges), network: \(own.network.rawValue), "
        + "capabilities: \(own.capabilities.map(list) ?? "null") }",
      "logs: { driver: \(spec.logs.driver.rawValue), max_size: \(spec.logs.maxSizeBytes), "
        + "keep: \(spec.logs.keep) }",
      gateway(spec.gateway),
    ]
  }

  private static func money(_ spec: WorkerSpec) -> [String] {
    let budget = spec.budget
    let own = spec.economics
    return [
      "budget: { daily: \(budget.daily?.decimal ?? "null"), "
        + "total: \(budget.total?.decimal ?? "null"), "
        + "per_run: \(budget.perRun?.decimal ?? "null"), on_exceeded: \(budget.onExceeded.rawValue), "
        + "pause_mode: \(budget.pauseMode.rawValue), soft: \(budget.soft) }",
      "economics: { revenue_window: \(DurationText.print(own.revenueWindow)), "
        + "conversion_lag: \(DurationText.print(own.conversionLag)), "
        + "trust_reported_revenue: \(own.trustReportedRevenue), "
        + "expected_roi: \(number(own.expectedROIPercent)), "
        + "revenue_cap_per_run: \(own.revenueCapPerRun?.decimal ?? "null"), "
        + "reserve: { cpu: \(own.reserveCPUPercent)%, memory: \(own.reserveMemoryBytes), "
        + "gpus: \(own.reserveGPUs) }, products: \(list(own.products)), "
        + "credit_cycles: \(own.creditCycles), success_evidence: \(own.successEvidence), "
        + "arm_of: \(own.armOf?.text ?? "null") }",
    ]
  }

  private static func command(_ command: WorkerSpec.Command) -> String {
    switch command {
    case .arguments(let words): list(words)
    case .shell(let line): text(line)
    }
  }

  private static func price(_ price: Price) -> String {
    MetricValue.scaled(price.picoUSD, places: 12).text
  }

  private static func number(_ value: (some BinaryInteger)?) -> String {
    value.map { String($0) } ?? "null"
  }

  static func list(_ items: [String]) -> String {
    "[" + items.map { text($0) }.joined(separator: ", ") + "]"
  }

  /// A double-quoted YAML scalar; nil is null.
  static func text(_ value: String?) -> String {
    guard let value else { return "null" }
    var quoted = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      default:
        // What YAML does not count as printable, and the byte order mark, is written by its number.
        if scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value)
          || (0x2028...0x2029).contains(scalar.value) || scalar.value == 0xFEFF
          || scalar.value >= 0xFFFE
        {
          let hex = String(scalar.value, radix: 16)
          quoted += "\\U" + String(repeating: "0", count: 8 - hex.utf8.count) + hex
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}

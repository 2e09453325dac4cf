// supervisor.yaml: its keys, what each can be, and which go together. The keys are a contract with people's files;
// docs/reference/configuration.md is their other half. Must never know a default: those are NovaModel's.

import NovaModel

/// Reads supervisor.yaml.
enum SupervisorSchema {
  static let keys = [
    "accounting", "alerts", "attribution", "autonomous", "backups", "budget", "decision", "edge",
    "gateway", "prices", "thresholds",
  ]

  private enum DecisionMode: String, CaseIterable { case threshold, evidence }
  private enum TouchRule: String, CaseIterable {
    case lastTouch = "last_touch"
    case linear
    case timeDecay = "time_decay"
  }

  /// The settings of a document; what was refused keeps its default.
  static func read(
    _ root: YAMLNode, _ judge: inout Judge, zones: inout ZoneTable
  ) -> SupervisorSettings {
    var settings = SupervisorSettings()
    let hints = ["workers": "workers belong in a file of workers.d"]
    guard
      let top = judge.section(
        root, "the supervisor's configuration", prefix: "", schema: "", keys: keys, hints: hints)
    else { return settings }
    judge.read(top, "autonomous", into: &settings.autonomous, .boolean)
    if let decision = judge.section(
      top, "decision", keys: ["alert_delay", "cooldown", "interval", "mode", "speed"])
    {
      var mode = DecisionMode.threshold
      judge.read(decision, "mode", into: &mode, .choice)
      settings.decisionMode = mode.rawValue
      judge.read(
        decision, "interval", into: &settings.decisionInterval,
        .duration(.seconds(1) ... .seconds(3600)))
      judge.read(
        decision, "cooldown", into: &settings.decisionCooldown,
        .duration(.zero ... .seconds(90 * 86_400)))
      judge.read(decision, "speed", into: &settings.decisionSpeed, .whole(1...86_400))
      judge.read(
        decision, "alert_delay", into: &settings.decisionAlertDelay,
        .duration(.zero ... .seconds(86_400)))
    }
    var touches = TouchRule.lastTouch
    if judge.read(top, "attribution", into: &touches, .choice) != nil {
      settings.attribution = AttributionRule(rawValue: touches.rawValue) ?? .lastTouch
    }
    if let budget = judge.section(
      top, "budget", keys: ["daily", "hard_cap", "reinvest", "timezone"])
    {
      judge.read(budget, "daily", into: &settings.dailyBudget, .money)
      judge.read(budget, "reinvest", into: &settings.reinvestPercent, .percent(0...100))
      judge.read(budget, "hard_cap", into: &settings.hardCap, .money)
      if judge.read(budget, "timezone", into: &settings.timezone, .nonEmpty) != nil {
        judge.require(zone: settings.timezone, budget, "timezone", &zones)
      }
    }
    thresholds(top, &settings.thresholds, &judge)
    prices(top, &settings.prices, &judge)
    accounting(top, &settings.accounting, &judge)
    if let backups = judge.section(top, "backups", keys: ["interval", "keep"]) {
      judge.read(backups, "interval", into: &settings.backups.interval, .duration())
      judge.read(backups, "keep", into: &settings.backups.keep, .whole(1...1000))
    }
    if let edge = judge.section(top, "edge", keys: ["listen", "token_file"]) {
      judge.read(edge, "listen", into: &settings.edgeListen, .address)
      judge.read(edge, "token_file", into: &settings.edgeTokenFile, .path)
    }
    AlertsSchema.read(top, &settings.alerts, &judge, zones: &zones)
    GatewaySchema.read(top, &settings.gateway, &judge)
    return settings
  }

  private static func thresholds(
    _ top: Section, _ thresholds: inout SupervisorSettings.Thresholds, _ judge: inout Judge
  ) {
    let keys = [
      "kill_roi", "min_roi", "min_runs", "require_approval_above", "scale_roi",
      "scale_success_rate", "warn_roi",
    ]
    guard let section = judge.section(top, "thresholds", keys: keys) else { return }
    let roi = Kind<Int>.percent(-100...100_000)
    judge.read(section, "min_roi", into: &thresholds.minROIPercent, roi)
    judge.read(section, "warn_roi", into: &thresholds.warnROIPercent, roi)
    judge.read(section, "scale_roi", into: &thresholds.scaleROIPercent, roi)
    judge.read(section, "kill_roi", into: &thresholds.killROIPercent, roi)
    judge.read(
      section, "scale_success_rate", into: &thresholds.scaleSuccessRatePercent, .percent(0...100))
    judge.read(section, "min_runs", into: &thresholds.minRuns, .whole(1...1_000_000))
    judge.read(section, "require_approval_above", into: &thresholds.requireApprovalAbove, .money)
  }

  private static func prices(
    _ top: Section, _ prices: inout HostPrices, _ judge: inout Judge
  ) {
    let keys = ["cpu_hour", "gpu_hour", "host_hour", "memory_gib_hour", "share_idle"]
    guard let section = judge.section(top, "prices", keys: keys) else { return }
    judge.read(section, "cpu_hour", into: &prices.cpuHour, .price)
    judge.read(section, "memory_gib_hour", into: &prices.memoryGiBHour, .price)
    judge.read(section, "gpu_hour", into: &prices.gpuHour, .price)
    judge.read(section, "host_hour", into: &prices.hostHour, .price)
    judge.read(section, "share_idle", into: &prices.shareIdle, .choice)
  }

  private static func accounting(
    _ top: Section, _ accounting: inout SupervisorSettings.Accounting, _ judge: inout Judge
  ) {
    let keys = ["booking_interval", "retention", "sample_interval"]
    guard let section = judge.section(top, "accounting", keys: keys) else { return }
    judge.read(
      section, "sample_interval", into: &accounting.sampleInterval,
      .duration(.milliseconds(100) ... .seconds(3600)))
    judge.read(
      section, "booking_interval", into: &accounting.bookingInterval,
      .duration(.seconds(1) ... .seconds(86_400)))
    judge.read(
      section, "retention", into: &accounting.retention,
      .duration(.seconds(86_400) ... .seconds(36_500 * 86_400)))
    if accounting.bookingInterval < accounting.sampleInterval {
      judge.refuse(
        section["booking_interval"] ?? section.node,
        "accounting.booking_interval: is shorter than sample_interval")
    }
  }
}

extension Judge {
  /// Makes the zone that a key names part of the configuration, or refuses the key.
  mutating func require(
    zone name: String, _ section: Section, _ key: String, _ zones: inout ZoneTable
  ) {
    do throws(Refusal) {
      try zones.require(name)
    } catch {
      refuse(section[key] ?? section.node, "\(section.prefix)\(key): \(error.message)")
    }
  }
}

extension Kind where Value == String {
  /// `HOST:PORT`.
  static var address: Kind {
    .scalar("an address") { (text) throws(Refusal) in
      guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
        let port = Digits.whole(text[text.index(after: colon)...]), (1...65_535).contains(port)
      else {
        throw Refusal("\(quoted(text)) is not an address with a port (such as 127.0.0.1:7480)")
      }
      return text
    }
  }
}

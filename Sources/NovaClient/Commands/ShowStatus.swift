// `status`: the whole system on one page, or one worker in one block. Must never need more than one answer.

import NovaModel
import NovaWire

/// The verb `status`.
enum ShowStatus {
  static let command = CommandSpec(
    name: "status", abstract: "Show the system on one page, or one worker in one block",
    discussion: """
      With --by, --period, --since, --until or --csv it is a table of what each worker earned, cost and did: runs are \
      counted by their start, money by the day it was booked.
      """,
    arguments: [.target(required: false)], options: ShowMoney.options,
    examples: [
      .init("novasup status", "is all well?"),
      .init("novasup status outreach", "why is it in that state, and what did it say last?"),
      .init("novasup status --period week --csv", "how each worker did, week by week"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    if ["by", "period", "since", "until", "csv"].contains(where: { call.arguments.has($0) }) {
      return try ShowMoney.show(
        call, "/v1/revenue", targets: call.targets, columns: ShowMoney.statusColumns)
    }
    guard !call.targets.isEmpty else { return try system(call) }
    let bytes = try call.get(
      "/v1/workers", TargetsQuery(targets: call.targets).parameters, to: "show the status")
    let rows = try call.rows(bytes)
    // A name of a worker without instances lists nothing and is still a worker: ask for it by name.
    let listed = rows.map(\.name)
    let plain = call.arguments.words.filter { WorkerName($0) != nil || InstanceID($0) != nil }
    let wanted = plain.count == call.targets.count ? plain : []
    var names = wanted
    for name in listed where wanted.isEmpty && !names.contains(name) { names.append(name) }
    var pages: [[UInt8]] = []
    for name in names {
      pages.append(
        try call.get("/v1/workers/\(Connection.percentEncoded(name))", to: "show \(name)"))
    }
    try show(call, pages)
    return .ok
  }

  private static func show(
    _ call: borrowing Invocation, _ pages: [[UInt8]]
  ) throws(ClientError) {
    switch call.form {
    case .json where pages.count == 1: try call.showJSON(pages[0])
    case .json:
      var all: [UInt8] = [UInt8(ascii: "[")]
      all += pages.joined(separator: [UInt8(ascii: ",")])
      try call.showJSON(all + [UInt8(ascii: "]")])
    case .jsonl: for page in pages { try call.showJSON(page) }
    case .name:
      for page in pages {
        try call.console.line(CleanText.forTerminal(try call.decode(WorkerDetail.self, page).name))
      }
    case .table, .wide:
      for (index, page) in pages.enumerated() {
        if index > 0 { try call.console.line("") }
        for line in block(try call.decode(WorkerDetail.self, page), colour: call.console.colour) {
          try call.console.line(line)
        }
      }
    }
  }

  private static func system(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let bytes = try call.get("/v1/status", to: "show the status")
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(bytes)
      return .ok
    }
    let status = try call.decode(SystemStatus.self, bytes)
    for line in page(status, colour: call.console.colour) { try call.console.line(line) }
    return .ok
  }

  /// Label, two blanks, value.
  private static func fact(_ label: String, _ value: String) -> String {
    let gap = String(repeating: " ", count: max(0, 12 - label.count))
    return "\(label)\(gap)  \(CleanText.forTerminal(value))"
  }

  /// The system page.
  static func page(_ status: SystemStatus, colour: Bool) -> [String] {
    let cgroup =
      status.host.cgroupVersion == 0 ? "no cgroups" : "cgroup v\(status.host.cgroupVersion)"
    let controllers = status.host.controllers.joined(separator: " ")
    let order = State.allCases.map(\.rawValue)
    let states = status.instancesByState.values.sorted {
      (order.firstIndex(of: $0.key) ?? .max, $0.key) < (
        order.firstIndex(of: $1.key) ?? .max, $1.key
      )
    }.filter { $0.value > 0 }
    var lines = [
      fact(
        "Supervisor",
        "\(status.phase), version \(status.version), pid \(status.pid), up "
          + Format.duration(seconds: status.uptimeSeconds)),
      fact("Host", cgroup + (controllers.isEmpty ? "" : ", controllers \(controllers)")),
      fact(
        "Workers",
        "\(Format.plural(status.workers, "worker")), "
          + Format.plural(status.instances, "instance")),
    ]
    for (state, count) in states {
      let name = CleanText.forTerminal(state)
      let gap = String(repeating: " ", count: max(1, 11 - name.count))
      let painted = ListWorkers.colour(of: state).paint(name, colour)
      lines.append("              \(painted)\(gap)\(count)")
    }
    let budget = status.budgetTodayUSD.map { " of " + Format.dollars($0) } ?? ""
    let left = status.budgetLeftUSD.map { ", \(Format.dollars($0)) left" } ?? ""
    let forecast = status.forecastTodayUSD.map { ", \(Format.dollars($0)) by the end of it" } ?? ""
    lines.append(
      fact("Spend today", Format.dollars(status.costTodayUSD) + budget + left + forecast))
    if let models = status.modelCostTodayUSD {
      lines.append(
        fact(
          "Models",
          "\(Format.dollars(models)) of it, \(Format.count(status.modelTokensPerMinute)) tokens a minute"
        ))
    }
    lines.append(
      fact("Revenue", status.revenueTodayUSD.map { Format.dollars($0) } ?? "-"))
    if let approvals = status.pendingApprovals {
      lines.append(fact("Approvals", "\(approvals) pending"))
    }
    lines.append(
      fact(
        "Config",
        "generation \(Format.count(status.configGeneration))"
          + (status.configAcceptedAt.map { ", accepted \($0)" } ?? "")))
    lines.append(fact("Ledger", status.ledger))
    for note in status.host.notes { lines.append(fact("Note", note)) }
    for warning in status.warnings {
      lines.append(
        Cell.Colour.bad.paint("Warning", colour) + "       " + CleanText.forTerminal(warning))
    }
    return lines
  }

  /// What it has cost and earned, and how its runs went.
  private static func money(_ money: WorkerMoney) -> [String] {
    func window(_ name: String, _ window: WorkerMoney.Window) -> String {
      fact(
        name,
        "cost \(Format.dollars(window.costUSD)), revenue "
          + (window.revenueUSD.map { Format.dollars($0) } ?? "not known") + ", ROI "
          + ShowMoney.roi(window.roiPercent, window.roiStatus)
          + (window.pendingUSD == "0.000000"
            ? "" : ", \(Format.dollars(window.pendingUSD)) pending")
          + ", \(Format.plural(Int(clamping: window.runs), "run")), \(window.runsOk) ok")
    }
    var lines = [
      window("Money", money.lifetime), window("24 hours", money.day), window("7 days", money.week),
      window("30 days", money.month),
    ]
    if let success = money.successPercent {
      lines.append(
        fact(
          "Rates",
          "success \(ShowMoney.roi(success, nil)), crashes \(ShowMoney.roi(money.crashPercent, nil))"
        ))
    }
    return lines
  }

  /// What it uses of models: today, and in the last minute.
  private static func models(_ models: WorkerModels) -> String {
    "\(Format.plural(Int(clamping: models.callsToday), "call")) today, "
      + "\(Format.count(models.tokensToday)) tokens, \(Format.dollars(models.costTodayUSD)); "
      + "\(Format.count(models.tokensPerMinute)) tokens a minute"
  }

  /// What the engine would decide now, and how far it is from each edge.
  private static func outlook(_ row: OutlookRow) -> [String] {
    func end(_ value: Int?) -> String { value.map { "\($0)%" } ?? "?" }
    return [
      fact("Would", "\(row.action): \(row.reason)"),
      fact(
        "Judged",
        "\(row.evaluatedRuns) of \(Format.plural(row.runs, "run")), ROI "
          + "\(ShowMoney.roi(row.roiPercent, nil)), between \(end(row.roiLowerPercent)) and "
          + end(row.roiUpperPercent)),
    ]
      + row.distances.map { distance in
        let label = distance.action == "scale_up" ? "To scale" : "To \(distance.action)"
        let away = Decisions.short(distance)
        return fact(label, (away == "-" ? "" : away + " ") + distance.meaning)
      }
  }

  /// The block of one worker.
  static func block(_ detail: WorkerDetail, colour: Bool) -> [String] {
    let spec = detail.spec
    var lines = [
      Cell.Colour.strong.paint(CleanText.forTerminal(detail.name), colour)
        + "  (\(CleanText.forTerminal(detail.origin)))",
      fact("Command", spec.command.joined(separator: " ")),
      fact(
        "Runs as",
        (spec.user ?? "?") + ", \(spec.mode), restart \(spec.restart), ready \(spec.ready)"),
      fact(
        "Instances",
        "\(detail.instancesWanted) wanted"
          + (detail.instancesWanted == detail.instancesConfigured
            ? "" : " (the file says \(detail.instancesConfigured))")
          + ", \(spec.minInstances) to \(spec.maxInstances)" + (detail.pinned ? ", pinned" : "")),
      fact("Limits", limits(spec.limits)),
    ]
    if detail.paused { lines.append(fact("Paused", detail.pauseReason ?? "by operator")) }
    if !spec.requires.isEmpty {
      lines.append(fact("Requires", spec.requires.joined(separator: ", ")))
    }
    if !spec.after.isEmpty { lines.append(fact("After", spec.after.joined(separator: ", "))) }
    if let next = detail.nextRunAt { lines.append(fact("Next run", next)) }
    lines.append(fact("Logs", spec.logDriver))
    for note in detail.limitsNotEnforced { lines.append(fact("Not enforced", note)) }
    lines.append(fact("Budget left", detail.budgetLeftUSD.map { Format.dollars($0) } ?? "-"))
    lines.append(fact("Decision", detail.lastDecision ?? "-"))
    if let outlook = detail.outlook { lines += Self.outlook(outlook) }
    if let money = detail.money { lines += Self.money(money) }
    if let models = detail.models { lines.append(fact("Models", Self.models(models))) }
    for instance in detail.instances { lines += block(instance, colour: colour) }
    return lines
  }

  private static func block(_ instance: InstanceDetail, colour: Bool) -> [String] {
    let row = instance.row
    let why = ListWorkers.why(row)
    let state = ListWorkers.colour(of: row.state).paint(CleanText.forTerminal(row.state), colour)
    var lines = [
      "",
      "\(CleanText.forTerminal(row.target))  \(state)"
        + (why.isEmpty ? "" : ": \(CleanText.forTerminal(why))"),
      fact("  Since", row.since ?? "?"),
      fact("  Pid", row.pid.map { "\($0)" } ?? "-"),
      fact(
        "  Crashes",
        "\(row.crashes)/\(row.maxCrashes), restarts \(row.restartsTotal)"
          + (row.cooldownRemainingSeconds.map {
            ", cooldown \(Format.duration(seconds: $0)) left"
          } ?? "")),
      fact("  Last exit", row.lastExit.map(exit) ?? "-"),
    ]
    if row.isAlive {
      lines += [
        fact(
          "  Uses",
          "cpu \(Format.percent(row.cpuPercent))%, memory \(Format.bytes(row.memoryBytes)) "
            + "(peak \(Format.bytes(row.memoryPeakBytes))), tasks \(Format.count(row.tasks))"),
        fact(
          "  Cost",
          "\(Format.dollars(row.costUSD)), \(Format.dollars(row.costPerHourUSD)) an hour"),
      ]
    } else if row.costUSD != nil {
      lines.append(fact("  Cost", Format.dollars(row.costUSD)))
    }
    if let text = row.statusText { lines.append(fact("  Says", text)) }
    if let path = instance.cgroupPath { lines.append(fact("  Cgroup", path)) }
    for check in instance.health {
      let verdict = check.passing.map { $0 ? "passing" : "failing" } ?? "?"
      lines.append(
        fact(
          "  Check",
          "\(check.name): \(verdict), failures \(check.failures)/\(check.threshold)"
            + (check.message.map { ", \($0)" } ?? "")))
    }
    lines += instance.lastLines.map { "  | " + CleanText.forTerminal($0) }
    return lines
  }

  /// `exit 1 at …`, `SIGKILL (out of memory) at …`.
  static func exit(_ exit: LastExitRow) -> String {
    let how =
      if let code = exit.code { "exit \(code)" } else if let signal = exit.signal {
        SignalName.spoken(signal)
      } else { "unknown" }
    return how + (exit.oom ? " (out of memory)" : "") + " at \(exit.at)"
  }

  private static func limits(_ limits: LimitsRow) -> String {
    var parts: [String] = []
    if let value = limits.memoryBytes { parts.append("memory \(Format.bytes(value))") }
    if let value = limits.memoryHighBytes { parts.append("memory_high \(Format.bytes(value))") }
    if let value = limits.cpuPercent { parts.append("cpu \(value)%") }
    if let value = limits.pids { parts.append("pids \(value)") }
    if let value = limits.files { parts.append("files \(value)") }
    if let value = limits.ioWeight { parts.append("io_weight \(value)") }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}

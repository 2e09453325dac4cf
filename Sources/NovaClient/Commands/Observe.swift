// `health`, `wait`, `version`: questions whose exit code is the answer. Must never give another code because
// of the output form.

import NovaWire

/// The verbs that ask.
enum Observe {
  static let health = CommandSpec(
    name: "health", abstract: "Show checks, heartbeats and who needs a restart",
    discussion: "Exits 0 when healthy, 1 when not, 3 when not running, whatever the output form.",
    arguments: [.target(required: false)],
    examples: [.init("novasup health outreach -q", "for a script")],
    run: { (call) throws(ClientError) in
      let bytes = try call.get(
        "/v1/health", TargetsQuery(targets: call.targets).parameters, to: "check the health")
      let report = try call.decode(HealthReport.self, bytes)
      switch call.form {
      case .json: try call.showJSON(bytes)
      case .jsonl:
        for row in report.instances { try call.showJSON(APICoding.encode(row)) }
      case .name:
        for row in report.instances {
          try call.console.line(CleanText.forTerminal("\(row.name)@\(row.instance)"))
        }
      case .table, .wide: if !call.quiet { try call.show(table(report)) }
      }
      return exitCode(report, named: !call.targets.isEmpty)
    })

  /// 1 outweighs 3: who runs and is ill needs a look first.
  static func exitCode(_ report: HealthReport, named: Bool) -> ExitCode {
    if report.instances.contains(where: { $0.running && ($0.healthy == false || $0.stale) }) {
      return .failed
    }
    let down = report.instances.contains { row in
      // Between two runs, or done: as `ps --check` sees it.
      !row.running && !["waiting", "completed"].contains(row.state)
    }
    if named && (down || report.instances.isEmpty) { return .notRunning }
    if report.healthy { return .ok }
    return down ? .notRunning : .failed
  }

  static func table(_ report: HealthReport) -> Table {
    var table = Table([
      Column("NAME"), Column("STATE"), Column("HEALTH"), Column("CHECKS", right: true),
      Column("HEARTBEAT", right: true), Column("RESTART"), Column("WHY"),
    ])
    table.rows = report.instances.map { row in
      let passing = row.checks.filter { $0.passing == true }.count
      let health: Cell =
        switch (row.running, row.healthy) {
        case (false, _): Cell("not running", .dim)
        case (true, true?): Cell("healthy", .good)
        case (true, false?): Cell("unhealthy", .bad)
        case (true, nil): Cell("-")
        }
      let why = row.message ?? row.checks.first { $0.passing == false }?.message ?? ""
      return [
        Cell("\(row.name)@\(row.instance)"), Cell(row.state, ListWorkers.colour(of: row.state)),
        health, Cell(row.checks.isEmpty ? "-" : "\(passing)/\(row.checks.count)"),
        row.stale
          ? Cell("stale", .bad)
          : Cell(
            row.heartbeatAgeSeconds.map { Format.duration(seconds: Int64(clamped: $0)) } ?? "-"),
        Cell(row.needsRestart ? "needed" : "-", row.needsRestart ? .busy : .plain), Cell(why),
      ]
    }
    return table
  }

  static let wait = CommandSpec(
    name: "wait", abstract: "Wait until workers are running, ready, stopped, or exit",
    discussion: "`running` satisfies `--for ready` of a worker with `ready: none`.",
    arguments: [.target()],
    options: [
      OptionSpec(
        "for", value: "WHAT", choices: WaitCondition.allCases.map(\.rawValue),
        "What to wait for (ready)")
    ],
    examples: [.init("novasup wait outreach --for ready --timeout 30s", "in a deploy script")],
    run: { (call) throws(ClientError) in
      let condition = call.arguments.value("for").flatMap(WaitCondition.init) ?? .ready
      let seconds = try call.timeoutSeconds()
      let query = WaitQuery(
        targets: call.targets, condition: condition, timeoutSeconds: seconds ?? 86_400)
      let bytes = try call.call(
        .init(
          path: "/v1/wait", query: query.parameters, timeoutSeconds: seconds.map { $0 + 10 }),
        to: "wait for \(call.targets.joined(separator: " "))")
      let response = try call.decode(WaitResponse.self, bytes)
      switch call.form {
      case .json: try call.showJSON(bytes)
      case .jsonl: for row in response.instances { try call.showJSON(APICoding.encode(row)) }
      case .name:
        for row in response.instances { try call.console.line(CleanText.forTerminal(row.target)) }
      case .table, .wide:
        for row in response.instances { try call.say("\(row.target) \(row.state)") }
      }
      if response.satisfied { return .ok }
      guard response.timedOut else {
        throw .cannot(
          "wait for \(condition.rawValue)", "it can no longer become so",
          hint: "see `novasup status \(call.targets[0])`")
      }
      throw .cannot("wait for \(condition.rawValue)", "timed out", code: .timedOut)
    })

  static let version = CommandSpec(
    name: "version", abstract: "Show the versions of novasup and of the supervisor",
    examples: [.init("novasup version", "both")],
    run: { (call) throws(ClientError) in
      let own = VersionInfo(version: Novasup.version)
      var server: VersionInfo?
      var why = "not reached"
      do throws(ClientError) {
        server = try call.decode(
          VersionInfo.self, call.get("/v1/version", to: "ask for the version", timeoutSeconds: 5))
      } catch  where error.code == .unreachable {
        server = nil
      } catch  where error.code == .denied {
        why = "permission denied"
      }
      if call.form == .json || call.form == .jsonl {
        try call.showJSON(
          JSONValue.object([
            .init("client", APICoding.json(own)),
            .init("server", server.map { APICoding.json($0) } ?? .null),
          ]).bytes())
      } else {
        try call.console.line("novasup \(own.version)")
        let there = server.map { "\($0.version), API \($0.api)" } ?? why
        try call.console.line(CleanText.forTerminal("nova-supervisor \(there)"))
      }
      return .ok
    })
}

extension Int64 {
  /// Rounded towards zero; 0 for what is no number, and never out of range.
  init(clamped value: Double) {
    self = value.isFinite ? Int64(Swift.max(-1e15, Swift.min(1e15, value))) : 0
  }
}

// `autonomous` and `alerts`: whether the engine acts by itself, and what it thinks somebody should know.
// Must never decide anything on this side.

import NovaModel
import NovaWire

/// The verb `autonomous`.
enum Autonomy {
  static let command = CommandSpec(
    name: "autonomous", abstract: "Let the engine act by itself, or look once by hand",
    discussion: """
      `enable` and `disable` are durable and outweigh `autonomous` in supervisor.yaml. `run` is one analysis now; with \
      --dry-run it changes and keeps nothing. A file `halt` in the state directory stops everything until it is removed. \
      `stale SOURCE` says that no news come from a source of revenue, `fresh SOURCE` that they do again: meanwhile \
      nothing is decided about those who earn from it, except by their budgets.
      """,
    arguments: [
      ArgumentSpec(
        name: "WHAT", abstract: "enable, disable, status, run, stale or fresh",
        kind: .choice(["enable", "disable", "status", "run", "stale", "fresh"])),
      ArgumentSpec(
        name: "SOURCE", abstract: "Of stale and fresh: the source, `stripe` say", required: false),
    ],
    examples: [
      .init("novasup autonomous run --dry-run", "what it would do now"),
      .init("novasup autonomous enable", "from now on, within its limits"),
      .init(
        "novasup autonomous stale stripe", "its webhooks are down: do not take silence for news"),
    ],
    run: { (call) throws(ClientError) in
      let words = call.arguments.words
      let isSource = words[0] == "stale" || words[0] == "fresh"
      guard words.count == (isSource ? 2 : 1) else {
        throw .usage(
          isSource
            ? "autonomous \(words[0]) needs a SOURCE" : "autonomous \(words[0]) takes no more",
          verb: "autonomous")
      }
      switch words[0] {
      case "stale", "fresh": return try source(words[1], isStale: words[0] == "stale", call)
      case "enable": return try set(true, call)
      case "disable": return try set(false, call)
      case "run": return try analyse(call)
      default: return try status(call)
      }
    })

  private static func status(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let bytes = try call.get("/v1/autonomy", to: "ask about autonomy")
    try tell(bytes, call)
    return .ok
  }

  private static func set(_ on: Bool, _ call: borrowing Invocation) throws(ClientError) -> ExitCode
  {
    guard !call.dryRun else {
      try call.say("would \(on ? "enable" : "disable") autonomy")
      return .ok
    }
    let bytes = try call.post(
      "/v1/autonomy", AutonomyRequest(enabled: on), to: "\(on ? "enable" : "disable") autonomy",
      timeoutSeconds: 30)
    try tell(bytes, call)
    return .ok
  }

  private static func source(_ name: String, isStale: Bool, _ call: borrowing Invocation)
    throws(ClientError) -> ExitCode
  {
    guard !call.dryRun else {
      try call.say("would say that \(name) \(isStale ? "does not answer" : "answers")")
      return .ok
    }
    let bytes = try call.post(
      "/v1/autonomy/sources", SourceRequest(source: name, stale: isStale),
      to: "say that \(name) \(isStale ? "does not answer" : "answers")", timeoutSeconds: 30)
    try tell(bytes, call)
    return .ok
  }

  private static func tell(_ bytes: [UInt8], _ call: borrowing Invocation) throws(ClientError) {
    guard call.form == .table || call.form == .wide else { return try call.showJSON(bytes) }
    let status = try call.decode(AutonomyStatus.self, bytes)
    let by =
      status.ordered == nil
      ? "the configuration says so" : "somebody ordered it; it outweighs the configuration"
    try call.say("autonomy \(status.enabled ? "on" : "off") (\(by)), mode \(status.mode)")
    if status.halted {
      try call.say("halted by \(status.haltFile): nothing is done until it is removed")
    }
    if !status.staleSources.isEmpty {
      try call.say(
        "no news from \(CleanText.forTerminal(status.staleSources.joined(separator: ", "))): who earns from it is not judged"
      )
    }
    if !status.silentSources.isEmpty {
      try call.say(
        "silent for longer than ever before: \(CleanText.forTerminal(status.silentSources.joined(separator: ", ")))"
      )
    }
    if status.rebuilding {
      try call.say("stored runs are still being read: nothing is decided yet")
    }
    try call.say(
      "\(Format.plural(status.pendingApprovals, "approval")) pending, \(status.killsLastHour) killed in the last hour, "
        + "\(status.killsLastDay) in the last day")
    if let at = status.lastTickAt {
      try call.say("last tick \(at), \(Format.percent(status.lastTickMilliseconds)) ms")
    }
  }

  private static func analyse(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let bytes = try call.post(
      "/v1/autonomy/run", AnalysisRequest(dryRun: call.dryRun ? true : nil), to: "run an analysis",
      timeoutSeconds: try call.timeoutSeconds() ?? 60)
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl:
      for row in try call.decode(AnalysisResponse.self, bytes).decisions {
        try call.showJSON(APICoding.encode(row))
      }
    case .name:
      for row in try call.decode(AnalysisResponse.self, bytes).decisions {
        try call.console.line(CleanText.forTerminal(row.worker))
      }
    case .table, .wide:
      let answer = try call.decode(AnalysisResponse.self, bytes)
      if !answer.decisions.isEmpty { try call.show(Decisions.table(answer.decisions)) }
      try call.say(
        "\(Format.plural(answer.workers, "worker")) looked at in \(Format.percent(answer.milliseconds)) ms, "
          + Format.plural(answer.decisions.count, "decision")
          + (answer.dryRun ? ", nothing changed" : ""))
    }
    return .ok
  }
}

/// The verb `alerts`.
enum ShowAlerts {
  static let command = CommandSpec(
    name: "alerts", abstract: "Show alerts; acknowledge or silence one; try a channel",
    discussion: """
      `ack ID` says that somebody has seen it, `silence ID` that channels should say nothing of it for a while. \
      `test CHANNEL` has nova-edge send a message through a channel of `alerts.channels`, past routes and quiet \
      hours: exit 0 when the service took it, 1 with the reason when it did not.
      """,
    arguments: [
      ArgumentSpec(
        name: "WHAT", abstract: "list, ack, silence or test",
        kind: .choice(["list", "ack", "silence", "test"]),
        required: false),
      ArgumentSpec(name: "ID", abstract: "Its number; of test the channel", required: false),
    ],
    options: [
      OptionSpec("all", "Those that are resolved as well"),
      OptionSpec("for", value: "DUR", "With silence: for so long (1h)"),
      OptionSpec("limit", short: "n", value: "N", "The newest N (100)"),
    ],
    examples: [
      .init("novasup alerts", "what is wrong now"),
      .init("novasup alerts test pager", "does the pager ring?"),
      .init("novasup alerts silence 7 --for 4h", "known, and being worked on"),
    ],
    run: { (call) throws(ClientError) in
      let words = call.arguments.words
      let what = words.first ?? "list"
      if what == "test" { return try TestAlert.run(call) }
      if what == "list" {
        guard words.count <= 1 else { throw .usage("alerts list takes no number", verb: "alerts") }
        return try list(call)
      }
      guard words.count == 2, let id = Int64(words[1]), id > 0 else {
        throw .usage("alerts \(what) needs the number of an alert", verb: "alerts")
      }
      let bytes: [UInt8]
      if what == "ack" {
        bytes = try call.post(
          "/v1/alerts/\(id)/ack", AcknowledgeRequest(), to: "acknowledge alert \(id)",
          timeoutSeconds: 30)
      } else {
        let span = try call.arguments.span("for", verb: "alerts") ?? .seconds(3600)
        bytes = try call.post(
          "/v1/alerts/\(id)/silence", SilenceRequest(seconds: span.wholeSeconds),
          to: "silence alert \(id)", timeoutSeconds: 30)
      }
      if call.form == .json || call.form == .jsonl {
        try call.showJSON(bytes)
      } else {
        let row = try call.decode(AlertRow.self, bytes)
        try call.say("\(row.id) \(row.kind) \(row.state)")
      }
      return .ok
    })

  private static func list(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    var query = AlertsQuery()
    query.all = call.arguments.has("all")
    query.limit = try call.arguments.number("limit", 0...1000, verb: "alerts")
    let bytes = try call.get("/v1/alerts", query.parameters, to: "read the alerts")
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name:
      for row in try call.decode([AlertRow].self, bytes) { try call.console.line("\(row.id)") }
    case .table, .wide:
      var table = Table([
        Column("ID", right: true), Column("RAISED"), Column("SEVERITY"), Column("STATE"),
        Column("KIND"), Column("WORKER"), Column("MESSAGE"),
      ])
      table.rows = try call.decode([AlertRow].self, bytes).map { row in
        [
          Cell("\(row.id)"), Cell(row.raisedAt),
          Cell(row.severity, row.severity == "critical" ? .bad : .busy),
          Cell(row.state), Cell(row.kind), Cell(row.worker ?? "-"), Cell(row.message),
        ]
      }
      try call.show(table)
    }
    return .ok
  }
}

// `events`: the history. Must never lose or repeat a line when it follows across a restart of the supervisor:
// it resumes after the last id it has shown.

import NovaModel
import NovaWire

/// The verb `events`.
enum ShowEvents {
  static let command = CommandSpec(
    name: "events", abstract: "Show the history: who did what to whom, and why",
    options: [
      OptionSpec("follow", short: "f", "Stay and show what comes"),
      OptionSpec("since", value: "TIME", "From then: 10m ago as `10m`, or RFC 3339"),
      OptionSpec("type", value: "TYPE", "A type or its beginning, such as `instance`"),
      OptionSpec("worker", value: "NAME", "Of one worker"),
      OptionSpec("after", value: "ID", "After this id"),
      OptionSpec("limit", short: "n", value: "N", "The newest N (100)"),
    ],
    examples: [
      .init("novasup events --since 1h --worker outreach", "what happened to it"),
      .init("novasup events -f -o jsonl", "for a script"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    var query = EventsQuery()
    query.since = try Times.text(call.arguments, "since", now: call.session.now(), verb: "events")
    query.type = call.arguments.value("type")
    query.worker = call.arguments.value("worker")
    query.limit = try call.arguments.number("limit", 0...10_000, verb: "events")
    query.after = try call.arguments.number("after", 0...Int.max, verb: "events").map(Int64.init)
    if call.arguments.has("follow") { return try follow(&query, call) }
    let bytes = try call.get("/v1/events", query.parameters, to: "read the events")
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name:
      for row in try call.decode([EventRow].self, bytes) { try call.console.line("\(row.id)") }
    case .table, .wide: try call.show(table(try call.decode([EventRow].self, bytes)))
    }
    return .ok
  }

  private static func follow(
    _ query: inout EventsQuery, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    query.follow = true
    let state = Following()
    state.last = query.after
    let console = call.console
    let json = call.form == .json || call.form == .jsonl
    while true {
      _ = try call.call(
        .init(
          path: "/v1/events", query: query.parameters, headers: ["Accept: text/event-stream"],
          timeoutSeconds: nil, isEndless: true), to: "follow the events"
      ) { (bytes) throws(ClientError) in
        for row in state.rows(bytes) {
          state.last = row.id
          if json {
            try console.raw(APICoding.encode(row) + [0x0A])
          } else {
            try console.line(line(row, colour: console.colour))
          }
        }
      }
      try Reconnect.wait(call, to: "follow the events")
      query.after = state.last
      query.since = nil
      query.limit = nil
    }
  }

  static func table(_ rows: [EventRow]) -> Table {
    var table = Table([
      Column("ID", right: true), Column("AT"), Column("SEVERITY"), Column("TYPE"),
      Column("WORKER"), Column("ACTOR"), Column("MESSAGE"),
    ])
    table.rows = rows.map { row in
      [
        Cell("\(row.id)"), Cell(row.at), Cell(row.severity, colour(row.severity)), Cell(row.type),
        Cell(worker(row)), Cell(row.actor), Cell(row.message),
      ]
    }
    return table
  }

  /// A followed row: there is no table to align with what has not come yet.
  static func line(_ row: EventRow, colour use: Bool) -> String {
    let severity = colour(row.severity).paint(CleanText.forTerminal(row.severity), use)
    return
      "\(row.id)  \(CleanText.forTerminal(row.at))  \(severity)  \(CleanText.forTerminal(row.type))  "
      + "\(CleanText.forTerminal(worker(row)))  \(CleanText.forTerminal(row.message))"
  }

  private static func worker(_ row: EventRow) -> String {
    guard let worker = row.worker else { return "-" }
    return worker + (row.instance.map { "@\($0)" } ?? "")
  }

  private static func colour(_ severity: String) -> Cell.Colour {
    switch severity {
    case "critical": .bad
    case "warning": .busy
    case "notice": .calm
    default: .plain
    }
  }
}

/// The state of a followed stream of server-sent events; changed by the closure that reads it.
final class Following {
  var last: Int64?
  private var splitter = LineSplitter()

  /// The rows of the `data:` lines in `bytes`.
  func rows(_ bytes: [UInt8]) -> [EventRow] {
    splitter.take(bytes).compactMap { line in
      let text = line.last == 0x0D ? line.dropLast() : line[...]
      guard text.starts(with: "data:".utf8) else { return nil }
      return try? APICoding.decodeAnswer(EventRow.self, from: Array(text.dropFirst(5)))
    }
  }
}

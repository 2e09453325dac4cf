// `calls`: the last calls of models, who made them, how many tokens they used and what they cost. Must never show a cost that
// is an estimate as if the provider had said it.

import NovaModel
import NovaWire

/// The verb `calls`.
enum ShowCalls {
  static let command = CommandSpec(
    name: "calls", abstract: "Show the last calls of models, newest first",
    discussion: """
      Each call that went through the gateway, with its tokens and its cost; a cost that is an estimate of the gateway's has a \
      `~` before it. What was asked and answered is kept nowhere.
      """,
    arguments: [
      ArgumentSpec(
        name: "WORKER", abstract: "a name or glob; none is all", kind: .target, required: false,
        repeats: true)
    ],
    options: [
      OptionSpec("provider", value: "NAME", "Only of this provider"),
      OptionSpec("model", value: "NAME", "Only of this model"),
      OptionSpec("before", value: "NUMBER", "Before that call: the next page"),
      OptionSpec("limit", short: "n", value: "N", "The newest N (100)"),
    ],
    examples: [
      .init("novasup calls", "the last hundred"),
      .init("novasup calls outreach --model claude-sonnet-4-5 -n 20", "one worker's, of one model"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    var query = CallsQuery()
    query.workers = call.arguments.words
    query.provider = call.arguments.value("provider")
    query.model = call.arguments.value("model")
    query.before = try call.arguments.number("before", 0...Int.max, verb: "calls").map(Int64.init)
    query.limit = try call.arguments.number("limit", 1...10_000, verb: "calls")
    let bytes = try call.get("/v1/gateway/calls", query.parameters, to: "read the calls")
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name:
      for row in try call.decode([GatewayCallRow].self, bytes) {
        try call.console.line(CleanText.forTerminal(row.id))
      }
    case .table, .wide:
      try call.show(
        table(try call.decode([GatewayCallRow].self, bytes), wide: call.form == .wide))
    }
    return .ok
  }

  static func table(_ rows: [GatewayCallRow], wide: Bool) -> Table {
    var table = Table(
      [
        Column("NUMBER", right: true), Column("AT"), Column("WORKER"), Column("PROVIDER"),
        Column("MODEL"), Column("IN", right: true), Column("OUT", right: true),
        Column("COST", right: true), Column("MS", right: true), Column("OUTCOME"),
      ]
        + (wide
          ? [
            Column("CACHE READ", right: true), Column("CACHE WRITE", right: true),
            Column("REASONING", right: true), Column("STATUS", right: true), Column("RUN"),
            Column("PRICES", right: true), Column("WHY"),
          ] : []))
    table.rows = rows.map { row in
      [
        Cell("\(row.number)"), Cell(row.at), Cell(row.worker), Cell(row.provider), Cell(row.model),
        Cell(count(row.inputTokens)), Cell(count(row.outputTokens)), Cell(cost(row)),
        Cell("\(row.durationMilliseconds)"), Cell(row.outcome),
      ]
        + (wide
          ? [
            Cell(count(row.cacheReadTokens)), Cell(count(row.cacheWriteTokens)),
            Cell(count(row.reasoningTokens)), Cell("\(row.status)"), Cell(row.runID ?? "-"),
            Cell(row.prices.map { "\($0)" } ?? "-"), Cell(row.reason ?? "-"),
          ] : [])
    }
    return table
  }

  private static func count(_ tokens: Int64?) -> String { tokens.map { "\($0)" } ?? "-" }

  private static func cost(_ row: GatewayCallRow) -> String {
    guard let pico = Int64(row.costPicoUSD) else { return "?" }
    var text = Substring(Price(picoUSD: pico).decimal)
    while text.hasSuffix("0"), text.suffix(3).first != "." { text.removeLast() }
    return (row.estimated ? "~$" : "$") + text
  }
}

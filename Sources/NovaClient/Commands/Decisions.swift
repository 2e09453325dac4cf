// `decisions`, `approve`, `reject`: what the engine has decided or asks, and the answer. Must never show a decision in
// other words than those it was kept in.

import NovaModel
import NovaWire

/// The verbs about decisions.
enum Decisions {
  static let command = CommandSpec(
    name: "decisions", abstract: "Show what the engine has decided, asks for, or would do",
    discussion: """
      `show ID` prints one decision with all that it saw; with --replay its runs are read again from the ledger and it \
      is made anew, and the command fails unless every byte is the same. --would says of each worker what would be \
      decided now and how far it is from pause, kill and scale.
      """,
    arguments: [
      ArgumentSpec(name: "show", abstract: "Show one decision", required: false),
      ArgumentSpec(name: "ID", abstract: "Its number", required: false),
    ],
    options: [
      OptionSpec("would", "What would be decided now, and how far each worker is from each edge"),
      OptionSpec("replay", "With show: make the decision again and compare"),
      OptionSpec(
        "state", value: "STATE",
        choices: ["pending", "withheld", "executed", "rejected", "expired", "stale", "failed"],
        "Only of one state"),
      OptionSpec("worker", value: "NAME", "Of one worker"),
      OptionSpec("since", value: "TIME", "From then: 10m ago as `10m`, or RFC 3339"),
      OptionSpec("limit", short: "n", value: "N", "The newest N (100)"),
    ],
    examples: [
      .init("novasup decisions --state pending", "what waits for you"),
      .init("novasup decisions show 12 --replay", "made again from the ledger"),
      .init("novasup decisions --would", "how far everybody is from each edge"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words
    if words.first == "show" {
      guard words.count == 2, let id = Int64(words[1]), id > 0 else {
        throw .usage("decisions show needs the number of a decision", verb: "decisions")
      }
      if call.arguments.has("replay") { return try DecisionReplay.run(id, call) }
      return try show(id, call)
    }
    guard words.isEmpty else {
      throw .usage("decisions takes `show ID` or nothing, not '\(words[0])'", verb: "decisions")
    }
    if call.arguments.has("would") { return try would(call) }
    var query = DecisionsQuery()
    query.state = call.arguments.value("state")
    query.worker = call.arguments.value("worker")
    query.since = try Times.text(
      call.arguments, "since", now: call.session.now(), verb: "decisions")
    query.limit = try call.arguments.number("limit", 0...1000, verb: "decisions")
    let bytes = try call.get("/v1/decisions", query.parameters, to: "read the decisions")
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name:
      for row in try call.decode([DecisionRow].self, bytes) { try call.console.line("\(row.id)") }
    case .table, .wide: try call.show(table(try call.decode([DecisionRow].self, bytes)))
    }
    return .ok
  }

  static func table(_ rows: [DecisionRow]) -> Table {
    var table = Table([
      Column("ID", right: true), Column("AT"), Column("WORKER"), Column("ACTION"), Column("STATE"),
      Column("ROI", right: true), Column("STAKE", right: true), Column("RISK"),
      Column("OTHER MODE"),
      Column("WHY"),
    ])
    table.rows = rows.map { row in
      [
        Cell("\(row.id)"), Cell(row.at), Cell(row.worker), Cell(order(row)),
        Cell(row.state, colour(row.state)), Cell(roi(row.roiPercent, row.roiStatus)),
        Cell(Format.dollars(row.stakeUSD)), Cell("\(row.riskScore) \(row.riskBand)"),
        Cell(row.otherAction), Cell(row.reason),
      ]
    }
    return table
  }

  /// `scale_up 1 to 2`.
  static func order(_ row: DecisionRow) -> String {
    row.fromInstances == row.toInstances || row.action == "kill"
      ? row.action : "\(row.action) \(row.fromInstances) to \(row.toInstances)"
  }

  static func roi(_ percent: Double?, _ status: String?) -> String {
    if let percent { return Format.percent(percent) + "%" }
    return status == "no_cost" ? "no cost" : "?"
  }

  static func colour(_ state: String) -> Cell.Colour {
    switch state {
    case "pending": .busy
    case "executed": .good
    case "failed": .bad
    case "withheld": .calm
    default: .dim
    }
  }

  // MARK: one

  private static func show(_ id: Int64, _ call: borrowing Invocation) throws(ClientError)
    -> ExitCode
  {
    let bytes = try call.get("/v1/decisions/\(id)", to: "show decision \(id)")
    guard call.form == .table || call.form == .wide else {
      try call.showJSON(bytes)
      return .ok
    }
    let detail = try call.decode(DecisionDetail.self, bytes)
    for line in block(detail) { try call.console.line(CleanText.forTerminal(line)) }
    return .ok
  }

  /// One decision as a block.
  static func block(_ detail: DecisionDetail) -> [String] {
    let row = detail.decision
    func fact(_ name: String, _ text: String) -> String {
      name + String(repeating: " ", count: max(1, 14 - name.count)) + text
    }
    func end(_ value: Int?) -> String { value.map { "\($0)%" } ?? "?" }
    var lines = [
      "Decision \(row.id)  \(order(row)) \(row.worker)",
      fact(
        "State",
        row.state + (row.resolvedBy.map { " by \($0)" } ?? "") + (row.note.map { ": \($0)" } ?? "")),
      fact("Made", "\(row.at), mode \(row.mode), rule \(row.rule)"),
      fact("Why", row.reason),
      fact("Route", "\(row.route): \(row.routeReason)"),
      fact(
        "ROI",
        "\(roi(row.roiPercent, row.roiStatus)), interval \(end(row.roiLowerPercent)) to \(end(row.roiUpperPercent)), "
          + "\(row.runs) runs, \(row.evaluatedRuns) evaluated, success \(Format.percent(row.successRatePercent))%"
      ),
      fact(
        "Money",
        "cost \(Format.dollars(row.costUSD)), revenue \(Format.dollars(row.revenueUSD)), at stake \(Format.dollars(row.stakeUSD))"
      ),
      fact("Confidence", row.confidence.map { Format.percent($0 * 100) + "%" } ?? "n/a"),
      fact("Risk", "\(row.riskScore) (\(row.riskBand))"),
      fact("Other mode", "\(row.otherMode): \(row.otherAction) (\(row.otherReason))"),
    ]
    if let expires = row.expiresAt { lines.append(fact("Expires", expires)) }
    for alternative in row.alternatives {
      lines.append(fact("Not \(alternative.action)", alternative.reason))
    }
    lines.append("")
    lines.append("What it saw:")
    lines += detail.inputs.split(separator: "\n").map { "  \($0)" }
    return lines
  }

  // MARK: would

  private static func would(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let targets = call.arguments.value("worker").map { [$0] } ?? []
    let bytes = try call.get(
      "/v1/outlook", TargetsQuery(targets: targets).parameters, to: "look ahead")
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name:
      for row in try call.decode([OutlookRow].self, bytes) { try call.console.line(row.worker) }
    case .table, .wide:
      var table = Table([
        Column("WORKER"), Column("WOULD"), Column("OTHER MODE"), Column("ROI", right: true),
        Column("RUNS", right: true), Column("TO PAUSE"), Column("TO KILL"), Column("TO SCALE"),
        Column("WHY"),
      ])
      table.rows = try call.decode([OutlookRow].self, bytes).map { row in
        [
          Cell(row.worker), Cell(row.action), Cell(row.otherAction), Cell(roi(row.roiPercent, nil)),
          Cell("\(row.evaluatedRuns)/\(row.runs)"), Cell(distance(row, "pause")),
          Cell(distance(row, "kill")), Cell(distance(row, "scale_up")), Cell(row.reason),
        ]
      }
      try call.show(table)
    }
    return .ok
  }

  private static func distance(_ row: OutlookRow, _ action: String) -> String {
    guard let found = row.distances.first(where: { $0.action == action }) else { return "-" }
    return short(found)
  }

  /// `12 runs, $0.5000`.
  static func short(_ row: DistanceRow) -> String {
    let parts = [
      row.runs.map { Format.plural($0, "run") }, row.amountUSD.map { Format.dollars($0) },
    ].compactMap { $0 }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }

  // MARK: answers

  static let approve = CommandSpec(
    name: "approve", abstract: "Let the engine do what it asked for",
    discussion: """
      Each decision is made again on the facts of now; where something else follows it is stale and the command exits 8.
      """,
    arguments: [ArgumentSpec(name: "ID", abstract: "Decisions", repeats: true)],
    options: [OptionSpec("reason", value: "TEXT", "Kept with the decision")],
    examples: [.init("novasup approve 12", "after `novasup decisions --state pending`")],
    run: { (call) throws(ClientError) in try resolve(call, "approve") })

  static let reject = CommandSpec(
    name: "reject", abstract: "Do not let the engine do what it asked for",
    discussion: "The same is not proposed again for 24 hours.",
    arguments: [ArgumentSpec(name: "ID", abstract: "Decisions", repeats: true)],
    options: [OptionSpec("reason", value: "TEXT", "Why; needed, and kept with the decision")],
    examples: [
      .init("novasup reject 12 --reason 'a campaign is running'", "it asks again tomorrow")
    ],
    run: { (call) throws(ClientError) in
      guard call.arguments.value("reason") != nil else {
        throw .usage("reject needs --reason", verb: "reject")
      }
      return try resolve(call, "reject")
    })

  private static func resolve(_ call: borrowing Invocation, _ verb: String) throws(ClientError)
    -> ExitCode
  {
    var ids: [Int64] = []
    for word in call.arguments.words {
      guard let id = Int64(word), id > 0 else {
        throw .usage("'\(word)' is not the number of a decision", verb: verb)
      }
      ids.append(id)
    }
    var worst = ExitCode.ok
    for id in ids {
      do throws(ClientError) {
        let bytes = try call.post(
          "/v1/decisions/\(id)/\(verb)", ResolutionRequest(reason: call.arguments.value("reason")),
          to: "\(verb) decision \(id)", timeoutSeconds: 30)
        let row = try call.decode(DecisionRow.self, bytes)
        switch call.form {
        case .json, .jsonl: try call.showJSON(bytes)
        case .name: try call.console.line("\(row.id)")
        case .table, .wide: try call.say("\(row.id) \(row.worker) \(row.action) \(row.state)")
        }
      } catch {
        guard ids.count > 1 else { throw error }
        call.warn(error.message)
        worst = error.code
      }
    }
    return worst
  }
}

// `budget`: what may be spent, what was and what is left; and limits set by hand. Must never round an amount so that a
// limit looks kept which was not.

import NovaModel
import NovaWire

/// The verb `budget`.
enum ShowBudget {
  static let command = CommandSpec(
    name: "budget", abstract: "Show what is left of every budget, or set one",
    discussion: """
      RESERVED is set aside and not spent: a booking interval of computing, and calls under way. OVER is what \
      was spent beyond a limit; only spending that nobody had reserved can do that. With set, a limit \
      holds at once, and until the file says something else than it says now; `none` lifts it.
      """,
    arguments: [
      ArgumentSpec(
        name: "[set] [WORKER]", abstract: "Workers to show; or set, and whose: none is the fleet",
        required: false, repeats: true)
    ],
    options: [
      OptionSpec("daily", value: "USD", "With set: the limit of each calendar day, or none"),
      OptionSpec("total", value: "USD", "With set: the limit of a worker for life, or none"),
      OptionSpec("provider", value: "NAME", "With set: of a provider of paid calls, per day"),
    ],
    examples: [
      .init("novasup budget", "everything"),
      .init("novasup budget set outreach --daily 10", "ten dollars a day for one worker"),
      .init("novasup budget set --daily 200", "for all workers together"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    if call.arguments.words.first == "set" { return try set(call) }
    for option in ["daily", "total", "provider"] where call.arguments.has(option) {
      throw .usage("--\(option) is for `budget set`", verb: "budget")
    }
    let bytes = try call.get("/v1/budgets", to: "show budgets")
    try show(call, bytes, only: call.arguments.has("all") ? [] : call.arguments.words)
    return .ok
  }

  private static func set(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words.dropFirst()
    guard words.count <= 1 else {
      throw .usage("budget set takes one worker", verb: "budget")
    }
    var request = BudgetSetRequest()
    request.worker = words.first
    request.provider = call.arguments.value("provider")
    request.dailyUSD = try amount(call.arguments.value("daily"), "daily")
    request.totalUSD = try amount(call.arguments.value("total"), "total")
    guard request.dailyUSD != nil || request.totalUSD != nil else {
      throw .usage("budget set needs --daily or --total", verb: "budget")
    }
    guard !call.dryRun else {
      try call.say("would set the budget of \(request.worker ?? request.provider ?? "the fleet")")
      return .ok
    }
    let bytes = try call.post(
      "/v1/budgets", request, to: "set the budget", timeoutSeconds: try call.timeoutSeconds() ?? 30)
    if call.quiet { return .ok }
    try show(call, bytes, only: words.first.map { [$0] } ?? [])
    return .ok
  }

  private static func amount(_ text: String?, _ option: String) throws(ClientError) -> String? {
    guard let text, text != "none" else { return text }
    guard let money = Money(decimal: text), money >= .zero else {
      throw .usage(
        "--\(option) takes `none` or dollars with at most six places, not \(CleanText.forTerminal(text))",
        verb: "budget")
    }
    return text
  }

  private static func show(
    _ call: borrowing Invocation, _ bytes: [UInt8], only: [String]
  ) throws(ClientError) {
    let report = try call.decode(BudgetReport.self, bytes)
    let rows = report.budgets.filter { row in
      only.isEmpty
        || only.contains { name in
          row.subject == name || row.subject?.hasPrefix(name + "/") == true
        }
    }
    guard !rows.isEmpty || only.isEmpty else {
      try call.say("\(only.joined(separator: ", ")) has no budget of its own")
      return
    }
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: for row in rows { try call.showJSON(APICoding.encode(row)) }
    case .name: for row in rows { try call.console.line(CleanText.forTerminal(name(row))) }
    case .table, .wide:
      try call.show(table(rows, wide: call.form == .wide))
      guard !call.quiet else { return }
      for hold in report.held where only.isEmpty || only.contains(hold.worker) {
        let what = hold.pending ? "goes on to the end of its run" : "is held"
        try call.say("\(hold.worker) \(what) (\(hold.action)): \(hold.why)")
      }
      if report.unreconciledReservations > 0 {
        try call.say(
          "\(Format.plural(report.unreconciledReservations, "reservation")) counted in full: nobody "
            + "said what they cost")
      }
      try call.say("daily budgets begin anew at \(report.resetsAt) (\(report.timezone))")
    }
  }

  private static func name(_ row: BudgetRow) -> String {
    row.scope == .provider ? "provider \(row.subject ?? "")" : row.subject ?? "(fleet)"
  }

  /// A row a limit.
  static func table(_ rows: [BudgetRow], wide: Bool) -> Table {
    var table = Table(
      [
        Column("BUDGET"), Column("FOR"), Column("LIMIT", right: true), Column("SPENT", right: true),
        Column("RESERVED", right: true), Column("LEFT", right: true), Column("OVER", right: true),
        Column("FORECAST", right: true),
      ]
        + (wide
          ? [
            Column("UNRESERVED", right: true), Column("UNRECONCILED", right: true),
            Column("EMPTY AT"), Column("SET BY"),
          ] : []) + [Column("LEVEL")])
    table.rows = rows.map { row in
      let wideCells: [Cell] = [
        Cell(Format.dollars(row.unreservedUSD)), Cell(Format.dollars(row.unreconciledUSD)),
        Cell(row.exhaustedAt ?? "-"), Cell(row.setBy ?? "file"),
      ]
      return [
        Cell(name(row)), Cell(row.scope == .run ? "run" : row.period.rawValue),
        Cell(row.limitUSD.map { Format.dollars($0) } ?? "-"), Cell(Format.dollars(row.spentUSD)),
        Cell(Format.dollars(row.reservedUSD)), Cell(row.leftUSD.map { Format.dollars($0) } ?? "-"),
        Cell(isZero(row.overrunUSD) ? "-" : Format.dollars(row.overrunUSD)),
        Cell(row.forecastUSD.map { Format.dollars($0) } ?? "-"),
      ] + (wide ? wideCells : []) + [
        Cell(row.level.rawValue + (row.soft ? ", soft" : ""), colour(row.level))
      ]
    }
    return table
  }

  private static func isZero(_ text: String) -> Bool { Money(decimal: text) == .zero }

  private static func colour(_ level: BudgetLevel) -> Cell.Colour {
    switch level {
    case .ok: .good
    case .warning: .busy
    case .exhausted: .bad
    }
  }
}

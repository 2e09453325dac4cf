// `costs` and the reports of `revenue`: one question, one table, CSV or JSON. Must never show a return that is not
// known as a number.

import NovaModel
import NovaWire

/// What both verbs share.
enum ShowMoney {
  static let options = [
    OptionSpec(
      "by", value: "WHAT", choices: MoneyGrouping.allCases.map(\.rawValue),
      "A row for each: worker, category, source; costs also by provider and model; may be repeated (worker)"
    ),
    OptionSpec(
      "period", value: "SPAN", choices: MoneyPeriod.allCases.map(\.rawValue),
      "A row for each day, week or month"),
    OptionSpec("since", value: "TIME", "From then: 7d ago as `7d`, or RFC 3339"),
    OptionSpec("until", value: "TIME", "Up to then"),
    OptionSpec("csv", "Comma-separated values, for a spreadsheet"),
  ]

  static let costs = CommandSpec(
    name: "costs", abstract: "Show what was spent",
    discussion: """
      Everything in the books: the use of this host, and what workers, platforms and gateways have reported. Days \
      are those of budget.timezone. By provider and by model it is calls of models alone, with their tokens, as long as \
      calls are kept (accounting.retention).
      """,
    arguments: [.target(required: false)], options: options,
    examples: [
      .init("novasup costs", "each worker since the beginning"),
      .init(
        "novasup costs --period day --since 7d --by category", "the last week by what it was for"),
      .init("novasup costs --by worker --by model --since 7d", "who called which model"),
      .init("novasup costs outreach --csv", "for a spreadsheet"),
    ],
    run: { (call) throws(ClientError) in
      let words = call.arguments.list("by")
      let isOfCalls = words.contains("model") || words.contains("provider")
      return try show(
        call, "/v1/costs", targets: call.targets,
        columns: isOfCalls
          ? callColumns : words.isEmpty || words == ["worker"] ? workerColumns : costColumns)
    })

  /// The question of the options.
  static func query(_ call: borrowing Invocation, targets: [String]) throws(ClientError)
    -> MoneyQuery
  {
    var query = MoneyQuery()
    query.targets = targets == ["*"] ? [] : targets
    query.by = call.arguments.list("by").compactMap(MoneyGrouping.init)
    query.period = call.arguments.value("period").flatMap(MoneyPeriod.init)
    query.since = try Times.text(call.arguments, "since", now: call.session.now(), verb: call.verb)
    query.until = try Times.text(call.arguments, "until", now: call.session.now(), verb: call.verb)
    query.view = call.arguments.value("view").flatMap(RevenueView.init) ?? .cash
    return query
  }

  /// Asks and shows.
  static func show(
    _ call: borrowing Invocation, _ path: String, targets: [String],
    columns: [MoneyColumn], arrange: (inout MoneyReport) -> Void = { _ in }
  ) throws(ClientError) -> ExitCode {
    let query = try query(call, targets: targets)
    let bytes = try call.get(path, query.parameters, to: "read the books")
    var report = try call.decode(MoneyReport.self, bytes)
    arrange(&report)
    if call.arguments.has("csv") {
      for line in csv(report) { try call.console.line(line) }
      return .ok
    }
    switch call.form {
    case .json: try call.showJSON(APICoding.encode(report))
    case .jsonl: for row in report.rows { try call.console.raw(APICoding.encode(row) + [0x0A]) }
    case .name:
      var seen: Set<String> = []
      for row in report.rows {
        guard let name = row.worker, seen.insert(name).inserted else { continue }
        try call.console.line(CleanText.forTerminal(name))
      }
    case .table, .wide: try call.show(table(report, columns))
    }
    return .ok
  }

  /// A column of figures.
  struct MoneyColumn: Sendable {
    var title: String
    var cell: @Sendable (MoneyRow) -> String
    init(_ title: String, _ cell: @escaping @Sendable (MoneyRow) -> String) {
      self.title = title
      self.cell = cell
    }
  }

  static let costColumns = [
    MoneyColumn("COST") { Format.dollars($0.costUSD) },
    MoneyColumn("ENTRIES") { "\($0.entries)" },
  ]

  static let callColumns = [
    MoneyColumn("CALLS") { tokens($0.calls) },
    MoneyColumn("INPUT") { tokens($0.inputTokens) },
    MoneyColumn("CACHE READ") { tokens($0.cacheReadTokens) },
    MoneyColumn("CACHE WRITE") { tokens($0.cacheWriteTokens) },
    MoneyColumn("OUTPUT") { tokens($0.outputTokens) },
    MoneyColumn("REASONING") { tokens($0.reasoningTokens) },
    MoneyColumn("COST") { Format.dollars($0.costUSD) },
  ]

  /// All costs, and how many calls of models are among them.
  static let workerColumns =
    costColumns + [
      MoneyColumn("CALLS") { tokens($0.calls) },
      MoneyColumn("TOKENS") { row in
        guard row.calls != nil else { return "-" }
        let kinds = [
          row.inputTokens, row.cacheReadTokens, row.cacheWriteTokens, row.outputTokens,
        ]
        return "\(kinds.reduce(Int64(0)) { $0 &+ ($1 ?? 0) })"
      },
    ]

  private static func tokens(_ count: Int64?) -> String { count.map { "\($0)" } ?? "-" }

  static let revenueColumns = [
    MoneyColumn("REVENUE") { Format.dollars($0.revenueUSD) },
    MoneyColumn("GIVEN BACK") { Format.dollars($0.contraUSD) },
    MoneyColumn("COST") { Format.dollars($0.costUSD) },
    MoneyColumn("PROFIT") { Format.dollars($0.profitUSD) },
    MoneyColumn("ROI") { roi($0.roiPercent, $0.roiStatus) },
    MoneyColumn("PENDING") { Format.dollars($0.pendingUSD) },
  ]

  static let statusColumns = [
    MoneyColumn("REVENUE") { Format.dollars($0.netRevenueUSD) },
    MoneyColumn("COST") { Format.dollars($0.costUSD) },
    MoneyColumn("PROFIT") { Format.dollars($0.profitUSD) },
    MoneyColumn("ROI") { roi($0.roiPercent, $0.roiStatus) },
    MoneyColumn("RUNS") { $0.runs.map { "\($0)" } ?? "-" },
    MoneyColumn("OK") { row in
      guard let runs = row.runs, runs > 0 else { return "-" }
      return roi(Double(row.runsOk ?? 0) * 100 / Double(runs), nil)
    },
  ]

  /// `150.0%`, `no cost` or `-`.
  static func roi(_ percent: Double?, _ status: String?) -> String {
    guard let percent else { return status == "no_cost" ? "no cost" : "-" }
    let tenths = Int64((percent * 10).rounded(.toNearestOrEven))
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)%"
  }

  static func table(_ report: MoneyReport, _ columns: [MoneyColumn]) -> Table {
    let hasPeriod = report.period != nil
    var heads: [Column] = hasPeriod ? [Column("FROM")] : []
    for grouping in report.by { heads.append(Column(grouping.rawValue.uppercased())) }
    var table = Table(heads + columns.map { Column($0.title, right: true) })
    func cells(_ row: MoneyRow, _ first: [Cell]) -> [Cell] {
      first + columns.map { Cell($0.cell(row)) }
    }
    for row in report.rows {
      var first: [Cell] = hasPeriod ? [Cell(row.period ?? "-")] : []
      for grouping in report.by {
        switch grouping {
        case .worker: first.append(Cell(row.worker ?? "(nobody)"))
        case .category: first.append(Cell(row.category ?? "-"))
        case .source: first.append(Cell(row.source ?? "-"))
        case .provider: first.append(Cell(row.provider ?? "-"))
        case .model: first.append(Cell(row.model ?? "-"))
        }
      }
      table.rows.append(cells(row, first))
    }
    var last = [Cell](repeating: Cell(""), count: heads.count)
    if !last.isEmpty { last[0] = Cell("total", .strong) }
    table.rows.append(cells(report.total, last))
    return table
  }

  /// A line of names, then the rows; no total, so that a column can be summed up.
  static func csv(_ report: MoneyReport) -> [String] {
    var lines = [
      CSVText.line([
        "period", "worker", "category", "source", "cost_usd", "revenue_usd", "contra_usd",
        "net_revenue_usd", "profit_usd", "pending_usd", "roi_percent", "roi_status", "entries",
        "runs", "runs_ok", "provider", "model", "calls", "input_tokens", "cache_read_tokens",
        "cache_write_tokens", "output_tokens", "reasoning_tokens",
      ])
    ]
    for row in report.rows {
      lines.append(
        CSVText.line(
          [
            row.period ?? "", row.worker ?? "", row.category ?? "", row.source ?? "", row.costUSD,
            row.revenueUSD, row.contraUSD, row.netRevenueUSD, row.profitUSD, row.pendingUSD,
            row.roiPercent.map { "\($0)" } ?? "", row.roiStatus ?? "", "\(row.entries)",
            row.runs.map { "\($0)" } ?? "", row.runsOk.map { "\($0)" } ?? "", row.provider ?? "",
            row.model ?? "",
          ]
            + [
              row.calls, row.inputTokens, row.cacheReadTokens, row.cacheWriteTokens,
              row.outputTokens, row.reasoningTokens,
            ].map { count in count.map { "\($0)" } ?? "" }))
    }
    return lines
  }
}

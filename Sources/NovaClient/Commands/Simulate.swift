// `simulate`: the past under other settings, and imagined fleets. All arithmetic happens here: the supervisor only hands
// out what it has stored. Must never change anything.

import NovaEconomics
import NovaLinux
import NovaModel
import NovaWire

/// The verb `simulate`.
enum Simulate {
  static let command = CommandSpec(
    name: "simulate", abstract: "Replay the ledger under other settings, or try an imagined fleet",
    discussion: """
      Without --portfolio the evaluated runs of the ledger are put before the rules once more, with the settings given \
      here and otherwise those in force, and what would have followed stands beside what happened. Runs of a worker \
      that would have been stopped are left out; those of one that would have been scaled bring n^0.7 of one. With \
      --portfolio a fleet from a JSON file is simulated day by day under five ways to hand out its money.
      """,
    options: [
      OptionSpec("since", value: "TIME", "From then: `30d` is 30 days ago, or RFC 3339 (all)"),
      OptionSpec(
        "mode", value: "MODE", choices: ["threshold", "evidence"], "threshold or evidence"),
      OptionSpec("scale-roi", value: "PERCENT", "Instead of thresholds.scale_roi"),
      OptionSpec("kill-roi", value: "PERCENT", "Instead of thresholds.kill_roi"),
      OptionSpec("min-roi", value: "PERCENT", "Instead of thresholds.min_roi"),
      OptionSpec("min-runs", value: "N", "Instead of thresholds.min_runs"),
      OptionSpec(
        "scale-success-rate", value: "PERCENT", "Instead of thresholds.scale_success_rate"),
      OptionSpec("portfolio", value: "FILE", "Simulate the fleet of this file"),
      OptionSpec("repetitions", value: "N", "With --portfolio: so many courses of events (100)"),
      OptionSpec("seed", value: "N", "With --portfolio: the same seed gives the same result (1)"),
    ],
    examples: [
      .init(
        "novasup simulate --since 30d --mode evidence --scale-roi 250",
        "the last 30 days, with proof"),
      .init("novasup simulate --portfolio fleet.json -o json", "before there is a fleet"),
    ],
    run: { (call) throws(ClientError) in
      if let path = call.arguments.value("portfolio") { return try portfolio(path, call) }
      return try replay(call)
    })

  // MARK: the past

  private static func replay(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let purpose = "simulate"
    let status = try call.decode(AutonomyStatus.self, call.get("/v1/autonomy", to: purpose))
    let base = try settings(of: status, purpose)
    var other = base
    if let mode = call.arguments.value("mode").flatMap(DecisionMode.init(rawValue:)) {
      other.mode = mode
    }
    try change(&other.thresholds, call)
    let since = try Times.text(call.arguments, "since", now: call.session.now(), verb: "simulate")
      .flatMap { WallTime(rfc3339: $0) }
    let limit = status.thresholds.values["daily_budget"].flatMap { Money(decimal: $0) } ?? .zero
    var columns = [WhatIf(base, dayLimit: limit), WhatIf(other, dayLimit: limit)]
    var happened = (runs: 0, cost: Money.zero, revenue: Money.zero)
    var query = EvaluationsQuery()
    query.limit = 5000
    query.after = 0
    var progress = ProgressBar(call, "runs")
    while true {
      let page = try call.decode(
        [EvaluationRow].self, call.get("/v1/evaluations", query.parameters, to: purpose))
      for row in page {
        query.after = row.sequence
        let evaluation = try DecisionReplay.evaluation(row, purpose)
        if let since, evaluation.at < since { continue }
        happened.runs += 1
        happened.cost = happened.cost + evaluation.cost
        happened.revenue = happened.revenue + evaluation.revenue
        let cap = row.capUSD.flatMap { Money(decimal: $0) }
        for index in columns.indices { columns[index].take(evaluation, cap: cap) }
      }
      progress.show(happened.runs)
      if page.count < 5000 { break }
    }
    progress.end()
    var decided = DecisionsQuery()
    decided.state = "executed"
    decided.limit = 1000
    decided.since = since?.rfc3339
    let executed = try call.decode(
      [DecisionRow].self, call.get("/v1/decisions", decided.parameters, to: purpose))
    return try show(happened, executed, columns, call)
  }

  private static func settings(of status: AutonomyStatus, _ purpose: String) throws(ClientError)
    -> EngineSettings
  {
    var settings = EngineSettings()
    let known = status.thresholds.values
    func number(_ name: String) throws(ClientError) -> Int {
      guard let value = known[name].flatMap({ Int($0) }) else {
        throw .cannot(purpose, "the supervisor does not say its \(name)")
      }
      return value
    }
    settings.mode = DecisionMode(rawValue: status.mode) ?? .threshold
    settings.thresholds.minROIPercent = try number("min_roi")
    settings.thresholds.warnROIPercent = try number("warn_roi")
    settings.thresholds.scaleROIPercent = try number("scale_roi")
    settings.thresholds.killROIPercent = try number("kill_roi")
    settings.thresholds.scaleSuccessRatePercent = try number("scale_success_rate")
    settings.thresholds.minRuns = try number("min_runs")
    if let limit = known["require_approval_above"].flatMap({ Money(decimal: $0) }) {
      settings.thresholds.requireApprovalAbove = limit
    }
    return settings
  }

  private static func change(
    _ thresholds: inout SupervisorSettings.Thresholds, _ call: borrowing Invocation
  ) throws(ClientError) {
    let roi = -100...100_000
    if let value = try call.arguments.number("scale-roi", roi, verb: "simulate") {
      thresholds.scaleROIPercent = value
    }
    if let value = try call.arguments.number("kill-roi", roi, verb: "simulate") {
      thresholds.killROIPercent = value
    }
    if let value = try call.arguments.number("min-roi", roi, verb: "simulate") {
      thresholds.minROIPercent = value
    }
    if let value = try call.arguments.number("min-runs", 1...1_000_000, verb: "simulate") {
      thresholds.minRuns = value
    }
    if let value = try call.arguments.number("scale-success-rate", 0...100, verb: "simulate") {
      thresholds.scaleSuccessRatePercent = value
    }
  }

  private static func show(
    _ happened: (runs: Int, cost: Money, revenue: Money), _ executed: [DecisionRow],
    _ columns: [WhatIf], _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    let titles = [
      "as it is set (\(columns[0].settings.mode.rawValue))",
      "as asked (\(columns[1].settings.mode.rawValue))",
    ]
    if call.form == .json || call.form == .jsonl {
      let profit = happened.revenue - happened.cost
      var members: [JSONValue.Member] = [
        .init(
          "happened",
          .object([
            .init("runs", .number("\(happened.runs)")),
            .init("cost_usd", .string(happened.cost.decimal)),
            .init("revenue_usd", .string(happened.revenue.decimal)),
            .init("profit_usd", .string(profit.decimal)),
            .init("actions", .array(executed.map { APICoding.json($0) })),
          ]))
      ]
      for (name, column) in zip(["as_set", "as_asked"], columns) {
        members.append(.init(name, json(column)))
      }
      try call.showJSON(JSONValue.object(members).bytes())
      return .ok
    }
    var table = Table([
      Column(""), Column("HAPPENED", right: true), Column(titles[0].uppercased(), right: true),
      Column(titles[1].uppercased(), right: true),
    ])
    func row(_ name: String, _ first: String, _ rest: (WhatIf) -> String) {
      table.rows.append([Cell(name), Cell(first)] + columns.map { Cell(rest($0)) })
    }
    row("runs", "\(happened.runs)") { "\(Int($0.runs.rounded()))" }
    row("cost", Format.dollars(happened.cost.decimal)) { dollars($0.cost) }
    row("revenue", Format.dollars(happened.revenue.decimal)) { dollars($0.revenue) }
    row("profit", Format.dollars((happened.revenue - happened.cost).decimal)) {
      dollars($0.revenue - $0.cost)
    }
    for action in DecisionAction.allCases where action != .none {
      let real = executed.count { $0.action == action.rawValue }
      row(action.rawValue, "\(real)") { column in "\(column.steps.count { $0.action == action })" }
    }
    try call.show(table)
    for (title, column) in zip(titles, columns) where !column.steps.isEmpty {
      try call.say("\n\(title):")
      for step in column.steps.prefix(50) {
        try call.say(
          "  \(step.at.rfc3339)  \(step.worker)  \(step.action.rawValue) \(step.from) to \(step.to)"
            + (step.isAutomatic ? "" : " (asks)") + "  \(step.reason)")
      }
      if column.steps.count > 50 { try call.say("  and \(column.steps.count - 50) more (-o json)") }
    }
    return .ok
  }

  private static func json(_ column: WhatIf) -> JSONValue {
    func money(_ usd: Double) -> JSONValue {
      .string((Money(roundingUpUSD: usd) ?? .zero).decimal)
    }
    return .object([
      .init("mode", .string(column.settings.mode.rawValue)),
      .init("runs", .number("\(Int(column.runs.rounded()))")),
      .init("cost_usd", money(column.cost)),
      .init("revenue_usd", money(column.revenue)),
      .init("profit_usd", money(column.revenue - column.cost)),
      .init(
        "actions",
        .array(
          column.steps.map { step in
            .object([
              .init("at", .string(step.at.rfc3339)), .init("worker", .string(step.worker.text)),
              .init("action", .string(step.action.rawValue)),
              .init("from_instances", .number("\(step.from)")),
              .init("to_instances", .number("\(step.to)")), .init("reason", .string(step.reason)),
              .init("automatic", .bool(step.isAutomatic)),
            ])
          })),
    ])
  }

  private static func dollars(_ usd: Double) -> String {
    Format.dollars((Money(roundingUpUSD: usd))?.decimal)
  }

  // MARK: imagined fleets

  private static func portfolio(_ path: String, _ call: borrowing Invocation) throws(ClientError)
    -> ExitCode
  {
    let purpose = "simulate \(path)"
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try FileBytes.read(path, limit: 1 << 20)
    } catch {
      throw .cannot(purpose, error.message)
    }
    let file: PortfolioFile
    do throws(APIError) {
      file = try APICoding.decode(PortfolioFile.self, from: bytes)
    } catch {
      throw .cannot(purpose, error.message, code: .usage)
    }
    let imagined = try fleet(file, purpose)
    let repetitions = try call.arguments.number("repetitions", 1...100_000, verb: "simulate") ?? 100
    let seed = try call.arguments.number("seed", 0...Int.max, verb: "simulate") ?? 1
    var results: [Portfolio.Result] = []
    var progress = ProgressBar(call, "courses", of: repetitions * Portfolio.Policy.allCases.count)
    for (index, policy) in Portfolio.Policy.allCases.enumerated() {
      results.append(
        imagined.simulate(policy, repetitions: repetitions, seed: UInt64(seed)) {
          progress.note(index * repetitions + $0)
        })
      progress.show(index * repetitions + repetitions)
    }
    progress.end()
    return try show(results, imagined, call)
  }

  private static func fleet(_ file: PortfolioFile, _ purpose: String) throws(ClientError)
    -> Portfolio
  {
    guard let budget = Money(decimal: file.budgetUSD), budget > .zero else {
      throw .cannot(purpose, "budget_usd must be an amount such as \"100\"", code: .usage)
    }
    var members: [Portfolio.Member] = []
    for member in file.workers {
      guard let name = WorkerName(member.name), let cost = Money(decimal: member.costUSD),
        cost > .zero,
        let price = Money(decimal: member.priceUSD), price > .zero,
        (0...100).contains(member.conversionPercent),
        (0.01...100_000).contains(member.runsPerDay ?? 16)
      else {
        throw .cannot(
          purpose,
          "worker '\(CleanText.forTerminal(member.name))' needs a name, cost_usd and price_usd above 0, and "
            + "conversion_percent from 0 to 100", code: .usage)
      }
      members.append(
        Portfolio.Member(
          name: name,
          scenario: Scenario(
            name: member.name, cost: cost.usd, conversion: member.conversionPercent / 100,
            sale: .fixed(price.usd)), runsPerDay: member.runsPerDay ?? 16))
    }
    guard !members.isEmpty, members.count <= 1000, (1...3650).contains(file.days ?? 30) else {
      throw .cannot(purpose, "1 to 1000 workers over 1 to 3650 days can be simulated", code: .usage)
    }
    return Portfolio(workers: members, budget: budget.usd, days: file.days ?? 30)
  }

  private static func show(
    _ results: [Portfolio.Result], _ fleet: Portfolio, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(
        JSONValue.array(
          results.map { result in
            .object([
              .init("policy", .string(result.policy.rawValue)),
              .init("net_usd", .string((Money(roundingUpUSD: result.meanNet) ?? .zero).decimal)),
              .init(
                "standard_error_usd", .string((Money(roundingUpUSD: result.error) ?? .zero).decimal)
              ),
              .init("good_stopped", .number("\(result.goodStopped)")),
            ])
          }
        ).bytes())
      return .ok
    }
    var table = Table([
      Column("POLICY"), Column("NET", right: true), Column("+-", right: true),
      Column("GOOD STOPPED", right: true),
    ])
    table.rows = results.map { result in
      [
        Cell(result.policy.rawValue), Cell(dollars(result.meanNet)), Cell(dollars(result.error)),
        Cell(Format.percent(result.goodStopped)),
      ]
    }
    try call.show(table)
    try call.say(
      "\(Format.plural(fleet.workers.count, "worker")), $\(Format.percent(fleet.budget)) a day, \(fleet.days) days; net is the mean of all courses"
    )
    return .ok
  }
}

/// A line on a terminal that says how far a long job is; silent where nobody looks.
struct ProgressBar {
  private let console: Console
  private let isShown: Bool
  private let noun: String
  private let total: Int?

  init(_ call: borrowing Invocation, _ noun: String, of total: Int? = nil) {
    console = call.console
    isShown = call.console.width != nil && !call.quiet
    self.noun = noun
    self.total = total
  }

  /// Shows how far it is.
  mutating func show(_ count: Int) { note(count) }

  /// The same from a closure.
  func note(_ count: Int) {
    guard isShown else { return }
    let share = total.map { " of \($0), \(count * 100 / max(1, $0)) %" } ?? ""
    console.complain("\r\u{1B}[K\(count)\(share) \(noun)", newline: false)
  }

  /// Takes the line away.
  mutating func end() {
    if isShown { console.complain("\r\u{1B}[K", newline: false) }
  }
}

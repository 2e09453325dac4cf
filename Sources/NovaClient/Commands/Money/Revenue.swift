// `revenue`: what was earned; and `add` and `import`, by which a person books what no platform reports.
// Must never book a part of a file: every line is judged before the first is booked.

import Glibc
import NovaModel
import NovaWire

/// The verb `revenue`.
enum Revenue {
  static let command = CommandSpec(
    name: "revenue", abstract: "Show what was earned; book a payment or a refund by hand",
    discussion: """
      Without a word it shows what each worker earned, cost and returned. `add` books one payment, or with --kind \
      refund --of ID what was given back of one. `import FILE` books every line of a CSV or JSON file, whose \
      columns are the keys of POST /v1/revenue. `timeline` shows the lines of the ledger. `rate EUR 1.0812` says what \
      a currency is worth from --at on, for payments of which the platform did not say what it settled; `rates` \
      lists them. The same --id of the same --source is booked once.
      """,
    arguments: [
      ArgumentSpec(
        name: "TARGET", abstract: "a worker; or add, import FILE, timeline, rate, rates",
        kind: .target,
        required: false, repeats: true)
    ],
    options: ShowMoney.options + [
      OptionSpec(
        "view", value: "VIEW", choices: RevenueView.allCases.map(\.rawValue),
        "Dated by booking (cash) or by the start of the run that earned it (cohort)"),
      OptionSpec("top", value: "N", "The N workers with the highest profit"),
      OptionSpec("limit", short: "n", value: "N", "timeline: the newest N (100)"),
      OptionSpec("worker", value: "NAME", "add: whose it is"),
      OptionSpec("amount", value: "USD", "add: how much, such as 12.50"),
      OptionSpec("id", value: "ID", "add: the source's name for it"),
      OptionSpec("source", value: "NAME", "add: where it comes from (manual)"),
      OptionSpec(
        "kind", value: "KIND", choices: RevenueKind.allCases.map(\.rawValue),
        "add: sale, manual, subscription_cycle, refund, dispute, dispute_fee or chargeback_won"),
      OptionSpec("of", value: "ID", "add: the payment that is given back"),
      OptionSpec("run-id", value: "ID", "add: the worker's run that earned it"),
      OptionSpec("product", value: "ID", "add: the product, looked up in economics.products"),
      OptionSpec("touch", value: "KEY", "add: a customer that workers have touched"),
      OptionSpec("fee", value: "USD", "add: the platform's fee"),
      OptionSpec("subscription", value: "ID", "add: the subscription that it is a cycle of"),
      OptionSpec(
        "currency", value: "CODE",
        "add: what it was paid in; --amount is then the settlement, without it the rate of the day counts"
      ),
      OptionSpec("paid", value: "AMOUNT", "add: how much was paid in that currency"),
      OptionSpec("at", value: "TIME", "add: when it was paid; rate: from when on it holds (now)"),
      OptionSpec("matures", value: "TIME", "add: when it counts as settled (at once)"),
    ],
    examples: [
      .init("novasup revenue --period month", "what each worker earned, by month"),
      .init("novasup revenue --top 5", "who earns most"),
      .init("novasup revenue add --worker outreach --amount 12.50 --id INV-7", "book an invoice"),
      .init(
        "novasup revenue add --kind refund --of INV-7 --id CN-1 --amount 5", "give some of it back"),
      .init("novasup revenue import sales.csv --dry-run", "judge a file"),
    ],
    run: { (call) throws(ClientError) in
      switch call.arguments.words.first {
      case "add": try add(call)
      case "import": try importFile(call)
      case "timeline": try timeline(call)
      case "rate": try Rates.set(call)
      case "rates": try Rates.list(call)
      default: try report(call)
      }
    })

  private static func report(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let top = try call.arguments.number("top", 1...10_000, verb: "revenue")
    return try ShowMoney.show(
      call, "/v1/revenue", targets: call.targets, columns: ShowMoney.revenueColumns
    ) { report in
      guard let top else { return }
      report.rows.sort {
        (Money(decimal: $0.profitUSD) ?? .zero) > (Money(decimal: $1.profitUSD) ?? .zero)
      }
      report.rows = Array(report.rows.filter { $0.worker != nil }.prefix(top))
    }
  }

  // MARK: add

  private static func add(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    guard call.arguments.words.count == 1 else {
      throw .usage("unexpected word \(call.arguments.words[1])", verb: "revenue")
    }
    guard let id = call.arguments.value("id") else {
      throw .usage(
        "revenue add needs --id: the name under which it is booked once", verb: "revenue")
    }
    var request = RevenueRequest(id: id)
    request.kind = call.arguments.value("kind").flatMap(RevenueKind.init)
    request.source = call.arguments.value("source")
    request.amountUSD = call.arguments.value("amount")
    request.amount = call.arguments.value("paid")
    request.currency = call.arguments.value("currency")
    request.feeUSD = call.arguments.value("fee")
    request.of = call.arguments.value("of")
    request.worker = call.arguments.value("worker")
    request.runID = call.arguments.value("run-id")
    request.product = call.arguments.value("product")
    request.subscription = call.arguments.value("subscription")
    let touches = call.arguments.list("touch")
    if !touches.isEmpty { request.touch = touches }
    request.at = try Times.text(call.arguments, "at", now: call.session.now(), verb: "revenue")
    request.maturesAt = call.arguments.value("matures")
    if call.dryRun { request.dryRun = true }
    let bytes = try call.post("/v1/revenue", request, to: "book \(id)", timeoutSeconds: 30)
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(bytes)
      return .ok
    }
    let response = try call.decode(RevenueResponse.self, bytes)
    try call.say(
      call.dryRun
        ? "\(id) could be booked"
        : response.repeated ? "\(id) was booked before" : "\(id) is booked")
    return .ok
  }

  // MARK: import

  private static func importFile(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    guard call.arguments.words.count == 2 else {
      throw .usage("revenue import needs one FILE", verb: "revenue")
    }
    let path = call.arguments.words[1]
    let requests = try ImportedRevenue.requests(
      try read(path), name: path, defaultSource: call.arguments.value("source"))
    for (line, request) in requests {
      var judged = request
      judged.dryRun = true
      do throws(ClientError) {
        _ = try call.post("/v1/revenue", judged, to: "book \(request.id)", timeoutSeconds: 30)
      } catch {
        throw .cannot(
          "import \(path)", "line \(line): \(error.message)", hint: "nothing was booked",
          code: error.code)
      }
    }
    guard !call.dryRun else {
      try call.say("\(Format.plural(requests.count, "line")) could be booked")
      return .ok
    }
    var booked = 0
    var repeated = 0
    for (line, request) in requests {
      do throws(ClientError) {
        let bytes = try call.post(
          "/v1/revenue", request, to: "book \(request.id)", timeoutSeconds: 30)
        if try call.decode(RevenueResponse.self, bytes).repeated {
          repeated += 1
        } else {
          booked += 1
        }
      } catch {
        throw .cannot(
          "import \(path)", "line \(line): \(error.message)",
          hint:
            "\(booked) lines before it are booked; mend it and import the file again: they are known",
          code: error.code)
      }
    }
    try call.say("\(Format.plural(booked, "line")) booked, \(repeated) known before")
    return .ok
  }

  private static func read(_ path: String) throws(ClientError) -> [UInt8] {
    let file = unsafe path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      // SAFETY: strerror's text is copied at once.
      let why = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
      throw .cannot("import \(path)", why)
    }
    defer { if file > 0 { close(file) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    // 64 MiB: half a million lines.
    while bytes.count <= 64 << 20 {
      let count = unsafe Glibc.read(file, &piece, piece.count)
      guard count > 0 else { return bytes }
      bytes += piece.prefix(count)
    }
    throw .cannot("import \(path)", "it is larger than 64 MiB", hint: "divide it")
  }

  // MARK: timeline

  private static func timeline(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    var query = EntriesQuery()
    query.targets = Array(call.arguments.words.dropFirst())
    query.income = true
    query.limit = try call.arguments.number("limit", 1...10_000, verb: "revenue")
    query.since = try Times.text(call.arguments, "since", now: call.session.now(), verb: "revenue")
    let bytes = try call.get("/v1/entries", query.parameters, to: "read the books")
    let rows = try call.decode([EntryRow].self, bytes)
    if call.arguments.has("csv") {
      try call.console.line(
        CSVText.line([
          "id", "at", "booked_at", "worker", "run_id", "kind", "source", "external_id",
          "amount_usd", "pending",
          "paid", "rule", "weight", "reverses",
        ]))
      for row in rows {
        try call.console.line(
          CSVText.line([
            "\(row.id)", row.at, row.bookedAt, row.worker ?? "", row.runID ?? "", row.kind,
            row.source,
            row.externalID, row.amountUSD, "\(row.pending)", row.paid ?? "", row.rule,
            "\(row.weight)",
            row.reverses.map { "\($0)" } ?? "",
          ]))
      }
      return .ok
    }
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name: for row in rows { try call.console.line("\(row.id)") }
    case .table, .wide:
      var table = Table([
        Column("ID", right: true), Column("BOOKED"), Column("WORKER"), Column("KIND"),
        Column("SOURCE"),
        Column("AMOUNT", right: true), Column("RULE"), Column("OF"),
      ])
      table.rows = rows.map { row in
        [
          Cell("\(row.id)"), Cell(row.bookedAt), Cell(row.worker ?? "(nobody)"), Cell(row.kind),
          Cell(row.source), Cell(Format.dollars(row.amountUSD) + (row.pending ? " pending" : "")),
          Cell(row.rule), Cell(row.externalID),
        ]
      }
      try call.show(table)
    }
    return .ok
  }
}

// `prices` without a word and `prices update`: the model prices in force, and a new table of them with what it changes. Must
// never send a table that nobody has been shown the changes of.

import NovaLinux
import NovaModel
import NovaWire

/// The prices that the supervisor goes by.
enum PriceUpdate {
  // As many as a person reads; the rest is counted.
  private static let mostChanges = 20
  private static let mostNames = 10

  /// `prices`.
  static func show(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    guard let prices = try current(call) else {
      throw .cannot(
        "show the model prices", "there are none yet", hint: "novasup prices update FILE")
    }
    let table = try? PriceTable(Array(prices.table.utf8))
    switch call.form {
    case .json, .jsonl:
      try call.showJSON(
        JSONValue.object([
          .init("version", .integer(Int(prices.version ?? 0))),
          .init("since", .string(prices.since ?? "")),
          .init("models", .integer(table?.models.count ?? 0)),
        ]).bytes())
    case .name:
      for name in (table?.models.keys.sorted() ?? []) {
        try call.console.line(CleanText.forTerminal(name))
      }
    case .table, .wide:
      try call.say(
        "version \(prices.version ?? 0), in force since \(prices.since ?? "?"): "
          + Format.plural(table?.models.count ?? 0, "model"))
    }
    return .ok
  }

  /// `prices update FILE`.
  static func update(_ path: String, _ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let purpose = "update the model prices"
    let (table, text) = try read(path, purpose)
    let before = try current(call).flatMap { try? PriceTable(Array($0.table.utf8)) }
    let changes = PriceChanges(from: before, to: table)
    if call.form == .table || call.form == .wide { try tell(changes, table, call) }
    for sentence in table.refused.sorted() {
      call.warn("left out: \(CleanText.forTerminal(sentence))")
    }
    guard !call.dryRun else {
      if call.form == .json || call.form == .jsonl {
        try call.showJSON(summary(changes, table).bytes())
      } else {
        try call.say("nothing was changed (--dry-run)")
      }
      return .ok
    }
    let bytes = try call.post(
      "/v1/gateway/prices", GatewayPrices(version: nil, since: nil, table: text), to: purpose,
      timeoutSeconds: 60)
    let response = try call.decode(GatewayPricesResponse.self, bytes)
    switch call.form {
    case .json, .jsonl: try call.showJSON(bytes)
    case .name: try call.console.line("\(response.version)")
    case .table, .wide:
      try call.say("version \(response.version) is in force since \(response.since)")
    }
    return .ok
  }

  /// Nil: none were ever given.
  private static func current(_ call: borrowing Invocation) throws(ClientError) -> GatewayPrices? {
    let purpose = "read the model prices"
    let answer: Connection.Answer
    do throws(Connection.Failure) {
      answer = try call.session.connection.perform(
        .init(path: "/v1/gateway/prices", timeoutSeconds: 30))
    } catch {
      throw Invocation.explain(error, to: purpose, socket: call.session.connection.socket)
    }
    if answer.status == 404 { return nil }
    guard answer.status == 200 else { throw Invocation.refusal(answer, to: purpose) }
    return try call.decode(GatewayPrices.self, answer.body)
  }

  private static func read(_ path: String, _ purpose: String) throws(ClientError) -> (
    PriceTable, String
  ) {
    let bytes: [UInt8]
    do throws(SystemError) {
      // 16 MiB: the published table has 2.
      bytes = try FileBytes.read(path, limit: 16 << 20)
    } catch {
      throw .cannot(purpose, error.message)
    }
    do throws(PriceTable.Failure) {
      return try PriceTable.cutDown(bytes)
    } catch {
      throw .cannot(purpose, "\(path): \(error.message)")
    }
  }

  private static func tell(
    _ changes: PriceChanges, _ table: PriceTable, _ call: borrowing Invocation
  ) throws(ClientError) {
    try call.say(
      "\(Format.plural(table.models.count, "model")) can be priced: \(changes.added.count) new, "
        + "\(changes.gone.count) gone, \(changes.changedModels) with other prices")
    if changes.added.count < table.models.count { try name("new", changes.added, call) }
    try name("gone", changes.gone, call)
    guard !changes.changed.isEmpty else { return }
    var rows = Table([
      Column("MODEL"), Column("WHAT"), Column("BEFORE", right: true), Column("AFTER", right: true),
    ])
    rows.rows = changes.changed.prefix(mostChanges).map { change in
      [
        Cell(change.model), Cell(what(change)), Cell(price(change.before, change.item)),
        Cell(price(change.after, change.item)),
      ]
    }
    try call.show(rows)
    let rest = changes.changed.count - mostChanges
    if rest > 0 { try call.say("and \(Format.plural(rest, "smaller change"))") }
  }

  private static func name(_ what: String, _ names: [String], _ call: borrowing Invocation)
    throws(ClientError)
  {
    guard !names.isEmpty else { return }
    let rest = names.count - mostNames
    try call.say(
      "\(what): " + names.prefix(mostNames).joined(separator: ", ")
        + (rest > 0 ? " and \(rest) more" : ""))
  }

  private static func what(_ change: PriceChanges.Change) -> String {
    var text = change.item.rawValue
    if change.tier != .standard { text += " \(change.tier.rawValue)" }
    if change.above > 0 { text += " above \(change.above / 1000)k" }
    return text
  }

  /// A million tokens' price, or a search's: a token's has too many zeros to be compared by eye.
  private static func price(_ price: Price?, _ item: ModelPrice.Item) -> String {
    guard let price else { return "none" }
    guard item != .webSearch else { return "$\(short(price.decimal)) a search" }
    let (value, over) = price.picoUSD.multipliedReportingOverflow(by: 1_000_000)
    return "$\(over ? "?" : short(Price(picoUSD: value).decimal))/M"
  }

  private static func short(_ decimal: String) -> String {
    var text = Substring(decimal)
    while text.hasSuffix("0"), text.suffix(3).first != "." { text.removeLast() }
    return String(text)
  }

  private static func summary(_ changes: PriceChanges, _ table: PriceTable) -> JSONValue {
    .object([
      .init("models", .integer(table.models.count)),
      .init("added", .array(changes.added.map { .string($0) })),
      .init("gone", .array(changes.gone.map { .string($0) })),
      .init("changed", .integer(changes.changedModels)),
      .init("refused", .array(table.refused.sorted().map { .string($0) })),
    ])
  }
}

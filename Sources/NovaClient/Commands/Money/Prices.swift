// `prices`: what models cost, by the public table, what one answer of a provider has cost by it, and which table the supervisor
// goes by. Must never ask the network for a table: whose word it is has to be known.

import NovaLinux
import NovaModel
import NovaWire

/// The verb `prices`.
enum Prices {
  static let command = CommandSpec(
    name: "prices", abstract: "Show or set what models cost, or price one answer",
    discussion: """
      Without a word it shows the version in force, by which the gateway prices calls. `update` makes FILE the one in force: it \
      is cut down to the models that can be priced, and what changes is shown first; with --dry-run only that. A table is a \
      JSON file in the form that LiteLLM publishes as model_prices_and_context_window.json. `check` reads it \
      and says which models are left out because their prices cannot be true; exit 1 when there are any. `cost` prices an \
      answer of Anthropic Messages or of OpenAI chat completions, responses or embeddings, a whole one or a recorded \
      stream, to the pico-dollar.
      """,
    arguments: [
      ArgumentSpec(
        name: "VERB", abstract: "update, check or cost",
        kind: .choice(["update", "check", "cost"]),
        required: false),
      ArgumentSpec(name: "FILE", abstract: "the table", kind: .file, required: false),
      ArgumentSpec(name: "MODEL", abstract: "cost: the model", required: false),
      ArgumentSpec(
        name: "ANSWER", abstract: "cost: the provider's answer", kind: .file, required: false),
    ],
    examples: [
      .init("novasup prices update prices.json --dry-run", "what would change?"),
      .init("novasup prices check prices.json", "is it a table that can be used?"),
      .init("novasup prices cost prices.json claude-sonnet-4-5 answer.json", "what was it?"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words
    guard let verb = words.first else { return try PriceUpdate.show(call) }
    switch (verb, words.count) {
    case ("update", 2): return try PriceUpdate.update(words[1], call)
    case ("check", 2): return try check(words[1], call)
    case ("cost", 4): return try cost(words[1], words[2], words[3], call)
    case ("update", _): throw .usage("prices update needs FILE alone", verb: call.verb)
    case ("check", _): throw .usage("prices check needs FILE alone", verb: call.verb)
    case ("cost", _): throw .usage("prices cost needs FILE MODEL ANSWER", verb: call.verb)
    default: throw .usage("prices is update, check or cost", verb: call.verb)
    }
  }

  private static func read(_ path: String, _ purpose: String, limit: Int) throws(ClientError)
    -> [UInt8]
  {
    do throws(SystemError) {
      return try FileBytes.read(path, limit: limit)
    } catch {
      throw .cannot(purpose, error.message)
    }
  }

  /// 16 MiB: the published table has 2.
  private static func table(_ path: String, _ purpose: String) throws(ClientError) -> PriceTable {
    let bytes = try read(path, purpose, limit: 16 << 20)
    do throws(PriceTable.Failure) {
      return try PriceTable(bytes)
    } catch {
      throw .cannot(purpose, "\(path): \(error.message)")
    }
  }

  private static func check(_ path: String, _ call: borrowing Invocation) throws(ClientError)
    -> ExitCode
  {
    let table = try table(path, "use the table")
    let refused = table.refused.sorted()
    switch call.form {
    case .json, .jsonl:
      try call.showJSON(
        JSONValue.object([
          .init("models", .integer(table.models.count)),
          .init("passed_over", .integer(table.passedOver)),
          .init("refused", .array(refused.map { .string($0) })),
        ]).bytes())
    case .name:
      for name in table.models.keys.sorted() {
        try call.console.line(CleanText.forTerminal(name))
      }
    case .table, .wide:
      try call.say(
        "\(table.models.count) models can be priced, \(table.passedOver) others are not paid by the token"
      )
      for sentence in refused { call.warn("left out: \(CleanText.forTerminal(sentence))") }
    }
    return refused.isEmpty ? .ok : .failed
  }

  private static func cost(
    _ path: String, _ model: String, _ answerPath: String, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    let purpose = "price \(answerPath)"
    guard let price = try table(path, purpose).models[model] else {
      throw .cannot(
        purpose, "the table has no price for \(model)",
        hint: "novasup prices check \(path) -o name lists those it has")
    }
    // 64 MiB: a stream of a million tokens.
    let bytes = try read(answerPath, purpose, limit: 64 << 20)
    guard let usage = usage(in: bytes) else {
      throw .cannot(purpose, "it says nothing that can be true of its use")
    }
    guard let cost = price.cost(of: usage) else {
      throw .cannot(purpose, "it used something that has no price in \(path)")
    }
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(
        JSONValue.object(
          [.init("model", .string(model)), .init("cost_usd", .string(cost.decimal))]
            + rows(usage).map { .init($0.name, .integer($0.count)) }
            + [.init("service_tier", .string(usage.tier.rawValue))]
        ).bytes())
      return .ok
    }
    if call.form == .name {
      try call.console.line(cost.decimal)
      return .ok
    }
    var table = Table([Column("WHAT"), Column("COUNT", right: true)])
    table.rows = rows(usage).filter { $0.count > 0 }.map {
      [Cell($0.name), Cell(String($0.count))]
    }
    try call.show(table)
    try call.say("$\(cost.decimal) (\(usage.tier.rawValue))")
    return .ok
  }

  private static func usage(in bytes: [UInt8]) -> TokenUsage? {
    if let answer = ModelAnswer(bytes) { return answer.usage }
    var stream = AnswerStream()
    stream.take(bytes)
    // The last line may have no end.
    stream.take([0x0A])
    return stream.answer.usage
  }

  private static func rows(_ usage: TokenUsage) -> [(name: String, count: Int64)] {
    [
      ("input_tokens", usage.input), ("cache_read_tokens", usage.cacheRead),
      ("cache_write_tokens", usage.cacheWrite), ("cache_write_hour_tokens", usage.cacheWriteHour),
      ("output_tokens", usage.output), ("reasoning_tokens", usage.reasoning),
      ("web_searches", usage.webSearches),
    ]
  }
}

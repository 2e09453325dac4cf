// Calls of models and their prices as columns and back. Must never read a row as something else than it was written as.

internal import NovaModel

extension ModelCall {
  static let columnNames = """
    id, at_usec, worker, run, provider, model, duration_msec, status, outcome, streamed, input_tokens,
    cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_pico, saved_pico, amount_micro,
    estimated, reservation, prices, reason
    """

  static let selection = "SELECT number, \(columnNames) FROM model_call"

  var columns: [Value] {
    let first: [Value] = [
      .text(id), .integer(at.microseconds), .text(worker.text), .optional(run), .text(provider),
      .text(model), .integer(durationMilliseconds), .integer(Int64(status)), .text(outcome),
      .flag(isStreamed),
    ]
    return first + tokens.byKind.map { .optional($0.count) } + [
      .integer(cost.picoUSD), .optional(saved?.picoUSD), .integer(amount.microUSD),
      .flag(isEstimated),
      .optional(reservation), .optional(prices), .optional(reason),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(3)) else { return nil }
    self.init(
      id: row.text(1), worker: worker, provider: row.text(5), model: row.text(6),
      at: WallTime(microseconds: row.integer(2)), outcome: row.text(9))
    number = row.integer(0)
    run = row.optionalText(4)
    durationMilliseconds = row.integer(7)
    status = Int(row.integer(8))
    isStreamed = row.flag(10)
    tokens.input = row.optionalInteger(11)
    tokens.cacheRead = row.optionalInteger(12)
    tokens.cacheWrite = row.optionalInteger(13)
    tokens.output = row.optionalInteger(14)
    tokens.reasoning = row.optionalInteger(15)
    cost = Price(picoUSD: row.integer(16))
    saved = row.optionalInteger(17).map { Price(picoUSD: $0) }
    amount = Money(microUSD: row.integer(18))
    isEstimated = row.flag(19)
    reservation = row.optionalInteger(20)
    prices = row.optionalInteger(21)
    reason = row.optionalText(22)
  }
}

extension CallTotal {
  var columns: [Value] {
    [calls, input, cacheRead, cacheWrite, output, reasoning, amount.microUSD].map { .integer($0) }
  }

  init(_ row: borrowing Row, from column: Int32) {
    self.init()
    calls = row.integer(column)
    input = row.integer(column + 1)
    cacheRead = row.integer(column + 2)
    cacheWrite = row.integer(column + 3)
    output = row.integer(column + 4)
    reasoning = row.integer(column + 5)
    amount = Money(microUSD: row.integer(column + 6))
  }
}

extension ModelPricesVersion {
  static let selection = "SELECT number, since_usec, sha256, actor FROM model_prices"

  init(_ row: borrowing Row) {
    self.init(
      number: row.integer(0), since: WallTime(microseconds: row.integer(1)), digest: row.blob(2),
      actor: row.text(3))
  }
}

// How a call ends: by the provider's word, by our estimate where it gave none, or with a "no". Must never end twice, nor take a
// figure of the provider's for less than it may charge.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

extension ModelCall {
  func cost(_ usage: TokenUsage?) -> Price? { usage.flatMap { price.cost(of: $0) } }

  /// What it cost: by the provider's word, or by ours where it gave none.
  func settle(_ answer: ModelAnswer, isWhole: Bool) {
    if let name = answer.model { record.model = name }
    if let usage = answer.usage {
      record.inputTokens = usage.input
      record.cacheReadTokens = usage.cacheRead
      record.cacheWriteTokens = usage.cacheWrite + usage.cacheWriteHour
      record.outputTokens = usage.output
      record.reasoningTokens = usage.reasoning
    }
    guard !question.endpoint.isFree else {
      return finish(.completed, cost: Price(picoUSD: 0), estimated: false)
    }
    let told = cost(answer.usage)
    if isWhole, let told { return finish(.completed, cost: told, estimated: false) }
    if isWhole { record.reason = "\(provider.name) did not say what it used" }
    let guess = estimate(answer.usage).map { min($0.picoUSD, held?.amount.picoUSD ?? $0.picoUSD) }
    let least = told?.picoUSD ?? 0
    // Of an answer of which nothing came nobody knows how long it was.
    let most = held?.amount.picoUSD ?? 0
    let cost =
      exchange.isStreaming || stream.bytes > 0 ? max(least, guess ?? most) : max(least, most)
    finish(isWhole ? .completed : .interrupted, cost: Price(picoUSD: cost), estimated: true)
  }

  /// By what was said so far and by what came: a token is some three bytes.
  func estimate(_ usage: TokenUsage?) -> Price? {
    var guess = usage ?? TokenUsage()
    if guess.prompt == 0 { guess.input = Int64(question.size / 3 + 1) }
    guess.output = max(guess.output, stream.text / 3 + 1)
    return price.cost(of: guess)
  }

  func giveBack(_ cost: Price) {
    guard let held else { return }
    gateway.treasury.spend(purse, cost, held: held.amount, of: held.reservation)
    self.held = nil
  }

  func finish(_ outcome: GatewayOutcome, cost: Price, estimated: Bool) {
    guard !isOver else { return }
    isOver = true
    patience?.disarm()
    record.outcome = outcome
    record.estimated = estimated
    record.costPicoUSD = String(cost.picoUSD)
    record.status = status
    let now = Clock.now().instant
    record.durationMilliseconds = (now - started).wholeMilliseconds
    giveBack(cost)
    let tokens = [record.inputTokens, record.cacheWriteTokens, record.outputTokens].reduce(0) {
      $0 + ($1 ?? 0)
    }
    gateway.over(self, record, tokens: tokens)
  }

  /// The record's word for a model without a price; the supervisor alerts on it.
  static let unknownModel = "unknown_model"

  /// A word for the record.
  func note(_ reason: String) { record.reason = reason }

  /// Answers "no", and that is all.
  func refuse(_ refusal: ModelRefusal, reason: String? = nil) {
    record.reason = reason ?? refusal.code
    answer(refusal)
    finish(.refused, cost: Price(picoUSD: 0), estimated: false)
  }

  func answer(_ refusal: ModelRefusal) {
    status = refusal.status
    exchange.respond(
      refusal.status, body: refusal.body(provider.kind, id: id), headers: refusal.headers)
  }

  func deserted() {
    guard !isOver, !isDeserted else { return }
    isDeserted = true
    guard let transfer else {
      return finish(.interrupted, cost: Price(picoUSD: 0), estimated: false)
    }
    record.reason = "the worker went away"
    transfer.goOn()
    patience = try? gateway.loop.timer { [weak self] in
      guard let self, !isOver else { return }
      transfer.cancel()
      settle(stream.answer, isWhole: false)
    }
    patience?.arm(at: Clock.now().instant + Self.desertion)
  }
}

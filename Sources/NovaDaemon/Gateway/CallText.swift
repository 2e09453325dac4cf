// Calls as nova-edge tells them, checked. Must never let through what the ledger would refuse later: one bad call and nothing
// of the request is booked.

import NovaModel
import NovaWire

/// Reads calls.
enum CallText {
  /// In one request: 256 KiB hold some 500.
  static let most = 1000
  /// A million dollars for one call is a mistake.
  private static let dearest: Int64 = 1_000_000_000_000_000_000

  /// The call that a request tells of.
  static func call(_ told: GatewayCall, now: WallTime) throws(APIError) -> ModelCall {
    guard let worker = WorkerName(told.worker) else {
      throw APIError(
        .badRequest, "calls: there can be no worker \(CleanText.forTerminal(told.worker))",
        field: "calls")
    }
    let at = try MoneyText.time(told.at, "calls.at", now: now)
    var call = ModelCall(
      id: try name(told.id, "id", 64), worker: worker,
      provider: try MoneyText.source(told.provider, "calls.provider"),
      model: try name(told.model, "model", 256), at: min(at, now), outcome: told.outcome.rawValue)
    if let run = told.runID { call.run = try name(run, "run_id", 128) }
    if let reason = told.reason { call.reason = CleanText.forTerminal(reason.utf8, limit: 300) }
    guard told.durationMilliseconds >= 0, (0...999).contains(told.status) else {
      throw APIError(
        .badRequest, "calls: duration_milliseconds must not be negative, status is 0 to 999",
        field: "calls")
    }
    call.durationMilliseconds = told.durationMilliseconds
    call.status = told.status
    call.isStreamed = told.streamed
    call.isEstimated = told.estimated
    call.reservation = told.reservation
    call.prices = told.prices
    call.tokens.input = try count(told.inputTokens)
    call.tokens.cacheRead = try count(told.cacheReadTokens)
    call.tokens.cacheWrite = try count(told.cacheWriteTokens)
    call.tokens.output = try count(told.outputTokens)
    call.tokens.reasoning = try count(told.reasoningTokens)
    let digits = told.costPicoUSD.utf8
    guard (1...19).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let pico = Int64(told.costPicoUSD), pico <= dearest
    else {
      throw APIError(
        .badRequest, "calls: cost_pico_usd must be whole pico-dollars, at most a million dollars",
        field: "calls")
    }
    call.cost = Price(picoUSD: pico)
    if let saved = told.savedPicoUSD {
      guard let pico = Int64(saved), (0...dearest).contains(pico) else {
        throw APIError(
          .badRequest, "calls: saved_pico_usd must be whole pico-dollars", field: "calls")
      }
      call.saved = Price(picoUSD: pico)
    }
    return call
  }

  private static func name(_ text: String, _ field: String, _ limit: Int) throws(APIError) -> String
  {
    try MoneyText.name(text, "calls.\(field)", limit: limit)
  }

  private static func count(_ tokens: Int64?) throws(APIError) -> Int64? {
    guard let tokens else { return nil }
    guard (0...TokenUsage.most).contains(tokens) else {
      throw APIError(
        .badRequest, "calls: tokens are 0 to \(TokenUsage.most)", field: "calls")
    }
    return tokens
  }
}

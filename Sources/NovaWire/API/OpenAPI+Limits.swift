// What a request's fields must be besides their type, as JSON Schema says it. Must never say more than the supervisor
// checks: a client that keeps to this is not refused for its form.

import NovaModel

extension OpenAPI {
  /// By `Type.key`.
  static let limits: [String: [JSONValue.Member]] = [
    "ActionRequest.targets": [.init("maxItems", .number("1000"))],
    "ActionRequest.timeout_seconds": range(0, 86_400),
    "ActionRequest.reason": text(0, 200),
    "BackupRequest.path": [.init("pattern", .string("^/"))],
    "BudgetReserveRequest.amount_usd": money,
    "BudgetReserveRequest.key": text(1, 128),
    "BudgetReserveRequest.least_usd": money,
    "BudgetReserveRequest.lease_seconds": range(1, 3600),
    "BudgetReserveRequest.worker": name,
    "BudgetSetRequest.daily_usd": money,
    "BudgetSetRequest.total_usd": money,
    "BudgetSetRequest.worker": name,
    "BudgetSettleRequest.spent_usd": money,
    "GatewayCall.at": time,
    "GatewayCall.cache_read_tokens": range(0, TokenUsage.most),
    "GatewayCall.cache_write_tokens": range(0, TokenUsage.most),
    "GatewayCall.cost_pico_usd": [.init("pattern", .string("^[0-9]{1,18}$"))],
    "GatewayCall.duration_milliseconds": range(0, .max),
    "GatewayCall.id": text(1, 64),
    "GatewayCall.input_tokens": range(0, TokenUsage.most),
    "GatewayCall.model": text(1, 256),
    "GatewayCall.output_tokens": range(0, TokenUsage.most),
    "GatewayCall.provider": [.init("pattern", .string("^[a-z0-9][a-z0-9_-]{0,62}$"))],
    "GatewayCall.reasoning_tokens": range(0, TokenUsage.most),
    "GatewayCall.run_id": text(1, 128),
    "GatewayCall.status": range(0, 999),
    "GatewayCall.worker": name,
    "GatewayCallsRequest.calls": [.init("maxItems", .number("1000"))],
    "GatewayCallsRequest.close": [.init("maxItems", .number("1000"))],
    "GatewayPrices.table": [.init("contentMediaType", .string("application/json"))],
    "ResolutionRequest.reason": text(0, 200),
    "RevenueRequest.amount_usd": money,
    "RevenueRequest.at": time,
    "RevenueRequest.fee_usd": money,
    "RevenueRequest.id": text(1, 200),
    "RevenueRequest.matures_at": time,
    "RevenueRequest.touch": [.init("maxItems", .number("20"))],
    "RevenueRequest.worker": name,
    "RateRequest.since": time,
    "RunRequest.command": [.init("minItems", .number("1"))],
    "RunRequest.directory": [.init("pattern", .string("^/"))],
    "RunRequest.instances": range(1, 10_000),
    "RunRequest.name": name,
    "RunRequest.reason": text(0, 200),
    "SilenceRequest.seconds": range(1, 2_592_000),
  ]

  /// A number of that range.
  static func range(_ low: Int64, _ high: Int64) -> [JSONValue.Member] {
    [.init("minimum", .number("\(low)")), .init("maximum", .number("\(high)"))]
  }

  /// The supervisor counts bytes and JSON Schema characters: a text of fewer characters may still be too long.
  private static func text(_ least: Int, _ most: Int) -> [JSONValue.Member] {
    [.init("minLength", .number("\(least)")), .init("maxLength", .number("\(most)"))]
  }

  private static let time: [JSONValue.Member] = [.init("format", .string("date-time"))]
  private static let name: [JSONValue.Member] = [
    .init("pattern", .string("^[a-z0-9][a-z0-9_-]{0,62}$"))
  ]
  private static let money: [JSONValue.Member] = [
    .init("pattern", .string("^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?$"))
  ]
}

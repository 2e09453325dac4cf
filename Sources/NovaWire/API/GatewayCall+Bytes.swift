// The JSON of a call, written without a tree in between: each call is written twice into the gateway's journal and once to the
// supervisor. Must never differ from what the coder writes; a test compares them.

extension GatewayCall {
  /// The same bytes as `APICoding.encode`.
  package var bytes: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(640)
    func key(_ name: String) {
      out.append(out.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
      out.append(UInt8(ascii: "\""))
      out += name.utf8
      out += "\":".utf8
    }
    func text(_ name: String, _ value: String?) {
      key(name)
      if let value { JSONValue.string(value).write(to: &out) } else { out += "null".utf8 }
    }
    func number(_ name: String, _ value: Int64?) {
      key(name)
      out += (value.map { String($0) } ?? "null").utf8
    }
    func flag(_ name: String, _ value: Bool) {
      key(name)
      out += (value ? "true" : "false").utf8
    }
    text("id", id)
    text("worker", worker)
    text("run_id", runID)
    text("provider", provider)
    text("model", model)
    text("at", at)
    number("duration_milliseconds", durationMilliseconds)
    number("status", Int64(status))
    text("outcome", outcome.rawValue)
    flag("streamed", streamed)
    number("input_tokens", inputTokens)
    number("cache_read_tokens", cacheReadTokens)
    number("cache_write_tokens", cacheWriteTokens)
    number("output_tokens", outputTokens)
    number("reasoning_tokens", reasoningTokens)
    text("cost_pico_usd", costPicoUSD)
    text("saved_pico_usd", savedPicoUSD)
    flag("estimated", estimated)
    number("reservation", reservation)
    number("prices", prices)
    text("reason", reason)
    out.append(UInt8(ascii: "}"))
    return out
  }

  /// The body of `POST /v1/gateway/calls`.
  package static func request(_ calls: [GatewayCall], close: [Int64]) -> [UInt8] {
    var out = Array("{\"calls\":[".utf8)
    for (index, call) in calls.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out += call.bytes
    }
    out += "],\"close\":[".utf8
    out += close.map { String($0) }.joined(separator: ",").utf8
    return out + "]}".utf8
  }
}

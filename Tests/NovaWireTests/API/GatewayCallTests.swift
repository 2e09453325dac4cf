// A call's bytes: written by hand, the same as the coder's.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct GatewayCallTests {
  @Test(
    "the bytes of a call and of a request are those that the coder writes, and are read back as they were"
  )
  func same() throws {
    var full = GatewayCall(
      id: "req_1", worker: "w", provider: "p\"q", model: "m/1", at: "2026-01-01T00:00:00.000Z",
      outcome: .completed)
    full.runID = "run é\\"
    full.durationMilliseconds = 12
    full.status = 200
    full.streamed = true
    full.inputTokens = 1
    full.cacheReadTokens = 2
    full.cacheWriteTokens = 3
    full.outputTokens = 4
    full.reasoningTokens = .max
    full.costPicoUSD = "54399000000"
    full.savedPicoUSD = "7"
    full.estimated = true
    full.reservation = 9
    full.prices = 2
    full.reason = "a\u{1}b"
    let empty = GatewayCall(id: "", worker: "", provider: "", model: "", at: "", outcome: .refused)
    for call in [full, empty] {
      #expect(
        String(decoding: call.bytes, as: UTF8.self)
          == String(decoding: APICoding.encode(call), as: UTF8.self))
      #expect(try APICoding.decodeAnswer(GatewayCall.self, from: call.bytes) == call)
    }
    for (calls, close) in [([full, empty], [1, 2]), ([], [])] as [([GatewayCall], [Int64])] {
      #expect(
        String(decoding: GatewayCall.request(calls, close: close), as: UTF8.self)
          == String(
            decoding: APICoding.encode(GatewayCallsRequest(calls: calls, close: close)),
            as: UTF8.self))
    }
  }
}

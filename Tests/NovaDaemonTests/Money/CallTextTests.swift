// Calls as they are told: what is good arrives typed, what is not is refused with the field.

import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct CallTextTests {
  private let now = WallTime(rfc3339: "2026-11-26T12:00:00Z") ?? WallTime(microseconds: 0)

  private func told(_ change: (inout GatewayCall) -> Void = { _ in }) -> GatewayCall {
    var call = GatewayCall(
      id: "01J", worker: "outreach", provider: "anthropic", model: "claude-sonnet-4-5",
      at: "2026-11-26T11:59:59Z", outcome: .completed)
    call.costPicoUSD = "54399000000"
    change(&call)
    return call
  }

  @Test("a good one")
  func good() throws {
    let call = try CallText.call(told { $0.outputTokens = 550 }, now: now)
    #expect(call.cost == Price(picoUSD: 54_399_000_000))
    #expect(call.tokens.output == 550 && call.tokens.input == nil)
    #expect(call.outcome == "completed" && call.worker.text == "outreach")
    // A clock of a minute ahead is no later than now.
    #expect(try CallText.call(told { $0.at = "2026-11-26T12:01:00Z" }, now: now).at == now)
  }

  @Test("each bad field is refused", arguments: 0..<13)
  func bad(index: Int) throws {
    let changes: [(inout GatewayCall) -> Void] = [
      { $0.worker = "No Such" }, { $0.id = "" }, { $0.id = String(repeating: "x", count: 65) },
      { $0.provider = "compute" }, { $0.provider = "Anthropic" }, { $0.model = "a\u{1B}b" },
      { $0.at = "yesterday" }, { $0.at = "2026-11-27T12:00:00Z" }, { $0.costPicoUSD = "-1" },
      { $0.costPicoUSD = "1e9" }, { $0.costPicoUSD = "1000000000000000001" },
      { $0.inputTokens = -1 }, { $0.durationMilliseconds = -1 },
    ]
    #expect(throws: APIError.self, "case \(index)") {
      try CallText.call(told(changes[index]), now: now)
    }
  }
}

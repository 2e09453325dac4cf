// A published table cut down, and what a new one changes. Must never need a published table.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct PriceCutTests {
  private let published = """
    {"sample_spec": {"mode": "chat", "input_cost_per_token": 1},
     "z": {"litellm_provider": "x", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
           "output_cost_per_token_above_200k_tokens": 2.25e-05, "input_cost_per_token_batches": 1.5e-06,
           "supports_vision": true, "max_input_tokens": 200000, "max_output_tokens": "8192",
           "search_context_cost_per_query": {"search_context_size_medium": 0.01}},
     "a": {"mode": "embedding", "input_cost_per_token": 1e-07, "source": "https://x"},
     "picture": {"mode": "image_generation", "output_cost_per_image": 0.04},
     "absurd": {"mode": "chat", "input_cost_per_token": 3, "output_cost_per_token": 15}}
    """

  @Test("what can be priced is kept with the keys that say how, and prices the same")
  func cut() throws {
    let (table, text) = try PriceTable.cutDown(Array(published.utf8))
    #expect(
      text
        == #"{"a":{"mode":"embedding","input_cost_per_token":1e-07},"z":{"mode":"chat","input_cost_per_token":3e-06,"#
        + #""output_cost_per_token":1.5e-05,"output_cost_per_token_above_200k_tokens":2.25e-05,"#
        + #""input_cost_per_token_batches":1.5e-06,"max_input_tokens":200000,"#
        + #""search_context_cost_per_query":{"search_context_size_medium":0.01}}}"#)
    let again = try PriceTable(Array(text.utf8))
    #expect(again.models == table.models)
    #expect(again.refused == [] && again.passedOver == 0)
    #expect(table.refused.count == 1 && table.refused[0].hasPrefix("absurd: "))
    #expect(throws: PriceTable.Failure.self) { try PriceTable.cutDown(Array("{}".utf8)) }
  }

  private func table(_ prices: [String: String]) throws -> PriceTable {
    let models = prices.map {
      "\"\($0)\": {\"mode\": \"chat\", \"input_cost_per_token\": \($1), \"output_cost_per_token\": 1e-05}"
    }
    return try PriceTable(Array("{\(models.joined(separator: ","))}".utf8))
  }

  @Test("changes are told with the biggest first")
  func changes() throws {
    let old = try table([
      "gone": "1e-06", "a": "1e-06", "b": "4e-06", "c": "1e-06", "same": "2e-06",
    ])
    let new = try table([
      "new": "1e-06", "a": "2e-06", "b": "1e-06", "c": "1.1e-06", "same": "2e-06",
    ])
    let changes = PriceChanges(from: old, to: new)
    #expect(changes.added == ["new"] && changes.gone == ["gone"])
    #expect(changes.changed.map(\.model) == ["b", "a", "c"])
    #expect(changes.changed.first?.before == Price(picoUSD: 4_000_000))
    #expect(changes.changed.first?.after == Price(picoUSD: 1_000_000))
    #expect(changes.changedModels == 3)
    #expect(PriceChanges(from: new, to: new).changed == [])
    #expect(PriceChanges(from: nil, to: new).added.count == 5)
  }
}

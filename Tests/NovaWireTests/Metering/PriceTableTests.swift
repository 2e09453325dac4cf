// The published form of a price table, and files that should not be believed.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct PriceTableTests {
  private func table(_ text: String) throws(PriceTable.Failure) -> PriceTable {
    try PriceTable(Array(text.utf8))
  }

  @Test("a model with caches, steps and tiers")
  func whole() throws {
    let table = try table(
      """
      {"sample_spec": {"mode": "chat", "input_cost_per_token": 5},
       "claude-sonnet-4-5": {"mode": "chat", "litellm_provider": "anthropic", "max_input_tokens": 200000,
         "max_output_tokens": 64000, "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
         "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
         "cache_read_input_token_cost": 3e-07, "input_cost_per_token_above_200k_tokens": 6e-06,
         "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
         "input_cost_per_token_batches": 0.0000015, "output_cost_per_token_above_200k_tokens_priority": 4.5E-5,
         "search_context_cost_per_query": {"search_context_size_medium": 0.01}, "supports_vision": true},
       "picture": {"mode": "image_generation", "output_cost_per_image": 0.04}}
      """)
    #expect(table.passedOver == 1 && table.refused.isEmpty)
    let model = try #require(table.models["claude-sonnet-4-5"])
    #expect(model.longestInput == 200_000 && model.longestOutput == 64_000)
    #expect(
      Set(model.rates) == [
        .init(.input, Price(picoUSD: 3_000_000)), .init(.output, Price(picoUSD: 15_000_000)),
        .init(.cacheWrite, Price(picoUSD: 3_750_000)),
        .init(.cacheWriteHour, Price(picoUSD: 6_000_000)),
        .init(.cacheRead, Price(picoUSD: 300_000)),
        .init(.input, Price(picoUSD: 6_000_000), above: 200_000),
        .init(.cacheWriteHour, Price(picoUSD: 12_000_000), above: 200_000),
        .init(.input, Price(picoUSD: 1_500_000), tier: .batch),
        .init(.output, Price(picoUSD: 45_000_000), tier: .priority, above: 200_000),
        .init(.webSearch, Price(picoUSD: 10_000_000_000)),
      ])
  }

  @Test(
    "a price that cannot be true leaves its model out and says why",
    arguments: [
      ("3", "above $0.001 a token"), ("0.0011", "above $0.001 a token"), ("-1e-6", "is negative"),
      ("1e99", "is no price"),
    ])
  func absurd(price: String, why: String) throws {
    let table = try table(
      """
      {"good": {"mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
       "bad": {"mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": \(price)}}
      """)
    #expect(Array(table.models.keys) == ["good"])
    let said = try #require(table.refused.first)
    #expect(said.hasPrefix("bad: output_cost_per_token") && said.contains(why), "\(said)")
  }

  @Test(
    "what is no table is refused with a sentence",
    arguments: [
      ("", "it is not JSON"), ("[]", "not an object"), ("{}", "no model in it has a price"),
      (#"{"m": {"mode": "chat"}}"#, "no model in it has a price"),
      (#"{"m": {"mode": "chat", "input_cost_per_token": 9}}"#, "such as m: input_cost_per_token"),
      (#"{"m": {"mode": "chat", "input_cost_per_token": "3e-6"}}"#, "no model in it has a price"),
      (#"{"m": 1, "m": 2}"#, "it is not JSON"),
    ])
  func noTable(text: String, why: String) {
    let failure = #expect(throws: PriceTable.Failure.self) { try PriceTable(Array(text.utf8)) }
    #expect(failure?.message.contains(why) == true, "\(failure?.message ?? "")")
  }

  @Test(
    "keys are taken apart by their grammar, and what they say beyond it is left alone",
    arguments: [
      ("input_cost_per_token", ModelPrice.Item.input, ServiceTier.standard, Int64(0)),
      ("input_cost_per_token_above_128k_tokens_flex", .input, .flex, 128_000),
      ("cache_read_input_token_cost_priority", .cacheRead, .priority, 0),
      ("output_cost_per_reasoning_token", .reasoning, .standard, 0),
    ])
  func keys(key: String, item: ModelPrice.Item, tier: ServiceTier, above: Int64) {
    let found = PriceKey(key)
    #expect(found?.item == item && found?.tier == tier && found?.above == above)
  }

  @Test(
    "and these price nothing that is metered",
    arguments: [
      "input_cost_per_image", "input_cost_per_token_above_tokens", "input_cost_per_token_balanced",
      "input_cost_per_token_above_0k_tokens", "output_cost_per_token_above_1hr",
      "input_cost_per_token_above_99999999999999999999k_tokens", "",
    ])
  func others(key: String) { #expect(PriceKey(key) == nil) }

  @Test(
    "numbers of JSON are exact, and half-even below a pico-dollar",
    arguments: [
      ("3e-06", 3_000_000), ("0.000003", 3_000_000), ("1.3E-10", 130), ("2.5e-12", 2),
      ("3.5e-12", 4), ("2.51e-12", 3), ("1e-40", 0), ("0", 0), ("0e60", 0),
      ("9e6", 9_000_000_000_000_000_000),
      ("-1", -1_000_000_000_000),
    ] as [(String, Int64)])
  func exact(text: String, pico: Int64) {
    #expect(Price(scientific: text) == Price(picoUSD: pico))
  }

  @Test(
    "what is no number or too large is nil",
    arguments: [
      "", "e", ".5", "1e", "1e+", "1e7", "1e61", "1.2.3", "--1", "1234567890123456789012345678901",
    ])
  func noNumber(text: String) { #expect(Price(scientific: text) == nil) }
}

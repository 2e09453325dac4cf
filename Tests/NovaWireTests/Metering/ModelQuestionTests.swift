// What a question can cost before it is asked: no provider's answer to it may cost more.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct ModelQuestionTests {
  private func question(_ endpoint: ModelEndpoint, _ text: String) throws -> ModelQuestion {
    try ModelQuestion(endpoint, Array(text.utf8))
  }

  private var price: ModelPrice {
    var price = ModelPrice()
    price.rates = [
      .init(.input, Price(picoUSD: 3_000_000)), .init(.output, Price(picoUSD: 15_000_000)),
      .init(.cacheWrite, Price(picoUSD: 3_750_000)),
      .init(.cacheWriteHour, Price(picoUSD: 6_000_000)),
      .init(.input, Price(picoUSD: 6_000_000), above: 200_000),
      .init(.webSearch, Price(picoUSD: 10_000_000_000)),
      .init(.input, Price(picoUSD: 4_000_000), tier: .priority),
    ]
    price.longestInput = 1_000_000
    price.longestOutput = 8_192
    return price
  }

  @Test("what it says of model, stream and length is read, whatever else it holds")
  func read() throws {
    let asked = try question(
      .messages, #"{"model":"m","max_tokens":100,"stream":true,"messages":[]}"#)
    #expect(asked.model == "m" && asked.isStreamed && asked.output == 100 && asked.answers == 1)
    #expect(!asked.asksForUsage)
    let chat = try question(
      .chat, #"{"model":"m","max_tokens":9,"max_completion_tokens":10,"n":3,"stream":true}"#)
    #expect(chat.output == 10 && chat.answers == 3 && chat.asksForUsage)
    #expect(
      try !question(.chat, #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#)
        .asksForUsage)
    #expect(try question(.responses, #"{"model":"m","max_output_tokens":null}"#).output == nil)
  }

  @Test(
    "a question that cannot be bounded is refused",
    arguments: [
      (ModelEndpoint.messages, #"{"model":"m"}"#), (.messages, #"{"max_tokens":5}"#),
      (.chat, "[1]"),
      (.messages, #"{"model":"m","max_tokens":-1}"#),
      (.messages, #"{"model":"m","max_tokens":1.5}"#),
      (.chat, #"{"model":"m","n":0}"#), (.chat, #"{"model":"m","n":9000}"#),
      (.chat, #"{"model":7}"#),
      (.messages, #"{"model":"m","max_tokens":1,"max_tokens":9000}"#),
    ])
  func refused(_ endpoint: ModelEndpoint, _ text: String) {
    #expect(throws: ModelQuestion.Failure.self) { try question(endpoint, text) }
  }

  @Test(
    "the bound counts every byte as a token, and the longest answer; a cache and a priority are dearer"
  )
  func bound() throws {
    let plain = #"{"model":"m","max_tokens":100,"service_tier":"standard_only"}"#
    let bytes = Int64(plain.utf8.count) + ModelQuestion.wrapping
    #expect(
      price.bound(of: try question(.messages, plain).bound(price))
        == Price(picoUSD: bytes * 3_000_000 + 100 * 15_000_000))
    let cached = try question(
      .messages,
      #"{"model":"m","max_tokens":1,"service_tier":"standard_only","system":[{"cache_control":{}}]}"#
    )
    #expect(
      price.inputBound(of: cached.bound(price))?.picoUSD
        == (Int64(cached.size) + ModelQuestion.wrapping) * 6_000_000)
    let hidden = try question(
      .messages, #"{"model":"m","max_tokens":1,"x":{"cache\u005fcontrol":1}}"#)
    #expect(hidden.bound(price).mayCache && hidden.bound(price).input == 1_000_000)
    #expect(
      try question(.messages, #"{"model":"m","max_tokens":1}"#).bound(price).tiers == [
        .standard, .priority,
      ])
  }

  @Test(
    "what stands elsewhere is as long as the model can read, and a long prompt takes the dearer step"
  )
  func references() throws {
    let elsewhere = try question(
      .responses, #"{"model":"m","previous_response_id":"r","max_output_tokens":1}"#)
    let bound = elsewhere.bound(price)
    #expect(bound.input == 1_000_000)
    #expect(price.inputBound(of: bound) == Price(picoUSD: 1_000_000 * 6_000_000))
    let search = try question(
      .messages, #"{"model":"m","max_tokens":1,"tools":[{"type":"web_search_20250305"}]}"#)
    #expect(search.bound(price).searches == 10)
  }

  @Test("an answer without a length is as long as the table says, several are several")
  func lengths() throws {
    #expect(try question(.chat, #"{"model":"m"}"#).bound(price).output == 8_192)
    #expect(try question(.chat, #"{"model":"m","n":4,"max_tokens":10}"#).bound(price).output == 40)
    #expect(
      try question(.chat, #"{"model":"m"}"#).bound(ModelPrice()).output == ModelQuestion.usualOutput
    )
    #expect(try question(.embeddings, #"{"model":"m","input":"x"}"#).bound(price).output == 0)
  }

  @Test("a shorter answer is asked for by the word that the question used; nothing else changes")
  func shortened() throws {
    func sent(_ endpoint: ModelEndpoint, _ text: String, _ output: Int64?) throws -> String {
      String(decoding: try question(endpoint, text).body(output: output), as: UTF8.self)
    }
    let plain = #"{"model":"m", "max_tokens":100, "z":1}"#
    #expect(try sent(.messages, plain, nil) == plain)
    #expect(try sent(.messages, plain, 64) == #"{"model":"m", "max_tokens":64, "z":1}"#)
    #expect(try sent(.chat, #"{"model":"m"}"#, 64) == #"{"model":"m","max_completion_tokens":64}"#)
    #expect(
      try sent(.chat, #"{"model":"m","stream":true,"stream_options":{"x":1}}"#, nil)
        == #"{"model":"m","stream":true,"stream_options":{"x":1,"include_usage":true}}"#)
  }

  @Test("no answer costs more than its bound: 20,000 random questions and answers")
  func neverMore() throws {
    var random = SplitMix64(seed: 8)
    var dearer = 0
    for _ in 0..<20_000 {
      let output = Int64.random(in: 1...20_000, using: &random)
      let answers = Int64.random(in: 1...4, using: &random)
      let padding = String(repeating: "x", count: Int.random(in: 0...400, using: &random))
      let asked = try question(
        .chat, #"{"model":"m","n":\#(answers),"max_tokens":\#(output),"p":"\#(padding)"}"#)
      let bound = asked.bound(price)
      var usage = TokenUsage()
      let prompt = Int64.random(in: 0...bound.input, using: &random)
      usage.cacheRead = Int64.random(in: 0...prompt, using: &random)
      usage.input = prompt - usage.cacheRead
      usage.output = Int64.random(in: 0...bound.output, using: &random)
      usage.reasoning = Int64.random(in: 0...usage.output, using: &random)
      guard let cost = price.cost(of: usage), let most = price.bound(of: bound),
        cost.picoUSD <= most.picoUSD
      else {
        dearer += 1
        continue
      }
    }
    #expect(dearer == 0)
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers each time.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// The metering's error over random answers in the providers' own forms, whole and streamed, against sums made another way.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct MeteringErrorTests {
  /// Pico-dollars a token: input, read from the cache, kept for minutes, for an hour, written.
  private static let rates: [Int64] = [3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000]

  private var price: ModelPrice {
    var price = ModelPrice()
    let items: [ModelPrice.Item] = [.input, .cacheRead, .cacheWrite, .cacheWriteHour, .output]
    price.rates = zip(items, Self.rates).map { .init($0, Price(picoUSD: $1)) }
    return price
  }

  @Test("100,000 random answers of four forms are priced without an error of one pico-dollar")
  func exact() throws {
    var random = SplitMix64(seed: 10)
    let price = price
    var compared = 0, wrong = 0
    for number in 0..<100_000 {
      let counts = (0..<5).map { _ in Int64.random(in: 0...200_000, using: &random) }
      let (text, isStream, expected) = Self.answer(number % 4, counts, &random)
      let bytes = Array(text.utf8)
      let answer: ModelAnswer
      if isStream {
        var stream = AnswerStream()
        let cut = Int.random(in: 0...bytes.count, using: &random)
        stream.take(bytes[..<cut])
        stream.take(bytes[cut...])
        if !stream.isComplete { wrong += 1 }
        answer = stream.answer
      } else {
        answer = ModelAnswer(bytes) ?? ModelAnswer()
      }
      if answer.usage.flatMap({ price.cost(of: $0) })?.picoUSD != expected { wrong += 1 }
      compared += 1
    }
    #expect(compared == 100_000 && wrong == 0)
  }

  /// An answer's text and what it costs, summed from the counts and not from what is read.
  private static func answer(_ form: Int, _ n: [Int64], _ random: inout SplitMix64) -> (
    String, Bool, Int64
  ) {
    let (input, read, minutes, hour, output) = (n[0], n[1], n[2], n[3], n[4])
    let disjoint = zip(n, rates).reduce(0) { $0 + $1.0 * $1.1 }
    let anthropic =
      #"{"input_tokens":\#(input),"cache_creation_input_tokens":\#(minutes + hour),"cache_read_input_tokens":\#(read),"#
      + #""cache_creation":{"ephemeral_5m_input_tokens":\#(minutes),"ephemeral_1h_input_tokens":\#(hour)},"output_tokens":\#(output)}"#
    // OpenAI counts what came from the cache among the prompt, and keeps nothing for money.
    let cached = input * rates[0] + read * rates[1] + output * rates[4]
    let chat =
      #"{"prompt_tokens":\#(input + read),"completion_tokens":\#(output),"total_tokens":\#(input + read + output),"#
      + #""prompt_tokens_details":{"cached_tokens":\#(read)}}"#
    switch form {
    case 0: return (#"{"type":"message","model":"m","usage":\#(anthropic)}"#, false, disjoint)
    case 1:
      let first = Int64.random(in: 0...output, using: &random)
      let start = anthropic.dropLast("\(output)}".count) + "\(first)}"
      return (
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":\(start)}}\n\n"
          + "data: {\"type\":\"ping\"}\n\n"
          + "data: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":\(output)}}\n\n"
          + "data: {\"type\":\"message_stop\"}\n\n", true, disjoint
      )
    case 2: return (#"{"object":"chat.completion","model":"m","usage":\#(chat)}"#, false, cached)
    default:
      return (
        "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}],\"usage\":null}\n\n"
          + "data: {\"model\":\"m\",\"choices\":[],\"usage\":\(chat)}\n\ndata: [DONE]\n\n", true,
        cached
      )
    }
  }
}

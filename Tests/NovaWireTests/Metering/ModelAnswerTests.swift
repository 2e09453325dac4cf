// What providers' answers say of their use: whole and streamed, cut at every byte, and such that lie.

import NovaModel
import Testing

@testable import NovaWire

@Suite struct ModelAnswerTests {
  private func usage(_ text: String) -> TokenUsage? { ModelAnswer(Array(text.utf8))?.usage }

  private func tokens(
    _ input: Int64 = 0, read: Int64 = 0, write: Int64 = 0, hour: Int64 = 0, output: Int64 = 0,
    reasoning: Int64 = 0, searches: Int64 = 0, tier: ServiceTier = .standard
  ) -> TokenUsage {
    var usage = TokenUsage()
    usage.input = input
    usage.cacheRead = read
    usage.cacheWrite = write
    usage.cacheWriteHour = hour
    usage.output = output
    usage.reasoning = reasoning
    usage.webSearches = searches
    usage.tier = tier
    return usage
  }

  @Test(
    "Anthropic: the three kinds of input are disjoint, and what the breakdown leaves out was kept for minutes"
  )
  func anthropic() {
    let said = usage(
      """
      {"id": "msg", "type": "message", "model": "claude-sonnet-4-5", "content": [{"type": "text", "text": "hi"}],
       "usage": {"input_tokens": 3, "cache_creation_input_tokens": 12304, "cache_read_input_tokens": 7,
         "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 304}, "output_tokens": 550,
         "server_tool_use": {"web_search_requests": 2}, "service_tier": "batch"}}
      """)
    #expect(
      said
        == tokens(
          3, read: 7, write: 12_000, hour: 304, output: 550, searches: 2, tier: .batch))
  }

  @Test("OpenAI: cached tokens are among the prompt's, thought among the answer's")
  func openAI() {
    #expect(
      usage(
        """
        {"object": "chat.completion", "model": "gpt-5", "service_tier": "flex", "usage": {"prompt_tokens": 100,
          "completion_tokens": 50, "total_tokens": 150, "prompt_tokens_details": {"cached_tokens": 40},
          "completion_tokens_details": {"reasoning_tokens": 30}}}
        """) == tokens(60, read: 40, output: 50, reasoning: 30, tier: .flex))
    #expect(
      usage(
        """
        {"object": "response", "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4},
          "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 15}}
        """) == tokens(6, read: 4, output: 5, reasoning: 5))
    #expect(usage(#"{"object":"list","usage":{"prompt_tokens":8,"total_tokens":8}}"#) == tokens(8))
  }

  @Test(
    "what says nothing, or what cannot be, has no usage",
    arguments: [
      "{}", #"{"usage": null}"#, #"{"usage": []}"#,
      #"{"usage": {"input_tokens": -1, "output_tokens": 1}}"#,
      #"{"usage": {"prompt_tokens": 10, "total_tokens": 10, "prompt_tokens_details": {"cached_tokens": 11}}}"#,
      #"{"usage": {"prompt_tokens": "10", "total_tokens": 10}}"#,
      #"{"usage": {"prompt_tokens": 1.5, "total_tokens": 10}}"#,
      #"{"error": {"type": "overloaded_error"}}"#,
    ])
  func nothing(text: String) { #expect(usage(text) == nil) }

  private static let anthropicStream = """
    event: message_start
    data: {"type":"message_start","message":{"model":"claude-haiku-4-5","usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

    event: content_block_delta
    data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"the word \\"usage\\" in a text"}}

    : a comment
    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}

    event: message_stop
    data: {"type":"message_stop"}


    """

  @Test("a stream cut into pieces of every size says the same", arguments: [1, 2, 3, 7, 64, 4096])
  func pieces(size: Int) {
    let bytes = Array(Self.anthropicStream.utf8)
    var stream = AnswerStream()
    var at = 0
    while at < bytes.count {
      stream.take(bytes[at..<min(at + size, bytes.count)])
      at += size
    }
    #expect(stream.answer.usage == tokens(25, read: 5, output: 15))
    #expect(stream.answer.model == "claude-haiku-4-5")
    #expect(stream.isComplete && stream.bytes == Int64(bytes.count))
  }

  @Test("a stream that breaks off is not complete and has what was said by then")
  func brokenOff() {
    var stream = AnswerStream()
    stream.take(Array(Self.anthropicStream.utf8).prefix(220))
    #expect(!stream.isComplete)
    #expect(stream.answer.usage == tokens(25, read: 5, output: 1))
  }

  @Test(
    "OpenAI's streams: one more chunk before [DONE], and the answer inside of response.completed")
  func openAIStreams() {
    var chat = AnswerStream()
    chat.take(
      Array(
        """
        data: {"choices":[{"delta":{"content":"hi"}}],"usage":null}

        data: {"model":"gpt-5","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}

        data: [DONE]


        """.utf8))
    #expect(chat.answer.usage == tokens(9, output: 2) && chat.isComplete)
    var responses = AnswerStream()
    responses.take(
      Array(
        """
        data: {"type":"response.created","response":{"model":"gpt-5"}}

        data: {"type":"response.completed","response":{"model":"gpt-5","usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11}}}


        """.utf8))
    #expect(responses.answer.usage == tokens(9, output: 2) && responses.isComplete)
  }

  @Test("a line without end is passed by and not kept")
  func endless() {
    var stream = AnswerStream()
    stream.take(Array("data: {\"usage\": \"".utf8))
    for _ in 0..<2000 { stream.take([UInt8](repeating: 0x78, count: 1024)) }
    stream.take(
      Array(
        "\ndata: {\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}\n\n".utf8))
    #expect(stream.answer.usage == tokens(1))
  }
}

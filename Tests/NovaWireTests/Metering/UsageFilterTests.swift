// What the gateway asked for and the worker did not: taken out of the stream, wherever it is cut, and nothing else.

import Testing

@testable import NovaWire

@Suite struct UsageFilterTests {
  private let asked =
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"a \\\"usage\\\":null b\"}}],\"usage\":null}\n\n"
    + "data: {\"usage\":null,\"choices\":[{\"delta\":{}}]}\r\n\r\n"
    + "data: {\"id\":1,\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n"
    + "data: [DONE]\n\n"
  private let wanted =
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"a \\\"usage\\\":null b\"}}]}\n\n"
    + "data: {\"choices\":[{\"delta\":{}}]}\r\n\r\n" + "data: [DONE]\n\n"

  @Test("cut at every byte, the worker sees the stream that it asked for")
  func everyCut() {
    let bytes = Array(asked.utf8)
    for cut in 0...bytes.count {
      var filter = UsageFilter()
      var seen = filter.take(bytes[..<cut]) + filter.take(bytes[cut...])
      seen += filter.end()
      #expect(String(decoding: seen, as: UTF8.self) == wanted)
    }
  }

  @Test("what is no event of a chat goes through as it is, however long a line is")
  func others() {
    var filter = UsageFilter()
    let long =
      "data: " + String(repeating: "x", count: UsageFilter.longest + 10) + "\nevent: ping\n\nrest"
    let seen = filter.take(Array(long.utf8)) + filter.end()
    #expect(String(decoding: seen, as: UTF8.self) == long)
  }

  @Test("a chunk that has both choices and a use stays")
  func both() {
    var filter = UsageFilter()
    let chunk = "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":5}}\n\n"
    #expect(String(decoding: filter.take(Array(chunk.utf8)), as: UTF8.self) == chunk)
  }
}

// HTTP answers in whole, in pieces and broken. Must never need a socket.

import Testing

@testable import NovaClient

@Suite struct AnswerParserTests {
  private func parse(
    _ text: String, pieces: Int = .max, maximum: Int = 1000
  ) throws -> (parser: AnswerParser, body: String, isWhole: Bool) {
    var parser = AnswerParser(maximum: maximum)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      try parser.take(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
    }
    let isWhole = parser.end()
    let body = String(decoding: parser.takeBody(), as: UTF8.self)
    return (parser, body, isWhole)
  }

  @Test("a body by its length, whatever the pieces", arguments: [1, 2, 7, 1000])
  func length(pieces: Int) throws {
    let text =
      "HTTP/1.1 200 OK\r\nContent-Length: 11\r\ncontent-type: x\r\n\r\n{\"a\":\"\u{FC}\"}\n"
    let found = try parse(text, pieces: pieces)
    #expect(found.parser.status == 200)
    #expect(found.body == "{\"a\":\"\u{FC}\"}\n")
    #expect(found.isWhole)
  }

  @Test("a body in chunks, with an extension and a trailer", arguments: [1, 3, 1000])
  func chunks(pieces: Int) throws {
    let text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, dear you\r\n0\r\nT: 1\r\n\r\nmore"
    let found = try parse(text, pieces: pieces)
    #expect(found.body == "hello, dear you")
    #expect(found.isWhole)
  }

  @Test("an interim answer is passed over, and one without a body has none")
  func interim() throws {
    let found = try parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nrest")
    #expect(found.parser.status == 204)
    #expect(found.body.isEmpty && found.isWhole)
  }

  @Test("a body without a length ends with the connection; one that breaks off is not whole")
  func ends() throws {
    #expect(try parse("HTTP/1.1 200 OK\r\n\r\nabc").isWhole)
    #expect(try !parse("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc").isWhole)
    #expect(try !parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").isWhole)
    #expect(try !parse("HTTP/1.1 200 OK\r\nContent-Le").isWhole)
  }

  @Test(
    "what is no answer is refused",
    arguments: [
      "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 abc OK\r\n", "HTTP/1.1 099 x\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
  func refused(text: String) {
    #expect(throws: AnswerParser.Malformed.self) { try parse(text) }
  }

  @Test("nothing grows without bound: a line, many headers, a body")
  func bounds() {
    let long = String(repeating: "x", count: 70_000)
    #expect(throws: AnswerParser.Malformed.self) { try parse(long) }
    #expect(throws: AnswerParser.Malformed.self) { try parse("HTTP/1.1 200 OK\r\nA: \(long)\r\n") }
    let many = String(repeating: "A: 1\r\n", count: 20_000)
    #expect(throws: AnswerParser.Malformed.self) { try parse("HTTP/1.1 200 OK\r\n" + many) }
    #expect(throws: AnswerParser.Malformed.self) {
      try parse("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001))
    }
  }
}

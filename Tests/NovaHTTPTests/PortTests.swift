// The server on a TCP port and the client, talking to each other over both kinds of socket.
// Must never listen on anything but loopback.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite struct PortTests {
  @Test(
    "an address is a host and a port",
    arguments: [
      ("127.0.0.1:7480", "127.0.0.1:7480"), ("[::1]:80", "[::1]:80"),
      ("localhost:0", "localhost:0"),
      ("::1:80", nil), ("127.0.0.1", nil), (":80", nil), ("a:b", nil), ("a:70000", nil),
      ("[]:80", nil), ("", nil),
    ] as [(String, String?)])
  func addresses(text: String, expected: String?) {
    #expect(ListenAddress(text)?.description == expected)
  }

  private static func outcome(
    _ loop: EventLoop, _ client: HTTPClient, _ order: HTTPOrder,
    within limit: Span = .seconds(5)
  ) throws -> HTTPOutcome? {
    var outcome: HTTPOutcome?
    let call = client.start(order) { outcome = $0 }
    try turn(loop, within: limit) { outcome != nil }
    if outcome == nil { call?.cancel() }
    return outcome
  }

  @Test("a request over TCP reaches the handler with its address, and its answer the client")
  func port() throws {
    let loop = try EventLoop()
    var seen: [HTTPRequest] = []
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      seen.append($0.request)
      $0.respond(201, body: Array("made".utf8), headers: [("ETag", "\"1\"")])
    }
    defer { server.close() }
    let client = try HTTPClient(loop: loop)
    var order = HTTPOrder(url: "http://127.0.0.1:\(try #require(server.portNumber))/a?b=%20c")
    order.method = "POST"
    order.headers = ["X-Own: 1"]
    order.body = Array("body".utf8)
    guard
      case .answered(let status, let headers, let body)? = try Self.outcome(loop, client, order)
    else { return #expect(Bool(false), "it is answered") }
    #expect(status == 201)
    #expect(String(decoding: body, as: UTF8.self) == "made")
    #expect(headers.first { $0.name == "etag" }?.value == "\"1\"")
    #expect(seen.count == 1)
    #expect(seen.first?.peer == .address("127.0.0.1"))
    #expect(seen.first?.target == "/a?b=%20c")
    #expect(seen.first?.path == "/a")
    #expect(seen.first?.header("x-own") == "1")
    #expect(seen.first.map { String(decoding: $0.body, as: UTF8.self) } == "body")
  }

  @Test("a stream's head comes before its first byte, its pieces as they are sent, and its end")
  func stream() throws {
    var open: Exchange?
    let bench = try Bench { exchange in
      exchange.stream(contentType: "text/event-stream")
      open = exchange
    }
    let client = try HTTPClient(loop: bench.loop)
    var order = HTTPOrder(url: "http://nova/")
    order.unixSocket = bench.path
    order.timeout = nil
    var head: Int?
    var got: [UInt8] = []
    var ended = false
    let call = client.start(order) { _ in ended = true }
    call?.onHead = { status, _ in
      head = status
      return true
    }
    call?.onBytes = {
      got += $0
      return true
    }
    #expect(try turn(bench.loop) { head == 200 })
    #expect(got.isEmpty)
    open?.send(Array("one".utf8))
    #expect(try turn(bench.loop) { got == Array("one".utf8) })
    open?.send(Array("two".utf8))
    open?.end()
    #expect(try turn(bench.loop) { ended })
    #expect(got == Array("onetwo".utf8))
  }

  @Test("a call that is cancelled from its own piece says nothing more, and the server hears of it")
  func cancelled() throws {
    var closed = false
    var open: Exchange?
    let bench = try Bench { exchange in
      exchange.stream(contentType: "text/plain")
      exchange.onClose = { closed = true }
      exchange.send(Array("x".utf8))
      open = exchange
    }
    let client = try HTTPClient(loop: bench.loop)
    var order = HTTPOrder(url: "http://nova/")
    order.unixSocket = bench.path
    var ended = false
    var pieces = 0
    let call = client.start(order) { _ in ended = true }
    call?.onHead = { _, _ in true }
    call?.onBytes = { [weak call] _ in
      pieces += 1
      call?.cancel()
      return true
    }
    #expect(
      try turn(bench.loop) {
        if pieces > 0 { open?.send(Array("y".utf8)) }
        return closed
      })
    #expect(pieces == 1)
    #expect(!ended)
  }

  @Test("nobody there, and a server that says nothing in time, are failures in words")
  func failures() throws {
    let loop = try EventLoop()
    let client = try HTTPClient(loop: loop)
    var order = HTTPOrder(url: "http://nova/")
    order.unixSocket = "/nonexistent/socket"
    guard case .failed(let words)? = try Self.outcome(loop, client, order) else {
      return #expect(Bool(false), "it fails")
    }
    #expect(!words.isEmpty)
    var held: [Exchange] = []
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      held.append($0)
    }
    defer { server.close() }
    var slow = HTTPOrder(url: "http://127.0.0.1:\(try #require(server.portNumber))/")
    slow.timeout = .milliseconds(200)
    guard case .failed? = try Self.outcome(loop, client, slow) else {
      return #expect(Bool(false), "it gives up")
    }
    #expect(held.count == 1)
  }

  @Test("what is told of one transfer may begin another and end a third")
  func withinCallback() throws {
    let loop = try EventLoop()
    var open: [Exchange] = []
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      switch $0.request.path {
      case "/stream":
        $0.stream(contentType: "text/plain", headers: [])
        _ = $0.send(Array("one".utf8))
        open.append($0)
      case "/held": open.append($0)
      default: $0.respond(200, body: Array("two".utf8), headers: [])
      }
    }
    defer { server.close() }
    let client = try HTTPClient(loop: loop)
    let base = "http://127.0.0.1:\(try #require(server.portNumber))"
    var isHeldOver = false
    let held = client.start(HTTPOrder(url: base + "/held")) { _ in isHeldOver = true }
    try turn(loop) { open.count == 1 }
    var second: HTTPOutcome?
    var own: HTTPCall?
    var isStreamOver = false
    own = client.start(HTTPOrder(url: base + "/stream")) { _ in isStreamOver = true }
    own?.onHead = { _, _ in true }
    own?.onBytes = { _ in
      #expect(client.start(HTTPOrder(url: base + "/other")) { second = $0 } != nil)
      held?.cancel()
      own?.cancel()
      return true
    }
    try turn(loop) { second != nil }
    guard case .answered(200, _, let body)? = second else {
      return #expect(Bool(false), "it is answered, not \(String(describing: second))")
    }
    #expect(String(decoding: body, as: UTF8.self) == "two")
    #expect(!isHeldOver && !isStreamOver, "what was cancelled is not told")
  }
}

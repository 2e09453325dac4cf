// The server against real sockets. Must never touch a path outside its own directory.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite struct HTTPServerTests {
  @Test("a GET reaches the handler with path, query, header and the kernel's word for the peer")
  func get() throws {
    var seen: HTTPRequest?
    let bench = try Bench { exchange in
      seen = exchange.request
      exchange.respond(200, body: Array("{}".utf8), headers: [("X-Test", "yes")])
    }
    let client = try bench.ask(
      "GET /v1/workers/a%2Db?state=run+ning&state=%21&flag HTTP/1.1\r\nHost: nova\r\nX-Thing: one\r\n\r\n"
    )
    #expect(client.status == 200)
    try turn(bench.loop) { client.body == "{}" }
    #expect(client.body == "{}")
    #expect(client.text.contains("Content-Type: application/json\r\n"))
    #expect(client.text.contains("X-Test: yes\r\n"))
    #expect(client.text.contains("Content-Length: 2\r\n"))
    let request = try #require(seen)
    #expect(request.method == "GET")
    #expect(request.path == "/v1/workers/a-b")
    #expect(request.all("state") == ["run ning", "!"])
    #expect(request.first("flag") == "")
    #expect(request.first("none") == nil)
    #expect(request.header("x-thing") == "one")
    #expect(request.peer.process?.pid == getpid())
    #expect(request.peer.process?.uid == getuid())
    #expect(request.peer.process?.gid == getgid())
  }

  @Test("a POST brings its body whole, also in chunks, and the connection is used again")
  func post() throws {
    var bodies: [String] = []
    let bench = try Bench { exchange in
      bodies.append(String(decoding: exchange.request.body, as: UTF8.self))
      exchange.respond(201)
    }
    let client = try bench.ask("POST /a HTTP/1.1\r\nHost: n\r\nContent-Length: 5\r\n\r\nhello")
    #expect(client.status == 201)
    client.send(
      "POST /b HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    try turn(bench.loop) { bodies.count == 2 }
    #expect(bodies == ["hello", "abcde"])
    #expect(bench.server.connectionCount == 1)
  }

  @Test("HEAD gets the length and no body")
  func head() throws {
    let bench = try Bench { $0.respond(200, body: Array("four".utf8)) }
    let client = try bench.ask("HEAD / HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n")
    try turn(bench.loop) {
      client.read()
      return client.ended
    }
    #expect(client.text.contains("Content-Length: 4\r\n"))
    #expect(client.body == "")
  }

  @Test("the handler's 404 goes out as it is")
  func notFound() throws {
    let bench = try Bench { $0.respond(404, body: Array("{\"error\":1}".utf8)) }
    #expect(try bench.ask("GET /nothing HTTP/1.1\r\nHost: n\r\n\r\n").status == 404)
  }

  @Test("an exchange answered later, from a timer, waits without holding the others up")
  func later() throws {
    var kept: Exchange?
    let bench = try Bench { exchange in
      if exchange.request.path == "/later" { kept = exchange } else { exchange.respond(200) }
    }
    let slow = try Client(bench.path)
    slow.send("GET /later HTTP/1.1\r\nHost: n\r\n\r\n")
    try turn(bench.loop) { kept != nil }
    #expect(try bench.ask("GET /now HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
    #expect(slow.status == nil)
    let timer = try bench.loop.timer { kept?.respond(202) }
    timer.arm(at: Clock.now().instant + .milliseconds(30))
    try turn(bench.loop) { slow.status != nil }
    #expect(slow.status == 202)
    kept?.respond(500)
    slow.send("GET /now HTTP/1.1\r\nHost: n\r\n\r\n")
    try turn(bench.loop) { slow.text.contains("200 OK") }
    #expect(slow.text.contains("200 OK"))
  }

  @Test(
    "a client that goes away while it waits is noticed at once, one that only stopped writing is not"
  )
  func goneWhileWaiting() throws {
    var kept: [Exchange] = []
    var closed = 0
    let bench = try Bench { exchange in
      exchange.onClose = { closed += 1 }
      kept.append(exchange)
    }
    let gone = try Client(bench.path)
    let half = try Client(bench.path)
    for client in [gone, half] { client.send("GET / HTTP/1.1\r\nHost: n\r\n\r\n") }
    try turn(bench.loop) { kept.count == 2 }
    shutdown(half.descriptor, CInt(SHUT_WR))
    gone.close()
    try turn(bench.loop) { closed > 0 && bench.server.connectionCount == 1 }
    #expect(closed == 1)
    #expect(kept.filter(\.isOpen).count == 1)
    for exchange in kept { exchange.respond(200) }
    try turn(bench.loop) { half.status != nil }
    #expect(half.status == 200)
    #expect(closed == 1)
  }

  @Test("a stream arrives piece by piece and ends")
  func stream() throws {
    var kept: Exchange?
    var closed = 0
    let bench = try Bench { exchange in
      exchange.onClose = { closed += 1 }
      exchange.stream(contentType: "text/event-stream")
      exchange.send(Array("data: 1\n\n".utf8))
      kept = exchange
    }
    let client = try bench.ask("GET /v1/events HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n")
    try turn(bench.loop) { client.text.contains("data: 1") }
    #expect(client.text.contains("Content-Type: text/event-stream"))
    #expect(client.text.contains("data: 1"))
    #expect(kept?.send(Array("data: 2\n\n".utf8)) == true)
    try turn(bench.loop) { client.text.contains("data: 2") }
    kept?.end()
    #expect(kept?.send([1]) == false)
    try turn(bench.loop) {
      _ = client.text; return client.ended
    }
    #expect(client.text.hasSuffix("\r\n0\r\n\r\n"))
    #expect(closed == 0)
  }

  @Test("a client that leaves a stream is noticed without a byte being sent")
  func streamLeft() throws {
    var kept: Exchange?
    var closed = 0
    let bench = try Bench { exchange in
      exchange.onClose = { closed += 1 }
      exchange.stream(contentType: "text/event-stream")
      kept = exchange
    }
    let client = try bench.ask("GET /v1/events HTTP/1.1\r\nHost: n\r\n\r\n")
    client.close()
    try turn(bench.loop) { closed > 0 }
    #expect(closed == 1)
    #expect(kept?.send([1]) == false)
    #expect(kept?.isOpen == false)
    try turn(bench.loop) { bench.server.connectionCount == 0 }
    #expect(bench.server.connectionCount == 0)
  }

  @Test("a reader that does not read is cut off at the limit")
  func slowReader() throws {
    var kept: Exchange?
    var closed = 0
    var limits = HTTPLimits()
    limits.streamBuffer = 100_000
    let bench = try Bench(limits: limits) { exchange in
      exchange.onClose = { closed += 1 }
      exchange.stream(contentType: "text/plain")
      kept = exchange
    }
    let client = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    let piece = [UInt8](repeating: 65, count: 50_000)
    var sent = 0
    while kept?.send(piece) == true, sent < 1000 {
      sent += 1
      _ = try bench.loop.turn(limit: 16, timeout: .zero)
    }
    #expect(sent < 1000)
    try turn(bench.loop) { closed > 0 && bench.server.connectionCount == 0 }
    #expect(closed == 1)
    #expect(bench.server.connectionCount == 0)
    client.close()
  }

  @Test("what a stream begins with may be longer than the limit, which then holds for what follows")
  func longBeginning() throws {
    var kept: Exchange?
    var limits = HTTPLimits()
    limits.streamBuffer = 100_000
    let bench = try Bench(limits: limits) { exchange in
      exchange.stream(contentType: "text/plain")
      kept = exchange
    }
    let client = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    let exchange = try #require(kept)
    // Nobody reads, so what was queued stays: a long beginning and as much as the limit says.
    #expect(exchange.send([UInt8](repeating: 65, count: 3_000_000), first: true))
    #expect(exchange.room == 100_000)
    #expect(exchange.send([UInt8](repeating: 66, count: 60_000)))
    #expect(!exchange.send([UInt8](repeating: 67, count: 60_000)))
    #expect(!exchange.isOpen)
    try turn(bench.loop) { bench.server.connectionCount == 0 }
    client.close()
  }

  @Test("one megabyte of answer arrives whole")
  func large() throws {
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bench = try Bench { $0.respond(200, contentType: "application/octet-stream", body: bytes) }
    let client = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n")
    try turn(bench.loop) {
      client.read(); return client.ended
    }
    #expect(client.received.suffix(1_000_000) == bytes[...])
  }

  @Test("a large answer to HEAD is its headers alone, and the connection goes on")
  func largeHead() throws {
    let bytes = [UInt8](repeating: 65, count: 1_000_000)
    let bench = try Bench { $0.respond(200, contentType: "text/plain", body: bytes) }
    let client = try bench.ask(
      "HEAD / HTTP/1.1\r\nHost: n\r\n\r\nGET / HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n")
    try turn(bench.loop) {
      client.read(); return client.ended
    }
    #expect(client.received.count { $0 == 65 } == 1_000_000)
    #expect(client.text.ranges(of: "Content-Length: 1000000\r\n").count == 2)
  }

  @Test("whatever waits costs nothing: the loop does not turn for it")
  func idle() throws {
    var kept: [Exchange] = []
    let bench = try Bench { exchange in
      if exchange.request.path == "/stream" { exchange.stream(contentType: "text/event-stream") }
      if exchange.request.path == "/alive" { exchange.respond(200) } else { kept.append(exchange) }
    }
    let clients = try ["/stream", "/pending", "/alive", "/half"].map { path in
      let client = try Client(bench.path)
      client.send(path == "/half" ? "GET /ha" : "GET \(path) HTTP/1.1\r\nHost: n\r\n\r\n")
      return client
    }
    try turn(bench.loop) { kept.count == 2 && clients[2].status == 200 && clients[0].status == 200 }
    while try bench.loop.turn(limit: 16, timeout: .milliseconds(20)) > 0 {}
    var turns = 0
    let later = Clock.now().instant + .milliseconds(300)
    while Clock.now().instant < later {
      turns += try bench.loop.turn(limit: 16, timeout: .milliseconds(100))
    }
    // The library may look at its own idle timer once.
    #expect(turns <= 1)
    #expect(bench.server.connectionCount == 4)
  }

  @Test("two requests sent at once are answered in order, also when the first waits")
  func pipelined() throws {
    var kept: Exchange?
    let bench = try Bench { exchange in
      if exchange.request.path == "/1" {
        kept = exchange
      } else {
        exchange.respond(200, contentType: "text/plain", body: Array("second".utf8))
      }
    }
    let client = try Client(bench.path)
    client.send("GET /1 HTTP/1.1\r\nHost: n\r\n\r\nGET /2 HTTP/1.1\r\nHost: n\r\n\r\n")
    try turn(bench.loop) { kept != nil }
    kept?.respond(200, contentType: "text/plain", body: Array("first".utf8))
    try turn(bench.loop) { client.text.contains("second") }
    let all = client.text
    let first = try #require(all.range(ofFirst: "first"))
    let second = try #require(all.range(ofFirst: "second"))
    #expect(first < second)
  }

  @Test("a header with a line break in it is left out")
  func smuggled() throws {
    let bench = try Bench { $0.respond(200, headers: [("X", "a\r\nY: b"), ("Z", "c")]) }
    let client = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    #expect(client.text.contains("Z: c"))
    #expect(!client.text.contains("Y: b"))
  }
}

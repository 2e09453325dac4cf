// What a client may not do, and what happens then. Must never leave a server running.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite struct HTTPLimitTests {
  @Test(
    "what is malformed or too large is refused and never reaches the handler",
    arguments: [
      ("GET / HTTP/1.1\r\nno colon here\r\n\r\n", 400),
      ("GET / HTTP/3.7\r\nHost: n\r\n\r\n", 505),
      ("GET /a%zz HTTP/1.1\r\nHost: n\r\n\r\n", 400),
      ("GET /a%00b HTTP/1.1\r\nHost: n\r\n\r\n", 400),
      ("GET /a%ff HTTP/1.1\r\nHost: n\r\n\r\n", 400),
      ("GET relative HTTP/1.1\r\nHost: n\r\n\r\n", 400),
      ("BREW / HTTP/1.1\r\nHost: n\r\n\r\n", 405),
      ("BREW / HTTP/1.1\r\nHost: n\r\n\r\n", 405),
      ("POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 1048577\r\n\r\n", 413),
      ("POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
      ("POST / HTTP/1.1\r\nHost: n\r\nContent-Length: many\r\n\r\n", 400),
      ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: n\r\n\r\n", 414),
      ("GET / HTTP/1.1\r\nHost: n\r\nX: " + String(repeating: "a", count: 60000) + "\r\n\r\n", 431),
    ])
  func refused(_ request: String, _ status: Int) throws {
    var called = false
    let bench = try Bench { exchange in
      called = true
      exchange.respond(200)
    }
    let client = try bench.ask(request)
    #expect(client.status == status, "\(request.prefix(40))")
    #expect(!called)
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
  }

  @Test("what is no HTTP at all ends without reaching the handler")
  func garbage() throws {
    var called = false
    let bench = try Bench { exchange in
      called = true
      exchange.respond(200)
    }
    for text in ["BLAH\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"] {
      let client = try Client(bench.path)
      client.send(text)
      shutdown(client.descriptor, CInt(SHUT_WR))
      try turn(bench.loop) {
        client.read(); return client.ended
      }
      #expect(client.ended)
    }
    #expect(!called)
  }

  @Test("a path may have a limit of its own, and no other path has it")
  func longer() throws {
    var limits = HTTPLimits()
    limits.body = 1000
    limits.bodies["/v1/table"] = 300_000
    var lengths: [Int] = []
    let bench = try Bench(limits: limits) { exchange in
      lengths.append(exchange.request.body.count)
      exchange.respond(200)
    }
    func post(_ path: String, _ count: Int) throws -> Int? {
      let client = try Client(bench.path)
      client.send("POST \(path) HTTP/1.1\r\nHost: n\r\nContent-Length: \(count)\r\n\r\n")
      var rest = Array(repeating: UInt8(ascii: "x"), count: count)[...]
      try turn(bench.loop) {
        if !rest.isEmpty { rest = rest.dropFirst(max(0, client.send(rest))) }
        client.read()
        return client.status != nil || client.ended
      }
      return client.status
    }
    #expect(try post("/v1/table", 300_000) == 200)
    #expect(try post("/v1/table", 300_001) == 413)
    #expect(try post("/v1/table/x", 1001) == 413)
    #expect(try post("/v1/other", 1000) == 200)
    #expect(lengths == [300_000, 1000])
  }

  @Test("a chunked body over the limit is answered 413, one without end is cut off")
  func chunked() throws {
    var limits = HTTPLimits()
    limits.body = 100_000
    var called = false
    let bench = try Bench(limits: limits) { exchange in
      called = true
      exchange.respond(200)
    }
    let head = "POST / HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n"
    let piece = "2710\r\n" + String(repeating: "x", count: 10000) + "\r\n"
    let client = try Client(bench.path)
    client.send(head)
    for _ in 0..<12 {
      client.send(piece)
      _ = try bench.loop.turn(limit: 16, timeout: .milliseconds(5))
    }
    client.send("0\r\n\r\n")
    try turn(bench.loop) { client.status != nil }
    #expect(client.status == 413)
    let endless = try Client(bench.path)
    endless.send(head)
    try turn(bench.loop) {
      endless.send(piece)
      endless.read()
      return endless.ended
    }
    #expect(endless.ended)
    #expect(!called)
  }

  @Test("a body of exactly the limit is taken")
  func exact() throws {
    var limits = HTTPLimits()
    limits.body = 50_000
    var length = 0
    let bench = try Bench(limits: limits) { exchange in
      length = exchange.request.body.count
      exchange.respond(200)
    }
    let client = try bench.ask(
      "POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 50000\r\n\r\n"
        + String(repeating: "x", count: 50_000))
    #expect(client.status == 200)
    #expect(length == 50_000)
  }

  @Test("two hundred connections at once are all answered")
  func crowd() throws {
    var waiting: [Exchange] = []
    let bench = try Bench { waiting.append($0) }
    let clients = try (0..<200).map { _ in try Client(bench.path) }
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: n\r\n\r\n") }
    try turn(bench.loop) { waiting.count == 200 }
    #expect(waiting.count == 200)
    for exchange in waiting { exchange.respond(200, body: [65]) }
    try turn(bench.loop) { clients.allSatisfy { $0.status == 200 } }
    #expect(clients.allSatisfy { $0.status == 200 })
    for client in clients { client.close() }
    try turn(bench.loop) { bench.server.connectionCount == 0 }
    #expect(bench.server.connectionCount == 0)
  }

  @Test("one connection too many is told so, and the next fits again")
  func tooMany() throws {
    var limits = HTTPLimits()
    limits.connectionsPerUser = 2
    let bench = try Bench(limits: limits) { $0.respond(200) }
    let first = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    let second = try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    #expect(first.status == 200)
    #expect(second.status == 200)
    let third = try Client(bench.path)
    try turn(bench.loop) { third.status != nil }
    #expect(third.status == 503)
    first.close()
    try turn(bench.loop) { bench.server.connectionCount == 1 }
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
  }

  @Test("a request that trickles in is ended at the limit; a pending exchange is not")
  func slowLoris() throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .milliseconds(200)
    var kept: Exchange?
    let bench = try Bench(limits: limits) { kept = $0 }
    let waiting = try Client(bench.path)
    waiting.send("GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    let slow = try Client(bench.path)
    slow.send("GET / HTTP/1.1\r\nX: ")
    let began = Clock.now().instant
    try turn(bench.loop) {
      slow.send("a")
      slow.read()
      return slow.ended
    }
    #expect(slow.ended)
    #expect(Clock.now().instant - began >= .milliseconds(190))
    waiting.read()
    #expect(!waiting.ended)
    kept?.respond(200)
    try turn(bench.loop) { waiting.status != nil }
    #expect(waiting.status == 200)
  }

  @Test("a stale socket is replaced, with the mode asked for")
  func stale() throws {
    let scratch = try Scratch()
    let loop = try EventLoop()
    let path = scratch.path + "/api.sock"
    let left = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    _ = Glibc.close(left)
    let server = try HTTPServer(loop: loop, socketPath: path, mode: 0o666) { $0.respond(200) }
    var status = stat()
    #expect(unsafe lstat(path, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o666)
    server.close()
    #expect(unsafe lstat(path, &status) != 0)
  }

  @Test("a live server's socket is refused and left alone, as is a file that is no socket")
  func live() throws {
    let bench = try Bench { $0.respond(200) }
    #expect(throws: SystemError(call: "listen on", number: EADDRINUSE, subject: bench.path)) {
      _ = try HTTPServer(loop: bench.loop, socketPath: bench.path, mode: 0o666) { _ in }
    }
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
    let file = bench.scratch.path + "/file"
    _ = Glibc.close(unsafe open(file, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: SystemError.self) {
      _ = try HTTPServer(loop: bench.loop, socketPath: file, mode: 0o666) { _ in }
    }
    var status = stat()
    #expect(unsafe lstat(file, &status) == 0)
  }

  @Test("a path that is too long is refused with a sentence")
  func longPath() throws {
    let loop = try EventLoop()
    let path = "/tmp/" + String(repeating: "x", count: 200)
    do {
      _ = try HTTPServer(loop: loop, socketPath: path, mode: 0o666) { _ in }
      Issue.record("not refused")
    } catch {
      #expect(error.message.contains("1 to 107 bytes, this one 205"))
    }
  }

  @Test("a successor's socket survives the close of its predecessor")
  func successor() throws {
    let bench = try Bench { $0.respond(200) }
    _ = unsafe unlink(bench.path)
    let next = try HTTPServer(loop: bench.loop, socketPath: bench.path, mode: 0o666) {
      $0.respond(204)
    }
    bench.server.close()
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 204)
    next.close()
  }

  @Test("close answers what waits, ends streams, and may be called by the handler")
  func close() throws {
    var waiting: Exchange?
    var server: HTTPServer?
    let bench = try Bench { exchange in
      switch exchange.request.path {
      case "/wait": waiting = exchange
      case "/stream":
        exchange.stream(contentType: "text/plain")
        exchange.send(Array("last".utf8))
      default:
        exchange.respond(200)
        server?.close()
      }
    }
    server = bench.server
    let one = try Client(bench.path)
    one.send("GET /wait HTTP/1.1\r\nHost: n\r\n\r\n")
    let two = try bench.ask("GET /stream HTTP/1.1\r\nHost: n\r\n\r\n")
    try turn(bench.loop) { waiting != nil }
    let three = try bench.ask("GET /close HTTP/1.1\r\nHost: n\r\n\r\n")
    #expect(one.status == 503)
    #expect(two.text.hasSuffix("0\r\n\r\n"))
    #expect(three.status == 200)
    waiting?.respond(200)
    #expect(bench.server.connectionCount == 0)
    #expect(throws: SystemError.self) { _ = try Client(bench.path) }
    server = nil
  }

  @Test(
    "a request that came in but was not read before the close is told so, and nobody is left suspended"
  )
  func closeWithMore() throws {
    var asked = 0
    let bench = try Bench { _ in asked += 1 }
    let clients = try (0..<8).map { _ in try Client(bench.path) }
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: n\r\n\r\n") }
    try turn(bench.loop) { asked == 8 }
    let late = try (0..<8).map { _ in try Client(bench.path) }
    try turn(bench.loop) { bench.server.connectionCount == 16 }
    for client in late { client.send("GET / HTTP/1.1\r\nHost: n\r\n\r\n") }
    // The library aborts the whole program when it is stopped while a connection is suspended.
    bench.server.close()
    #expect(asked == 8)
    for client in clients + late {
      client.read()
      #expect(client.status == 503)
    }
  }
}

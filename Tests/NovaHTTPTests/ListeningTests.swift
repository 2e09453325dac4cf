// A server with further listeners, each of them a worker's, and real clients on each. Must never listen on anything but
// loopback.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite struct ListeningTests {
  /// What came of it: a status, or nil when nobody answered.
  private func ask(_ loop: EventLoop, _ client: HTTPClient, _ order: HTTPOrder) throws -> Int? {
    var outcome: HTTPOutcome?
    let call = client.start(order) { outcome = $0 }
    try turn(loop) { outcome != nil }
    if outcome == nil { call?.cancel() }
    if case .answered(let status, _, _)? = outcome { return status }
    return nil
  }

  private func order(_ port: UInt16) -> HTTPOrder {
    var order = HTTPOrder(url: "http://127.0.0.1:\(port)/")
    order.headers = ["X-Nova-Worker: somebody", "Authorization: Bearer stolen"]
    return order
  }

  private func read(_ socket: DescriptorBox) -> String? {
    var room = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(socket.raw(), &room, room.count, 0)
    return count < 0 ? nil : String(decoding: room.prefix(count), as: UTF8.self)
  }

  @Test(
    "whoever comes by a worker's listener is that worker, whatever it says; the others are who they were"
  )
  func peers() throws {
    var seen: [Peer] = []
    let bench = try Bench {
      seen.append($0.request.peer)
      $0.respond(200)
    }
    let outreach = try Listener()
    let other = try Listener()
    let ports = (outreach.port, other.port)
    let tokens = [
      try bench.server.listenAlso(on: outreach.give(), as: "outreach"),
      try bench.server.listenAlso(on: other.give(), as: "other"),
    ]
    let client = try HTTPClient(loop: bench.loop)
    #expect(try ask(bench.loop, client, order(ports.0)) == 200)
    #expect(try ask(bench.loop, client, order(ports.1)) == 200)
    #expect(try ask(bench.loop, client, order(ports.0)) == 200)
    #expect(seen == [.worker("outreach"), .worker("other"), .worker("outreach")])
    #expect(seen.allSatisfy { $0.process == nil })
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
    #expect(seen.last?.process?.uid == geteuid())
    for token in tokens { token.end() }
  }

  @Test("beside a port of its own, callers of the port are addresses still")
  func port() throws {
    let loop = try EventLoop()
    var seen: [Peer] = []
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      seen.append($0.request.peer)
      $0.respond(200)
    }
    defer { server.close() }
    let listener = try Listener()
    let further = listener.port
    let token = try server.listenAlso(on: listener.give(), as: "outreach")
    let client = try HTTPClient(loop: loop)
    #expect(try ask(loop, client, order(#require(server.portNumber))) == 200)
    #expect(try ask(loop, client, order(further)) == 200)
    #expect(seen == [.address("127.0.0.1"), .worker("outreach")])
    token.end()
  }

  @Test(
    "once ended nobody comes in by it any more; who is in is answered; ending twice is harmless")
  func ended() throws {
    var open: Exchange?
    let bench = try Bench { open = $0 }
    let listener = try Listener()
    let port = listener.port
    let token = try bench.server.listenAlso(on: listener.give(), as: "a")
    let client = try HTTPClient(loop: bench.loop)
    var outcome: HTTPOutcome?
    _ = client.start(order(port)) { outcome = $0 }
    #expect(try turn(bench.loop) { open != nil })
    token.end()
    token.end()
    #expect(throws: SystemError.self) { try dial(port) }
    open?.respond(204)
    #expect(try turn(bench.loop) { outcome != nil })
    guard case .answered(204, _, _)? = outcome else {
      return #expect(Bool(false), "it is answered, not \(String(describing: outcome))")
    }
    #expect(try bench.loop.turn(limit: 1, timeout: .zero) <= 1)
  }

  @Test("a handler may end the listener that its request came by")
  func endedWithin() throws {
    let loop = try EventLoop()
    var token: HTTPListening?
    let server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
      token?.end()
      $0.respond(200)
    }
    defer { server.close() }
    let listener = try Listener()
    let port = listener.port
    token = try server.listenAlso(on: listener.give(), as: "a")
    // Both wait in the queue before the first is read.
    let (first, second) = (try dial(port), try dial(port))
    let request = "GET / HTTP/1.1\r\nHost: n\r\n\r\n"
    for socket in [first.raw(), second.raw()] {
      _ = unsafe send(socket, request, request.utf8.count, 0)
    }
    var text = ""
    #expect(
      try turn(loop) {
        text += read(first) ?? ""
        return text.hasPrefix("HTTP/1.1 200")
      })
    #expect(throws: SystemError.self) { try dial(port) }
  }

  @Test("a worker that opens too many connections is refused and shuts nobody else out")
  func quota() throws {
    var limits = HTTPLimits()
    limits.connectionsPerUser = 3
    let bench = try Bench(limits: limits) { $0.respond(200) }
    let greedy = try Listener()
    let second = try Listener()
    let modest = try Listener()
    let ports = (greedy.port, second.port, modest.port)
    let tokens = [
      try bench.server.listenAlso(on: greedy.give(), as: "greedy"),
      // Another instance of it counts with it.
      try bench.server.listenAlso(on: second.give(), as: "greedy"),
      try bench.server.listenAlso(on: modest.give(), as: "modest"),
    ]
    let held = [try dial(ports.0), try dial(ports.0), try dial(ports.1)]
    #expect(try turn(bench.loop) { bench.server.connectionCount == 3 })
    let refused = try dial(ports.1)
    var text: String?
    #expect(
      try turn(bench.loop) {
        text = text ?? read(refused)
        return text != nil
      })
    #expect(text?.hasPrefix("HTTP/1.1 503 ") == true)
    let client = try HTTPClient(loop: bench.loop)
    #expect(try ask(bench.loop, client, order(ports.2)) == 200)
    #expect(try bench.ask("GET / HTTP/1.1\r\nHost: n\r\n\r\n").status == 200)
    #expect(held.count == 3)
    for token in tokens { token.end() }
  }

  @Test("closing the server closes every listener")
  func closed() throws {
    let bench = try Bench { $0.respond(200) }
    let listener = try Listener()
    let port = listener.port
    let token = try bench.server.listenAlso(on: listener.give(), as: "a")
    try dial(port)
    bench.server.close()
    #expect(throws: SystemError.self) { try dial(port) }
    token.end()
  }

  @Test("a listener that would make accept(2) wait is made one that does not")
  func blocking() throws {
    let bench = try Bench { $0.respond(200) }
    let listener = try Listener(blocking: true)
    let port = listener.port
    let token = try bench.server.listenAlso(on: listener.give(), as: "a")
    let client = try HTTPClient(loop: bench.loop)
    #expect(try ask(bench.loop, client, order(port)) == 200)
    token.end()
  }

  @Test("a hundred listeners come and go without a descriptor left")
  func noGrowth() throws {
    let bench = try Bench { $0.respond(200) }
    var numbers: [CInt] = []
    for _ in 0..<100 {
      let listener = try Listener()
      let number = listener.descriptor.raw()
      let token = try bench.server.listenAlso(on: listener.give(), as: "a")
      token.end()
      numbers.append(number)
    }
    // Others of this process open and close meanwhile: a hundred kept ones would each have a number of its own.
    #expect(Set(numbers).count < 100)
  }
}

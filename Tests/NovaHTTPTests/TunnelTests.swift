// The fork in the road of a worker's connection, and connections to the outside, against real sockets. Must never listen on
// anything but loopback, nor ask a name server.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite struct TunnelTests {
  /// A server with one worker's listener; what was a tunnel and what a request.
  private final class Fork {
    let bench: Bench
    let port: UInt16
    var tunnels: [DescriptorBox] = []
    var workers: [String] = []
    private let token: HTTPListening

    init(limits: HTTPLimits = HTTPLimits()) throws {
      bench = try Bench(limits: limits) { $0.respond(200) }
      let listener = try Listener()
      port = listener.port
      token = try bench.server.listenAlso(on: listener.give(), as: "w")
      bench.server.tunnels = { [unowned self] connection, worker in
        tunnels.append(DescriptorBox(connection))
        workers.append(worker)
      }
    }
  }

  private func say(_ text: String, _ socket: DescriptorBox) {
    _ = unsafe send(socket.raw(), text, text.utf8.count, CInt(MSG_NOSIGNAL))
  }

  private func hear(_ socket: CInt) -> String? {
    var room = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(socket, &room, room.count, CInt(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: room.prefix(count), as: UTF8.self)
  }

  @Test("CONNECT is handed over with its worker and every byte, all else is a request as before")
  func fork() throws {
    let fork = try Fork()
    let (one, two) = (try dial(fork.port), try dial(fork.port))
    say("CONNECT a:1 HTTP/1.1\r\n\r\n", one)
    say("GET / HTTP/1.1\r\nHost: n\r\n\r\n", two)
    var answer = ""
    #expect(
      try turn(fork.bench.loop) {
        answer += hear(two.raw()) ?? ""
        return fork.tunnels.count == 1 && answer.hasPrefix("HTTP/1.1 200")
      })
    #expect(fork.workers == ["w"])
    #expect(hear(try #require(fork.tunnels.first).raw()) == "CONNECT a:1 HTTP/1.1\r\n\r\n")
    #expect(fork.bench.server.connectionCount == 1)
  }

  @Test("a word that comes byte by byte is waited for, and costs the loop no turn meanwhile")
  func slowly() throws {
    let fork = try Fork()
    let loop = fork.bench.loop
    let (tunnel, request) = (try dial(fork.port), try dial(fork.port))
    say("CONN", tunnel)
    say("COPY", request)
    #expect(try turn(loop) { fork.bench.server.connectionCount == 2 })
    // Until nothing is ready any more: half a word does not go on waking.
    var isQuiet = false
    for _ in 0..<50 where !isQuiet {
      isQuiet = try loop.turn(limit: 16, timeout: .milliseconds(20)) == 0
    }
    #expect(isQuiet)
    for byte in "ECT " {
      #expect(fork.tunnels.isEmpty)
      say(String(byte), tunnel)
      _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
    }
    #expect(try turn(loop) { fork.tunnels.count == 1 })
    #expect(fork.bench.server.connectionCount == 1)
    // It is an ordinary socket again: one byte wakes whoever waits.
    let found = try #require(fork.tunnels.first)
    #expect(hear(found.raw()) == "CONNECT ")
    var woken = false
    let source = try loop.watch(found.raw(), .readable) { _ in woken = true }
    say("x", tunnel)
    #expect(try turn(loop) { woken })
    source.cancel()
  }

  @Test(
    "who says nothing is put out in time, who hangs up before he has said what he wants at once")
  func silent() throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .milliseconds(200)
    limits.connectionsPerUser = 2
    let fork = try Fork(limits: limits)
    let (silent, half) = (try dial(fork.port), try dial(fork.port))
    say("CONN", half)
    #expect(try turn(fork.bench.loop) { fork.bench.server.connectionCount == 2 })
    let refused = try dial(fork.port)
    var text: String?
    #expect(
      try turn(fork.bench.loop) {
        text = text ?? hear(refused.raw())
        return text != nil
      })
    #expect(text?.hasPrefix("HTTP/1.1 503 ") == true, "they count as connections of the worker")
    _ = shutdown(half.raw(), CInt(SHUT_WR))
    #expect(try turn(fork.bench.loop) { hear(half.raw()) == "" })
    #expect(try turn(fork.bench.loop) { hear(silent.raw()) == "" })
    #expect(fork.bench.server.connectionCount == 0 && fork.tunnels.isEmpty)
  }

  @Test("closing the server closes who has said nothing yet")
  func closed() throws {
    let fork = try Fork()
    let silent = try dial(fork.port)
    #expect(try turn(fork.bench.loop) { fork.bench.server.connectionCount == 1 })
    fork.bench.server.close()
    #expect(hear(silent.raw()) == "")
  }

  // MARK: to the outside

  private func outcome(_ host: String, _ port: UInt16, _ reach: DialReach) throws -> DialOutcome? {
    let loop = try EventLoop()
    let dialler = try Dialler(loop: loop)
    var outcome: DialOutcome?
    let dial = dialler.dial(host, port, reach: reach, within: .seconds(4)) { outcome = $0 }
    #expect(dial != nil && outcome == nil)
    try turn(loop) { outcome != nil }
    return outcome
  }

  @Test("a loopback address is connected to where that is allowed; the first bytes are not lost")
  func connected() throws {
    let listener = try Listener()
    guard case .connected(let socket)? = try outcome("127.0.0.1", listener.port, .loopback) else {
      Issue.record("it is connected")
      return
    }
    let other = Descriptor(accept(listener.descriptor.raw(), nil, nil))
    _ = unsafe send(other.raw(), "220 hello", 9, 0)
    let loop = try EventLoop()
    var text: String?
    #expect(
      try turn(loop) {
        text = text ?? hear(socket.raw())
        return text != nil
      })
    #expect(text == "220 hello")
    #expect(fcntl(socket.raw(), F_GETFD) & FD_CLOEXEC != 0)
    #expect(fcntl(socket.raw(), F_GETFL) & O_NONBLOCK != 0)
  }

  @Test(
    "what is not public gets no socket, by whatever name",
    arguments: [
      "localhost", "127.0.0.1", "2130706433", "127.1", "0x7f.1", "::1", "::ffff:127.0.0.1", "0",
    ])
  func forbidden(host: String) throws {
    let listener = try Listener()
    guard case .forbidden? = try outcome(host, listener.port, .global) else {
      Issue.record("\(host) is forbidden")
      return
    }
    #expect(accept(listener.descriptor.raw(), nil, nil) == -1 && errno == EAGAIN)
  }

  @Test("where loopback is meant nothing else is reached", arguments: ["8.8.8.8", "10.0.0.1"])
  func onlyLoopback(host: String) throws {
    guard case .forbidden? = try outcome(host, 9, .loopback) else {
      Issue.record("\(host) is forbidden")
      return
    }
  }

  @Test("nobody there is said at once; a cancelled dial says nothing")
  func failed() throws {
    let listener = try Listener()
    let port = listener.port
    _ = consume listener
    guard case .failed(let why, isLate: false)? = try outcome("127.0.0.1", port, .loopback) else {
      Issue.record("it fails")
      return
    }
    #expect(!why.isEmpty)
    let loop = try EventLoop()
    let dialler = try Dialler(loop: loop)
    var told = false
    let dial = dialler.dial("127.0.0.1", port, reach: .loopback, within: .seconds(4)) { _ in
      told = true
    }
    dial?.cancel()
    dial?.cancel()
    for _ in 0..<5 { _ = try loop.turn(limit: 16, timeout: .milliseconds(5)) }
    #expect(!told)
  }
}

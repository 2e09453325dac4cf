// Probes against real listeners. Must never look at anything outside this machine.

import Glibc
import NovaDaemon
import NovaLinux
import NovaModel
import Testing

@Suite struct ProbeTests {
  private func outcome(
    _ target: ProbeTarget, timeout: Span = .seconds(3), meanwhile: () -> Void = {}
  ) throws -> ProbeOutcome? {
    let loop = try EventLoop()
    let prober = try Prober(loop: loop)
    var told: [ProbeOutcome] = []
    let probe = prober.start(target, timeout: timeout) { told.append($0) }
    #expect(told.isEmpty)
    try turn(loop) {
      meanwhile()
      return !told.isEmpty
    }
    probe.cancel()
    #expect(told.count <= 1)
    return told.first
  }

  @Test("a port that listens is up, one that does not is refused")
  func tcp() throws {
    var listener: Listener? = try Listener()
    let port = try #require(listener?.port)
    #expect(try outcome(.parse(tcp: "\(port)")) == .ok)
    #expect(try outcome(.parse(tcp: "localhost:\(port)")) == .ok)
    listener = nil
    #expect(try outcome(.parse(tcp: "\(port)")) == .failed("connection refused"))
    #expect(
      try outcome(.parse(http: "http://127.0.0.1:\(port)/")) == .failed("connection refused"))
  }

  @Test("a listener whose backlog is full times out")
  func tcpTimeout() throws {
    let listener = try Listener(backlog: 0)
    listener.fill()
    let found = try outcome(.parse(tcp: "\(listener.port)"), timeout: .milliseconds(150))
    #expect(found == .failed("check timed out after 150ms"))
  }

  @Test(
    "an answer's status decides, and a redirect is not followed",
    arguments: [
      ("200 OK", ProbeOutcome.ok), ("204 No Content", .ok),
      ("404 Not Found", .failed("status 404")),
      ("503 Service Unavailable", .failed("status 503")),
      ("302 Found\r\nLocation: http://192.0.2.1/", .ok),
    ])
  func http(_ status: String, _ expected: ProbeOutcome) throws {
    let listener = try Listener()
    var asked = 0
    let found = try outcome(.parse(http: "http://127.0.0.1:\(listener.port)/health?x=1")) {
      asked += listener.answer("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
    }
    #expect(found == expected)
    #expect(asked == 1)
  }

  @Test("localhost is this machine, without a name server")
  func localhost() throws {
    let listener = try Listener()
    let found = try outcome(.parse(http: "http://localhost:\(listener.port)/")) {
      listener.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    #expect(found == .ok)
  }

  @Test("a body without end does not matter: the status counts")
  func endlessBody() throws {
    let listener = try Listener()
    let body = String(repeating: "x", count: 200_000)
    let found = try outcome(.parse(http: "http://127.0.0.1:\(listener.port)/")) {
      listener.answer("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + body)
    }
    #expect(found == .ok)
  }

  @Test("a listener that accepts and says nothing times out, with the time in the words")
  func silent() throws {
    let listener = try Listener()
    let found = try outcome(
      .parse(http: "http://127.0.0.1:\(listener.port)/"), timeout: .milliseconds(100))
    #expect(found == .failed("check timed out after 100ms"))
    let second = try outcome(
      .parse(http: "http://127.0.0.1:\(listener.port)/"), timeout: .seconds(1))
    #expect(second == .failed("check timed out after 1s"))
  }

  @Test("something that speaks no HTTP is a failure with a reason")
  func noHTTP() throws {
    let listener = try Listener()
    let found = try outcome(.parse(http: "http://127.0.0.1:\(listener.port)/")) {
      listener.answer("SSH-2.0-OpenSSH_9.2\r\n")
    }
    guard case .failed(let reason) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test("a cancelled probe says nothing", arguments: [true, false])
  func cancelled(_ http: Bool) throws {
    let loop = try EventLoop()
    let prober = try Prober(loop: loop)
    let listener = try Listener(backlog: 0)
    listener.fill()
    let target: ProbeTarget =
      http
      ? try .parse(http: "http://127.0.0.1:\(listener.port)/") : try .parse(tcp: "\(listener.port)")
    var told = 0
    let probe = prober.start(target, timeout: .milliseconds(50)) { _ in told += 1 }
    _ = try loop.turn(limit: 16, timeout: .milliseconds(1))
    probe.cancel()
    probe.cancel()
    let deadline = Clock.now().instant + .milliseconds(150)
    try turn(loop) { Clock.now().instant >= deadline }
    #expect(told == 0)
  }

  @Test("a hundred probes at once are all told")
  func many() throws {
    let loop = try EventLoop()
    let prober = try Prober(loop: loop)
    let listener = try Listener(backlog: 128)
    var told = 0
    let target = try ProbeTarget.parse(http: "http://127.0.0.1:\(listener.port)/")
    let probes = (0..<100).map { _ in
      prober.start(target, timeout: .seconds(4)) { if $0 == .ok { told += 1 } }
    }
    try turn(loop) {
      listener.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      return told == probes.count
    }
    #expect(told == 100)
  }

  @Test(
    "a URL of another machine, or one two readers could read differently, is refused",
    arguments: [
      "http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "http://[::2]/",
      "http://user@127.0.0.1/", "http://127.0.0.1@example.com/", "http://example.com\\@127.0.0.1/",
      "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://127.1/",
      "http://0x7f.0.0.1/", "http://2130706433/", "http:///path", "ftp://127.0.0.1/",
      "file:///etc/passwd", "127.0.0.1", "", "http://127.0.0.1 /", "http://0.0.0.0/",
      "http://localhost.example.com/", "http://[::ffff:127.0.0.1]/", "http://127.0.0.1:80\u{0}/",
    ])
  func refusedURL(_ text: String) {
    let error = #expect(throws: ProbeError.self) { try ProbeTarget.parse(http: text) }
    #expect(error?.message.hasPrefix("cannot check '\(text)'") == true)
  }

  @Test(
    "a loopback URL is taken",
    arguments: [
      "http://127.0.0.1", "http://127.0.0.1:8080/health?x=@y", "http://[::1]:9000/",
      "http://LocalHost:1/", "https://127.9.9.9/x#y", "HTTP://127.0.0.1:65535",
    ])
  func takenURL(_ text: String) throws {
    #expect(try ProbeTarget.parse(http: text) == .http(text))
  }

  @Test(
    "a port that is none, or of another machine, is refused",
    arguments: [
      "", "0", "65536", "-1", "http", "10.0.0.1:80", "example.com:80", "127.0.0.1", ":80", "::1:80",
    ])
  func refusedPort(_ text: String) {
    #expect(throws: ProbeError.self) { try ProbeTarget.parse(tcp: text) }
  }
}

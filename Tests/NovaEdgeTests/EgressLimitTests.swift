// What a tunnel may not do for ever, and how many there may be: real sockets to a real server, with limits short enough to
// be seen. Must never sleep: it waits in the loop.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaEdge

@Suite("limits of tunnels")
struct EgressLimitTests {
  /// A place, the proxy, and workers that may go there.
  private final class Stage {
    let loop: EventLoop
    let egress: Egress
    let place: String
    private let server: HTTPServer
    private var clients: [DescriptorBox] = []

    init(_ limits: EgressLimits) throws {
      loop = try EventLoop()
      egress = try Egress(loop: loop, limits: limits)
      server = try HTTPServer(loop: loop, address: #require(ListenAddress("127.0.0.1:0"))) {
        $0.respond(200, contentType: "text/plain", body: Array("here".utf8))
      }
      place = "127.0.0.1:\(try #require(server.portNumber))"
      var gateway = WorkerGateway()
      gateway.egress = [place]
      egress.configure(
        ["a", "b"].map {
          GatewayWorkerRow(worker: $0, keyDigest: "", gateway: gateway, asks: false, soft: false)
        })
    }

    /// A connection of `worker`'s to the proxy.
    func connect(_ worker: String) throws -> Int {
      var ends: [CInt] = [-1, -1]
      let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
      try #require(unsafe socketpair(AF_UNIX, kind | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
      clients.append(DescriptorBox(Descriptor(ends[0])))
      egress.take(Descriptor(ends[1]), worker)
      return clients.count - 1
    }

    func say(_ client: Int, _ text: String) {
      let bytes = Array(text.utf8)
      _ = unsafe bytes.withUnsafeBytes {
        unsafe write(clients[client].raw(), $0.baseAddress, $0.count)
      }
    }

    /// A tunnel that is asked for.
    func ask(_ worker: String) throws -> Int {
      let client = try connect(worker)
      say(client, "CONNECT \(place) HTTP/1.1\r\n\r\n")
      return client
    }

    /// What it hears next, up to its end or to `word`; nil: neither came within ten seconds.
    func hear(_ client: Int, until word: String? = nil) throws -> String? {
      let deadline = Clock.now().instant + .seconds(10)
      var heard: [UInt8] = []
      var room = [UInt8](repeating: 0, count: 4096)
      while Clock.now().instant < deadline {
        _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
        let count = unsafe read(clients[client].raw(), &room, room.count)
        if count > 0 { heard += room[..<count] }
        let text = String(decoding: heard, as: UTF8.self)
        if count == 0 || word.map({ text.contains($0) }) ?? false { return text }
      }
      return nil
    }

    /// It says no more, which is how a client ends.
    func leave(_ client: Int) { shutdown(clients[client].raw(), CInt(SHUT_WR)) }

    deinit {
      egress.close()
      server.close()
    }
  }

  private static let way = "200 Connection Established\r\n\r\n"

  @Test("a tunnel without a byte either way ends by itself, one that is used does not")
  func idle() throws {
    var limits = EgressLimits()
    limits.idle = .milliseconds(400)
    let stage = try Stage(limits)
    let used = try stage.ask("a")
    let silent = try stage.ask("a")
    #expect(try stage.hear(used, until: Self.way)?.contains(Self.way) == true)
    #expect(try stage.hear(silent, until: Self.way)?.contains(Self.way) == true)
    let start = Clock.now().instant
    var answers = 0
    while Clock.now().instant - start < .seconds(1) {
      stage.say(used, "GET / HTTP/1.1\r\nHost: n\r\n\r\n")
      guard try stage.hear(used, until: "here") != nil else { break }
      answers += 1
    }
    // Longer than twice what silence is allowed, and still there.
    #expect(answers > 0)
    stage.say(used, "GET / HTTP/1.1\r\nHost: n\r\n\r\n")
    #expect(try stage.hear(used, until: "here")?.contains("here") == true)
    #expect(try stage.hear(silent) == "")
  }

  @Test("who says nothing, or half a request, is told so when his time is over")
  func late() throws {
    var limits = EgressLimits()
    limits.patience = .milliseconds(100)
    let stage = try Stage(limits)
    let mute = try stage.connect("a")
    let half = try stage.connect("a")
    stage.say(half, "CONNECT \(stage.place) HT")
    #expect(try stage.hear(mute)?.hasPrefix("HTTP/1.1 408 Request Timeout\r\n") == true)
    #expect(try stage.hear(half)?.hasPrefix("HTTP/1.1 408 Request Timeout\r\n") == true)
  }

  @Test("a worker's tunnels are limited, and all workers' together; one that ends makes room")
  func total() throws {
    var limits = EgressLimits()
    limits.tunnels = 2
    limits.tunnelsOfAll = 3
    let stage = try Stage(limits)
    func opens(_ worker: String) throws -> Int {
      let client = try stage.ask(worker)
      #expect(try stage.hear(client, until: Self.way)?.contains(Self.way) == true)
      return client
    }
    func refusal(_ worker: String) throws -> String? { try stage.hear(try stage.ask(worker)) }
    let first = try opens("a")
    _ = try opens("a")
    #expect(try refusal("a")?.contains("cannot open another tunnel: 2 are open") == true)
    _ = try opens("b")
    let full = try refusal("b")
    #expect(full?.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") == true)
    #expect(full?.contains("cannot open another tunnel: 3 are open") == true)
    stage.say(first, "GET / HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n")
    #expect(try stage.hear(first)?.hasSuffix("here") == true)
    // The place has gone; the worker has not, and may keep its end as long as it likes.
    #expect(try refusal("b")?.contains("3 are open") == true)
    stage.leave(first)
    _ = try opens("b")
  }

  @Test("beyond the connections of a worker nobody is answered, and others are served")
  func open() throws {
    var limits = EgressLimits()
    limits.open = 1
    let stage = try Stage(limits)
    let asking = try stage.connect("a")
    #expect(try stage.hear(try stage.connect("a")) == "")
    let other = try stage.ask("b")
    #expect(try stage.hear(other, until: Self.way)?.contains(Self.way) == true)
    stage.say(asking, "CONNECT \(stage.place) HTTP/1.1\r\n\r\n")
    #expect(try stage.hear(asking, until: Self.way)?.contains(Self.way) == true)
  }
}

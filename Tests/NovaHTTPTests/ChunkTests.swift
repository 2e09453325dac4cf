// Pieces of a stream that go to the socket itself: what a client gets is the same as by way of the library, also where the
// socket takes a part of one. Real sockets; must never sleep: it waits in the loop.

import Glibc
import NovaHTTP
import NovaLinux
import NovaModel
import Testing

@Suite("chunks of a stream")
struct ChunkTests {
  /// A server on a port whose stream is open, and who gets it.
  private final class Stream {
    let loop: EventLoop
    let server: HTTPServer
    let reader: Reader
    private(set) var exchange: Exchange?
    private(set) var cut = false

    init(limits: HTTPLimits = HTTPLimits(), asking request: String) throws {
      loop = try EventLoop()
      var opened: [Exchange] = []
      server = try HTTPServer(
        loop: loop, address: try #require(ListenAddress("127.0.0.1:0")), limits: limits
      ) { exchange in
        exchange.stream(contentType: "text/plain")
        opened.append(exchange)
      }
      reader = try Reader(dial(try #require(server.portNumber)))
      reader.send(request)
      let reader = reader
      try turn(loop) { reader.head != nil }
      // The library asks for the first piece before it rests.
      while try loop.turn(limit: 16, timeout: .milliseconds(5)) > 0 {}
      exchange = opened.first
      exchange?.onClose = { [weak self] in self?.cut = true }
    }

    /// Sends pieces until one has to wait: all that was sent.
    func fill() throws -> [UInt8] {
      let exchange = try #require(self.exchange)
      var all: [UInt8] = []
      let most = exchange.room
      while exchange.room == most {
        let piece = [UInt8](
          repeating: UInt8(truncatingIfNeeded: 97 + all.count / 9_999 % 26), count: 9_999)
        try #require(exchange.send(piece))
        all += piece
      }
      return all
    }

    deinit { server.close() }
  }

  /// A client's end.
  private final class Reader {
    private let socket: DescriptorBox
    private(set) var received: [UInt8] = []
    private(set) var ended = false

    init(_ socket: DescriptorBox) { self.socket = socket }

    func send(_ text: String) {
      _ = unsafe text.utf8CString.withUnsafeBytes {
        unsafe Glibc.send(socket.raw(), $0.baseAddress, $0.count - 1, CInt(MSG_NOSIGNAL))
      }
    }

    func read() {
      var room = [UInt8](repeating: 0, count: 65_536)
      while !ended {
        let count = unsafe room.withUnsafeMutableBytes {
          unsafe recv(socket.raw(), $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
        }
        guard count > 0 else {
          ended = count == 0 || errno != EAGAIN
          return
        }
        received += room[..<count]
      }
    }

    /// The bytes before the first empty line, or nil while it is not there.
    var head: String? {
      read()
      return bodyStart.map { String(decoding: received[..<$0], as: UTF8.self) }
    }

    /// What follows the first empty line.
    var body: [UInt8] {
      read()
      return bodyStart.map { Array(received[$0...]) } ?? []
    }

    private var bodyStart: Int? {
      let end: [UInt8] = [13, 10, 13, 10]
      return received.indices.first { received[$0...].starts(with: end) }.map { $0 + 4 }
    }
  }

  /// The bytes of whole chunks, and whether the last one was among them; nil where one is malformed.
  private static func dechunked(_ bytes: [UInt8]) -> (bytes: [UInt8], isWhole: Bool)? {
    var all: [UInt8] = []
    var at = 0
    while at < bytes.count {
      guard let line = bytes[at...].firstIndex(of: 13),
        let count = Int(String(decoding: bytes[at..<line], as: UTF8.self), radix: 16),
        line + 4 + count <= bytes.count, bytes[line + 1] == 10,
        bytes[line + 2 + count] == 13, bytes[line + 3 + count] == 10
      else { return nil }
      if count == 0 { return (all, line + 4 == bytes.count) }
      all += bytes[(line + 2)..<(line + 2 + count)]
      at = line + 4 + count
    }
    return (all, false)
  }

  private static let modern = "GET / HTTP/1.1\r\nHost: n\r\n\r\n"

  @Test("each piece is there as a chunk when `send` returns, without a turn of the loop")
  func atOnce() throws {
    let stream = try Stream(asking: Self.modern)
    #expect(stream.exchange?.send(Array("data: one\n\n".utf8)) == true)
    #expect(stream.exchange?.send([]) == true)
    #expect(stream.exchange?.send(Array("two".utf8)) == true)
    #expect(stream.reader.body == Array("b\r\ndata: one\n\n\r\n3\r\ntwo\r\n".utf8))
    stream.exchange?.end()
    #expect(try turn(stream.loop) { stream.reader.body.suffix(5) == Array("0\r\n\r\n".utf8)[...] })
    #expect(Self.dechunked(stream.reader.body)?.isWhole == true)
    #expect(!stream.cut)
    // The connection goes on.
    stream.reader.send(Self.modern)
    #expect(
      try turn(stream.loop) {
        String(decoding: stream.reader.body, as: UTF8.self).contains("HTTP/1.1 200")
      })
  }

  @Test(
    "who closes after the answer gets chunks too, who does not know them gets the bytes alone",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n", true),
      ("GET / HTTP/1.0\r\n\r\n", false),
      ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false),
    ])
  func versions(_ request: String, _ chunked: Bool) throws {
    let stream = try Stream(asking: request)
    let head = try #require(stream.reader.head)
    #expect(head.lowercased().contains("transfer-encoding: chunked") == chunked)
    for word in ["one", "two"] {
      #expect(stream.exchange?.send(Array(word.utf8)) == true)
      #expect(try turn(stream.loop) { stream.reader.body.contains(word.utf8.last ?? 0) })
    }
    stream.exchange?.end()
    #expect(
      try turn(stream.loop) {
        stream.reader.read(); return stream.reader.ended
      })
    let body = stream.reader.body
    #expect(body == Array((chunked ? "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n" : "onetwo").utf8))
  }

  @Test("a chunk of which the socket takes a part goes on before anything else, up to the end")
  func partly() throws {
    let stream = try Stream(asking: Self.modern)
    var all = try stream.fill()
    for word in ["after ", "it"] {
      #expect(stream.exchange?.send(Array(word.utf8)) == true)
      all += Array(word.utf8)
    }
    stream.exchange?.end()
    #expect(
      try turn(stream.loop) { stream.reader.body.suffix(5) == Array("0\r\n\r\n".utf8)[...] })
    let got = try #require(Self.dechunked(stream.reader.body))
    #expect(got.isWhole)
    #expect(got.bytes == all)
    #expect(!stream.cut)
  }

  @Test("who takes nothing of a chunk that was begun is cut off when its time is over")
  func stalled() throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .milliseconds(300)
    let stream = try Stream(limits: limits, asking: Self.modern)
    _ = try stream.fill()
    #expect(!stream.cut)
    #expect(try turn(stream.loop) { stream.cut && stream.server.connectionCount == 0 })
    #expect(stream.exchange?.isOpen == false)
  }

  @Test("a server that closes does not wait for the rest of a chunk")
  func closing() throws {
    let stream = try Stream(asking: Self.modern)
    _ = try stream.fill()
    stream.server.close()
    #expect(stream.server.connectionCount == 0)
    #expect(
      try turn(stream.loop) {
        stream.reader.read(); return stream.reader.ended
      })
    #expect(Self.dechunked(stream.reader.body)?.isWhole != true)
  }
}

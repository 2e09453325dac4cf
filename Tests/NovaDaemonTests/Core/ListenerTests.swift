// What a reader of gateway.sock is told and for how long it is waited for, and who listens at a moment; then the socket with
// real readers. Must never wait for a guessed time: what takes ten seconds is told the time.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite("listeners of workers in networks of their own")
struct ListenerTests {
  private func id(_ text: String) throws -> InstanceID { try #require(InstanceID(text)) }

  private func life(_ text: String, _ serial: Int64) throws -> ListeningLife {
    ListeningLife(try id(text), incarnation: serial)
  }

  @Test("a listener that comes again says nothing new, one of another life ends the one before")
  func desk() throws {
    let box = try Descriptor.null()
    var desk = ListenerDesk()
    let first = desk.take(try id("a@1"), Incarnation(7), box)
    let seventh = try life("a@1", 7)
    let eighth = try life("a@1", 8)
    #expect(first.ended == nil && first.new == seventh)
    let again = desk.take(try id("a@1"), Incarnation(7), try Descriptor.null())
    #expect(again.ended == nil && again.new == nil)
    #expect(desk.all.map(\.listener) == [box])
    let next = desk.take(try id("a@1"), Incarnation(8), box)
    #expect(next.ended == seventh && next.new == eighth)
    #expect(desk.end(try id("a@1"), Incarnation(7)) == nil, "it has ended before")
    #expect(desk.has(try id("a@1"), Incarnation(8)))
    _ = desk.take(try id("b@2"), Incarnation(9), box)
    #expect(desk.end(try id("a@1"), Incarnation(8)) == eighth)
    #expect(desk.endAll() == [try life("b@2", 9)])
    #expect(desk.count == 0)
  }

  @Test("what ended before it could be told is never told, and frees its listener")
  func coalesced() throws {
    var queue = ListenerQueue()
    let start = Clock.now().instant
    weak var held: DescriptorBox?
    do {
      let box = try Descriptor.null()
      held = box
      queue.add(.listed, nil, at: start)
      queue.add(.listens(try life("a@1", 1)), box, at: start)
    }
    #expect(held != nil)
    queue.add(.gone(try life("a@1", 1)), nil, at: start)
    #expect(held == nil)
    #expect(queue.first?.news == .listed)
    queue.removeFirst(at: start)
    #expect(queue.isEmpty)
    queue.add(.gone(try life("a@1", 1)), nil, at: start)
    #expect(queue.first?.news == .gone(try life("a@1", 1)), "the one it was told of ends for it")
  }

  @Test("who reads nothing for more than ten seconds while something waits is stuck")
  func stuck() throws {
    var queue = ListenerQueue()
    let start = Instant(nanoseconds: 1_000_000_000_000)
    #expect(!queue.isStuck(at: start + .seconds(1000)))
    queue.add(.gone(try life("a@1", 1)), nil, at: start)
    queue.add(.gone(try life("a@1", 2)), nil, at: start + .seconds(9))
    #expect(!queue.isStuck(at: start + .seconds(10)))
    #expect(queue.isStuck(at: start + .milliseconds(10_001)))
    queue.removeFirst(at: start + .seconds(10))
    #expect(!queue.isStuck(at: start + .seconds(20)))
    queue.removeFirst(at: start + .seconds(20))
    #expect(!queue.isStuck(at: start + .seconds(1000)))
  }

  @Test("a queue that is long and read slowly keeps its order")
  func order() throws {
    var queue = ListenerQueue()
    let start = Clock.now().instant
    for serial: Int64 in 1...3000 { queue.add(.gone(try life("a@1", serial)), nil, at: start) }
    for serial: Int64 in 1...3000 {
      #expect(queue.first?.news == .gone(try life("a@1", serial)))
      queue.removeFirst(at: start)
    }
    #expect(queue.isEmpty && queue.first == nil)
  }

  @Test(
    "a line is read as it was written",
    arguments: [
      #"{"worker":"a","instance":1,"incarnation":7}"#,
      #"{"worker":"a","instance":1,"incarnation":7,"gone":true}"#, #"{"listed":true}"#,
    ])
  func line(text: String) throws {
    let line = Array((text + "\n").utf8)
    let news = try #require(ListenerNews(line: line))
    #expect(news.line == line)
    for length in 0..<line.count { #expect(ListenerNews(line: Array(line.prefix(length))) == nil) }
  }

  @Test(
    "what is no line of gateway.sock is none",
    arguments: [
      "{}", "[]", "null", #"{"listed":false}"#, #"{"worker":"A","instance":1,"incarnation":7}"#,
      #"{"worker":"a","instance":0,"incarnation":7}"#,
      #"{"worker":"a","instance":1.5,"incarnation":7}"#,
      #"{"worker":"a","instance":"1","incarnation":7}"#,
      #"{"worker":"a","instance":1,"incarnation":-1}"#,
      #"{"worker":"a","instance":1,"incarnation":99999999999999999999}"#,
      #"{"worker":"a","instance":1}"#, #"{"worker":"a@1","instance":1,"incarnation":7}"#,
      #"{"worker":"a","instance":1,"incarnation":7,"gone":false}"#,
      #"{"worker":"a","instance":1,"incarnation":7,"gone":1}"#,
    ])
  func noLine(text: String) { #expect(ListenerNews(line: Array((text + "\n").utf8)) == nil) }

  @Test("the longest name fits a packet that is read whole")
  func longest() throws {
    let name = String(repeating: "x", count: 63)
    let news = ListenerNews.gone(try life("\(name)@99999", .max))
    #expect(news.line.count <= PacketSocket.longest)
  }

  /// Turns the loop until something is true or five seconds are over.
  private func turn(_ loop: EventLoop, until fact: () -> Bool) throws -> Bool {
    let deadline = Clock.now().instant + .seconds(5)
    while !fact() {
      if Clock.now().instant >= deadline { return false }
      _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
    }
    return true
  }

  private func read(_ socket: borrowing Descriptor) -> [String] {
    var lines: [String] = []
    while true {
      switch PacketSocket.receive(from: socket.raw()) {
      case .packet(let packet):
        let line = String(decoding: packet.bytes, as: UTF8.self)
        lines.append((packet.descriptor == nil ? "" : "+") + line.dropLast())
      case .ended:
        lines.append("end")
        return lines
      case .nothing: return lines
      case .lost: return lines + ["lost"]
      }
    }
  }

  @Test("a reader is told nothing before all is known, then what lives, then what changes")
  func socket() throws {
    let scratch = try Scratch()
    let loop = try EventLoop()
    var desk = ListenerDesk()
    let box = try Descriptor.null()
    _ = desk.take(try id("a@1"), Incarnation(7), box)
    var admitted = 0
    let path = scratch.path + "/gateway.sock"
    let server = try ListenerSocket(
      loop: loop, path: path, gid: getegid(),
      admits: { _ in
        admitted += 1
        return admitted != 2
      }, everybody: { desk.all })
    let early = try PacketSocket.connect(to: path)
    #expect(try turn(loop) { admitted == 1 })
    server.tell(.gone(try life("z@1", 1)))
    #expect(read(early) == [])
    server.open()
    let listing = [#"+{"worker":"a","instance":1,"incarnation":7}"#, #"{"listed":true}"#]
    #expect(read(early) == listing)
    let refused = try PacketSocket.connect(to: path)
    #expect(try turn(loop) { admitted == 2 })
    #expect(read(refused) == ["end"])
    let late = try PacketSocket.connect(to: path)
    #expect(try turn(loop) { admitted == 3 })
    #expect(read(late) == listing)
    server.tell(.gone(try life("a@1", 7)))
    let gone = [#"{"worker":"a","instance":1,"incarnation":7,"gone":true}"#]
    #expect(read(early) == gone)
    #expect(read(late) == gone)
    server.close()
    #expect(read(late) == ["end"])
    #expect(unsafe access(path, F_OK) != 0)
  }

  @Test("one reader too many ends the oldest; one that does not read keeps nobody from being told")
  func many() throws {
    let scratch = try Scratch()
    let loop = try EventLoop()
    let path = scratch.path + "/gateway.sock"
    var admitted = 0
    let server = try ListenerSocket(
      loop: loop, path: path, gid: getegid(),
      admits: { _ in
        admitted += 1
        return true
      }, everybody: { [] })
    server.open()
    let first = try PacketSocket.connect(to: path)
    let second = try PacketSocket.connect(to: path)
    #expect(try turn(loop) { admitted == 2 })
    let box = try Descriptor.null()
    var heard = read(second).count
    for serial: Int64 in 1...2000 {
      server.tell(.listens(try life("a@1", serial)), box)
      server.tell(.gone(try life("a@1", serial)))
      heard += read(second).count
    }
    #expect(heard == 4001)
    let others = [
      try DescriptorBox(PacketSocket.connect(to: path)),
      try DescriptorBox(PacketSocket.connect(to: path)),
      try DescriptorBox(PacketSocket.connect(to: path)),
    ]
    #expect(try turn(loop) { admitted == 5 })
    let end = read(first)
    #expect(end.last == "end")
    #expect(end.count < 4001, "what its socket did not take it was never told")
    #expect(others.allSatisfy { fcntl($0.raw(), F_GETFD) >= 0 })
    server.close()
  }
}

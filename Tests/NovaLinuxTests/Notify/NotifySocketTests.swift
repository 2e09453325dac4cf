// Datagrams that stay in the queue until they are dropped: order, marks, empty and oversized ones, and a second reader as
// after the death of the first. Must never depend on how many datagrams the kernel lets wait: ten are enough.

import Glibc
import Testing

@testable import NovaLinux

@Suite("a worker's notify socket")
struct NotifySocketTests {
  let sender: CInt
  let box: DescriptorBox

  init() throws {
    var ends: [CInt] = [-1, -1]
    try #require(
      unsafe socketpair(
        AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0,
        &ends)
        == 0)
    var on: CInt = 1
    try #require(
      unsafe setsockopt(
        ends[1], SOL_SOCKET, SO_PASSCRED, &on, socklen_t(MemoryLayout<CInt>.size)) == 0)
    sender = ends[0]
    box = DescriptorBox(Descriptor(ends[1]))
  }

  func say(_ texts: String...) throws {
    for text in texts {
      try #require(unsafe send(sender, text, text.utf8.count, 0) == text.utf8.count)
    }
  }

  /// What one look brings; those that begin with `k` are kept.
  func hear(_ socket: NotifySocket, limit: Int = 64) throws -> (texts: [String], mark: UInt64?) {
    var texts: [String] = []
    let mark = try socket.receive(limit: limit) { datagram in
      let text = String(decoding: datagram.bytes.prefix(8), as: UTF8.self)
      texts.append(text)
      return (text.hasPrefix("k") ? .kept : .dropped, true)
    }
    return (texts, mark)
  }

  var isReadable: Bool {
    var state = pollfd(fd: box.raw(), events: Int16(POLLIN), revents: 0)
    return unsafe poll(&state, 1, 0) == 1
  }

  @Test(
    "what is kept is there for the next reader, with the same time and sender, until it is dropped")
  func kept() throws {
    try say("a", "k1", "b", "k2")
    let first = NotifySocket(box)
    var sent: [Int64?] = []
    let mark = try #require(
      try first.receive(limit: 64) { datagram in
        sent.append(datagram.sent)
        #expect(datagram.sender?.pid == getpid())
        return (datagram.bytes.first == UInt8(ascii: "k") ? .kept : .dropped, true)
      })
    #expect(first.keeps)
    // What is behind a kept one waits with it.
    #expect(try hear(first) == ([], nil))
    var again: [Int64?] = []
    let next = NotifySocket(box)
    try next.receive(limit: 64) { datagram in
      again.append(datagram.sent)
      return (.kept, true)
    }
    #expect(again == Array(sent.dropFirst()) && !again.contains(nil) && Set(again).count == 3)
    // The first was alive all the time: as it drops, nothing is left for either.
    first.drop(through: mark)
    #expect(!first.keeps && !isReadable)
  }

  @Test("marks are dropped in order, in parts, and twice without harm")
  func marks() throws {
    let socket = NotifySocket(box)
    try say("k1", "k2")
    let one = try #require(try hear(socket).mark)
    try say("k3", "c")
    let heard = try hear(socket)
    #expect(heard.texts == ["k3", "c"])
    socket.drop(through: one)
    socket.drop(through: one)
    #expect(socket.keeps)
    #expect(try hear(NotifySocket(box)).texts == ["k3", "c"])
    socket.drop(through: .max)
    #expect(!socket.keeps && !isReadable)
  }

  @Test("empty datagrams neither hide others nor keep the socket readable")
  func empty() throws {
    try say("", "k1", "", "k2", "")
    let first = NotifySocket(box)
    #expect(try hear(first).texts == ["", "k1", "", "k2", ""])
    // Another reader: the kernel does not show it the empty ones again.
    let second = NotifySocket(box)
    let heard = try hear(second)
    #expect(heard.texts.filter { !$0.isEmpty } == ["k1", "k2"])
    try say("k3")
    second.drop(through: try #require(heard.mark))
    let last = try hear(second)
    #expect(last.texts.filter { !$0.isEmpty } == ["k3"])
    second.drop(through: try #require(last.mark))
    _ = try hear(second)
    #expect(!isReadable)
  }

  @Test("one that is longer than the buffer is one, and the next begins where it ends")
  func long() throws {
    try say("k" + String(repeating: "x", count: 9000), "a", "k2")
    let socket = NotifySocket(box)
    let heard = try hear(socket)
    #expect(heard.texts == ["kxxxxxxx", "a", "k2"])
    socket.drop(through: try #require(heard.mark))
    #expect(!isReadable)
  }

  @Test("a survey takes nothing, whatever it sees")
  func survey() throws {
    try say("a", String(repeating: "x", count: 9000), "k")
    let socket = NotifySocket(box)
    for _ in 0..<2 {
      var lengths: [Int] = []
      try socket.survey(limit: 64) { lengths.append($0.bytes.count) }
      #expect(lengths == [1, 4096, 1])
    }
    #expect(try hear(socket).texts == ["a", "xxxxxxxx", "k"])
  }
}

// The journal's protocols, against sockets that stand in for journald. Must never write to the real journal where a
// stand-in will do.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("The journal") struct JournalTests {
  private let scratch: ScratchDirectory
  init() throws { scratch = try ScratchDirectory() }

  /// A bound socket that stands in for journald.
  private func listener(_ path: String, datagram: Bool) throws -> DescriptorBox {
    // SOCK_DGRAM and SOCK_STREAM: their shape in Swift depends on the order of headers.
    let kind: CInt = datagram ? 2 : 1
    let socket = DescriptorBox(Descriptor(Glibc.socket(AF_UNIX, kind, 0)))
    _ = fcntl(socket.raw(), F_SETFL, O_NONBLOCK)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.enumerated() { unsafe room[index] = byte }
    }
    let bound = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket.raw(), $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    if !datagram { try #require(listen(socket.raw(), 4) == 0) }
    return socket
  }

  private func receive(_ fd: CInt) -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let n = unsafe recv(fd, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, n)), as: UTF8.self)
  }

  @Test("a value with a newline carries its length; a name that journald refuses is not sent")
  func protocolBytes() {
    var entry = JournalEntry()
    var taken = [entry.add("A", "x=y"), entry.add("B_2", "two\nlines")]
    #expect(taken == [true, true])
    taken = []
    for name in ["", "a", "_A", "1A", "A-B", "A=B", "A\nB", String(repeating: "A", count: 65)] {
      taken.append(entry.add(name, "value"))
    }
    #expect(!taken.contains(true))
    #expect(
      entry.bytes
        == Array("A=x=y\nB_2\n".utf8) + [9, 0, 0, 0, 0, 0, 0, 0] + Array("two\nlines\n".utf8))
  }

  @Test("an entry arrives as one datagram; a receiver that stands still costs entries, never time")
  func datagrams() throws {
    let path = scratch.path + "/socket"
    let socket = try listener(path, datagram: true)
    let journal = Journal(path: path)
    #expect(journal.send(priority: 4, "hello", fields: [("NOVA_WORKER", "a")]))
    #expect(
      receive(socket.raw())
        == "PRIORITY=4\nSYSLOG_IDENTIFIER=nova-supervisor\nMESSAGE=hello\nNOVA_WORKER=a\n")
    var refused = 0
    for _ in 0..<5000 where !journal.send(priority: 6, "flood") { refused += 1 }
    #expect(refused > 0)
    #expect(journal.droppedCount == refused)
    #expect(receive(socket.raw()).contains("flood"))
    #expect(journal.send(priority: 6, "again"))
  }

  @Test("an entry too large for a datagram comes as a sealed memory file")
  func large() throws {
    let path = scratch.path + "/socket"
    let socket = try listener(path, datagram: true)
    let journal = Journal(path: path)
    let message = String(repeating: "z", count: 700_000)
    #expect(journal.send(priority: 6, message))
    var control = [UInt8](repeating: 0, count: 64)
    var header = unsafe msghdr()
    let n = unsafe control.withUnsafeMutableBytes { room in
      unsafe header.msg_control = room.baseAddress
      unsafe header.msg_controllen = room.count
      return unsafe recvmsg(socket.raw(), &header, 0)
    }
    #expect(n == 0)
    // The descriptor follows the control message's header of 16 bytes.
    let fd = unsafe control.withUnsafeBytes { unsafe $0.load(fromByteOffset: 16, as: CInt.self) }
    try #require(fd > 2)
    let memory = DescriptorBox(Descriptor(fd))
    let bytes = try #require(LogSpan.read(memory.raw(), at: 0, count: 1 << 20))
    #expect(bytes.count > 700_000)
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("MESSAGE=\(message)\n"))
    #expect(ftruncate(memory.raw(), 0) != 0)
  }

  @Test("without journald a line goes to standard error, if it takes one now")
  func fallback() throws {
    var ends: [CInt] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    let reading = DescriptorBox(Descriptor(ends[0]))
    let writing = DescriptorBox(Descriptor(ends[1]))
    let journal = Journal(path: scratch.path + "/absent", fallback: writing.raw())
    #expect(!Journal.isPresent(path: scratch.path + "/absent"))
    #expect(journal.send(priority: 3, "two\nlines"))
    var bytes = [UInt8](repeating: 0, count: 100)
    let n = unsafe read(reading.raw(), &bytes, 100)
    #expect(String(decoding: bytes.prefix(n), as: UTF8.self) == "<3>two lines\n")
    // Nobody reads: the pipe fills up, and then entries are dropped.
    var refused = 0
    for _ in 0..<200 where !journal.send(priority: 6, String(repeating: "x", count: 4000)) {
      refused += 1
    }
    #expect(refused > 0)
    #expect(journal.droppedCount == refused)
  }

  @Test("history goes out with its facts as fields")
  func events() throws {
    let path = scratch.path + "/socket"
    let socket = try listener(path, datagram: true)
    var event = EventRecord(
      at: WallTime(microseconds: 0), type: "instance.exited", severity: .warning,
      worker: WorkerName("a"), instance: 2, message: "a@2 exited")
    event.details = ["code": "7"]
    #expect(Journal(path: path).send(event))
    let text = receive(socket.raw())
    for line in [
      "PRIORITY=4", "MESSAGE=a@2 exited", "MESSAGE_ID=\(Journal.messageID(of: "instance.exited"))",
      "NOVA_EVENT=instance.exited", "NOVA_WORKER=a",
      "NOVA_INSTANCE=2", "NOVA_CODE=7",
    ] {
      #expect(text.contains(line + "\n"))
    }
  }

  @Test("a stream begins with its seven lines, and then waits like any output")
  func stream() throws {
    let path = scratch.path + "/stdout"
    let socket = try listener(path, datagram: false)
    let stream = DescriptorBox(
      try JournalStream.open(identifier: "nova/a@1", priority: 6, path: path))
    #expect(fcntl(stream.raw(), F_GETFL) & O_NONBLOCK == 0)
    #expect(unsafe write(stream.raw(), "out\n", 4) == 4)
    let accepted = DescriptorBox(Descriptor(accept(socket.raw(), nil, nil)))
    try #require(accepted.raw() >= 0)
    #expect(receive(accepted.raw()) == "nova/a@1\n\n6\n1\n0\n0\n0\nout\n")
  }

  @Test("a stream to nobody, and one whose name would forge the header, are refused")
  func refusedStream() {
    #expect(throws: SystemError(call: "open journal stream", number: ENOENT, subject: "a")) {
      _ = try JournalStream.open(identifier: "a", path: scratch.path + "/absent")
    }
    #expect(throws: SystemError.self) {
      _ = try JournalStream.open(identifier: "a\nb", path: scratch.path + "/absent")
    }
    let long = "/" + String(repeating: "x", count: 200)
    #expect(throws: SystemError(call: "open journal stream", number: ENAMETOOLONG, subject: "a")) {
      _ = try JournalStream.open(identifier: "a", path: long)
    }
  }

  @Test("a reader of a name nobody uses finds nothing, wherever it is put")
  func emptyReader() throws {
    var reader = try JournalReader(identifiers: ["nova/novatest-\(getpid())@1"])
    try reader.seekTail(count: 10)
    var line = try reader.next()
    #expect(line == nil)
    try reader.seek(since: WallTime(microseconds: 0))
    line = try reader.next()
    #expect(line == nil)
  }

  @Test(
    "what a stream is given can be read back",
    .enabled(if: Journal.isPresent(), "no journald here; Tests/vm/scenarios/operate.sh has one"))
  func roundTrip() throws {
    let identifier = "nova/novatest-\(getpid())@1"
    let stream = DescriptorBox(try JournalStream.open(identifier: identifier))
    #expect(unsafe write(stream.raw(), "one\ntwo\n", 8) == 8)
    var lines: [String] = []
    let found = try eventually {
      var reader = try JournalReader(identifiers: [identifier])
      try reader.seekTail(count: 10)
      lines = []
      while let line = try reader.next() {
        lines.append(String(decoding: line.message, as: UTF8.self))
      }
      return lines.count == 2
    }
    #expect(found)
    #expect(lines == ["one", "two"])
  }
}

// Peers that break the rules, and peers of another version. The brain in place must not notice them.
// Must never be content with "no crash": after each, a worker is started and its exit read.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("a bad peer of the shim", .enabled(if: Host.shim != nil, "nova-shim is not built"))
struct ShimHostileTests {
  private func works(_ shim: ShimFixture, _ slot: String) throws {
    try shim.spawn(shim.shell(slot, "exit 6"))
    #expect(try shim.exit(slot).status == .exited(6))
  }

  /// True when the shim closed it before the deadline.
  private func isDropped(_ socket: DescriptorBox) -> Bool {
    let deadline = Clock.now().instant + .seconds(20)
    var byte: [UInt8] = [0]
    while remaining(deadline) > 0 {
      var entry = pollfd(fd: socket.raw(), events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, remaining(deadline)) > 0 else { return false }
      if unsafe read(socket.raw(), &byte, 1) <= 0 { return true }
    }
    return false
  }

  static let attacks: [(String, [UInt8])] = [
    ("text", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
    ("a length of 4 GiB", [255, 255, 255, 255, 1, 0, 0, 0]),
    ("one byte above the limit", [1, 0, 16, 0, 1, 0, 0, 0]),
    ("descriptors that never came", [0, 0, 0, 0, 4, 0, 5, 0]),
    ("a hello without a version", Frame(1).bytes(descriptors: 0)),
    ("a field beyond the end", [6, 0, 0, 0, 1, 0, 0, 0, 1, 0, 255, 255, 255, 255]),
    ("half a field", [3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 4]),
    ("a spawn of nothing", Frame(2).bytes(descriptors: 0)),
    (
      "text that is not UTF-8",
      Frame(7) { $0.put(1, [0xC3, 0x28] as [UInt8]) }.bytes(descriptors: 0)
    ),
  ]

  @Test("loses its connection and disturbs nobody", arguments: attacks)
  func attack(name: String, bytes: [UInt8]) throws {
    let shim = try ShimFixture()
    let enemy = DescriptorBox(
      try UnixSocket.connect(to: shim.directory.path + "/shim.sock"))
    let written = unsafe write(enemy.raw(), bytes, bytes.count)
    #expect(written == bytes.count)
    let dropped = isDropped(enemy)
    #expect(dropped)
    try works(shim, "a@1")
  }

  @Test("that only connects does not take the brain's place, however often")
  func crowd() throws {
    let shim = try ShimFixture()
    var crowd: [DescriptorBox] = []
    for _ in 0..<30 {
      let path = shim.directory.path + "/shim.sock"
      // EAGAIN: the backlog is full for a moment.
      do { crowd.append(DescriptorBox(try UnixSocket.connect(to: path))) } catch {
        #expect(error.number == EAGAIN)
      }
    }
    #expect(!crowd.isEmpty)
    try works(shim, "a@1")
  }

  @Test("that orders before hello is refused")
  func early() throws {
    let shim = try ShimFixture()
    try shim.disconnect()
    try shim.client.send(.shutdown)
    #expect(try shim.refusal() == "an order before hello (say hello first)")
  }

  @Test("that speaks a later version is understood where it speaks ours")
  func later() throws {
    let shim = try ShimFixture()
    let stream = FrameStream(
      try UnixSocket.connect(to: shim.directory.path + "/shim.sock"), maxQueuedBytes: 1 << 20)
    let null = DescriptorBox(Descriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)))
    try stream.send(Frame(77) { $0.put(9, "from the future") }, descriptors: [null])
    try stream.send(
      Frame(1) {
        $0.put(1, UInt32(2))
        $0.put(500, "a field of the future")
      })
    var entry = pollfd(fd: stream.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&entry, 1, 20_000) == 1)
    let message = try #require(try stream.receive(limit: 1).first)
    guard case .value(.hello(1, _, shim.pid, nil, [])) = ShimReport.decode(message) else {
      Issue.record("no hello of version 1: \(message)")
      return
    }
  }

  @Test("that never reads is dropped before the shim holds more than 16 MiB for it")
  func deaf() throws {
    let shim = try ShimFixture()
    let long = String(repeating: "x", count: 100_000)
    let deadline = Clock.now().instant + .seconds(30)
    while !shim.client.isClosed, remaining(deadline) > 0 {
      do {
        try shim.client.send(.signal(slot: long, incarnation: 1, signal: 0))
      } catch {
        #expect([ENOBUFS, ENOTCONN].contains(error.number))
        var entry = pollfd(fd: shim.client.descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&entry, 1, 100)
        shim.client.flush()
      }
    }
    #expect(shim.client.isClosed)
    try shim.reconnect()
    try works(shim, "a@1")
  }
}

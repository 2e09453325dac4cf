// Workers in a network of their own whose listener is handed up: who connects to it, what else can be reached from there,
// and for how long it is kept. Must never use a double for the kernel's part: each test starts a process.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite(
  "a network with a way to the gateway",
  .enabled(if: Host.shim != nil, "nova-shim is not built"),
  .enabled(if: Host.mayUnshare, "a network of its own is not allowed here"))
struct ShimGatewayTests {
  private static let features = [ShimProtocol.gatewayFeature]

  private func python(_ shim: ShimFixture, _ code: String, incarnation: UInt64 = 1) -> SpawnOrder {
    var order = SpawnOrder(
      slot: "a@1", incarnation: incarnation, arguments: ["python3", "-ISc", code],
      environment: ["PATH=/usr/bin:/bin"])
    order.network = .gateway
    return order
  }

  private let dial = """
    import socket, sys
    c = socket.create_connection(("127.0.0.1", 7481), 20)
    c.sendall(b"from inside\\n")
    sys.stdout.write(c.makefile().readline())
    """

  /// Answers the first to connect; what it said.
  private func answer(_ listener: DescriptorBox, _ text: String) throws -> String {
    let deadline = Clock.now().instant + .seconds(20)
    while true {
      guard DescriptorWait.readable(listener.raw(), until: deadline) else {
        throw TimedOut(description: "nobody connects")
      }
      guard let accepted = try UnixSocket.accept(listener.raw()) else { continue }
      let connection = DescriptorBox(accepted)
      let said = try connection.line(1)
      _ = unsafe write(connection.raw(), text, text.utf8.count)
      return said
    }
  }

  private func inode(_ box: DescriptorBox) -> UInt64 {
    var status = Glibc.stat()
    return unsafe fstat(box.raw(), &status) == 0 ? UInt64(status.st_ino) : 0
  }

  @Test("its call on 127.0.0.1:7481 arrives on the listener that came before it was started")
  func call() throws {
    let shim = try ShimFixture(features: Self.features)
    let output = try shim.spawn(python(shim, dial))
    let listener = try shim.listener("a@1")
    #expect(fcntl(listener.raw(), F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(listener.raw(), F_GETFD) & FD_CLOEXEC != 0)
    _ = try shim.started("a@1")
    #expect(try answer(listener, "from outside\n") == "from inside\n")
    #expect(try output.readAll() == "from outside\n")
    #expect(try shim.exit("a@1").status == .exited(0))
  }

  @Test("nothing else can be reached from there, not even what this host listens on")
  func nothingElse() throws {
    let shim = try ShimFixture(features: Self.features)
    let listening = Descriptor(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
    #expect(listen(listening.raw(), 5) == 0)
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(listening.raw(), $0, &size)
      }
    }
    #expect(named == 0)
    let port = UInt16(bigEndian: address.sin_port)
    let code = """
      import errno, socket
      for host in ("10.0.0.1", "1.1.1.1", "192.168.1.1", "2606:4700::1", "127.0.0.1", "::1"):
          try:
              socket.create_connection((host, \(port)), 20)
              print(host, "reached")
          except OSError as e:
              print(host, errno.errorcode[e.errno])
      """
    let output = try shim.spawn(python(shim, code))
    #expect(
      try output.readAll() == """
        10.0.0.1 ENETUNREACH
        1.1.1.1 ENETUNREACH
        192.168.1.1 ENETUNREACH
        2606:4700::1 ENETUNREACH
        127.0.0.1 ECONNREFUSED
        ::1 ECONNREFUSED

        """)
  }

  @Test("the worker itself holds no listener, and cannot open another in its place")
  func notInherited() throws {
    let shim = try ShimFixture(features: Self.features)
    let code = """
      import errno, os, socket
      print(len(os.listdir("/proc/self/fd")))
      try:
          socket.create_server(("127.0.0.1", 7481), reuse_port=True)
      except OSError as e:
          print(errno.errorcode[e.errno])
      """
    let output = try shim.spawn(python(shim, code))
    #expect(try output.readAll() == "4\nEADDRINUSE\n")
  }

  @Test("is handed to each brain that connects, and outlives the shim's own program")
  func kept() throws {
    let shim = try ShimFixture(features: Self.features)
    let flag = shim.directory.path + "/go"
    let wait = "import os, time\nwhile not os.path.exists('\(flag)'): time.sleep(0.01)\n"
    let said = try shim.spawn(python(shim, wait + dial))
    let first = try shim.listener("a@1")
    let pid = try shim.started("a@1")
    try shim.reconnect()
    let second = try shim.listener("a@1")
    #expect(inode(first) == inode(second) && inode(first) != 0)
    try shim.client.send(.reexec(path: try #require(Host.shim)))
    #expect(throws: TimedOut.self) { try shim.refusal() }
    try shim.reconnect()
    let third = try shim.listener("a@1")
    #expect(inode(third) == inode(first))
    #expect(try shim.list().children == ["a@1": pid])
    try FileBytes.write([], to: flag, mode: 0o644)
    #expect(try answer(third, "still\n") == "from inside\n")
    #expect(try said.readAll() == "still\n")
    // And a child of the new program has none of it.
    let fds = try shim.spawn(shim.shell("c@1", "ls /proc/self/fd | wc -l"))
    #expect(try fds.readAll() == "4\n")
  }

  @Test("two instances have two networks and two listeners")
  func two() throws {
    let shim = try ShimFixture(features: Self.features)
    var orders = [python(shim, dial), python(shim, dial)]
    orders[1].slot = "a@2"
    let outputs = try orders.map { try shim.spawn($0) }
    let listeners = [try shim.listener("a@1"), try shim.listener("a@2")]
    #expect(inode(listeners[0]) != inode(listeners[1]))
    #expect(try answer(listeners[1], "second\n") == "from inside\n")
    #expect(try answer(listeners[0], "first\n") == "from inside\n")
    #expect(try outputs.map { try $0.readAll() } == ["first\n", "second\n"])
  }

  @Test("a brain that does not know listeners gets none, and the next one that does gets it")
  func olderBrain() throws {
    let shim = try ShimFixture(features: Self.features)
    try shim.client.send(.hello(version: 1, features: []))
    try shim.spawn(python(shim, "import time; time.sleep(600)"))
    _ = try shim.started("a@1")
    _ = try shim.list()
    #expect(throws: TimedOut.self) {
      _ = try shim.wait("listener", seconds: 1) { report in
        if case .listener = report { true } else { nil }
      }
    }
    try shim.reconnect()
    #expect(inode(try shim.listener("a@1")) != 0)
  }

  @Test("what fails there is told as that stage, and to an older brain as one that it knows")
  func failure() throws {
    let shim = try ShimFixture(features: Self.features)
    var order = python(shim, "")
    // Room for its own three and no socket more.
    order.rlimits = [ResourceLimit(resource: ResourceLimit.files, soft: 3, hard: 3)]
    try shim.spawn(order)
    #expect(try shim.failure("a@1") == SpawnFailure(.network, EMFILE))
    try shim.client.send(.hello(version: 1, features: []))
    order.incarnation = 2
    try shim.spawn(order)
    #expect(try shim.failure("a@1") == SpawnFailure(.privileges, EMFILE))
  }

  @Test("one whose program cannot be executed, and fifty lives, leave no descriptor")
  func noGrowth() throws {
    let shim = try ShimFixture(features: Self.features)
    _ = try shim.list()
    let before = shim.descriptorCount
    #expect(before > 3)
    for round: UInt64 in 1...50 {
      var order = SpawnOrder(
        slot: "a@1", incarnation: round, arguments: ["/bin/true"], environment: [])
      order.network = .gateway
      try shim.spawn(order)
      _ = try shim.listener("a@1", round)
      _ = try shim.exit("a@1")
      try shim.client.send(.ack(slot: "a@1", incarnation: round))
      (order.slot, order.arguments) = ("b@1", ["/none"])
      try shim.spawn(order)
      #expect(try shim.failure("b@1") == SpawnFailure(.exec, ENOENT))
    }
    #expect(eventually { shim.descriptorCount <= before })
  }
}

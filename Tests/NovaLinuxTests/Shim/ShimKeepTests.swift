// What the shim keeps while brains come and go: children, exits, notify sockets, and itself through a reexec.
// Must never be satisfied by luck: each test cuts the connection before what it waits for happens.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("the shim between brains", .enabled(if: Host.shim != nil, "nova-shim is not built"))
struct ShimKeepTests {
  /// A worker that ends with `code` when somebody writes to the fifo.
  private func waiter(_ shim: ShimFixture, _ fifo: String, then: String) -> SpawnOrder {
    unsafe mkfifo(fifo, 0o666)
    return shim.shell("a@1", "read line < \(fifo); \(then)")
  }

  private func release(_ fifo: String) throws {
    let deadline = Clock.now().instant + .seconds(20)
    var number: CInt = -1
    while number < 0 {
      // ENXIO until the worker has opened its end.
      number = unsafe open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      guard remaining(deadline) > 0 else { throw TimedOut(description: "nobody reads the fifo") }
      if number < 0 { poll(nil, 0, 5) }
    }
    let file = Descriptor(number)
    _ = unsafe write(file.raw(), "go\n", 3)
  }

  @Test("repeats an exit on every connection until it is acknowledged")
  func repeated() throws {
    let shim = try ShimFixture()
    let fifo = shim.directory.path + "/go"
    let output = try shim.spawn(waiter(shim, fifo, then: "exit 9"))
    _ = try shim.started("a@1")
    try shim.disconnect()
    try release(fifo)
    _ = try output.readAll()
    for _ in 0..<3 {
      try shim.reconnect()
      #expect(try shim.exit("a@1").status == .exited(9))
    }
    try shim.client.send(.ack(slot: "a@1", incarnation: 2))
    #expect(try shim.list().exits == ["a@1": .exited(9)])
    try shim.client.send(.ack(slot: "a@1", incarnation: 1))
    #expect(try shim.list().exits.isEmpty)
    try shim.reconnect()
    let after = try shim.list()
    #expect(after.exits.isEmpty && after.children.isEmpty)
  }

  @Test("tells the next brain of a start that failed while none was there")
  func failureKept() throws {
    let shim = try ShimFixture()
    // Stopped, it finds the order and the end of the connection together.
    kill(shim.pid, SIGSTOP)
    try shim.spawn(SpawnOrder(slot: "a@1", incarnation: 1, arguments: ["/none"], environment: []))
    try shim.disconnect()
    kill(shim.pid, SIGCONT)
    try shim.reconnect()
    #expect(try shim.failure("a@1") == SpawnFailure(.exec, ENOENT))
  }

  @Test("lists the living with the pid they had")
  func lists() throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("a@1", "exec sleep 600"))
    let pid = try shim.started("a@1")
    try shim.reconnect()
    #expect(try shim.list().children == ["a@1": pid])
  }

  @Test("a brain of a later version is greeted with ours, and obeyed")
  func laterBrain() throws {
    let shim = try ShimFixture()
    try shim.client.send(.hello(version: 7, features: ["later"]))
    let version: UInt32 = try shim.wait("hello") { report in
      if case .hello(let version, _, _, _, _) = report { version } else { nil }
    }
    #expect(version == ShimProtocol.version)
    try shim.spawn(shim.shell("a@1", "exit 4"))
    #expect(try shim.exit("a@1").status == .exited(4))
  }

  @Test("says which file it executes: another file of the same bytes is another program")
  func program() throws {
    let shim = try ShimFixture()
    try shim.reconnect()
    let features: [String] = try shim.wait("hello") { report in
      if case .hello(_, let features, _, _, _) = report { features } else { nil }
    }
    let path = try #require(Host.shim)
    let said = try #require(ProgramFile(features: features))
    #expect(said == ProgramFile.at(path))
    let copy = shim.directory.path + "/copy"
    try FileBytes.write(try FileBytes.read(path, limit: 1 << 30), to: copy, mode: 0o755)
    #expect(said != ProgramFile.at(copy))
    for wrong in [[], ["program="], ["program=1:2:3"], ["program=1:2:3:x"], ["reexec"]] {
      #expect(ProgramFile(features: wrong) == nil)
    }
  }

  @Test("becomes a new program in place and loses no child, no status, no datagram")
  func reexec() throws {
    let shim = try ShimFixture()
    let fifo = shim.directory.path + "/go"
    let socket = shim.directory.path + "/notify/a"
    try shim.client.send(.openNotify(worker: "a", path: socket, uid: geteuid(), gid: getegid()))
    _ = try shim.notifySocket("a")
    try shim.spawn(shim.shell("b@1", "exit 5"))
    _ = try shim.exit("b@1")
    let send = """
      python3 -Sc 'import socket as s; s.socket(1, 2).sendto(b"READY=1", "\(socket)")'; exit 7
      """
    try shim.spawn(waiter(shim, fifo, then: send))
    let pid = try shim.started("a@1")
    try shim.client.send(.reexec(path: try #require(Host.shim)))
    #expect(throws: TimedOut.self) { try shim.refusal() }
    #expect(shim.client.isClosed)
    try release(fifo)
    try shim.reconnect()
    let found: Int32 = try shim.wait("hello") { report in
      if case .hello(_, _, let pid, _, _) = report { pid } else { nil }
    }
    #expect(found == shim.pid)
    let notify = try shim.notifySocket("a")
    let ended = try shim.exit("a@1")
    #expect(ended.status == .exited(7) && ended.pid == pid)
    #expect(try shim.exit("b@1").status == .exited(5))
    let datagrams = try notify.receive(limit: 10)
    #expect(datagrams.map(\.bytes) == [Array("READY=1".utf8)])
    // And it still is a parent, without a descriptor more than before.
    let fds = try shim.spawn(shim.shell("c@1", "ls /proc/self/fd | wc -l; exit 3"))
    #expect(try shim.exit("c@1").status == .exited(3))
    #expect(try fds.readAll() == "4\n")
  }

  @Test(
    "refuses to become what it cannot execute, and goes on", arguments: ["/none", "/etc/passwd"])
  func reexecRefused(path: String) throws {
    let shim = try ShimFixture()
    try shim.client.send(.reexec(path: path))
    #expect(try shim.refusal().hasPrefix("cannot reexec \(path): "))
    try shim.spawn(shim.shell("a@1", "exit 4"))
    #expect(try shim.exit("a@1").status == .exited(4))
  }

  @Test(
    "holds datagrams sent while no brain is there, with their senders' credentials",
    .enabled(if: Host.isRoot, "needs root"))
  func datagrams() throws {
    let shim = try ShimFixture()
    unsafe chmod(shim.directory.path, 0o755)
    let fifo = shim.directory.path + "/go"
    let socket = shim.directory.path + "/notify/a"
    try shim.client.send(.openNotify(worker: "a", path: socket, uid: 65_534, gid: 65_534))
    _ = try shim.notifySocket("a")
    var order = waiter(
      shim, fifo,
      then: """
        exec python3 -Sc 'import socket as s, array, os
        c = s.socket(1, 2); c.connect("\(socket)")
        c.send(b"READY=1"); c.send(b"x" * 5000)
        c.sendmsg([b"BARRIER=1"], [(s.SOL_SOCKET, s.SCM_RIGHTS, array.array("i", [0]))])'
        """)
    unsafe chmod(fifo, 0o666)
    (order.uid, order.gid) = (65_534, 65_534)
    try shim.spawn(order)
    let pid = try shim.started("a@1")
    try shim.disconnect()
    try release(fifo)
    try shim.reconnect()
    let notify = try shim.notifySocket("a")
    #expect(try shim.exit("a@1").status == .exited(0))
    let got = try notify.receive(limit: 2) + notify.receive(limit: 2)
    try #require(got.count == 3)
    #expect(got[0].bytes == Array("READY=1".utf8) && !got[0].truncated)
    #expect(got[1].bytes.count == 4096 && got[1].truncated)
    #expect(got[2].bytes == Array("BARRIER=1".utf8) && got[2].descriptors.count == 1)
    #expect(
      got.allSatisfy { $0.sender == PeerIdentity(pid: pid, uid: 65_534, gid: 65_534, groups: nil) })
    #expect(try notify.receive(limit: 2).isEmpty)
    try shim.client.send(.closeNotify(worker: "a"))
    _ = try shim.list()
    #expect(unsafe access(socket, F_OK) != 0)
  }

  @Test("makes no socket outside its directory")
  func socketOutside() throws {
    let shim = try ShimFixture()
    for path in ["/tmp/x", shim.directory.path + "/../x", shim.directory.path] {
      try shim.client.send(.openNotify(worker: "a", path: path, uid: 0, gid: 0))
      #expect(try shim.refusal().hasSuffix("Operation not permitted"))
    }
    let long = shim.directory.path + "/" + String(repeating: "x", count: 120)
    try shim.client.send(.openNotify(worker: "a", path: long, uid: 0, gid: 0))
    #expect(try shim.refusal().hasSuffix("File name too long"))
  }

  @Test("shuts down only when nothing lives and nothing is unacknowledged")
  func shutdown() throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("a@1", "exec sleep 600"))
    _ = try shim.started("a@1")
    try shim.client.send(.shutdown)
    #expect(try shim.refusal().contains("1 children live"))
    kill(shim.pid, SIGTERM)
    try shim.client.send(.signal(slot: "a@1", incarnation: 1, signal: SIGTERM))
    _ = try shim.exit("a@1")
    try shim.client.send(.shutdown)
    #expect(try shim.refusal().contains("1 exits"))
    try shim.client.send(.ack(slot: "a@1", incarnation: 1))
    try shim.client.send(.shutdown)
    #expect(try shim.shimStatus() == 0)
    #expect(unsafe access(shim.directory.path + "/shim.sock", F_OK) != 0)
  }

  @Test("ends by SIGTERM when it has no child")
  func terminate() throws {
    let shim = try ShimFixture()
    kill(shim.pid, SIGTERM)
    #expect(try shim.shimStatus() == 0)
  }

  @Test("is alone in its runtime directory")
  func alone() throws {
    let shim = try ShimFixture()
    let second = try ShimLauncher.launch(
      binary: try #require(Host.shim), runtime: shim.directory.path, cgroup: .none)
    var status: CInt = 0
    #expect(unsafe waitpid(second, &status, 0) == second)
    #expect(status == 1 << 8)
    #expect(contents(shim.directory.path + "/shim.log").contains("another nova-shim runs"))
    try shim.reconnect()
    #expect(try shim.list().children.isEmpty)
  }

  @Test("signals only the life it was told, and takes a key once")
  func keys() throws {
    let shim = try ShimFixture()
    try shim.spawn(shim.shell("a@1", "exec sleep 600", incarnation: 7))
    _ = try shim.started("a@1")
    try shim.client.send(.signal(slot: "a@1", incarnation: 6, signal: SIGKILL))
    #expect(try shim.refusal() == "cannot signal a@1: incarnation 6 is not running")
    try shim.client.send(.signal(slot: "a@1", incarnation: 7, signal: 9999))
    #expect(try shim.refusal() == "cannot signal a@1: Invalid argument")
    try shim.spawn(shim.shell("a@1", "exit 0", incarnation: 7))
    #expect(try shim.failure("a@1") == SpawnFailure(.prepare, EEXIST))
    try shim.client.send(.signal(slot: "a@1", incarnation: 7, signal: SIGTERM, wholeGroup: true))
    #expect(try shim.exit("a@1").status == .signaled(SIGTERM, coreDumped: false))
  }

  @Test("keeps no descriptor of a child, a connection or a socket that is gone")
  func noGrowth() throws {
    let shim = try ShimFixture()
    _ = try shim.list()
    let before = shim.descriptorCount
    #expect(before > 3)
    let socket = shim.directory.path + "/notify/a"
    for round: UInt64 in 1...20 {
      try shim.client.send(.openNotify(worker: "a", path: socket, uid: geteuid(), gid: getegid()))
      try shim.spawn(shim.shell("a@1", "exit 0", incarnation: round))
      try shim.spawn(
        SpawnOrder(slot: "b@1", incarnation: round, arguments: ["/none"], environment: []))
      _ = try shim.failure("b@1")
      _ = try shim.exit("a@1")
      try shim.client.send(.ack(slot: "a@1", incarnation: round))
      try shim.client.send(.closeNotify(worker: "a"))
      try shim.reconnect()
    }
    let left = try shim.list()
    #expect(left.children.isEmpty && left.exits.isEmpty)
    // The connection before this one may end a turn of the loop later; one kept in each of twenty rounds never ends.
    #expect(eventually { shim.descriptorCount <= before })
  }
}

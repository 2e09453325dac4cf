// The table through the memfd and back, whole and cut short; and a reexec inside a cgroup.
// Must never hand the decoder a descriptor number that is not the test's to give away.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("the state a shim hands on")
struct ShimStateTests {
  private var state: ShimState {
    var state = ShimState()
    (state.listener, state.lock) = (900, 901)
    state.files.soft = 77
    state.cgroup = CgroupRoot(path: "/sys/fs/cgroup/x", controllers: ["cpu", "io"], made: true)
    for number: Int32 in 1...3 {
      state.table.add(
        Child(
          key: ChildKey(slot: "a@\(number)", incarnation: UInt64(number)), pid: 1000 + number,
          started: 77, grouped: number == 2, pending: nil))
    }
    state.table.keep(
      ExitReport(
        slot: "b@1", incarnation: 9, pid: 5, status: .signaled(11, coreDumped: true), userUsec: 1,
        systemUsec: 2, maxRSSKiB: 3, at: WallTime(microseconds: 4),
        atMonotonic: Instant(nanoseconds: 5)))
    state.table.keep(failure: .failed(slot: "c@1", incarnation: 2, stage: .exec, errno: 2))
    return state
  }

  @Test("arrives whole")
  func whole() throws {
    let before = state
    let after = try #require(ShimState(before.bytes))
    #expect((after.listener, after.lock) == (900, 901))
    #expect(after.cgroup == before.cgroup)
    #expect(after.files == before.files && after.files.soft == 77)
    #expect(after.table.exits == before.table.exits)
    #expect(after.table.failures == before.table.failures)
    #expect(after.table.children.keys.sorted() == [1001, 1002, 1003])
    #expect(after.table.pid(of: ChildKey(slot: "a@2", incarnation: 2)) == 1002)
    #expect(after.table.children[1002]?.grouped == true)
    #expect(after.table.children[1003]?.grouped == false)
  }

  @Test("cut short is refused or smaller, and never traps")
  func cut() {
    let bytes = state.bytes
    for length in 0..<bytes.count {
      guard let part = ShimState(Array(bytes.prefix(length))) else { continue }
      let facts = part.table.children.count + part.table.exits.count + part.table.failures.count
      if facts >= 5 { Issue.record("whole at \(length) of \(bytes.count)") }
    }
    let nothing = ShimState([]) == nil
    #expect(nothing)
    let noise = ShimState(Array(repeating: 0xFF, count: 64)) == nil
    #expect(noise)
  }

  @Test("may hold a child whose program does not execute yet")
  func pending() throws {
    let number = try makePipe().read.duplicate().take()
    var bytes = state.bytes
    bytes += Frame(202) {
      $0.put(1, "p@1")
      $0.put(2, UInt64(1))
      $0.put(3, Int32(2000))
      $0.put(4, UInt64(1))
      $0.put(6, number)
    }.bytes(descriptors: 0)
    bytes += Frame(299) { $0.put(1, "of a later build") }.bytes(descriptors: 0)
    let after = try #require(ShimState(bytes))
    #expect(after.table.children[2000]?.pending?.raw() == number)
    #expect(after.descriptors.contains(number))
  }

  @Test("may hold a child that listens in its own network")
  func listener() throws {
    let box = try makePipe().read
    var before = state
    before.table.take(listener: box, of: 1002)
    #expect(before.descriptors.contains(box.raw()))
    // The program after us owns the number: here that is a second one.
    let number = try box.duplicate().take()
    let bytes =
      state.bytes
      + Frame(202) {
        $0.put(1, "p@1")
        $0.put(2, UInt64(1))
        $0.put(3, Int32(2000))
        $0.put(4, UInt64(1))
        $0.put(7, number)
      }.bytes(descriptors: 0)
    let after = try #require(ShimState(bytes))
    #expect(after.table.children[2000]?.listener?.raw() == number)
    #expect(after.table.children[2000]?.pending == nil)
    #expect(after.descriptors.contains(number))
    #expect(after.table.children[1002]?.listener == nil)
  }

  @Test(
    "keeps the cgroup root and its right to start children in it",
    .enabled(if: Host.shim != nil && Host.hasCgroup, "no writable cgroup2"))
  func cgroup() throws {
    let shim = try ShimFixture(cgroup: .auto)
    let root = try #require(shim.root)
    try shim.client.send(.reexec(path: try #require(Host.shim)))
    #expect(throws: TimedOut.self) { try shim.refusal() }
    try shim.reconnect()
    let (found, pid): (String?, Int32) = try shim.wait("hello") { report in
      if case .hello(_, _, let pid, let root, _) = report { (root, pid) } else { nil }
    }
    #expect(found == root && pid == shim.pid)
    unsafe mkdir(root + "/w-b-1", 0o755)
    var order = shim.shell("b@1", "grep ^0:: /proc/self/cgroup; exit 2")
    order.cgroup = root + "/w-b-1"
    let output = try shim.spawn(order)
    #expect(try shim.exit("b@1").status == .exited(2))
    #expect(try output.readAll().hasSuffix("/w-b-1\n"))
  }
}

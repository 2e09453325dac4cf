// Groups against the real kernel, in a tree of their own that is removed with all it holds.
// Must never touch a group outside of that tree.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("Cgroups", .enabled(if: ScratchTree.isPossible, "no writable cgroup v2 here"))
struct CgroupGroupTests {
  private let scratch: ScratchTree
  private let group: CgroupGroup

  init() throws {
    scratch = try ScratchTree()
    let id = try #require(InstanceID("worker@1"))
    group = scratch.tree.group(id)
    try group.create()
  }

  /// A child that is in the group before it does anything.
  private func inside(_ script: String, below: String = "") throws -> RealProcess {
    let child = try RealProcess(
      "echo $$ > \(group.path)\(below)/cgroup.procs || exit 9; \(script)")
    try #require(eventually { (try? group.processes().contains(child.pid)) == true })
    return child
  }

  private static let idle = "exec sleep 600"

  @Test("a group is made once, listed, and removed; being gone is no error, being there is")
  func life() throws {
    #expect(group.name == "w-worker-1")
    #expect(try scratch.tree.groups() == [group])
    #expect(throws: SystemError(call: "make cgroup", number: EEXIST, subject: group.path)) {
      try group.create()
    }
    #expect(try !group.populated())
    try group.remove()
    try group.remove()
    #expect(!group.exists())
    #expect(try !group.populated())
    #expect(try group.processes().isEmpty)
    #expect(try scratch.tree.groups().isEmpty)
    #expect(scratch.tree.group(named: "w-a/../b") == nil)
    #expect(scratch.tree.group(named: "shim") == nil)
  }

  @Test("a tree outside of cgroup v2 is refused")
  func wrongTree() throws {
    #expect(throws: SystemError.self) { try CgroupTree(root: "/tmp") }
    #expect(throws: SystemError.self) { try CgroupTree(root: "/nonexistent") }
  }

  @Test("killing reaches the groups below, and a group with a process inside is not removed")
  func killAll() throws {
    unsafe _ = mkdir(group.path + "/own", 0o755)
    unsafe _ = mkdir(group.path + "/own/deeper", 0o755)
    let first = try inside(Self.idle)
    let second = try inside(Self.idle, below: "/own/deeper")
    #expect(eventually { (try? group.processes().count) == 2 })
    #expect(try group.populated())
    let refused = #expect(throws: SystemError.self) { try group.remove() }
    #expect(refused?.number == EBUSY)
    try group.kill()
    #expect(first.wait() == SIGKILL)
    #expect(second.wait() == SIGKILL)
    #expect(try eventually { try !group.populated() })
    try group.remove()
    #expect(!group.exists())
  }

  @Test("without cgroup.kill every member is killed one by one, those below and frozen ones too")
  func killWithoutFile() throws {
    unsafe _ = mkdir(group.path + "/own", 0o755)
    let first = try inside("trap '' TERM; " + Self.idle)
    let second = try inside(Self.idle, below: "/own")
    try group.killEach()
    #expect(first.wait() == SIGKILL)
    #expect(second.wait() == SIGKILL)
    #expect(try eventually { try !group.populated() })
    #expect(try eventually { try !group.events().frozen })
  }

  @Test("a signal reaches every member and nobody else")
  func signals() throws {
    let members = try (0..<3).map { _ in try inside(Self.idle) }
    let stranger = try RealProcess(Self.idle)
    #expect(eventually { (try? group.processes().count) == 3 })
    #expect(try group.signalAll(SIGTERM) == 3)
    for member in members { #expect(member.wait() == SIGTERM) }
    #expect(ProcessStat.of(stranger.pid)?.isZombie == false)
    #expect(try group.signalAll(SIGTERM) == 0)
  }

  @Test(
    "freezing and thawing are seen in cgroup.events, and the watcher wakes for them and for emptiness"
  )
  func freezing() throws {
    let child = try inside(Self.idle)
    var watcher = try GroupWatcher()
    let key = try watcher.watch(group)
    var count = watcher.count
    #expect(count == 1)
    // The kernel holds a second notice within 10 ms back, so one from before may come late: each only says "look".
    func wakes(_ watcher: inout GroupWatcher, until fact: () throws -> Bool) rethrows -> Bool {
      while true {
        var wait = pollfd(fd: watcher.descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wait, 1, 20_000) == 1 else { return false }
        guard watcher.drain(limit: 16).changes == [.init(key: key, kind: .group)] else {
          return false
        }
        if try fact() { return true }
      }
    }
    try group.freeze()
    var woke = try wakes(&watcher) { try group.events().frozen }
    #expect(woke)
    #expect(try group.events() == GroupEvents(populated: true, frozen: true))
    try group.thaw()
    woke = try wakes(&watcher) { try !group.events().frozen }
    #expect(woke)
    try group.kill()
    child.wait()
    woke = try wakes(&watcher) { try !group.populated() }
    #expect(woke)
    watcher.unwatch(key)
    watcher.unwatch(key)
    count = watcher.count
    #expect(count == 0)
  }

  @Test("a watched group that is removed leaves no stale key behind")
  func removedWhileWatched() throws {
    var watcher = try GroupWatcher()
    let old = try watcher.watch(group)
    try group.remove()
    _ = watcher.drain(limit: 16)
    try group.create()
    let new = try watcher.watch(group)
    #expect(new != old)
    let child = try inside(Self.idle)
    let woke = eventually { watcher.drain(limit: 16).changes.contains { $0.key == new } }
    #expect(woke)
    watcher.unwatch(old)
    watcher.unwatch(new)
    try group.kill()
    child.wait()
  }

  @Test(
    "a reading counts CPU exactly and memory and tasks by whatever this host offers",
    arguments: [true, false])
  func readings(keepOpen: Bool) throws {
    let reader = GroupReader(group, keepOpen: keepOpen)
    let empty = reader.read(at: Instant(nanoseconds: 1))
    #expect(empty.at == Instant(nanoseconds: 1))
    #expect(empty.counters.cpuUsec == 0)
    #expect(empty.tasks == 0)
    let child = try inside("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; \(Self.idle)")
    var last: UInt64 = 0
    let ran = eventually {
      let cpu = reader.read(at: Clock.now().instant).counters.cpuUsec ?? 0
      #expect(cpu >= last)
      last = cpu
      return cpu > 20_000
    }
    #expect(ran)
    let reading = reader.read(at: Clock.now().instant)
    #expect(reading.tasks == 1)
    #expect(reading.threads == 1)
    #expect((reading.memoryBytes ?? 0) > 100_000)
    #expect((reading.memoryPeakBytes ?? 0) >= reading.memoryBytes ?? .max)
    if !scratch.tree.offeredControllers().contains("memory") {
      #expect(reading.memoryEstimated)
      #expect(reading.counters.oomKills == nil)
      #expect(reading.counters.ioReadBytes == nil)
    }
    try group.kill()
    child.wait()
    #expect(try eventually { try !group.populated() })
    let final = reader.finalTotals(at: Clock.now().instant)
    #expect((final.counters.cpuUsec ?? 0) >= last)
    #expect(final.memoryPeakBytes != nil)
  }

  @Test("members of groups below count, too")
  func nested() throws {
    unsafe _ = mkdir(group.path + "/own", 0o755)
    let child = try inside(Self.idle, below: "/own")
    let reader = GroupReader(group, keepOpen: true)
    #expect(eventually { reader.read(at: Clock.now().instant).tasks == 1 })
    try group.kill()
    child.wait()
  }

  @Test("a reading of a group that is gone is unknown, not zero", arguments: [true, false])
  func gone(keepOpen: Bool) throws {
    let reader = GroupReader(group, keepOpen: keepOpen)
    _ = reader.read(at: Instant(nanoseconds: 1))
    try group.remove()
    var expected = Reading(at: Instant(nanoseconds: 2))
    let reading = reader.read(at: Instant(nanoseconds: 2))
    // What was seen stays seen.
    expected.memoryPeakBytes = reading.memoryPeakBytes
    expected.memoryEstimated = reading.memoryEstimated
    #expect(reading == expected)
  }

  @Test("limits that have no controller here are named, and nothing else is")
  func limits() throws {
    var limits = WorkerSpec.Limits()
    #expect(group.apply(limits).isEmpty)
    limits.memoryBytes = 1 << 30
    limits.memoryHighBytes = 1 << 29
    limits.cpuPercent = 150
    limits.pids = 64
    limits.ioWeight = 200
    let here = try scratch.tree.enableControllers()
    let missing = group.apply(limits)
    #expect(missing.contains("memory") == !here.contains("memory"))
    #expect(missing.contains("memory_high") == !here.contains("memory"))
    #expect(missing.contains("cpu") == !here.contains("cpu"))
    #expect(missing.contains("pids") == !here.contains("pids"))
    #expect(missing.contains("io_weight") || here.contains("io"))
  }
}

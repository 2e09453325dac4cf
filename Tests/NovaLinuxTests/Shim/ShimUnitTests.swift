// The shim as the main process of a delegated unit, without systemd: another shim plays its part.
// Must never leave a group behind.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite(
  "the shim as a unit",
  .enabled(if: Host.shim != nil && Host.hasCgroup, "no nova-shim or no writable cgroup2"))
struct ShimUnitTests {
  @Test("says READY=1, moves into a leaf of its unit, starts workers beside it, ends by SIGTERM")
  func unit() throws {
    let outer = try ShimFixture(cgroup: .auto)
    let root = try #require(outer.root)
    let unit = root + "/t.service"
    unsafe mkdir(unit, 0o755)
    let directory = TemporaryDirectory()
    let socket = outer.directory.path + "/notify/t"
    try outer.client.send(.openNotify(worker: "t", path: socket, uid: geteuid(), gid: getegid()))
    let notify = try outer.notifySocket("t")
    let binary = try #require(Host.shim)
    var order = outer.shell(
      "t@1", "export SYSTEMD_EXEC_PID=$$; exec \(binary) --runtime \(directory.path)")
    order.environment.append("NOTIFY_SOCKET=\(socket)")
    order.cgroup = unit
    order.noNewPrivileges = false
    order.rlimits = [ResourceLimit(resource: ResourceLimit.files, soft: 100, hard: 500)]
    try outer.spawn(order)
    let pid = try outer.started("t@1")
    defer {
      for name in ["/shim", "/w-a-1", ""] {
        let deadline = Clock.now().instant + .seconds(5)
        while unsafe rmdir(unit + name) != 0, errno == EBUSY, remaining(deadline) > 0 {
          poll(nil, 0, 5)
        }
      }
    }
    var entry = pollfd(fd: notify.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&entry, 1, 20_000) == 1)
    let datagrams = try notify.receive(limit: 4)
    #expect(datagrams.map(\.bytes) == [Array("READY=1".utf8)])
    #expect(datagrams.first?.sender?.pid == pid)
    let client = try ShimFixture.connect(directory.path)
    try client.send(.hello(version: 1, features: []))
    #expect(try ShimFixture.hello(client) == unit)
    #expect(contents(unit + "/shim/cgroup.procs") == "\(pid)\n")
    #expect(contents(unit + "/cgroup.procs") == "")
    unsafe mkdir(unit + "/w-a-1", 0o755)
    var worker = outer.shell("a@1", "ulimit -n; ulimit -Hn; exec sleep 600 >/dev/null 2>&1")
    worker.cgroup = unit + "/w-a-1"
    let ends = try makePipe()
    do {
      let write = try ends.write.duplicate()
      try client.send(.spawn(worker), descriptors: [write.raw(), write.raw(), write.raw()])
    }
    // The shim has raised its own limit, and its workers do not inherit that.
    #expect(try ends.read.line(2) == "100\n500\n")
    let limits = contents("/proc/\(pid)/limits").split(separator: "\n")
    let files = limits.first { $0.hasPrefix("Max open files") }?.split(separator: " ").dropFirst(3)
    #expect(files.map { Array($0) }?.prefix(2) == ["500", "500"])
    #expect(contents(unit + "/w-a-1/cgroup.procs").isEmpty == false)
    // Not detached: systemd ends what is left of the unit, so the shim need not wait for its child.
    try outer.client.send(.signal(slot: "t@1", incarnation: 1, signal: SIGTERM))
    #expect(try outer.exit("t@1").status == .exited(0))
    ShimFixture.write("1", to: unit + "/cgroup.kill")
  }
}

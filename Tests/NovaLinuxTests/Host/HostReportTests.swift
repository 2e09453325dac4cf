// The host report on made-up hosts, and once on the real one.
// Must never depend on what the machine that runs it happens to have.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("The host report") struct HostReportTests {
  private let root: ScratchDirectory
  private let state: ScratchDirectory

  init() throws {
    root = try ScratchDirectory()
    state = try ScratchDirectory()
  }

  private func report() -> [HostRow] {
    HostReport.collect(HostPaths(state: state.path, runtime: state.path), root: root.path)
  }

  private func row(_ topic: String, _ item: String) throws -> HostRow {
    try #require(report().first { $0.topic == topic && $0.item == item })
  }

  private static let pure = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n"
  private static let legacy = "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
  private static let hybrid = legacy + "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"

  @Test("a delegated host with cgroup v2 alone and systemd has nothing to mend there")
  func pureHost() throws {
    try root.put("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
    try root.put("proc/pressure/cpu", "some avg10=0.00\n")
    try root.put("proc/self/mounts", Self.pure + "proc /proc proc rw,nosuid 0 0\n")
    try root.put("proc/self/cgroup", "0::/nova.slice/nova-supervisor.service\n")
    let own = "sys/fs/cgroup/nova.slice/nova-supervisor.service"
    try root.put(own + "/cgroup.controllers", "cpuset cpu io memory pids\n")
    try root.put(own + "/cpu.max", "max 100000\n")
    try root.put(own + "/memory.max", "max\n")
    try root.put("run/systemd/system/x", "")
    try root.put("usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so", "")
    let rows = report().filter { ["kernel", "cgroup", "systemd", "proc"].contains($0.topic) }
    #expect(rows.allSatisfy { $0.verdict == .ok && $0.fix == nil })
    #expect(try row("systemd", "running").value == "yes, version 252")
    #expect(try row("cgroup", "version").value == "v2 at /sys/fs/cgroup")
  }

  @Test(
    "what is lost without cgroup v2 or its controllers is a warning with a fix, never a problem",
    arguments: [
      (Self.hybrid, "hybrid, v2 at /sys/fs/cgroup/unified"), (Self.legacy, "v1 only"), ("", "none"),
    ])
  func lesserHosts(mounts: String, version: String) throws {
    try root.put("proc/self/mounts", mounts)
    try root.put("proc/self/cgroup", "0::/\n")
    try root.put("sys/fs/cgroup/unified/cgroup.controllers", "\n")
    let found = try row("cgroup", "version")
    #expect(found.value == version)
    #expect(found.verdict == .warning)
    #expect(found.fix != nil)
    #expect(report().filter { $0.topic == "cgroup" }.allSatisfy { $0.verdict == .warning })
  }

  @Test(
    "kernels are judged by their version",
    arguments: [
      ("6.1.0-18-amd64", HostRow.Verdict.ok), ("7.0", .ok), ("6.0.1", .warning),
      ("5.10.0", .warning),
      ("5.4.0", .problem), ("4.19", .problem), ("strange", .warning), ("", .warning),
    ])
  func kernels(release: String, verdict: HostRow.Verdict) throws {
    try root.put("proc/sys/kernel/osrelease", release + "\n")
    #expect(try row("kernel", "version").verdict == verdict)
  }

  @Test(
    "quotas and limits of a container are told beside its host's figures", arguments: [true, false])
  func container(unified: Bool) throws {
    try root.put("proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast  One\n\nprocessor\t: 1\n")
    try root.put(
      "proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 1048576 kB\nSwapTotal: 0 kB\n")
    if unified {
      try root.put("proc/self/mounts", Self.pure)
      try root.put("proc/self/cgroup", "0::/box\n")
      try root.put("sys/fs/cgroup/box/cpu.max", "150000 100000\n")
      try root.put("sys/fs/cgroup/box/memory.max", "1073741824\n")
    } else {
      try root.put("proc/self/cgroup", "4:memory:/box\n1:cpu:/box\n")
      try root.put("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "150000\n")
      try root.put("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n")
      try root.put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1073741824\n")
    }
    #expect(try row("cpu", "processors").value == "2 × Fast  One")
    #expect(try row("cpu", "quota").value == "150 % of one processor")
    #expect(try row("memory", "total").value == "8 GiB, 1 GiB available")
    #expect(try row("memory", "limit").value == "1 GiB")
    #expect(try row("memory", "swap").value == "none")
  }

  @Test("GPUs are found by their drivers' files")
  func graphics() throws {
    #expect(try row("gpu", "devices").value == "none")
    try root.put("sys/class/drm/card0/device/vendor", "0x1002\n")
    try root.put("sys/class/drm/card0/device/mem_info_vram_total", "17163091968\n")
    try root.put("sys/class/drm/card0-DP-1/device/vendor", "0x1002\n")
    try root.put("sys/class/drm/card1/device/vendor", "0x10de\n")
    #expect(try row("gpu", "card0").value == "AMD, 15.9 GiB")
    #expect(try row("gpu", "card1").verdict == .warning)
    try root.put(
      "proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA A100\nIRQ: 1\n")
    #expect(try row("gpu", "0000:01:00.0").value == "NVIDIA A100")
    #expect(try row("gpu", "nvidia-smi").verdict == .warning)
    #expect(report().filter { $0.topic == "gpu" }.count == 3)
  }

  @Test(
    "limits too small for a large fleet, hidden processes and a missing route are said",
    arguments: [true, false])
  func limits(small: Bool) throws {
    try root.put(
      "proc/self/limits",
      "Limit Soft Hard Units\nMax open files            1024   \(small ? "4096" : "unlimited") files\n"
    )
    try root.put("proc/sys/fs/inotify/max_user_watches", small ? "8192\n" : "65536\n")
    try root.put("proc/sys/kernel/pid_max", small ? "4096\n" : "4194304\n")
    try root.put(
      "proc/self/mounts", "proc /proc proc rw,hidepid=\(small ? "invisible" : "0") 0 0\n")
    try root.put(
      "proc/net/route",
      "Iface Destination Gateway Flags RefCnt Use Metric Mask\n"
        + (small
          ? "eth0 000200C0 0 1 0 0 0 00FFFFFF\n" : "eth0 00000000 010200C0 3 0 0 0 00000000\n")
    )
    let verdict: HostRow.Verdict = small ? .warning : .ok
    #expect(try row("limits", "open files").verdict == verdict)
    #expect(try row("limits", "inotify watches").verdict == verdict)
    #expect(try row("limits", "process ids").verdict == verdict)
    #expect(try row("proc", "hidepid").verdict == verdict)
    #expect(try row("network", "default route").verdict == verdict)
    #expect(try row("limits", "inotify instances").value == "unknown")
  }

  @Test("an empty root gives rows, not failures, and every row that is not fine says what to do")
  func nothing() {
    let rows = report()
    #expect(rows.count > 15)
    for row in rows where row.verdict != .ok { #expect(row.fix != nil, "\(row)") }
  }

  @Test("the real host is reported within its time, and the timing file is removed")
  func real() throws {
    let before = Clock.now().instant
    let rows = HostReport.collect(HostPaths(state: state.path, runtime: state.path))
    #expect((Clock.now().instant - before).wholeSeconds < 10)
    for item in ["version", "clone3", "pidfd_open"] {
      #expect(rows.contains { $0.topic == "kernel" && $0.item == item && $0.verdict == .ok })
    }
    #expect(
      rows.contains { $0.topic == "storage" && $0.item == "fsync" && $0.value.hasSuffix("ms") })
    #expect(rows.contains { $0.topic == "cpu" && $0.item == "processors" && $0.verdict == .ok })
    #expect(try KernelFile.names(in: state.path).isEmpty)
  }

  @Test("a state directory that is not made yet is judged by the one it will be in")
  func missingState() {
    let rows = HostReport.storage(HostPaths(state: state.path + "/a/b", runtime: "/"))
    #expect(rows.first?.item == state.path)
    #expect(rows.last?.item == "fsync")
  }

  @Test(
    "sizes read well",
    arguments: [
      (0 as UInt64, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"),
      (1 << 40, "1 TiB"), (.max, "16383.9 PiB"),
    ])
  func sizes(bytes: UInt64, text: String) { #expect(readable(bytes) == text) }
}

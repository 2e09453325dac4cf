// A host whose controllers are all delegated, played by plain files: the readings and limits that a hybrid host's
// kernel does not offer. Must never stand for the kernel's behaviour, only for the form of its files.

import Glibc
import NovaModel
import Testing

@testable import NovaLinux

@Suite("A group with every controller") struct ControlledGroupTests {
  private let root: ScratchDirectory
  private let group: CgroupGroup

  init() throws {
    root = try ScratchDirectory()
    for (file, text) in [
      "cpu.stat": "usage_usec 900\nuser_usec 600\nsystem_usec 300\nnr_periods 0\n",
      "memory.current": "1000000\n", "memory.peak": "2000000\n",
      "memory.stat": "anon 5\nfile 7\ninactive_anon 1\ninactive_file 400000\n",
      "memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 1\n",
      "pids.current": "12\n", "cgroup.threads": "1\n2\n3\n", "cgroup.procs": "1\n",
      "cgroup.stat": "nr_descendants 0\nnr_dying_descendants 0\n",
      "io.stat": "8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0 dios=0\n8:16 \n",
      "cpu.pressure": "some avg10=1.50 avg60=0.00 avg300=0.00 total=1\n",
      "memory.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=9.99 a\n",
    ] {
      try root.put("w-a-1/" + file, text)
    }
    let id = try #require(InstanceID("a@1"))
    group = try CgroupTree(fixture: root.path).group(id)
  }

  private var expected: Reading {
    var reading = Reading(at: Instant(nanoseconds: 5))
    reading.counters.cpuUsec = 900
    reading.counters.userUsec = 600
    reading.counters.systemUsec = 300
    reading.counters.ioReadBytes = 4096
    reading.counters.ioWriteBytes = 512
    reading.counters.oomKills = 1
    reading.memoryBytes = 600_000
    reading.memoryPeakBytes = 2_000_000
    reading.tasks = 12
    reading.threads = 12
    reading.cpuPressure = 150
    reading.memoryPressure = 0
    return reading
  }

  @Test(
    "a reading is what the files say, and what has no file is unknown", arguments: [true, false])
  func reading(keepOpen: Bool) throws {
    let reader = GroupReader(group, keepOpen: keepOpen)
    #expect(reader.read(at: Instant(nanoseconds: 5)) == expected)
    // The files are read again, not remembered.
    try root.put("w-a-1/memory.current", "500000\n")
    try root.put("w-a-1/memory.peak", "2000001\n")
    let again = reader.read(at: Instant(nanoseconds: 6))
    #expect(again.memoryBytes == 100_000)
    #expect(again.memoryPeakBytes == 2_000_001)
    let final = reader.finalTotals(at: Instant(nanoseconds: 7))
    #expect(final.counters == expected.counters)
    #expect(final.memoryPeakBytes == 2_000_001)
    #expect(!final.memoryEstimated)
    #expect(final.memoryBytes == nil)
  }

  @Test("while the CPU counter stands still the last reading holds; every tenth one is whole")
  func unmoved() throws {
    let reader = GroupReader(group, keepOpen: true)
    var buffer = ReadBuffer()
    let first = reader.read(at: Instant(nanoseconds: 5), with: &buffer)
    // Something else changed: it is seen with the tenth reading, or as soon as the counter moves.
    try root.put("w-a-1/pids.current", "13\n")
    for number in 0..<9 {
      let at = Instant(nanoseconds: 6 + UInt64(number))
      var expected = first
      expected.at = at
      #expect(reader.read(at: at, after: first, with: &buffer) == expected)
    }
    #expect(reader.read(at: Instant(nanoseconds: 20), after: first, with: &buffer).tasks == 13)
    try root.put("w-a-1/pids.current", "14\n")
    try root.put("w-a-1/cpu.stat", "usage_usec 901\nuser_usec 601\nsystem_usec 300\n")
    let moved = reader.read(at: Instant(nanoseconds: 21), after: first, with: &buffer)
    #expect(moved.tasks == 14)
    #expect(moved.counters.cpuUsec == 901)
  }

  @Test("inactive_file above memory.current is a race, not a negative amount")
  func race() throws {
    try root.put("w-a-1/memory.current", "300000\n")
    let reader = GroupReader(group, keepOpen: false)
    #expect(reader.read(at: Instant(nanoseconds: 5)).memoryBytes == 0)
  }

  @Test("without memory.stat the whole of memory.current counts, marked estimated")
  func noStat() throws {
    unsafe _ = unlink(group.path + "/memory.stat")
    let reader = GroupReader(group, keepOpen: false)
    let reading = reader.read(at: Instant(nanoseconds: 5))
    #expect(reading.memoryBytes == 1_000_000)
    #expect(reading.memoryEstimated)
  }

  @Test("without memory.peak the highest own reading is the peak")
  func noPeak() throws {
    unsafe _ = unlink(group.path + "/memory.peak")
    let reader = GroupReader(group, keepOpen: true)
    #expect(reader.read(at: Instant(nanoseconds: 5)).memoryPeakBytes == 600_000)
    try root.put("w-a-1/memory.current", "450000\n")
    #expect(reader.read(at: Instant(nanoseconds: 6)).memoryPeakBytes == 600_000)
    #expect(reader.finalTotals(at: Instant(nanoseconds: 7)).memoryPeakBytes == 600_000)
  }

  @Test("limits are written in the kernel's words, and none is written as none")
  func limits() throws {
    let files = [
      "memory.max", "memory.high", "memory.oom.group", "cpu.max", "pids.max", "io.weight",
    ]
    func written(_ limits: WorkerSpec.Limits) throws -> [String] {
      for file in files { try root.put("w-a-1/" + file, "") }
      #expect(group.apply(limits).isEmpty)
      return files.map { KernelFile.text(group.path + "/" + $0) ?? "unreadable" }
    }
    var limits = WorkerSpec.Limits()
    #expect(try written(limits) == ["max", "max", "1", "max 100000", "max", "default 100"])
    limits.memoryBytes = 536_870_912
    limits.memoryHighBytes = 400 << 20
    limits.cpuPercent = 150
    limits.pids = 256
    limits.ioWeight = 500
    #expect(
      try written(limits) == [
        "536870912", "419430400", "1", "150000 100000", "256", "default 500",
      ])
    unsafe _ = unlink(group.path + "/cpu.max")
    #expect(group.apply(limits) == ["cpu"])
  }

  @Test("controllers that are offered are handed down, one write each")
  func controllers() throws {
    try root.put("cgroup.controllers", "cpuset cpu memory\n")
    try root.put("cgroup.subtree_control", "cpu memory\n")
    let tree = try CgroupTree(fixture: root.path)
    #expect(tree.offeredControllers() == ["cpuset", "cpu", "memory"])
    #expect(try tree.enableControllers() == ["cpu", "memory"])
  }

  @Test("an events file without its keys is an error, not an empty group")
  func brokenEvents() throws {
    try root.put("w-a-1/cgroup.events", "frozen 0\n")
    #expect(throws: SystemError.self) { try group.populated() }
    try root.put("w-a-1/cgroup.events", "populated 1\n")
    #expect(try group.events() == GroupEvents(populated: true, frozen: false))
  }
}

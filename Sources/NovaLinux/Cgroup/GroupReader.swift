// Measures one incarnation through its cgroup, with the fallbacks of a host whose controllers are missing.
// Must never turn what cannot be read into a zero, and never mix estimated memory with measured without saying so.
//
//   cpu      cpu.stat (there without any controller)
//   memory   memory.current - inactive_file; else the sum of RSS of the members, marked estimated
//   peak     memory.peak; else the highest of our own readings
//   tasks    pids.current; else the members counted
//   threads  pids.current (the controller counts threads); else the lines of cgroup.threads
//   io       io.stat, pressures *.pressure; else unknown

import Glibc
package import NovaModel

/// Takes readings of one cgroup. A copy shares the kept descriptors.
package struct GroupReader: Sendable {
  private let group: CgroupGroup
  private var cpu: GroupFile, current: GroupFile, stat: GroupFile, peak: GroupFile
  private var memoryEvents: GroupFile, pids: GroupFile, io: GroupFile
  private var cpuPressure: GroupFile, memoryPressure: GroupFile, ioPressure: GroupFile
  private var threads: GroupFile, groups: GroupFile, procs: GroupFile
  private var statm = StatmFile()
  private let keepsOpen: Bool
  /// The group's only thread, as the present reading found it; nil when there are more or pids.current tells.
  private var onlyThread: Int32?
  private var highest: UInt64?

  /// How many descriptors a reader with `keepOpen` holds where all controllers are there; 8 where none is.
  package static let descriptorsKept = 10

  /// A reader of that group, which must exist already (a file not found is not looked for again); `keepOpen` trades some 10 descriptors for half the time of a reading.
  package init(_ group: CgroupGroup, keepOpen: Bool) {
    self.group = group
    keepsOpen = keepOpen
    func file(_ name: String) -> GroupFile {
      GroupFile(group.name + "/" + name, in: group.tree.directory, keepOpen: keepOpen)
    }
    cpu = file("cpu.stat")
    current = file("memory.current")
    stat = file("memory.stat")
    peak = file("memory.peak")
    memoryEvents = file("memory.events")
    pids = file("pids.current")
    io = file("io.stat")
    cpuPressure = file("cpu.pressure")
    memoryPressure = file("memory.pressure")
    ioPressure = file("io.pressure")
    threads = file("cgroup.threads")
    groups = file("cgroup.stat")
    procs = file("cgroup.procs")
  }

  /// Takes a reading now, which the caller says is `at`. Never fails: what is unknown is nil.
  package mutating func read(at: Instant) -> Reading {
    var buffer = ReadBuffer()
    return read(at: at, with: &buffer)
  }

  /// The same with the caller's buffer: one for all groups is 4 MiB less at 1,000 of them, and no copy a reading.
  package mutating func read(at: Instant, with buffer: inout ReadBuffer) -> Reading {
    var reading = Reading(at: at)
    readCounters(into: &reading, &buffer)
    reading.cpuPressure = cpuPressure.value(&buffer, KernelText.pressure)
    reading.memoryPressure = memoryPressure.value(&buffer, KernelText.pressure)
    reading.ioPressure = ioPressure.value(&buffer, KernelText.pressure)
    readTasks(into: &reading, &buffer)
    readMemory(into: &reading, &buffer)
    return reading
  }

  /// The last reading, taken after the group is empty and before it is removed: counters and peak.
  package mutating func finalTotals(at: Instant) -> Reading {
    var buffer = ReadBuffer()
    var reading = Reading(at: at)
    readCounters(into: &reading, &buffer)
    _ = current.read(into: &buffer)
    reading.memoryEstimated = current.absent
    reading.memoryPeakBytes = peak.value(&buffer, KernelText.single) ?? highest
    return reading
  }

  private mutating func readCounters(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if cpu.read(into: &buffer) {
      reading.counters.cpuUsec = buffer.parse { KernelText.value(of: Key.usage, in: $0) }
      reading.counters.userUsec = buffer.parse { KernelText.value(of: Key.user, in: $0) }
      reading.counters.systemUsec = buffer.parse { KernelText.value(of: Key.system, in: $0) }
    }
    if io.read(into: &buffer), let sums = buffer.parse(KernelText.ioBytes) {
      reading.counters.ioReadBytes = sums.read
      reading.counters.ioWriteBytes = sums.write
    }
    reading.counters.oomKills = memoryEvents.value(&buffer) {
      KernelText.value(of: Key.oomKill, in: $0)
    }
  }

  private mutating func readTasks(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if let tasks = pids.value(&buffer, KernelText.single) {
      reading.tasks = tasks
      reading.threads = tasks
    } else {
      let found = threads.value(&buffer, KernelText.processIDs)
      reading.threads = found.map { UInt64($0.count) }
      onlyThread = found?.count == 1 ? found?.first : nil
    }
  }

  private mutating func readMemory(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if let bytes = current.value(&buffer, KernelText.single) {
      if let inactive = stat.value(&buffer, { KernelText.value(of: Key.inactiveFile, in: $0) }) {
        reading.memoryBytes = bytes - min(bytes, inactive)
      } else {
        reading.memoryBytes = bytes
        reading.memoryEstimated = true
      }
    } else if let members = members(&buffer) {
      if reading.tasks == nil { reading.tasks = UInt64(members.count) }
      reading.memoryEstimated = true
      if keepsOpen, members.count == 1 {
        reading.memoryBytes = statm.resident(of: members[0], &buffer)
      } else {
        reading.memoryBytes = ProcessMemory.resident(of: members, buffer: &buffer)
      }
    }
    if reading.tasks == nil { reading.tasks = members(&buffer).map { UInt64($0.count) } }
    if let bytes = reading.memoryBytes { highest = max(highest ?? 0, bytes) }
    reading.memoryPeakBytes = peak.value(&buffer, KernelText.single) ?? highest
  }

  /// The processes in the group and, when it has any, in the groups below.
  private mutating func members(_ buffer: inout ReadBuffer) -> [Int32]? {
    let below = groups.value(&buffer) { KernelText.value(of: Key.descendants, in: $0) }
    if below == 0 {
      // One thread is one process, and its number is the thread's: a file less to read for most workers.
      if let only = onlyThread { return [only] }
      return procs.value(&buffer, KernelText.processIDs)
    }
    return group.exists() ? try? group.processes() : nil
  }

  private enum Key {
    static let usage = Array("usage_usec".utf8)
    static let user = Array("user_usec".utf8)
    static let system = Array("system_usec".utf8)
    static let oomKill = Array("oom_kill".utf8)
    static let inactiveFile = Array("inactive_file".utf8)
    static let descendants = Array("nr_descendants".utf8)
  }
}

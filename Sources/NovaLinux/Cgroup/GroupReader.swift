// Measures one incarnation through its cgroup, with the fallbacks of a host whose controllers are missing.
// Must never turn what cannot be read into a zero, and never mix estimated memory with measured without saying so.
//
// A group whose CPU counter stands still has run nothing since the last reading: no fork, no write, no allocation. The
// counter then is the whole reading, and every tenth one looks at everything again, for memory is reclaimed and pressure
// fades without the group's doing. That is one pread(2) a second for a worker that sleeps and eight for one that works.
//
//   cpu      cpu.stat (there without any controller)
//   memory   memory.current - inactive_file; else the sum of RSS of the members, marked estimated
//   peak     memory.peak; else the highest of our own readings
//   tasks    pids.current; else the members counted
//   threads  pids.current (the controller counts threads); else the lines of cgroup.threads
//   io       io.stat, pressures *.pressure; else unknown

import Glibc
package import NovaModel

/// Takes readings of one cgroup. Its kept descriptors are closed with it.
package final class GroupReader {
  private let group: CgroupGroup
  private var files: GroupFiles
  private let keepsOpen: Bool
  /// Readings in a row that found the CPU counter where it was.
  private var unmoved: UInt8 = 0
  /// The group's only thread, as the present reading found it; nil when there are more or pids.current tells.
  private var onlyThread: Int32?
  private var highest: UInt64?

  /// How many descriptors a reader with `keepOpen` holds where all controllers are there; 8 where none is.
  package static let descriptorsKept = 10
  /// Every tenth reading is a whole one.
  private static let mostUnmoved: UInt8 = 9

  /// A reader of that group, which must exist already (a file not found is not looked for again); `keepOpen` trades some
  /// 10 descriptors for half the time of a reading.
  package init(_ group: CgroupGroup, keepOpen: Bool) {
    self.group = group
    keepsOpen = keepOpen
    files = GroupFiles(keepOpen: keepOpen)
  }

  /// Takes a reading now, which the caller says is `at`. Never fails: what is unknown is nil.
  package func read(at: Instant) -> Reading {
    var buffer = ReadBuffer()
    return read(at: at, with: &buffer)
  }

  /// The same with the caller's buffer, one for all groups. `last` is the reading before this one, if it is known: when
  /// nothing has run since, it still holds.
  package func read(
    at: Instant, after last: Reading? = nil, with buffer: inout ReadBuffer
  ) -> Reading {
    defer { files.closeDirectory() }
    var reading = Reading(at: at)
    readCPU(into: &reading, &buffer)
    if var last, let cpu = reading.counters.cpuUsec, cpu == last.counters.cpuUsec,
      unmoved < Self.mostUnmoved
    {
      unmoved += 1
      last.at = at
      return last
    }
    unmoved = 0
    readCounters(into: &reading, &buffer)
    reading.cpuPressure = value(.cpuPressure, &buffer, KernelText.pressure)
    reading.memoryPressure = value(.memoryPressure, &buffer, KernelText.pressure)
    reading.ioPressure = value(.ioPressure, &buffer, KernelText.pressure)
    readTasks(into: &reading, &buffer)
    readMemory(into: &reading, &buffer)
    return reading
  }

  /// The last reading, taken after the group is empty and before it is removed: counters and peak.
  package func finalTotals(at: Instant) -> Reading {
    defer { files.closeDirectory() }
    var buffer = ReadBuffer()
    var reading = Reading(at: at)
    readCPU(into: &reading, &buffer)
    readCounters(into: &reading, &buffer)
    if !files.isAbsent(.current) { _ = files.read(.current, of: group, &buffer) }
    reading.memoryEstimated = files.isAbsent(.current)
    reading.memoryPeakBytes = value(.peak, &buffer, KernelText.single) ?? highest
    return reading
  }

  /// `oom_kill` of memory.events.
  package func oomKills(with buffer: inout ReadBuffer) -> UInt64? {
    defer { files.closeDirectory() }
    return value(.memoryEvents, &buffer) { KernelText.value(of: Key.oomKill, in: $0) }
  }

  private func value<Value>(
    _ file: GroupFile, _ buffer: inout ReadBuffer,
    _ parser: (borrowing Swift.Span<UInt8>) -> Value?
  ) -> Value? {
    files.value(file, of: group, &buffer, parser)
  }

  private func readCPU(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    guard files.read(.cpu, of: group, &buffer) else { return }
    reading.counters.cpuUsec = buffer.parse { KernelText.value(of: Key.usage, in: $0) }
    reading.counters.userUsec = buffer.parse { KernelText.value(of: Key.user, in: $0) }
    reading.counters.systemUsec = buffer.parse { KernelText.value(of: Key.system, in: $0) }
  }

  private func readCounters(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if files.read(.io, of: group, &buffer), let sums = buffer.parse(KernelText.ioBytes) {
      reading.counters.ioReadBytes = sums.read
      reading.counters.ioWriteBytes = sums.write
    }
    reading.counters.oomKills = value(.memoryEvents, &buffer) {
      KernelText.value(of: Key.oomKill, in: $0)
    }
  }

  private func readTasks(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if let tasks = value(.pids, &buffer, KernelText.single) {
      reading.tasks = tasks
      reading.threads = tasks
    } else if let found = value(.threads, &buffer, KernelText.idsSeen) {
      reading.threads = found.count
      onlyThread = found.count == 1 ? found.first : nil
    } else {
      onlyThread = nil
    }
  }

  private func readMemory(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    if let bytes = value(.current, &buffer, KernelText.single) {
      if let inactive = value(.stat, &buffer, { KernelText.value(of: Key.inactiveFile, in: $0) }) {
        reading.memoryBytes = bytes - min(bytes, inactive)
      } else {
        reading.memoryBytes = bytes
        reading.memoryEstimated = true
      }
    } else {
      readResident(into: &reading, &buffer)
    }
    if reading.tasks == nil { reading.tasks = members(&buffer).map { UInt64($0.count) } }
    if let bytes = reading.memoryBytes { highest = max(highest ?? 0, bytes) }
    reading.memoryPeakBytes = value(.peak, &buffer, KernelText.single) ?? highest
  }

  /// The members' resident sets, where there is no memory controller.
  private func readResident(into reading: inout Reading, _ buffer: inout ReadBuffer) {
    let isAlone = value(.groups, &buffer) { KernelText.value(of: Key.descendants, in: $0) } == 0
    // One thread is one process, and its number is the thread's: no list need be read or made for most workers.
    if isAlone, let only = onlyThread {
      if reading.tasks == nil { reading.tasks = 1 }
      reading.memoryEstimated = true
      reading.memoryBytes =
        keepsOpen
        ? files.resident(of: only, &buffer)
        : ProcessMemory.resident(of: [only], buffer: &buffer)
      return
    }
    guard let members = members(&buffer) else { return }
    if reading.tasks == nil { reading.tasks = UInt64(members.count) }
    reading.memoryEstimated = true
    if keepsOpen, members.count == 1 {
      reading.memoryBytes = files.resident(of: members[0], &buffer)
    } else {
      reading.memoryBytes = ProcessMemory.resident(of: members, buffer: &buffer)
    }
  }

  /// The processes in the group and, when it has any, in the groups below.
  private func members(_ buffer: inout ReadBuffer) -> [Int32]? {
    let below = value(.groups, &buffer) { KernelText.value(of: Key.descendants, in: $0) }
    if below == 0 { return value(.procs, &buffer, KernelText.processIDs) }
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

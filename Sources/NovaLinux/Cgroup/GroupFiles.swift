// The files of one group that readings look at, as numbers of descriptors: kept open where the descriptors allow it, else
// opened each time below the group's own directory. A few words an instance, no path and no object a file.
// Must never report an absent file as an error: it is a controller that this host does not have.

import Glibc

/// A file of a group.
enum GroupFile: Int, CaseIterable {
  case cpu, current, stat, peak, memoryEvents, pids, io
  case cpuPressure, memoryPressure, ioPressure, threads, groups, procs

  /// Its name in the group's directory.
  var name: String {
    switch self {
    case .cpu: "cpu.stat"
    case .current: "memory.current"
    case .stat: "memory.stat"
    case .peak: "memory.peak"
    case .memoryEvents: "memory.events"
    case .pids: "pids.current"
    case .io: "io.stat"
    case .cpuPressure: "cpu.pressure"
    case .memoryPressure: "memory.pressure"
    case .ioPressure: "io.pressure"
    case .threads: "cgroup.threads"
    case .groups: "cgroup.stat"
    case .procs: "cgroup.procs"
    }
  }
}

/// The descriptors of one group's files, closed with the value.
struct GroupFiles: ~Copyable {
  private static let unopened: CInt = -1
  /// It was not there; it will not come, for controllers are handed down before a group is made.
  private static let absent: CInt = -2

  private var kept = InlineArray<13, CInt>(repeating: GroupFiles.unopened)
  private var directory: CInt = GroupFiles.unopened
  /// `/proc/PID/statm` of the group's only process: most workers are one, and opening costs more than reading. The
  /// kernel answers ESRCH on the kept descriptor once that process is gone, whatever its number is used for since.
  private var statm: (pid: Int32, file: CInt) = (0, GroupFiles.unopened)
  private let keepOpen: Bool

  init(keepOpen: Bool) { self.keepOpen = keepOpen }

  deinit {
    for index in kept.indices where kept[index] >= 0 { close(kept[index]) }
    if statm.file >= 0 { close(statm.file) }
    if directory >= 0 { close(directory) }
  }

  /// It is known not to be there.
  func isAbsent(_ file: GroupFile) -> Bool { kept[file.rawValue] == Self.absent }

  /// Reads and parses a file; nil when it is absent, cannot be read or the parser finds nothing.
  mutating func value<Value>(
    _ file: GroupFile, of group: CgroupGroup, _ buffer: inout ReadBuffer,
    _ parser: (borrowing Swift.Span<UInt8>) -> Value?
  ) -> Value? {
    read(file, of: group, &buffer) ? buffer.parse(parser) : nil
  }

  /// Reads a file into the buffer; false when it is absent or cannot be read. Calls `openat(2)`, `pread(2)`.
  mutating func read(
    _ file: GroupFile, of group: CgroupGroup, _ buffer: inout ReadBuffer
  ) -> Bool {
    let known = kept[file.rawValue]
    if known == Self.absent { return false }
    if known >= 0 { return buffer.fill(from: known) == 0 }
    guard isOpen(group) else { return false }
    let opened = unsafe openat(directory, file.name, O_RDONLY | O_CLOEXEC)
    if opened < 0 {
      if errno == ENOENT { kept[file.rawValue] = Self.absent }
      return false
    }
    let number = buffer.fill(from: opened)
    // EOPNOTSUPP: pressure accounting is switched off, for good.
    if number == EOPNOTSUPP { kept[file.rawValue] = Self.absent }
    if keepOpen, number == 0 {
      kept[file.rawValue] = opened
    } else {
      close(opened)
    }
    return number == 0
  }

  /// A process's resident bytes; nil when it has ended or may not be looked at.
  mutating func resident(of pid: Int32, _ buffer: inout ReadBuffer) -> UInt64? {
    if statm.pid != pid || statm.file < 0 {
      forgetStatm()
      let opened = unsafe open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
      guard opened >= 0 else { return nil }
      statm = (pid, opened)
    }
    guard buffer.fill(from: statm.file) == 0,
      let pages = buffer.parse({ KernelText.word(1, of: $0) })
    else {
      forgetStatm()
      return nil
    }
    return pages * ProcessMemory.pageBytes
  }

  private mutating func forgetStatm() {
    if statm.file >= 0 { close(statm.file) }
    statm = (0, Self.unopened)
  }

  /// The group's directory, for as long as one reading takes: a short path for each of its files.
  private mutating func isOpen(_ group: CgroupGroup) -> Bool {
    if directory < 0 { directory = group.openDirectory() }
    return directory >= 0
  }

  /// Ends a reading.
  mutating func closeDirectory() {
    guard directory >= 0 else { return }
    close(directory)
    directory = Self.unopened
  }
}

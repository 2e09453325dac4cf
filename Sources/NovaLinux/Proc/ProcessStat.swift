// One line of /proc/PID/stat as a value. Must never trust the command name in it: it may hold spaces, brackets and
// newlines, so fields are counted from the last closing bracket.

import Glibc

/// What proc(5) tells of one process.
package struct ProcessStat: Sendable, Hashable {
  /// Process, parent and session.
  package var pid: Int32, parent: Int32, session: Int32
  /// One letter; `Z` is dead and not yet reaped.
  package var state: UInt8
  /// The first 15 bytes of the program's name.
  package var command: String
  /// Clock ticks in user and kernel mode: its own, and those of its reaped children.
  package var ownTicks: UInt64, childTicks: UInt64
  /// Threads.
  package var threads: UInt64
  /// Clock ticks from boot to its start; with the pid and the boot id it names a process for ever.
  package var startTicks: UInt64
  /// Resident pages.
  package var residentPages: UInt64

  /// Dead and waiting to be reaped.
  package var isZombie: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

  /// Parses the file's bytes; nil when it is not such a line.
  package init?(_ text: borrowing Swift.Span<UInt8>) {
    var open: Int?
    var close: Int?
    for index in 0..<text.count {
      if text[index] == UInt8(ascii: "("), open == nil { open = index }
      if text[index] == UInt8(ascii: ")") { close = index }
    }
    guard let open, let close, open > 1, close > open, close + 2 < text.count,
      let pid = KernelText.number(text, from: 0, endingAt: UInt8(ascii: " ")).flatMap({
        Int32(exactly: $0)
      })
    else { return nil }
    var name: [UInt8] = []
    for index in (open + 1)..<close { name.append(text[index]) }
    let rest = text.extracting((close + 2)..<text.count)
    // Counted from the state as 0: see proc_pid_stat(5), which counts it as 3.
    guard let parent = KernelText.word(1, of: rest).flatMap({ Int32(exactly: $0) }),
      let session = KernelText.word(3, of: rest).flatMap({ Int32(exactly: $0) }),
      let user = KernelText.word(11, of: rest), let system = KernelText.word(12, of: rest),
      let childUser = KernelText.word(13, of: rest),
      let childSystem = KernelText.word(14, of: rest),
      let threads = KernelText.word(17, of: rest), let start = KernelText.word(19, of: rest),
      let resident = KernelText.word(21, of: rest)
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.session = session
    state = rest[0]
    command = String(decoding: name, as: UTF8.self)
    ownTicks = user &+ system
    childTicks = childUser &+ childSystem
    self.threads = threads
    startTicks = start
    residentPages = resident
  }

  /// Reads /proc/PID/stat; nil when the process is gone or hidden.
  package static func of(_ pid: Int32, proc: String = "/proc") -> ProcessStat? {
    var buffer = ReadBuffer()
    guard buffer.fill(at: AT_FDCWD, "\(proc)/\(pid)/stat") == 0 else { return nil }
    return buffer.parse(ProcessStat.init)
  }

  /// Every process that can be seen, by ascending pid. One call serves all sessions of a turn.
  package static func all(proc: String = "/proc") -> [ProcessStat] {
    var buffer = ReadBuffer()
    var found: [ProcessStat] = []
    for pid in ((try? KernelFile.names(in: proc)) ?? []).compactMap({ Int32($0) }).sorted() {
      if buffer.fill(at: AT_FDCWD, "\(proc)/\(pid)/stat") == 0,
        let stat = buffer.parse(ProcessStat.init)
      {
        found.append(stat)
      }
    }
    return found
  }
}

/// Memory of processes where no memory controller counts it.
enum ProcessMemory {
  static let pageBytes = UInt64(max(1, sysconf(CInt(_SC_PAGESIZE))))
  static let ticksPerSecond = UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))

  /// The sum of the resident bytes; nil when a living process may not be looked at. Pages they share count twice.
  static func resident(of pids: [Int32], buffer: inout ReadBuffer) -> UInt64? {
    var pages: UInt64 = 0
    for pid in pids {
      switch buffer.fill(at: AT_FDCWD, "/proc/\(pid)/statm") {
      case 0:
        guard let resident = buffer.parse({ KernelText.word(1, of: $0) }) else { return nil }
        pages += resident
      // It ended since it was listed.
      case ENOENT, ESRCH: continue
      default: return nil
      }
    }
    return pages * pageBytes
  }
}

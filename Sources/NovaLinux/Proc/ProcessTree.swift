// The processes inside a worker, for `novasup ps --tree`. Must never show a command line unless asked to: people pass
// secrets there.

import Glibc

/// One process of a worker.
package struct ProcessInfo: Sendable, Hashable {
  /// Process and parent; the parent may be outside of the worker.
  package var pid: Int32, parent: Int32
  /// The first 15 bytes of the program's name.
  package var command: String
  /// State letter of proc(5), such as `S`.
  package var state: String
  /// Resident bytes.
  package var residentBytes: UInt64
  /// CPU time of its own, microseconds.
  package var cpuUsec: UInt64
  /// Threads.
  package var threads: UInt64
  /// How deep below the first of its tree: 0 is a root.
  package var depth: Int
  /// Arguments joined by spaces, at most 4,096 bytes; only where asked for.
  package var commandLine: String?
}

/// Lists processes as a tree.
package enum ProcessTree {
  /// The processes in tree order: each followed by its children, by pid. One that ended meanwhile is left out.
  package static func of(
    _ pids: [Int32], commandLines: Bool = false, proc: String = "/proc"
  ) -> [ProcessInfo] {
    let stats = pids.compactMap { ProcessStat.of($0, proc: proc) }
    let known = Set(stats.map(\.pid))
    let children = Dictionary(grouping: stats) { known.contains($0.parent) ? $0.parent : 0 }
    var listed: [ProcessInfo] = []
    var stack = (children[0] ?? []).sorted { $0.pid > $1.pid }.map { (stat: $0, depth: 0) }
    while let (stat, depth) = stack.popLast() {
      listed.append(
        ProcessInfo(
          pid: stat.pid, parent: stat.parent, command: stat.command,
          state: String(decoding: [stat.state], as: UTF8.self),
          residentBytes: stat.residentPages &* ProcessMemory.pageBytes,
          cpuUsec: stat.ownTicks &* (1_000_000 / ProcessMemory.ticksPerSecond),
          threads: stat.threads, depth: depth,
          commandLine: commandLines ? commandLine(of: stat.pid, proc: proc) : nil))
      // A pid read twice while it was reused could make a ring; each is listed once at most.
      guard listed.count <= stats.count else { break }
      for child in (children[stat.pid] ?? []).sorted(by: { $0.pid > $1.pid })
      where child.pid != stat.pid {
        stack.append((child, depth + 1))
      }
    }
    return listed
  }

  private static func commandLine(of pid: Int32, proc: String) -> String? {
    guard let bytes = try? KernelFile.read("\(proc)/\(pid)/cmdline"), !bytes.isEmpty else {
      return nil
    }
    let words = bytes.prefix(4096).split(separator: 0)
    return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }
}

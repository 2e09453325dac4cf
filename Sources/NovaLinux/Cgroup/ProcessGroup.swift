// What holds a worker's processes on this host: a cgroup, or its session where no cgroup can be made.
// Must never hide the difference where it matters: what a session cannot do is refused or named.

import Glibc
package import NovaModel

/// The processes of one incarnation.
package enum ProcessGroup: Sendable, Equatable {
  case cgroup(CgroupGroup)
  case session(SessionGroup)

  /// The cgroup's path; nil for a session.
  package var path: String? {
    if case .cgroup(let group) = self { group.path } else { nil }
  }

  /// The cgroup's directory below the tree's root; nil for a session.
  package var name: String? {
    if case .cgroup(let group) = self { group.name } else { nil }
  }

  /// Sets kernel limits; answers the keys of those that do not hold here. A session has none but `files`.
  package func apply(_ limits: WorkerSpec.Limits, isNew: Bool = false) -> [String] {
    switch self {
    case .cgroup(let group): return group.apply(limits, isNew: isNew)
    case .session:
      return [
        limits.memoryBytes == nil ? nil : "memory",
        limits.memoryHighBytes == nil ? nil : "memory_high",
        limits.cpuPercent == nil ? nil : "cpu", limits.pids == nil ? nil : "pids",
        limits.ioWeight == nil ? nil : "io_weight",
      ].compactMap { $0 }
    }
  }

  /// Whether any process lives.
  package func populated() throws(SystemError) -> Bool {
    switch self {
    case .cgroup(let group): try group.populated()
    case .session(let group): group.populated()
    }
  }

  /// The living processes.
  package func processes() throws(SystemError) -> [Int32] {
    switch self {
    case .cgroup(let group): try group.processes()
    case .session(let group): group.processes()
    }
  }

  /// Kills them all; done when `populated()` is false.
  package func kill() throws(SystemError) {
    switch self {
    case .cgroup(let group): try group.kill()
    case .session(let group): group.kill()
    }
  }

  /// Sends a signal to each; answers how many got it.
  @discardableResult
  package func signalAll(_ signal: Int32) throws(SystemError) -> Int {
    switch self {
    case .cgroup(let group): try group.signalAll(signal)
    case .session(let group): group.signalAll(signal)
    }
  }

  /// Freezes them; done when `frozen()` is true. A session answers EOPNOTSUPP.
  package func freeze() throws(SystemError) {
    switch self {
    case .cgroup(let group): try group.freeze()
    case .session(let group):
      throw SystemError(
        call: "freeze without cgroups", number: EOPNOTSUPP, subject: "session \(group.session)")
    }
  }

  /// Lets them run again; of a session, nothing to do.
  package func thaw() throws(SystemError) {
    if case .cgroup(let group) = self { try group.thaw() }
  }

  /// Whether all of them are frozen.
  package func frozen() throws(SystemError) -> Bool {
    if case .cgroup(let group) = self { try group.events().frozen } else { false }
  }

  /// Removes the empty cgroup; of a session, nothing to do.
  package func remove() throws(SystemError) {
    if case .cgroup(let group) = self { try group.remove() }
  }

  /// Something that measures it.
  package func reader(keepOpen: Bool) -> ProcessGroupReader {
    switch self {
    case .cgroup(let group): .cgroup(GroupReader(group, keepOpen: keepOpen))
    case .session(let group): .session(SessionReader(group))
    }
  }
}

/// Measures one incarnation.
package enum ProcessGroupReader {
  case cgroup(GroupReader)
  case session(SessionReader)

  /// Takes a reading; `last` is the one before. `all` is asked for only by sessions: hand in one list for all readings
  /// of a turn.
  package mutating func read(
    at: Instant, after last: Reading? = nil, with buffer: inout ReadBuffer,
    all: () -> [ProcessStat] = { ProcessStat.all() }
  ) -> Reading {
    switch self {
    case .cgroup(let reader): return reader.read(at: at, after: last, with: &buffer)
    case .session(var reader):
      defer { self = .session(reader) }
      return reader.read(at: at, from: all())
    }
  }

  /// How many of its processes the kernel killed for want of memory; nil where it does not say.
  package func oomKills(with buffer: inout ReadBuffer) -> UInt64? {
    if case .cgroup(let reader) = self { reader.oomKills(with: &buffer) } else { nil }
  }

  /// The last reading, after the group is empty and before it is removed.
  package mutating func finalTotals(at: Instant) -> Reading {
    switch self {
    case .cgroup(let reader): return reader.finalTotals(at: at)
    case .session(var reader):
      defer { self = .session(reader) }
      return reader.finalTotals(at: at)
    }
  }
}

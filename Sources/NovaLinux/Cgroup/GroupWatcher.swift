// One inotify descriptor for all groups: it wakes the loop when a group became empty, froze, thawed or met its
// memory limit. Must never be read as the truth: an event only says "look again".

import Glibc

/// Watches `cgroup.events` and `memory.events` of many groups.
package struct GroupWatcher: ~Copyable {
  private let inotify: Descriptor
  private var keys: [CInt: (key: Key, change: Change.Kind)] = [:]
  private var watches: [Key: [CInt]] = [:]
  private var nextKey: Key = 1

  /// Names a watched group; never used twice.
  package typealias Key = UInt64

  /// One group changed.
  package struct Change: Sendable, Hashable {
    /// The watched group.
    package let key: Key
    /// In what.
    package let kind: Kind
    /// The file that changed.
    package enum Kind: Sendable, Hashable {
      /// cgroup.events: `populated` or `frozen`.
      case group
      /// memory.events: a limit was met, perhaps an OOM kill.
      case memory
    }
  }

  /// What one call of `drain` found.
  package struct Drained: Sendable, Equatable {
    /// Each change once, in the order of their first appearance.
    package var changes: [Change] = []
    /// Events were lost: every watched group must be looked at.
    package var overflowed = false
    /// More may be waiting: the limit was reached.
    package var more = false
  }

  /// Opens the descriptor. Calls `inotify_init1(2)`; EMFILE: fs.inotify.max_user_instances is used up.
  package init() throws(SystemError) {
    inotify = Descriptor(
      try checked("inotify_init1", "") { inotify_init1(O_NONBLOCK | O_CLOEXEC) })
  }

  /// Becomes readable when there is something to drain.
  package var descriptor: CInt { inotify.raw() }

  /// How many groups are watched.
  package var count: Int { watches.count }

  /// Begins to watch; look at the group once after it, for what happened before.
  ///
  /// ENOSPC: fs.inotify.max_user_watches is used up. Calls `inotify_add_watch(2)`.
  package mutating func watch(_ group: CgroupGroup) throws(SystemError) -> Key {
    let key = nextKey
    let main = try add(group.path + "/cgroup.events")
    nextKey += 1
    keys[main] = (key, .group)
    watches[key] = [main]
    // Absent without a memory controller: then nothing is enforced that could be reported.
    if let memory = try? add(group.path + "/memory.events") {
      keys[memory] = (key, .memory)
      watches[key]?.append(memory)
    }
    return key
  }

  /// Ends watching; a group that is gone already is fine. Calls `inotify_rm_watch(2)`.
  package mutating func unwatch(_ key: Key) {
    for watch in watches.removeValue(forKey: key) ?? [] {
      keys[watch] = nil
      _ = inotify_rm_watch(inotify.raw(), watch)
    }
  }

  /// Takes at most about `limit` events, never waiting. Calls `read(2)`.
  package mutating func drain(limit: Int) -> Drained {
    var drained = Drained()
    var seen: Set<Change> = []
    // Watches on files carry no name: each event is a bare header of 16 bytes.
    let header = MemoryLayout<inotify_event>.size
    var buffer = [UInt8](repeating: 0, count: max(17, min(limit, 4096)) * header)
    let n = unsafe buffer.withUnsafeMutableBytes {
      unsafe read(inotify.raw(), $0.baseAddress, $0.count)
    }
    var at = 0
    while at + header <= n {
      // SAFETY: the kernel wrote whole events; `at + header` is within what it wrote.
      let event = unsafe buffer.withUnsafeBytes {
        unsafe $0.loadUnaligned(fromByteOffset: at, as: InotifyHeader.self)
      }
      at += header + Int(event.length)
      if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { drained.overflowed = true }
      guard let (key, kind) = keys[event.watch] else { continue }
      let change = Change(key: key, kind: kind)
      if seen.insert(change).inserted { drained.changes.append(change) }
      // The file is gone and the kernel has dropped the watch: its number may be given out again.
      if event.mask & UInt32(IN_IGNORED) != 0 {
        keys[event.watch] = nil
        watches[key]?.removeAll { $0 == event.watch }
      }
    }
    drained.more = n > 0 && n + header > buffer.count
    return drained
  }

  private func add(_ path: String) throws(SystemError) -> CInt {
    try checked("watch", path) {
      unsafe inotify_add_watch(inotify.raw(), path, UInt32(IN_MODIFY))
    }
  }
}

/// inotify_event without its flexible tail.
private struct InotifyHeader: BitwiseCopyable {
  var watch: Int32
  var mask: UInt32
  var cookie: UInt32
  var length: UInt32
}

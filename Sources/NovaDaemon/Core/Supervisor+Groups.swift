// Groups of the present lives: made, watched for emptiness and freezing, found again.
// Must never write outside the subtree that the shim reported.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Begins to measure a life. Its files stay open while those that are kept fit the budget: lives are counted as they
  /// get a reader, for at a cold start all of them are there before the first one has.
  func beginReading(_ life: Life) {
    life.keepsFiles = keptReaders < fileBudget.readers
    if life.keepsFiles { keptReaders += 1 }
    life.reader = life.group?.reader(keepOpen: life.keepsFiles)
  }

  /// What the limit of open files leaves for readings; every worker that is configured gets its notify socket, and an
  /// instance with a way to the gateway has its listener.
  var fileBudget: FileBudget {
    let workers = max(notifySockets.count, configuration?.workers.count ?? 0)
    return FileBudget(limit: fileLimit, workers: workers + listeners.count)
  }

  /// Closes a life's files.
  func endReading(_ life: Life) {
    life.reader = nil
    if life.keepsFiles { keptReaders -= 1 }
    life.keepsFiles = false
  }

  /// A new, empty group: counters start at zero. Nil where there are none: a session takes its place once it runs.
  ///
  /// The group of the life before stays until its counters are booked; a life that does not wait for that gets one with
  /// its own number in the name.
  func makeGroup(
    for id: InstanceID, _ incarnation: Incarnation
  ) throws(SystemError) -> ProcessGroup? {
    guard let tree else { return nil }
    var group = tree.group(id)
    if settling[id]?.contains(where: { $0.group?.name == group.name }) == true {
      group = tree.group(id, incarnation)
    }
    do {
      try group.create()
    } catch  where error.number == EEXIST {
      // Left behind by a crash between the booking and the removal; only an empty one may go.
      try group.remove()
      try group.create()
    }
    return .cgroup(group)
  }

  /// The group of a life from before this brain: the one with its number where there is one.
  func existingGroup(
    for id: InstanceID, _ incarnation: Incarnation, pid: Int32
  ) -> ProcessGroup? {
    guard let tree else { return SessionGroup(leader: pid).map { .session($0) } }
    let own = tree.group(id, incarnation)
    return .cgroup(own.exists() ? own : tree.group(id))
  }

  /// Notifications of `populated` and `frozen`.
  func watch(_ life: Life) {
    guard case .cgroup(let group) = life.group, let watcher else { return }
    do {
      let key = try watcher.watch(group)
      life.watch = key
      watched[key] = life.id
    } catch {
      trouble("\(life.id): \(error.message); its end is noticed within a second", worker: life.id)
    }
  }

  /// Ends the notifications.
  func unwatch(_ life: Life) {
    guard let key = life.watch else { return }
    watcher?.unwatch(key)
    watched[key] = nil
    life.watch = nil
  }

  /// Takes what inotify brought.
  func drainWatcher() {
    guard let watcher else { return }
    let drained = watcher.drain(limit: 1024)
    if drained.overflowed {
      for life in lives.values { look(at: life) }
      return
    }
    for change in drained.changes {
      guard let id = watched[change.key], let life = lives[id] else { continue }
      look(at: life)
    }
  }

  private func look(at life: Life) {
    lookForFreeze(life)
    // While the main process lives the group is not empty; asking costs a read for nothing.
    if life.exit != nil || life.pid == nil { lookForEmptiness(life) }
  }
}

/// The watcher in a place that can be shared; it cannot be copied.
final class WatcherBox {
  private var watcher: GroupWatcher

  init(_ watcher: consuming GroupWatcher) { self.watcher = watcher }

  var descriptor: CInt { watcher.descriptor }
  func watch(_ group: CgroupGroup) throws(SystemError) -> GroupWatcher.Key {
    try watcher.watch(group)
  }
  func unwatch(_ key: GroupWatcher.Key) { watcher.unwatch(key) }
  func drain(limit: Int) -> GroupWatcher.Drained { watcher.drain(limit: limit) }
}

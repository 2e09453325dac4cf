// The fleet's timers: one heap, one kernel timer. Timers are data, never closures.
// Must never fire anything itself: it says what is due, the loop makes events of it.

package import NovaLifecycle
package import NovaModel

/// Deadlines of all instances; at most one of a kind per instance, replaced in place.
package struct TimerQueue: Sendable {
  /// What a deadline is about.
  package struct Key: Sendable, Hashable {
    package let id: InstanceID
    package let kind: TimerKind
  }

  /// A deadline that came.
  package struct Due: Sendable, Hashable {
    package let key: Key
    package let epoch: UInt64
  }

  private struct Entry {
    let at: Instant
    let key: Key
    let epoch: UInt64
    let stamp: UInt64
  }

  /// A binary heap by time; entries whose stamp is not the key's current one are dead and skipped.
  private var heap: [Entry] = []
  private var current: [Key: UInt64] = [:]
  private var lastStamp: UInt64 = 0

  /// An empty queue.
  package init() {}

  /// How many deadlines are armed.
  package var count: Int { current.count }

  /// How many entries the heap holds, dead ones included.
  var storedEntries: Int { heap.count }

  /// Arms `key` at `at`, replacing what it had.
  package mutating func arm(_ id: InstanceID, _ kind: TimerKind, at: Instant, epoch: UInt64) {
    let key = Key(id: id, kind: kind)
    lastStamp += 1
    current[key] = lastStamp
    heap.append(Entry(at: at, key: key, epoch: epoch, stamp: lastStamp))
    siftUp(heap.count - 1)
    // Replaced entries stay until they surface; rebuild when they outnumber the live ones 4 to 1.
    if heap.count > 64, heap.count > 4 * current.count { rebuild() }
  }

  /// Disarms `key`; harmless when it is not armed.
  package mutating func disarm(_ id: InstanceID, _ kind: TimerKind) {
    current[Key(id: id, kind: kind)] = nil
  }

  /// The earliest deadline, or nil when none is armed.
  package mutating func next() -> Instant? {
    dropDead()
    return heap.first?.at
  }

  /// Takes what is due at `now`, at most `limit`.
  package mutating func take(at now: Instant, limit: Int) -> [Due] {
    var due: [Due] = []
    while due.count < limit {
      dropDead()
      guard let first = heap.first, first.at <= now else { break }
      popFirst()
      current[first.key] = nil
      due.append(Due(key: first.key, epoch: first.epoch))
    }
    return due
  }

  private mutating func dropDead() {
    while let first = heap.first, current[first.key] != first.stamp { popFirst() }
  }

  private mutating func rebuild() {
    let live = heap.filter { current[$0.key] == $0.stamp }
    heap.removeAll(keepingCapacity: true)
    for entry in live {
      heap.append(entry)
      siftUp(heap.count - 1)
    }
  }

  private mutating func popFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { return }
      let right = left + 1
      let child = right < heap.count && heap[right].at < heap[left].at ? right : left
      guard heap[child].at < heap[parent].at else { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }

  private mutating func siftUp(_ index: Int) {
    var child = index
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].at < heap[parent].at else { return }
      heap.swapAt(parent, child)
      child = parent
    }
  }
}

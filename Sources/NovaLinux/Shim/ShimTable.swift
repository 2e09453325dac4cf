// What the shim knows: live children, exits nobody has acknowledged, notify sockets. It is what survives a reexec.
// Must never forget an exit without an ack.

internal import Glibc
internal import NovaModel

/// One life of one slot.
struct ChildKey: Hashable {
  let slot: String
  let incarnation: UInt64
}

/// A live child, by its parent.
struct Child {
  let key: ChildKey
  let pid: Int32
  /// CLOCK_MONOTONIC nanoseconds.
  let started: UInt64
  /// It was born in a group of its own; otherwise its session is all that holds its processes together.
  let grouped: Bool
  /// The report pipe, until the program executes.
  var pending: DescriptorBox?
  /// What it was given and its end of the pipe, until it has a table of descriptors of its own.
  var shared: [DescriptorBox] = []
  /// What it listens on in its own network, for as long as it lives: with the last descriptor the socket would go.
  var listener: DescriptorBox?
}

/// A worker's notify socket.
struct NotifyEntry {
  let path: String
  let box: DescriptorBox
}

/// The shim's memory.
struct ShimTable {
  private(set) var children: [Int32: Child] = [:]
  private var pids: [ChildKey: Int32] = [:]
  private(set) var exits: [ChildKey: ExitReport] = [:]
  /// Failed spawns that no brain has heard of.
  private(set) var failures: [ShimReport] = []
  var notify: [String: NotifyEntry] = [:]

  /// The key is in use: alive, or dead and not acknowledged.
  func knows(_ key: ChildKey) -> Bool { pids[key] != nil || exits[key] != nil }

  func pid(of key: ChildKey) -> Int32? { pids[key] }

  mutating func add(_ child: Child) {
    children[child.pid] = child
    pids[child.key] = child.pid
  }

  /// Its program executes.
  mutating func confirm(_ pid: Int32) {
    children[pid]?.pending = nil
    children[pid]?.shared = []
  }

  /// It has a table of descriptors of its own, or needs none any more.
  mutating func part(_ pid: Int32) { children[pid]?.shared = [] }

  /// It has handed up its listener.
  mutating func take(listener: DescriptorBox, of pid: Int32) { children[pid]?.listener = listener }

  /// It is no child of an order any more.
  mutating func remove(_ pid: Int32) -> Child? {
    guard let child = children.removeValue(forKey: pid) else { return nil }
    pids[child.key] = nil
    return child
  }

  mutating func keep(_ exit: ExitReport) {
    exits[ChildKey(slot: exit.slot, incarnation: exit.incarnation)] = exit
  }

  mutating func acknowledge(_ key: ChildKey) { exits[key] = nil }

  /// Bounded: a brain that is away cannot order more than it had in flight, and 4096 is more than that.
  mutating func keep(failure: ShimReport) {
    if failures.count < 4096 { failures.append(failure) }
  }

  mutating func takeFailures() -> [ShimReport] {
    defer { failures = [] }
    return failures
  }
}

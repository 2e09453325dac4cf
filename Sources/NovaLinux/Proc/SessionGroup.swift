// Where no cgroup can be made: a worker is its session, that is the processes whose session id is the pid of the main
// process, which called setsid(2). Weaker, and it says so: a process that makes its own session escapes, freezing and
// kernel limits do not exist, everything measured is estimated.
// Must never signal by a bare pid: the pidfd is opened first and the session looked at after it.

import CNovaSys
import Glibc
package import NovaModel

/// The processes of one session.
package struct SessionGroup: Sendable, Hashable {
  /// The session id: the pid of the main process.
  package let session: Int32
  /// Clock ticks from boot to the main process's start: a session of the same number begun later is another one.
  package let startTicks: UInt64

  /// The session that `pid` leads; nil when that process is gone or leads none.
  package init?(leader pid: Int32) {
    guard let stat = ProcessStat.of(pid), stat.session == pid else { return nil }
    session = pid
    startTicks = stat.startTicks
  }

  /// The members among all processes. Zombies count only for their CPU time.
  package func members(of all: [ProcessStat]) -> [ProcessStat] {
    all.filter { $0.session == session && $0.startTicks >= startTicks }
  }

  /// The living processes of the session.
  package func processes() -> [Int32] {
    members(of: ProcessStat.all()).filter { !$0.isZombie }.map(\.pid)
  }

  /// Whether any of them lives.
  package func populated() -> Bool { !processes().isEmpty }

  /// SIGKILL to each member until none is left or 16 rounds are over; look at `populated()` after it.
  package func kill() { signalAll(SIGKILL) }

  /// Sends a signal to every member once; answers how many got it.
  @discardableResult
  package func signalAll(_ signal: Int32) -> Int {
    var reached: Set<Int32> = []
    var sent = 0
    for _ in 0..<16 {
      let found = processes().filter { !reached.contains($0) }
      if found.isEmpty { break }
      for pid in found {
        reached.insert(pid)
        let fd = nova_host_pidfd_open(pid)
        guard fd >= 0 else { continue }
        defer { close(fd) }
        guard let stat = ProcessStat.of(pid), stat.session == session,
          stat.startTicks >= startTicks
        else { continue }
        if nova_host_pidfd_signal(fd, signal) == 0 { sent += 1 }
      }
    }
    return sent
  }
}

/// Takes readings of one session: CPU in clock ticks, memory as summed RSS.
package struct SessionReader: Sendable {
  private let group: SessionGroup
  private var carriedTicks: UInt64 = 0
  private var lastTicks: UInt64 = 0
  private var highest: UInt64?

  /// A reader of that session.
  package init(_ group: SessionGroup) { self.group = group }

  /// Takes a reading from a list of all processes, which a caller with many sessions makes once.
  package mutating func read(at: Instant, from all: [ProcessStat]) -> Reading {
    var reading = Reading(at: at)
    let members = group.members(of: all)
    // A child reaped by a member is in that member's childTicks. One reaped by somebody else takes its time with it:
    // what the sum then falls by is carried on, so the counter never goes back.
    let ticks = members.reduce(0) { $0 &+ $1.ownTicks &+ $1.childTicks }
    if ticks &+ carriedTicks < lastTicks { carriedTicks = lastTicks - ticks }
    lastTicks = ticks &+ carriedTicks
    reading.counters.cpuUsec = lastTicks &* (1_000_000 / ProcessMemory.ticksPerSecond)
    let living = members.filter { !$0.isZombie }
    reading.tasks = UInt64(living.count)
    reading.threads = living.reduce(0) { $0 &+ $1.threads }
    let bytes = living.reduce(0) { $0 &+ $1.residentPages } &* ProcessMemory.pageBytes
    highest = max(highest ?? 0, bytes)
    reading.memoryBytes = bytes
    reading.memoryPeakBytes = highest
    reading.memoryEstimated = true
    return reading
  }

  /// The last reading: counters and peak as far as they were seen.
  package mutating func finalTotals(at: Instant) -> Reading {
    var reading = read(at: at, from: ProcessStat.all())
    reading.memoryBytes = nil
    reading.tasks = nil
    reading.threads = nil
    return reading
  }
}

// How long the turns of the loop take: while one lasts, nobody else is served. Must never read a clock.

package import NovaModel

/// Counts and the longest turns, of all time and of the last ten minutes.
package struct TurnLog: Sendable, Equatable {
  /// Turns so far.
  package private(set) var count: UInt64 = 0
  /// What they took together.
  package private(set) var busy = Span.zero
  /// The longest since the start.
  package private(set) var longest = Span.zero
  /// How many took longer than each of `bounds`.
  package private(set) var slow = [UInt64](repeating: 0, count: bounds.count)

  /// 10 ms is felt by a caller, 50 ms is the most that is wanted with 10,000 workers.
  package static let bounds: [Span] = [.milliseconds(10), .milliseconds(50), .milliseconds(250)]

  /// The longest of each minute, the newest last.
  private var minutes = [Span](repeating: .zero, count: Self.remembered)
  private var minute: UInt64 = 0
  private static let remembered = 10

  /// No turn yet.
  package init() {}

  /// A turn began at `begin` and ended at `end`.
  package mutating func record(from begin: Instant, to end: Instant) {
    let took = max(.zero, end - begin)
    count += 1
    busy = busy + took
    longest = max(longest, took)
    forget(before: end)
    minutes[minutes.count - 1] = max(minutes[minutes.count - 1], took)
    for (index, bound) in Self.bounds.enumerated() where took > bound { slow[index] += 1 }
  }

  /// The longest of the last ten minutes, the present one included.
  package mutating func recentLongest(at now: Instant) -> Span {
    forget(before: now)
    return minutes.max() ?? .zero
  }

  private mutating func forget(before now: Instant) {
    let current = now.nanoseconds / 60_000_000_000
    guard current > minute else { return }
    let passed = Int(min(current - minute, UInt64(Self.remembered)))
    minutes.removeFirst(passed)
    minutes += [Span](repeating: .zero, count: passed)
    minute = current
  }
}

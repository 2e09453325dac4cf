// Crashes inside a sliding window of the monotonic clock. A slow loop counts like a fast one: whatever lies inside the
// window counts, and nothing else. Must never look at the wall clock.

import NovaModel

/// The times of recent crashes, oldest first.
struct CrashWindow: Sendable, Hashable {
  /// Nanoseconds on CLOCK_MONOTONIC of this boot; negative for a crash before it.
  private(set) var times: [Int64] = []

  /// The most that is remembered: more than any limit a file may ask for, and bounded.
  static let capacity = 1000

  /// Remembers a crash and forgets what has left the window.
  mutating func add(at now: Instant, window: Span) {
    add(nanoseconds: Int64(clamping: now.nanoseconds))
    prune(at: now, window: window)
  }

  /// Remembers a crash of an earlier life of the supervisor.
  mutating func add(nanoseconds: Int64) {
    times.append(nanoseconds)
    times.sort()
    if times.count > Self.capacity { times.removeFirst(times.count - Self.capacity) }
  }

  /// Forgets what has left the window.
  mutating func prune(at now: Instant, window: Span) {
    let kept = count(at: now, window: window)
    if kept < times.count { times.removeFirst(times.count - kept) }
  }

  /// Forgets everything.
  mutating func clear() { times.removeAll() }

  /// How many count at `now`: those younger than `window`.
  func count(at now: Instant, window: Span) -> Int {
    let oldest = Span(nanoseconds: Int64(clamping: now.nanoseconds)) - window
    return times.count - (times.firstIndex { $0 > oldest.nanoseconds } ?? times.count)
  }
}

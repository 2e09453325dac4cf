// When memory is given back to the kernel: once what made it grow has come to rest. Must never say so in the middle of a
// start: what is given back then is taken again at once.

package import NovaModel

/// Something large was made, and is over.
package struct MemoryRest {
  /// The rest after the last start, and how often one is looked for.
  static let rest = Span.milliseconds(1000)
  /// Two givings back lie so far apart: each costs a walk over the heap and the program's pages from the page cache.
  static let distance = Span.seconds(10)

  /// Something large was made since memory was last given back.
  package private(set) var isDue = false
  private var starts = 0
  private var startsSeen = 0
  private var since = Instant(nanoseconds: 0)
  private var last: Instant?

  /// Nothing was made.
  package init() {}

  /// Something large was made. When to look, where nobody looks yet.
  package mutating func grew(at now: Instant) -> Instant? {
    guard !isDue else { return nil }
    isDue = true
    since = now
    startsSeen = starts
    return max(now + Self.rest, last.map { $0 + Self.distance } ?? now)
  }

  /// A worker is started, which needs more than a settled one.
  package mutating func started(at now: Instant) -> Instant? {
    starts += 1
    return grew(at: now)
  }

  /// Whether all is at rest and memory should be given back now, else when to look again. A fleet that starts workers
  /// all the time rests every ten seconds all the same.
  package mutating func look(at now: Instant) -> Instant? {
    guard startsSeen == starts || since + Self.distance <= now else {
      startsSeen = starts
      return now + Self.rest
    }
    isDue = false
    last = now
    return nil
  }
}

extension MemoryRest {
  /// Gives free pages of the heap and pages of the program's files back.
  package static func giveBack() {
    Allocator.trim()
    ProgramText.release()
  }
}

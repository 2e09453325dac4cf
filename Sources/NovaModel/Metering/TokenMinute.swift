// How many tokens were used in the last minute, to the second. Must never hold more than a minute, nor count a call twice as
// time goes on.

/// Tokens by the second in which their calls were over.
package struct TokenMinute: Sendable, Hashable {
  private struct Second: Sendable, Hashable {
    let number: Int64
    var tokens: Int64
  }

  /// Oldest first; at most one for each second of a minute.
  private var seconds: [Second] = []

  private static let length: Int64 = 60

  /// None.
  package init() {}

  /// Counts tokens; what comes with a time before the last one counts as of then.
  package mutating func add(_ tokens: Int64, at now: Instant) {
    guard tokens > 0 else { return }
    let number = max(Self.number(now), seconds.last?.number ?? .min)
    let first = seconds.firstIndex { $0.number > number - Self.length } ?? seconds.count
    seconds.removeFirst(first)
    if let last = seconds.last, last.number == number {
      seconds[seconds.count - 1].tokens = Self.sum(last.tokens, tokens)
    } else {
      seconds.append(Second(number: number, tokens: tokens))
    }
  }

  /// Those of the sixty seconds that end now.
  package func tokens(at now: Instant) -> Int64 {
    let number = Self.number(now)
    return seconds.reduce(0) {
      $1.number > number - Self.length ? Self.sum($0, $1.tokens) : $0
    }
  }

  private static func number(_ now: Instant) -> Int64 { Int64(now.nanoseconds / 1_000_000_000) }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, over) = a.addingReportingOverflow(b)
    return over ? .max : sum
  }
}

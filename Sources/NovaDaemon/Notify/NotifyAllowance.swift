// How much of the supervisor's time one worker's datagrams may take. Must never drop a datagram: what is over the
// allowance waits in the socket's own queue, where it is its sender that waits or is told EAGAIN.

import NovaModel

/// What the datagrams of one socket have cost in the present tenth of a second.
struct NotifyAllowance {
  /// A tenth of one CPU: some thousands of datagrams, which no worker in its right mind sends.
  static let perWindow = Span.milliseconds(10)
  static let window = Span.milliseconds(100)

  private var began = Instant(nanoseconds: 0)
  private var spent = Span.zero

  /// Nil when more may be taken; otherwise when.
  mutating func open(at now: Instant) -> Instant? {
    if now >= began + Self.window {
      began = now
      spent = .zero
    }
    return spent < Self.perWindow ? nil : began + Self.window
  }

  /// Taking some took from `start` to `end`.
  mutating func spend(from start: Instant, to end: Instant) { spent = spent + (end - start) }
}

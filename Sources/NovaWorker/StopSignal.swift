// SIGTERM and SIGINT as a fact that a loop can wait for: the handler writes a byte into a pipe, so that none is missed
// between a look and a wait. Must never do in a handler what is not async-signal-safe.

import Glibc

/// Whether the worker was told to end.
enum StopSignal {
  // Written once before the handler is installed; the handler only reads it.
  nonisolated(unsafe) private static var pipeEnds: (read: Int32, write: Int32) = (-1, -1)
  nonisolated(unsafe) private static var wasSeen = false

  static func install() {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    unsafe pipeEnds = (ends[0], ends[1])
    for number in [SIGTERM, SIGINT] {
      // A handler, not a blocked signal: a program that the worker starts gets the default back.
      _ = signal(number) { _ in
        var byte: UInt8 = 1
        let saved = errno
        unsafe _ = Glibc.write(StopSignal.pipeEnds.write, &byte, 1)
        errno = saved
      }
    }
  }

  /// It was told to end.
  static var isSet: Bool { look(0) }

  /// Waits for `span`, or until it is told to end.
  static func wait(_ span: Duration) {
    let end = ContinuousClock.now + span
    while unsafe !wasSeen {
      let left = end - ContinuousClock.now
      guard left > .zero else { return }
      let (seconds, attoseconds) = left.components
      let milliseconds = seconds.multipliedReportingOverflow(by: 1000)
      let rest = attoseconds / 1_000_000_000_000_000 + 1
      _ = look(milliseconds.overflow ? .max : Int32(clamping: milliseconds.partialValue + rest))
    }
  }

  private static func look(_ milliseconds: Int32) -> Bool {
    if unsafe wasSeen { return true }
    var wanted = pollfd(fd: unsafe pipeEnds.read, events: Int16(POLLIN), revents: 0)
    if unsafe poll(&wanted, 1, milliseconds) > 0, wanted.revents & Int16(POLLIN) != 0 {
      unsafe wasSeen = true
    }
    return unsafe wasSeen
  }
}

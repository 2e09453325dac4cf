// Ctrl-C, SIGTERM and a resized window as bytes from a descriptor. Must never run code in a signal handler.

import Glibc
import NovaLinux

/// The signals novasup listens to.
package struct Interrupts: Sendable {
  /// The signalfd; -1 listens to nothing.
  let descriptor: Int32

  /// Listens to nothing; for tests.
  package static let none = Interrupts(descriptor: -1)

  /// Blocks the signals and listens. Calls `sigprocmask(2)` and `signalfd(2)`.
  package static func standard() -> Interrupts {
    SignalDescriptor.ignorePipe()
    return Interrupts(descriptor: SignalDescriptor.open([SIGINT, SIGTERM, SIGWINCH]))
  }

  /// What came since the last look.
  enum Pending { case nothing, resized, stop }

  /// Reads what is pending without waiting.
  func pending() -> Pending {
    guard descriptor >= 0 else { return .nothing }
    var result = Pending.nothing
    // struct signalfd_siginfo is 128 bytes and begins with the number.
    var record = [UInt32](repeating: 0, count: 32)
    while unsafe read(descriptor, &record, 128) == 128 {
      if record[0] == UInt32(SIGWINCH) {
        if case .nothing = result { result = .resized }
      } else {
        result = .stop
      }
    }
    return result
  }

  /// stdout is a pipe that nobody reads any more. Calls `poll(2)`.
  var readerIsGone: Bool {
    guard descriptor >= 0 else { return false }
    var out = pollfd(fd: 1, events: 0, revents: 0)
    return unsafe poll(&out, 1, 0) == 1 && out.revents & Int16(POLLERR) != 0
  }

  /// Waits so long, or until `input` can be read, or a signal. Throws when asked to stop.
  /// True when `input` is readable. Calls `poll(2)`.
  @discardableResult
  func wait(milliseconds: Int32, input: Int32 = -1) throws(ClientError) -> Bool {
    var set = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&set, 2, milliseconds)
    if case .stop = pending() { throw .interrupted }
    return set[1].revents != 0
  }
}

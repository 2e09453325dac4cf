// Signals as bytes from a descriptor, for a program without an event loop. Must never run code inside a signal handler.

internal import CNovaSys
internal import Glibc

/// Signals that a program reads.
package enum SignalDescriptor {
  /// Blocks the signals and answers the descriptor from which they come as records of 128 bytes; -1: they do not.
  /// Calls `sigprocmask(2)`, `signalfd(2)`.
  package static func open(_ signals: [Int32]) -> Int32 {
    let descriptor = unsafe nova_host_signals(signals, Int32(clamping: signals.count))
    return descriptor < 0 ? -1 : descriptor
  }

  /// A pipe that is closed is the EPIPE of the next write. Calls `signal(2)`.
  package static func ignorePipe() { _ = signal(SIGPIPE, SIG_IGN) }
}

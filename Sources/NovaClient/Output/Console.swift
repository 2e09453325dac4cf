// Where output goes and what is known of it. Must never write colour to what is no terminal, nor go on after
// the reader has closed the pipe.

import Glibc
import NovaWire

/// The two output streams as the commands see them.
package struct Console {
  /// Which stream.
  package enum Channel: Sendable { case out, error }

  /// Writes all bytes; 0, or the errno of the write that failed: EPIPE when the reader is gone.
  private let write: (Channel, [UInt8]) -> Int32
  /// stdout is a terminal.
  package var isTerminal: Bool
  /// Colour is wanted: a terminal, and neither NO_COLOR nor TERM=dumb.
  package var colour: Bool
  /// A terminal that can place its cursor: TERM is not dumb.
  package var isScreen: Bool
  /// Columns, when a terminal.
  package var width: Int?

  /// A console over any writer.
  package init(
    isTerminal: Bool, colour: Bool, width: Int?, write: @escaping (Channel, [UInt8]) -> Int32
  ) {
    self.isTerminal = isTerminal
    isScreen = isTerminal
    self.colour = colour
    self.width = width
    self.write = write
  }

  /// The process's own stdout and stderr.
  package static func standard(environment: [String: String]) -> Console {
    let terminal = isatty(1) == 1
    let plain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let isDumb = ["dumb", ""].contains(environment["TERM"] ?? "")
    var console = Console(
      isTerminal: terminal, colour: terminal && !plain && environment["TERM"] != "dumb",
      width: terminal ? terminalSize().columns : nil
    ) { channel, bytes in writeAll(channel == .out ? 1 : 2, bytes) }
    console.isScreen = terminal && !isDumb
    return console
  }

  /// One line on stdout. Throws when the pipe is closed.
  func line(_ text: String) throws(ClientError) { try raw(Array((text + "\n").utf8)) }

  /// Bytes on stdout. Throws when the pipe is closed.
  func raw(_ bytes: [UInt8]) throws(ClientError) {
    let number = write(.out, bytes)
    guard number != 0 else { return }
    throw number == EPIPE
      ? .closedPipe : .cannot("write the output", unsafe String(cString: strerror(number)))
  }

  /// A line on stderr; nobody is told when that fails.
  func complain(_ text: String, newline: Bool = true) {
    _ = write(.error, Array((text + (newline ? "\n" : "")).utf8))
  }

  private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        // SAFETY: done < count, so the pointer and length stay inside the buffer.
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = unsafe poll(&wait, 1, -1)
          continue
        }
        return errno
      }
      done += count
    }
    return 0
  }

  /// Rows and columns of the terminal; 24 by 80 when it does not say. Calls `ioctl(2)`.
  static func terminalSize() -> (rows: Int, columns: Int) {
    var size = winsize()
    guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (24, 80)
    }
    return (Int(size.ws_row), Int(size.ws_col))
  }
}

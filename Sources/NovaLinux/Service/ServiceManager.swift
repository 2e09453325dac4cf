// Talking to the service manager above us: sd_notify(3) and the watchdog. Harmless where there is none.
// Must never wait: a manager that does not read its socket is no reason to stop supervising, and sd_notify(3) would.
// Must never pass NOTIFY_SOCKET on to a child: the worker's own one is another.

import CNovaSys
import CSystemd
import Glibc
package import NovaModel

/// The service manager that started this process, if one did.
package final class ServiceManager {
  /// Half of WATCHDOG_USEC: how often to ping; nil when no watchdog is asked for.
  package let watchdogPeriod: Span?
  private let path: String?
  private let socket: Descriptor?

  /// Reads NOTIFY_SOCKET and WATCHDOG_USEC of this process. Calls `sd_watchdog_enabled(3)`, `socket(2)`.
  package init() {
    var usec: UInt64 = 0
    let enabled = unsafe sd_watchdog_enabled(0, &usec)
    watchdogPeriod = enabled > 0 ? Span.microseconds(Int64(clamping: usec / 2)) : nil
    path = unsafe getenv("NOTIFY_SOCKET").map { unsafe String(cString: $0) }
    let number = path == nil ? -1 : nova_host_unix_socket(1, 1)
    socket = number < 0 ? nil : Descriptor(number)
  }

  /// NOTIFY_SOCKET is set: somebody listens.
  package var isPresent: Bool { path != nil }

  /// Sends `KEY=VALUE` lines in one datagram, or drops them when the manager's queue is full: the next ones come.
  package func notify(_ lines: String...) {
    guard let path, let number = socket?.raw() else { return }
    let text = lines.joined(separator: "\n")
    // An abstract address, as some containers give: rare, and libsystemd knows its length.
    if path.hasPrefix("@") { return unsafe _ = sd_notify(0, text) }
    let bytes = Array(text.utf8)
    unsafe _ = nova_host_unix_send(number, path, bytes, UInt64(bytes.count))
  }
}

// Talking to the service manager above us: sd_notify(3) and the watchdog. Harmless where there is none.
// Must never pass NOTIFY_SOCKET on to a child: the worker's own one is another.

import CSystemd
import Glibc
package import NovaModel

/// The service manager that started this process, if one did.
package struct ServiceManager: Sendable {
  /// Half of WATCHDOG_USEC: how often to ping; nil when no watchdog is asked for.
  package let watchdogPeriod: Span?
  /// NOTIFY_SOCKET is set: somebody listens.
  package let isPresent: Bool

  /// Reads NOTIFY_SOCKET and WATCHDOG_USEC of this process. Calls `sd_watchdog_enabled(3)`.
  package init() {
    var usec: UInt64 = 0
    let enabled = unsafe sd_watchdog_enabled(0, &usec)
    watchdogPeriod = enabled > 0 ? Span.microseconds(Int64(clamping: usec / 2)) : nil
    isPresent = unsafe getenv("NOTIFY_SOCKET") != nil
  }

  /// Sends `KEY=VALUE` lines. Calls `sd_notify(3)`; errors are ignored, as its manual advises.
  package func notify(_ lines: String...) {
    guard isPresent else { return }
    unsafe _ = sd_notify(0, lines.joined(separator: "\n"))
  }
}

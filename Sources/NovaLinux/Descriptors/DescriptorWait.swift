// Waiting for one descriptor at start-up, before there is a loop. Must never be used once the loop runs.

import Glibc
package import NovaModel

/// A blocking wait with a deadline.
package enum DescriptorWait {
  /// Waits until `fd` can be read or `deadline` comes; false when it came. Calls `poll(2)`.
  package static func readable(_ fd: CInt, until deadline: Instant) -> Bool {
    while true {
      let left = deadline - Clock.now().instant
      guard left > .zero else { return false }
      var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      let found = unsafe poll(&entry, 1, CInt(clamping: left.wholeMilliseconds + 1))
      if found > 0 { return true }
      if found < 0, errno != EINTR { return false }
    }
  }
}

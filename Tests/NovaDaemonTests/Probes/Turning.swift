// A loop turned by a test until a fact holds or five seconds are over. Must never sleep: it waits in the loop.

import Glibc
import NovaLinux
import NovaModel

/// Turns a loop until something is true.
@discardableResult
func turn(
  _ loop: EventLoop, within limit: Span = .seconds(5), until fact: () -> Bool
) throws -> Bool {
  let deadline = Clock.now().instant + limit
  while !fact() {
    if Clock.now().instant >= deadline { return false }
    _ = try loop.turn(limit: 16, timeout: .milliseconds(5))
  }
  return true
}

/// The same socket, non-blocking and close-on-exec.
func nonBlocking(_ socket: CInt) -> CInt {
  _ = fcntl(socket, F_SETFL, O_NONBLOCK)
  _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
  return socket
}

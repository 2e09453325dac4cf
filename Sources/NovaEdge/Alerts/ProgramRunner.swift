// Runs the program of a `command` channel and tells how it ended. Must never go through a shell, wait for it, or let it
// live longer than its time.

import Glibc
import NovaLinux
import NovaModel

/// Runs programs beside the loop. One a process: it takes SIGCHLD.
final class ProgramRunner {
  private let loop: EventLoop
  private var children: [pid_t: (timer: NovaLinux.Timer?, end: (Attempt) -> Void)] = [:]
  private var source: Source?

  init(loop: EventLoop) throws(SystemError) {
    self.loop = loop
    source = try loop.signal(SIGCHLD) { [weak self] in self?.reap() }
  }

  /// Starts it; exit 0 is delivered, any other end is tried again. Its output is ours. Calls `posix_spawn(3)`.
  func run(_ words: [String], timeout: Span, end: @escaping (Attempt) -> Void) {
    guard let program = words.first else { return end(.refused("there is no program")) }
    var arguments = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    // SAFETY: each came from strdup above and is freed once, after the child has its own copy.
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Our own mask blocks SIGTERM and SIGCHLD; a child must not inherit that. A group of its own, so that its time
    // ends for its children too.
    var empty = sigset_t()
    unsafe sigemptyset(&empty)
    unsafe posix_spawnattr_setsigmask(&attributes, &empty)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    // Nothing of our environment: it may name credentials.
    let path = unsafe strdup("PATH=/usr/local/bin:/usr/bin:/bin")
    defer { unsafe free(path) }
    var environment = unsafe [path, nil]
    var pid: pid_t = 0
    let code = unsafe posix_spawnp(&pid, program, nil, &attributes, arguments, &environment)
    guard code == 0 else {
      return end(.later("\(program): \(SystemError.text(of: code))", after: .seconds(60)))
    }
    let timer = try? loop.timer { _ = kill(-pid, SIGKILL) }
    timer?.arm(at: Clock.now().instant + timeout)
    children[pid] = (timer, end)
  }

  private func reap() {
    for (pid, child) in children {
      var status: CInt = 0
      guard unsafe waitpid(pid, &status, WNOHANG) == pid else { continue }
      child.timer?.disarm()
      children[pid] = nil
      let isExit = status & 0x7F == 0
      let code = (status >> 8) & 0xFF
      if isExit, code == 0 {
        child.end(.delivered)
      } else {
        child.end(
          .later(isExit ? "the program exited with \(code)" : "the program was killed", after: nil))
      }
    }
  }
}

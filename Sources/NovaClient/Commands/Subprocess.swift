// One program run to its end, for `setup`. Must never go through a shell.

import Glibc
import NovaWire

/// Runs a program.
enum Subprocess {
  /// Waits for it; throws unless it exits 0. Its output is ours. Calls `posix_spawnp(3)`.
  static func run(_ words: [String], to purpose: String) throws(ClientError) {
    var arguments = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    // SAFETY: each came from strdup above and is freed once, after the child has its own copy.
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Our own mask blocks SIGINT and SIGTERM; a child must not inherit that.
    var empty = sigset_t()
    unsafe sigemptyset(&empty)
    unsafe posix_spawnattr_setsigmask(&attributes, &empty)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let code = unsafe posix_spawnp(&pid, words[0], nil, &attributes, arguments, environ)
    guard code == 0 else {
      let why = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
      throw .cannot(purpose, "\(words[0]): \(why)")
    }
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      throw .cannot(purpose, "`\(words.joined(separator: " "))` failed", hint: "run it as root")
    }
  }
}

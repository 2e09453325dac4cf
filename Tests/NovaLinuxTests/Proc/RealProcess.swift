// Real processes and directories for the tests of the host side; everything is gone when a test ends.

import Glibc
import NovaModel

@testable import NovaLinux

/// A child process of the test, killed and reaped at the end.
final class RealProcess {
  let pid: Int32
  private var reaped = false

  /// Runs a program of that shell text, in a session of its own where asked for.
  init(_ script: String, session: Bool = false) throws {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    // The threads that run tests block most signals, SIGTERM too, and a child would inherit that.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSIGMASK and POSIX_SPAWN_SETSID, which the module does not show.
    unsafe posix_spawnattr_setflags(&attributes, session ? 0x88 : 0x08)
    var child: pid_t = 0
    let words = ["/bin/sh", "-c", script]
    var arguments = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    let number = unsafe posix_spawn(&child, "/bin/sh", nil, &attributes, arguments, environ)
    for index in words.indices { unsafe free(arguments[index]) }
    unsafe posix_spawnattr_destroy(&attributes)
    guard number == 0 else {
      throw SystemError(call: "posix_spawn", number: number, subject: script)
    }
    pid = child
  }

  /// Waits for its end; the wait status.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    if !reaped { while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {} }
    reaped = true
    return status
  }

  deinit {
    if !reaped { kill(pid, SIGKILL) }
    wait()
  }
}

/// Waits until a fact holds, at most 20 s; whether it does.
func eventually(_ fact: () throws -> Bool) rethrows -> Bool {
  let deadline = Clock.now().instant + .seconds(20)
  while Clock.now().instant < deadline {
    if try fact() { return true }
    _ = poll(nil, 0, 2)
  }
  return try fact()
}

/// A directory that is removed with all it holds.
final class ScratchDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/novatest-XXXXXX".utf8CString)
    guard let made = unsafe mkdtemp(&template) else { throw SystemError.last("mkdtemp", "/tmp") }
    path = unsafe String(cString: made)
  }

  deinit { Self.remove(path) }

  /// Writes a file, making its directories.
  func put(_ relative: String, _ text: String) throws {
    var at = path
    for part in relative.split(separator: "/").dropLast() {
      at += "/" + part
      unsafe _ = mkdir(at, 0o755)
    }
    let file = path + "/" + relative
    let fd = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard fd >= 0 else { throw SystemError.last("create", file) }
    defer { close(fd) }
    var bytes = Array(text.utf8)
    guard unsafe write(fd, &bytes, bytes.count) == bytes.count else {
      throw SystemError.last("write", file)
    }
  }

  private static func remove(_ path: String) {
    for name in (try? KernelFile.names(in: path)) ?? [] {
      let below = path + "/" + name
      if unsafe unlink(below) != 0 { remove(below) }
    }
    unsafe _ = rmdir(path)
  }
}

/// A tree of its own for one test, below the real cgroup v2 mount; removed with all groups in it.
final class ScratchTree {
  let tree: CgroupTree
  private let path: String

  /// Whether this host lets us make one.
  static var isPossible: Bool { (try? ScratchTree()) != nil }

  init() throws {
    guard let mount = CgroupTree.mountPoint() else {
      throw SystemError(call: "find", number: ENOENT, subject: "cgroup v2")
    }
    var number = 0
    while true {
      let path = "\(mount)/novatest-\(getpid())-\(number)"
      number += 1
      if unsafe mkdir(path, 0o755) == 0 {
        self.path = path
        break
      }
      if errno != EEXIST { throw SystemError.last("mkdir", path) }
    }
    tree = try CgroupTree(root: path)
  }

  deinit {
    for group in (try? tree.groups()) ?? [] {
      try? group.kill()
      _ = eventually { (try? group.populated()) != true }
      try? group.remove()
    }
    unsafe _ = rmdir(path)
  }
}

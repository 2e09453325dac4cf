// What this process is to the kernel: who runs it, which program it is, what it does with signals and ended children.
// Must never be asked about another process: that is ProcessIdentity's and ProgramFile's.

internal import CNovaSys
internal import Glibc

/// This process.
package enum OwnProcess {
  /// The effective user. Calls `geteuid(2)`.
  package static var uid: UInt32 { geteuid() }

  /// The effective group. Calls `getegid(2)`.
  package static var gid: UInt32 { getegid() }

  /// It may give files away and become others, as far as its capabilities reach.
  package static var isRoot: Bool { geteuid() == 0 }

  /// The path of the program that runs; nil where /proc says nothing. Calls `readlink(2)`.
  package static func program() -> String? {
    var path = [CChar](repeating: 0, count: 4096)
    // SAFETY: the buffer outlives the call, which writes at most as many bytes as are said.
    let count = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The working directory; nil when it is gone. Calls `getcwd(3)`.
  package static func directory() -> String? {
    // SAFETY: a null buffer lets glibc allocate one, which is ours to free.
    guard let buffer = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(buffer) }
    return unsafe String(cString: buffer)
  }

  /// A reader that went away is an error of write(2), not our end. A child's dispositions are reset before it executes.
  package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

  /// What root keeps in memory, such as every worker's secrets, never goes into a core file, and no process without
  /// CAP_SYS_PTRACE looks into it. A child is dumpable again once it executes. Calls `prctl(PR_SET_DUMPABLE)`.
  package static func forbidDumps() {
    if isRoot { nova_forbid_dumps() }
  }

  /// Takes every child that ended, without waiting. Calls `waitpid(2)`.
  package static func reapChildren() {
    var status: CInt = 0
    // SAFETY: `status` outlives the calls.
    while unsafe waitpid(-1, &status, WNOHANG) > 0 {}
  }
}

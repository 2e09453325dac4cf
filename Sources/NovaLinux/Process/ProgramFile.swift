// Which file a program is: the one that a process executes, or the one that a path names now. An upgrade puts another
// file in the same place while the old one goes on being executed. Must never be compared by name.

internal import Glibc

/// A file as the kernel tells files apart.
package struct ProgramFile: Sendable, Hashable {
  private let device: UInt64
  private let inode: UInt64
  // A number that was freed may come round again; a size and a time of change with it do not.
  private let size: Int64
  private let changed: Int64

  /// The program that a process executes, wherever it lay; nil: no such process, or it is not ours to ask.
  /// Calls `stat(2)` on `/proc/PID/exe`.
  package static func executed(by pid: Int32) -> ProgramFile? { at("/proc/\(pid)/exe") }

  /// The file at a path; nil when there is none. Calls `stat(2)`.
  package static func at(_ path: String) -> ProgramFile? {
    var status = stat()
    // SAFETY: the path is a C string and `status` a place for the length of the call.
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return ProgramFile(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      changed: Int64(status.st_ctim.tv_sec))
  }

  /// Whether this user may execute the file at a path. Calls `access(2)`.
  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
}

// Which file a program is: the one that a process executes, or the one that a path names now. An upgrade puts another
// file in the same place while the old one goes on being executed. Must never be compared by name.

internal import Glibc

/// A file as the kernel tells files apart.
package struct ProgramFile: Sendable, Hashable {
  private let device: UInt64
  private let inode: UInt64
  // A number that was freed may come round again; a size and a time of change with it do not.
  private let size: Int64
  private let modified: Int64

  /// The program that this process executes, wherever it lay. Calls `stat(2)` on `/proc/self/exe`: of another process
  /// that would need the right to trace it, which a container does not give.
  package static func own() -> ProgramFile? { at("/proc/self/exe") }

  /// `program=DEVICE:INODE:SIZE:MODIFIED`, as the shim's hello says it.
  package var feature: String { "\(Self.mark)\(device):\(inode):\(size):\(modified)" }

  private static let mark = "program="

  /// The one among the features of a hello; nil: that shim does not say.
  package init?(features: [String]) {
    guard let text = features.first(where: { $0.hasPrefix(Self.mark) }) else { return nil }
    let parts = text.dropFirst(Self.mark.count).split(separator: ":")
    guard parts.count == 4, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
      let size = Int64(parts[2]), let modified = Int64(parts[3])
    else { return nil }
    self.init(device: device, inode: inode, size: size, modified: modified)
  }

  private init(device: UInt64, inode: UInt64, size: Int64, modified: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
  }

  /// The file at a path; nil when there is none. Calls `stat(2)`.
  package static func at(_ path: String) -> ProgramFile? {
    var status = stat()
    // SAFETY: the path is a C string and `status` a place for the length of the call.
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return ProgramFile(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }

  /// Whether this user may execute the file at a path. Calls `access(2)`.
  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
}

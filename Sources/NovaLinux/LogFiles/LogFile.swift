// A worker's output file: opened for appending and handed to the worker as its standard output. The worker writes to
// it directly, whatever becomes of the supervisor. Must never follow a link: the directory may hold one laid by others.
//
//   NAME.log            what is written now
//   NAME.log.1 … .K     what was cut from its head, newest first
//   NAME.log.rotating   a head being copied; worthless until it becomes .0
//   NAME.log.0          a head copied whole, while the file is being shortened; see RotationJob

import CNovaSys
import Glibc

/// Opening and finding log files.
package enum LogFile {
  /// Opens `NAME.log` for a worker to append to, made with mode 0640 and that owner where it is missing.
  ///
  /// Throws ELOOP for a symbolic link and EINVAL for what is no plain file of one name.
  /// Calls `openat(2)`, `fstat(2)`, `fchown(2)`.
  package static func open(
    _ path: String, owner: (uid: UInt32, gid: UInt32)? = nil
  ) throws(SystemError) -> Descriptor {
    let file = Descriptor(
      try checked("open log", path) {
        unsafe Glibc.open(
          path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
      })
    var info = stat()
    guard unsafe fstat(file.raw(), &info) == 0 else { throw .last("stat", path) }
    // A second name would let its maker read or keep what is written here.
    guard info.st_mode & S_IFMT == S_IFREG, info.st_nlink == 1 else {
      throw SystemError(call: "use as log", number: EINVAL, subject: path)
    }
    if let owner, info.st_uid != owner.uid || info.st_gid != owner.gid {
      _ = try checked("change owner of", path) { fchown(file.raw(), owner.uid, owner.gid) }
    }
    return file
  }

  /// Moves the file aside as `.1` (and the older ones on), for file systems that cannot shorten in place; only while
  /// nobody has it open. Calls `rename(2)`.
  package static func renameAtStart(_ path: String, keep: Int) throws(SystemError) {
    guard unsafe access(path, F_OK) == 0 else { return }
    if keep > 0 {
      try shift(path, keep: keep, from: 1)
      try rename(path, path + ".1")
    } else if unsafe unlink(path) != 0 {
      throw .last("remove", path)
    }
  }

  /// The cut-off parts that exist, oldest first.
  package static func rotated(_ path: String) -> [String] {
    var found: [String] = []
    for number in 1...999 {
      let part = path + ".\(number)"
      guard unsafe access(part, F_OK) == 0 else { break }
      found.append(part)
    }
    return found.reversed()
  }

  /// `.first` becomes free: each part moves one on, what exceeds `keep` is removed.
  static func shift(_ path: String, keep: Int, from first: Int) throws(SystemError) {
    var last = first
    while last <= 999, unsafe access(path + ".\(last)", F_OK) == 0 { last += 1 }
    // Those beyond `keep`, also when it was larger before.
    while last > first, last > max(keep, first) {
      last -= 1
      unsafe _ = unlink(path + ".\(last)")
    }
    while last > first {
      try rename(path + ".\(last - 1)", path + ".\(last)")
      last -= 1
    }
  }

  static func rename(_ from: String, _ to: String) throws(SystemError) {
    _ = try checked("rename", from) { unsafe Glibc.rename(from, to) }
  }
}

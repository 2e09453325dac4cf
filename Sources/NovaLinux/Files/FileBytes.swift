// Whole small files and directories, read and written at start-up and on reload.
// Must never be used on a hot path or on a file without a size bound.

import Glibc

/// Reading and writing whole small files.
package enum FileBytes {
  /// 8 MiB: far more than any configuration, unit or zone has.
  package static let usualLimit = 8 << 20

  /// The bytes of a regular file, at most `limit`. Calls `open(2)`, `fstat(2)`, `read(2)`.
  ///
  /// Throws with EFBIG when it is larger and EISDIR or ENXIO when it is not a regular file.
  package static func read(_ path: String, limit: Int = usualLimit) throws(SystemError) -> [UInt8] {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard fd >= 0 else { throw SystemError(call: "open", number: errno, subject: path) }
    defer { close(fd) }
    var info = stat()
    guard unsafe fstat(fd, &info) == 0 else {
      throw SystemError(call: "stat", number: errno, subject: path)
    }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw SystemError(call: "read", number: EISDIR, subject: path)
    default: throw SystemError(call: "read", number: ENXIO, subject: path)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let n = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(fd, $0.baseAddress, $0.count)
      }
      if n < 0 {
        if errno == EINTR { continue }
        throw SystemError(call: "read", number: errno, subject: path)
      }
      if n == 0 { return bytes }
      guard bytes.count + n <= limit else {
        throw SystemError(call: "read", number: EFBIG, subject: path)
      }
      bytes.append(contentsOf: chunk[..<n])
    }
  }

  /// At most the first `count` bytes of a regular file; nil when they cannot be read. Calls `open(2)`, `read(2)`.
  package static func beginning(of path: String, count: Int) -> [UInt8]? {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var info = stat()
    guard unsafe fstat(fd, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    let n = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(fd, $0.baseAddress, $0.count) }
    return n < 0 ? nil : Array(bytes.prefix(n))
  }

  /// The size of a file in bytes; nil when it is not there. Calls `stat(2)`.
  package static func size(of path: String) -> UInt64? {
    var info = stat()
    return unsafe stat(path, &info) == 0 ? UInt64(clamping: info.st_size) : nil
  }

  /// The size of an open file in bytes; 0 when it has none. Calls `fstat(2)`.
  package static func size(of file: borrowing Descriptor) -> UInt64 {
    var info = stat()
    return unsafe fstat(file.raw(), &info) == 0 ? UInt64(clamping: info.st_size) : 0
  }

  /// Removes a file; one that is gone is no error. Calls `unlink(2)`.
  package static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
  }

  /// Replaces `path` by a file of these bytes: written beside it, synced, renamed over it.
  ///
  /// The file has `mode` before it holds a byte. Calls `open(2)`, `write(2)`, `fchown(2)`, `fsync(2)`, `rename(2)`.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32, owner: (uid: UInt32, gid: UInt32)? = nil
  ) throws(SystemError) {
    let temporary = path + ".new"
    unsafe _ = unlink(temporary)
    let fd = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard fd >= 0 else { throw SystemError(call: "create", number: errno, subject: temporary) }
    defer { close(fd) }
    var offset = 0
    while offset < bytes.count {
      let n = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(fd, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if n < 0 {
        if errno == EINTR { continue }
        let number = errno
        unsafe _ = unlink(temporary)
        throw SystemError(call: "write", number: number, subject: temporary)
      }
      offset += n
    }
    guard fchmod(fd, mode) == 0, owner.map({ fchown(fd, $0.uid, $0.gid) == 0 }) ?? true,
      fsync(fd) == 0, unsafe rename(temporary, path) == 0
    else {
      let number = errno
      unsafe _ = unlink(temporary)
      throw SystemError(call: "replace", number: number, subject: path)
    }
  }
}

/// Directories.
package enum Directory {
  /// The names in a directory, sorted by bytes, without `.` and `..`. Calls `opendir(3)`.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      throw SystemError(call: "open directory", number: errno, subject: path)
    }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Gives a directory its owner (nil: it stays ours) and then its mode. Calls `chown(2)`, `chmod(2)`.
  package static func hand(
    _ path: String, mode: UInt32, owner: (uid: UInt32, gid: UInt32)?
  ) throws(SystemError) {
    if let owner, unsafe chown(path, owner.uid, owner.gid) != 0 { throw .last("chown", path) }
    guard unsafe chmod(path, mode) == 0 else { throw .last("chmod", path) }
  }

  /// Removes a directory and the files in it; harmless when it is not there. Calls `unlink(2)`, `rmdir(2)`.
  package static func discard(_ path: String) {
    unsafe _ = chmod(path, 0o700)
    guard let names = try? names(in: path) else { return }
    for name in names { unsafe _ = unlink(path + "/" + name) }
    unsafe _ = rmdir(path)
  }

  /// Makes a directory and its missing parents; an existing one is left as it is. A new one has exactly `mode`,
  /// whatever the umask takes off at mkdir(2): a socket's directory that its users cannot enter is of no use.
  /// Calls `mkdir(2)`, `chmod(2)`.
  package static func make(_ path: String, mode: UInt32) throws(SystemError) {
    if unsafe mkdir(path, mode) == 0 { return try hand(path, mode: mode, owner: nil) }
    if errno == EEXIST {
      var info = stat()
      guard unsafe stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
        throw SystemError(call: "make directory", number: ENOTDIR, subject: path)
      }
      return
    }
    let number = errno
    guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw SystemError(call: "make directory", number: number, subject: path)
    }
    try make(String(path[..<slash]), mode: 0o755)
    guard unsafe mkdir(path, mode) == 0 else {
      if errno == EEXIST { return }
      throw .last("make directory", path)
    }
    try hand(path, mode: mode, owner: nil)
  }
}

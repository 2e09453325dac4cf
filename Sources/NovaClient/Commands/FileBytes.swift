// Whole small files in and out. Must never leave half a file under its name: it is written beside and renamed.

import Glibc

/// Reading and writing of files up to a limit.
enum FileBytes {
  /// 8 MiB: far more than any configuration or unit.
  static let limit = 8 << 20

  /// The content; nil when it cannot be read or is larger than the limit. Calls `read(2)`.
  static func read(_ path: String) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0, bytes.count + count <= limit else { return nil }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// The names in a directory but for `.` and `..`, at most 10,000; nil when it is none. Calls `readdir(3)`.
  static func names(in path: String) -> [String]? {
    guard let directory = unsafe opendir(path) else { return nil }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while names.count < 10_000, let entry = unsafe readdir(directory) {
      // SAFETY: d_name is NUL-terminated inside the entry, which stays until the next readdir.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Writes beside and renames over; false with errno set when that fails. Calls `rename(2)`.
  static func write(_ bytes: [UInt8], to path: String, mode: UInt32) -> Bool {
    let beside = path + ".new"
    let file = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { return false }
    var done = 0
    while done < bytes.count {
      let count = unsafe Glibc.write(file, Array(bytes[done...]), bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    let whole = done == bytes.count && fchmod(file, mode) == 0 && fsync(file) == 0
    let number = errno
    close(file)
    guard whole else {
      _ = unsafe unlink(beside)
      errno = number
      return false
    }
    return unsafe rename(beside, path) == 0
  }
}

// A file that only grows, written without waiting for the disk: what was appended outlives the process, not the power.
// Must never hold half of an append as if it were one.

import Glibc

/// Appends records to a file.
package struct AppendFile: ~Copyable {
  private var file: Descriptor
  private let path: String
  /// Bytes in it.
  package private(set) var size: Int

  /// Opens or makes it, mode 0600. Calls `open(2)`, `fstat(2)`.
  package init(_ path: String) throws(SystemError) {
    let number = try checked("open", path) {
      unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
    file = Descriptor(number)
    self.path = path
    size = Int(clamping: FileBytes.size(of: file))
  }

  /// Appends all of it or throws; what a full disk took of it is cut off again. Calls `write(2)`, `ftruncate(2)`.
  package mutating func append(_ bytes: [UInt8]) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let n = unsafe bytes.withUnsafeBytes {
        unsafe write(file.raw(), $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if n < 0, errno == EINTR { continue }
      guard n > 0 else {
        let error = SystemError.last("write to", path)
        _ = ftruncate(file.raw(), off_t(size))
        throw error
      }
      done += n
    }
    size += bytes.count
  }

  /// Makes `bytes` all that it holds; until they are there the old file stays. Nothing waits for the disk: an fsync(2) takes as
  /// long as the disk likes, 100 ms have been seen. Calls `open(2)`, `write(2)`, `rename(2)`.
  package mutating func replace(with bytes: [UInt8]) throws(SystemError) {
    let temporary = path + ".new"
    try FileBytes.remove(temporary)
    var fresh = try AppendFile(temporary)
    try fresh.append(bytes)
    _ = try checked("rename", path) { unsafe rename(temporary, path) }
    file = try fresh.file.duplicate()
    size = bytes.count
  }
}

// The last lines of a part of one file. Must never read more than 16 MiB for them.

import Glibc

extension LogTail {
  // As much as `lines(_:count:)` looks at.
  private static let rangeLimit: UInt64 = 16 << 20

  /// The last lines between two offsets of a file, oldest first; a line cut by `from` is given from there.
  /// Empty without a file. Calls `open(2)`, `pread(2)`.
  package static func lines(
    _ path: String, from: UInt64, to: UInt64, count: Int
  ) throws(SystemError) -> [[UInt8]] {
    guard from < to else { return [] }
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard fd >= 0 else {
      if errno == ENOENT { return [] }
      throw .last("open log", path)
    }
    defer { close(fd) }
    let start = max(from, to > rangeLimit ? to - rangeLimit : 0)
    var bytes = [UInt8](repeating: 0, count: Int(to - start))
    var filled = 0
    while filled < bytes.count {
      let n = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(
          fd, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(start) + off_t(filled))
      }
      if n < 0 {
        if errno == EINTR { continue }
        throw .last("read log", path)
      }
      if n == 0 { break }
      filled += n
    }
    var lines = bytes[..<filled].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.suffix(count).map(Array.init)
  }
}

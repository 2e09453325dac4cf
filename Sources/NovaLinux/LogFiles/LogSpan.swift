// Where the text of a log file begins, and copying and comparing pieces of such files.
// Must never read a whole file into memory.

import CNovaSys
import Glibc

/// Pieces of log files.
enum LogSpan {
  /// The offset of the first byte that was not punched away; the size when nothing else is left.
  ///
  /// Where holes are not told (SEEK_DATA unsupported) it is 0. Calls `lseek(2)`.
  static func start(of fd: CInt, size: Int64) -> Int64 {
    let at = nova_host_next_data(fd, 0)
    if at == -Int64(ENXIO) { return size }
    return at < 0 ? 0 : min(at, size)
  }

  /// Copies through 64 KiB of memory; answers bytes copied or -errno.
  static func copy(from: CInt, at offset: Int64, to: CInt, count: Int) -> Int64 {
    let bytes = read(from, at: offset, count: min(count, 65_536))
    guard let bytes else { return -Int64(errno) }
    var done = 0
    while done < bytes.count {
      let n = unsafe bytes.withUnsafeBytes {
        unsafe write(to, $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if n < 0 {
        if errno == EINTR { continue }
        return -Int64(errno)
      }
      done += n
    }
    return Int64(done)
  }

  /// At most `count` bytes at an offset; fewer at the end; nil with errno set on failure. Calls `pread(2)`.
  static func read(_ fd: CInt, at offset: Int64, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    var done = 0
    while done < bytes.count {
      let n = unsafe bytes.withUnsafeMutableBytes {
        // SAFETY: `done` is below the count.
        unsafe pread(fd, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(offset) + done)
      }
      if n < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if n == 0 { break }
      done += n
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  /// Whether the file's text begins with the whole copy: then its head was not cut off.
  ///
  /// Compared are the first and the last 64 KiB of the copy; a log that repeats itself exactly in both is taken as
  /// not cut, which duplicates lines and loses none.
  static func beginsWith(_ file: CInt, _ copy: CInt) -> Bool {
    var info = stat()
    guard unsafe fstat(copy, &info) == 0 else { return true }
    let length = Int64(info.st_size)
    // The head of a part may be a hole: what was not copied cannot be compared.
    let held = start(of: copy, size: length)
    guard unsafe fstat(file, &info) == 0 else { return true }
    let begin = start(of: file, size: Int64(info.st_size))
    for offset in [held, max(held, length - 65_536)] {
      let count = Int(min(65_536, length - offset))
      guard let wanted = read(copy, at: offset, count: count),
        let found = read(file, at: begin + offset, count: count)
      else { return true }
      if wanted != found { return false }
    }
    return true
  }
}

// One reused buffer for the kernel's small text files, filled by pread(2) from the start of a descriptor.
// Must never be shared by two threads and never grow past its limit.

import Glibc

/// A byte buffer that keeps its room between reads.
package struct ReadBuffer {
  /// 256 KiB: cgroup.procs of some 30,000 processes.
  package static let limit = 256 * 1024
  // The kernel hands out whole lines until its page of 4 KiB is full, and none of our lines is as long as 2 KiB:
  // what is shorter than that ended there. Asking again for nothing was half of all calls.
  private static let surelyTheEnd = 2048
  private var storage: [UInt8]
  /// How many bytes the last read gave.
  package private(set) var count = 0

  /// A buffer of 4 KiB, which holds every file but a long cgroup.procs or memory.stat.
  package init() { storage = [UInt8](repeating: 0, count: 4096) }

  /// Hands the bytes of the last read to a parser.
  package func parse<Value>(_ parser: (borrowing Swift.Span<UInt8>) -> Value) -> Value {
    parser(storage.span.extracting(0..<count))
  }

  /// A copy of the bytes of the last read.
  package var bytes: [UInt8] { Array(storage[..<count]) }

  /// Reads a descriptor from its start to its end. Answers 0 or the errno value. Calls `pread(2)`.
  ///
  /// Ends quietly at the limit; a caller that counts then counts too few.
  package mutating func fill(from fd: CInt) -> Int32 {
    count = 0
    while true {
      if count == storage.count {
        if storage.count >= Self.limit { return 0 }
        storage.append(contentsOf: [UInt8](repeating: 0, count: storage.count))
      }
      let offset = count
      let n = unsafe storage.withUnsafeMutableBytes {
        // SAFETY: `offset` is below the count, checked above.
        unsafe pread(fd, $0.baseAddress?.advanced(by: offset), $0.count - offset, off_t(offset))
      }
      if n < 0 {
        let number = errno
        if number == EINTR { continue }
        count = 0
        return number
      }
      count += n
      if n < Self.surelyTheEnd { return 0 }
    }
  }

  /// Opens a file below a directory, reads it, closes it. Answers 0 or the errno value. Calls `openat(2)`.
  package mutating func fill(at directory: CInt, _ path: String) -> Int32 {
    count = 0
    let fd = unsafe openat(directory, path, O_RDONLY | O_CLOEXEC)
    if fd < 0 { return errno }
    let number = fill(from: fd)
    close(fd)
    return number
  }
}

// Whole files of /proc, /sys and the like, whose size stat(2) does not tell. Must never be used on a hot path.

import Glibc

/// Reading small files that the kernel makes up.
package enum KernelFile {
  /// The bytes of a file, at most 256 KiB of them. Calls `open(2)`, `pread(2)`.
  package static func read(_ path: String) throws(SystemError) -> [UInt8] {
    var buffer = ReadBuffer()
    let number = buffer.fill(at: AT_FDCWD, path)
    if number != 0 { throw SystemError(call: "read", number: number, subject: path) }
    return buffer.bytes
  }

  /// The text of a file without the white space at its end; nil when it cannot be read.
  package static func text(_ path: String) -> String? {
    guard var bytes = try? read(path) else { return nil }
    while let last = bytes.last, last <= UInt8(ascii: " ") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The names in a directory, sorted, without `.` and `..`; at most 65,536 of them. Calls `readdir(3)`.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw .last("list", path) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while names.count < 65_536, let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        // SAFETY: d_name is 256 bytes and NUL-terminated, see readdir(3).
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

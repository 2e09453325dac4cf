// /proc/PID/statm of a group's only process, kept open between readings: most workers are one process, and opening
// and closing costs more than reading. Must never be trusted for another process: the kernel answers ESRCH on the
// kept descriptor once this one is gone, whatever its number is used for since.

import Glibc

/// A kept `/proc/PID/statm`.
struct StatmFile: Sendable {
  private var kept: (pid: Int32, file: DescriptorBox)?

  init() {}

  /// The process's resident bytes; nil when it has ended or may not be looked at.
  mutating func resident(of pid: Int32, _ buffer: inout ReadBuffer) -> UInt64? {
    if kept?.pid != pid { kept = nil }
    if kept == nil {
      let fd = unsafe open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
      guard fd >= 0 else { return nil }
      kept = (pid, DescriptorBox(Descriptor(fd)))
    }
    guard let file = kept?.file, buffer.fill(from: file.raw()) == 0,
      let pages = buffer.parse({ KernelText.word(1, of: $0) })
    else {
      kept = nil
      return nil
    }
    return pages * ProcessMemory.pageBytes
  }
}

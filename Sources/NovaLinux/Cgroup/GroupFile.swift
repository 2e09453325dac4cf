// One file of a group, read again and again: kept open where the descriptors allow it, else opened each time.
// Must never report an absent file as an error: it is a controller that this host does not have.

import Glibc

/// A small kernel file read by pread(2).
struct GroupFile: Sendable {
  private let path: String
  private let directory: DescriptorBox
  private let keepOpen: Bool
  private var kept: DescriptorBox?
  /// It was not there; it will not come, for controllers are handed down before a group is made.
  private(set) var absent = false

  init(_ path: String, in directory: DescriptorBox, keepOpen: Bool) {
    self.path = path
    self.directory = directory
    self.keepOpen = keepOpen
  }

  /// Reads and parses it; nil when it is absent, cannot be read or the parser finds nothing.
  mutating func value<Value>(
    _ buffer: inout ReadBuffer, _ parser: (borrowing Swift.Span<UInt8>) -> Value?
  ) -> Value? {
    read(into: &buffer) ? buffer.parse(parser) : nil
  }

  /// Reads it into the buffer; false when it is absent or cannot be read.
  mutating func read(into buffer: inout ReadBuffer) -> Bool {
    if absent { return false }
    if let kept { return buffer.fill(from: kept.raw()) == 0 }
    let fd = unsafe openat(directory.raw(), path, O_RDONLY | O_CLOEXEC)
    if fd < 0 {
      absent = errno == ENOENT
      return false
    }
    let number = buffer.fill(from: fd)
    // EOPNOTSUPP: pressure accounting is switched off, for good.
    if number == EOPNOTSUPP { absent = true }
    if keepOpen, number == 0 {
      kept = DescriptorBox(Descriptor(fd))
    } else {
      close(fd)
    }
    return number == 0
  }
}

// The pieces of one log at one moment, and whether a rotation is between its cut and its last rename.
// A reader looks before and after it reads: when both looks agree, what it read belongs together.

import Glibc

/// Names one immutable cut-off part.
struct LogPartID: Equatable {
  let inode: UInt64
  let size: Int64
  let modified: Int64
}

/// One look at a log's pieces.
struct LogParts: Equatable {
  /// The cut-off parts, newest (`.1`) first.
  var parts: [LogPartID] = []
  /// `.0` exists: what is in which piece is being changed.
  var changing = false
  /// The inode of the file itself; nil when there is none.
  var inode: UInt64?

  static func look(_ path: String) -> LogParts {
    var look = LogParts()
    look.inode = part(path)?.inode
    for number in 1...999 {
      guard let id = part(path + ".\(number)") else { break }
      look.parts.append(id)
    }
    look.changing = part(path + ".0") != nil
    return look
  }

  private static func part(_ path: String) -> LogPartID? {
    var info = stat()
    guard unsafe lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    return LogPartID(
      inode: UInt64(info.st_ino), size: Int64(info.st_size),
      modified: Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec))
  }
}

/// A stretch of an open piece that is still to be read. The descriptor outlives renames and removal.
struct LogStretch {
  let file: DescriptorBox
  var from: Int64
  var to: Int64

  static func open(_ path: String) -> DescriptorBox? {
    let fd = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    return fd < 0 ? nil : DescriptorBox(Descriptor(fd))
  }

  /// The whole of a file, without what was punched away at its head.
  static func whole(_ file: DescriptorBox) -> LogStretch? {
    var info = stat()
    guard unsafe fstat(file.raw(), &info) == 0 else { return nil }
    let size = Int64(info.st_size)
    return LogStretch(file: file, from: LogSpan.start(of: file.raw(), size: size), to: size)
  }

  /// The end of these stretches (oldest first) that holds the last `lines` lines, at most 16 MiB of it.
  ///
  /// An unfinished line at the very end counts as one.
  static func last(_ lines: Int, of stretches: [LogStretch]) -> [LogStretch] {
    var wanted: [LogStretch] = []
    if lines <= 0 { return wanted }
    // A newline at the very end belongs to the last line, so one more is looked for.
    var newlines = 0
    var isEnd = true
    var budget: Int64 = 16 << 20
    for stretch in stretches.reversed() {
      var at = stretch.to
      while at > stretch.from, budget > 0 {
        let count = min(65_536, at - stretch.from)
        guard let bytes = LogSpan.read(stretch.file.raw(), at: at - count, count: Int(count)),
          !bytes.isEmpty
        else { break }
        budget -= count
        for index in bytes.indices.reversed() {
          defer { isEnd = false }
          guard bytes[index] == UInt8(ascii: "\n"), !isEnd else { continue }
          newlines += 1
          if newlines == lines {
            let from = at - count + Int64(index) + 1
            wanted.append(LogStretch(file: stretch.file, from: from, to: stretch.to))
            return wanted.reversed()
          }
        }
        at -= count
      }
      wanted.append(LogStretch(file: stretch.file, from: at, to: stretch.to))
      if budget <= 0 { break }
    }
    return wanted.reversed()
  }
}

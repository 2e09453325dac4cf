// Shortens a log file under its writer: the head is copied away, then cut off in place. The writer keeps its
// descriptor and loses nothing. Run in steps of at most 1 MiB, off the loop.
// Must never drop a byte that was not copied and synced, and never leave a state that a crash makes ambiguous. The one
// exception is a flood: of a head beyond all that is to be kept, and 16 MiB more, the oldest is not copied. Its part
// begins with a hole then, as long as what is missing, and older parts go.
//
//   1 choose    the cut C: a multiple of the file system's block size below the file's end, because
//               FALLOC_FL_COLLAPSE_RANGE accepts no other; of those the last one that follows a newline, looking back
//               2,048 blocks; else simply the last one. Either way `.1` + the file is what was written, byte by byte.
//   2 copy      [start, C) to NAME.log.rotating
//   3 sync      fdatasync: after a power cut the cut must not be on disk without the copy
//   4 rename    .rotating to .0        readers now wait
//   5 cut       COLLAPSE_RANGE, or PUNCH_HOLE where that is unsupported (the size then stays, the head is a hole)
//   6 shift     .1 to .2 …, .0 to .1   readers go on
// A crash before 4 leaves .rotating, which is removed. A crash after 4 leaves .0: when the file still begins with the
// same bytes it was not cut, and .0 is removed; else the shift is finished.

import CNovaSys
import Glibc

/// One rotation under way.
package struct RotationJob: ~Copyable {
  /// How far it is after a step.
  package enum Progress: Sendable, Hashable {
    /// Call `step()` again.
    case working
    /// Done: that many bytes moved from the head of the file to `.1`.
    case rotated(UInt64)
    /// This file system can neither collapse nor punch: rename when the worker starts next; nothing was changed.
    case unsupported
  }

  private enum Stage { case choose, copy, sync, cut, done }

  private let path: String
  private let keep: Int
  /// Bytes of a head, or of all parts together, beyond which the oldest are not kept.
  private let most: Int64
  private let file: Descriptor
  private let target: Descriptor
  private let block: Int64
  private let collapses: Bool
  private var stage = Stage.choose
  private var start: Int64 = 0
  private var cut: Int64 = 0
  private var copied: Int64 = 0
  /// Bytes that came faster than they could be kept.
  package private(set) var dropped: Int64 = 0

  /// 1 MiB: some milliseconds on a slow disk.
  static let chunk: Int64 = 1 << 20
  /// What a file may grow beyond its limits before anything of it is given up.
  static let slack: Int64 = 16 << 20

  /// A job for the file when it holds more than `maxSize` bytes; nil when it does not or is not there.
  ///
  /// `keep` parts stay, at least one: by it a reader sees what was cut. Finishes or undoes what a crash left of an
  /// earlier job. Calls `open(2)`, `fstatfs(2)`, `fallocate(2)`.
  package static func ifNeeded(
    _ path: String, maxSize: UInt64, keep: Int
  ) throws(SystemError) -> RotationJob? {
    let fd = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if fd < 0 {
      if errno == ENOENT { return nil }
      throw .last("open log", path)
    }
    let file = Descriptor(fd)
    let keep = max(1, keep)
    try recover(path, file: file.raw(), keep: keep)
    var info = stat()
    guard unsafe fstat(file.raw(), &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw .last("stat", path)
    }
    let start = LogSpan.start(of: file.raw(), size: Int64(info.st_size))
    guard Int64(info.st_size) - start > Int64(clamping: maxSize) else { return nil }
    let most = Int64(clamping: maxSize).multipliedReportingOverflow(by: Int64(keep))
    return try begin(
      path, keep: keep, most: most.overflow ? .max / 2 : min(most.partialValue, .max / 2) + slack,
      file: file, info: info)
  }

  private static func begin(
    _ path: String, keep: Int, most: Int64, file: consuming Descriptor, info: stat
  ) throws(SystemError) -> RotationJob {
    let copy = path + ".rotating"
    unsafe _ = unlink(copy)
    let target = Descriptor(
      try checked("create", copy) {
        unsafe open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
      })
    // The copy is as readable as what it was copied from, no more.
    _ = fchown(target.raw(), info.st_uid, info.st_gid)
    _ = fchmod(target.raw(), info.st_mode & 0o777)
    var space = nova_host_space()
    let answer = unsafe nova_host_space_of_fd(file.raw(), &space)
    if answer != 0 {
      throw SystemError(call: "stat file system of", number: -answer, subject: path)
    }
    let block = max(512, space.block_size)
    // Tried on the copy, which is still empty: two blocks, the first removed.
    let collapses =
      ftruncate(target.raw(), off_t(2 * block)) == 0
      && nova_host_collapse(target.raw(), block) == 0
    _ = try checked("truncate", copy) { ftruncate(target.raw(), 0) }
    return RotationJob(
      path: path, keep: keep, most: most, file: file, target: target, block: block,
      collapses: collapses)
  }

  private init(
    path: String, keep: Int, most: Int64, file: consuming Descriptor, target: consuming Descriptor,
    block: Int64, collapses: Bool
  ) {
    self.path = path
    self.keep = keep
    self.most = most
    self.file = file
    self.target = target
    self.block = block
    self.collapses = collapses
  }

  /// Does the next bounded piece of work. After an error the file is as it was and the job is over.
  package mutating func step() throws(SystemError) -> Progress {
    do throws(SystemError) {
      switch stage {
      case .choose: try choose()
      case .copy: try copyChunk()
      case .sync:
        _ = try checked("sync", path + ".rotating") { fdatasync(target.raw()) }
        stage = .cut
      case .cut: return try finish()
      case .done: return .rotated(UInt64(cut - start))
      }
      return .working
    } catch {
      if stage != .done { unsafe _ = unlink(path + ".rotating") }
      stage = .done
      throw error
    }
  }

  private mutating func choose() throws(SystemError) {
    var info = stat()
    guard unsafe fstat(file.raw(), &info) == 0 else { throw .last("stat", path) }
    let size = Int64(info.st_size)
    start = LogSpan.start(of: file.raw(), size: size)
    // Collapsing must leave at least one byte.
    let last = (size - 1) / block * block
    cut = last
    var candidate = last
    // 2,048 looks of one byte take some 2 ms; at least half of the file is moved in any case.
    for _ in 0..<2048 where candidate > max(start, (start + size) / 2) {
      var byte: UInt8 = 0
      if unsafe pread(file.raw(), &byte, 1, off_t(candidate - 1)) == 1, byte == UInt8(ascii: "\n") {
        cut = candidate
        break
      }
      candidate -= block
    }
    copied = start
    if cut <= start {
      // Smaller than one block: nothing that could be cut off.
      cut = start
      unsafe _ = unlink(path + ".rotating")
      stage = .done
    } else {
      try skipExcess()
      stage = .copy
    }
  }

  /// Of a head that a flood has made longer than all that is kept, the oldest becomes a hole in the part.
  private mutating func skipExcess() throws(SystemError) {
    let excess = (cut - start - most) / block * block
    guard excess > 0 else { return }
    _ = try checked("skip in", path + ".rotating") { ftruncate(target.raw(), off_t(excess)) }
    _ = try checked("skip in", path + ".rotating") {
      CInt(clamping: min(lseek(target.raw(), off_t(excess), SEEK_SET), 1))
    }
    copied = start + excess
    dropped = excess
  }

  private mutating func copyChunk() throws(SystemError) {
    let wanted = min(Self.chunk, cut - copied)
    var n = nova_host_copy_range(file.raw(), copied, target.raw(), wanted)
    // Across file systems, or one that cannot: through our own memory.
    if n < 0, [-EXDEV, -EINVAL, -ENOSYS, -EOPNOTSUPP].contains(CInt(truncatingIfNeeded: n)) {
      n = LogSpan.copy(from: file.raw(), at: copied, to: target.raw(), count: Int(wanted))
    }
    if n == -Int64(EINTR) { return }
    // 0: somebody truncated the file under us.
    guard n > 0 else {
      throw SystemError(
        call: "copy head of", number: n == 0 ? ESTALE : CInt(truncatingIfNeeded: -n), subject: path)
    }
    nova_host_begin_writing(target.raw(), copied - start, n)
    copied += n
    if copied >= cut { stage = .sync }
  }

  private mutating func finish() throws(SystemError) -> Progress {
    let copy = path + ".0"
    try LogFile.rename(path + ".rotating", copy)
    stage = .done
    var answer = -EOPNOTSUPP
    if collapses { answer = nova_host_collapse(file.raw(), cut) }
    // Always from 0: the hole grows at its end.
    if answer != 0 { answer = nova_host_punch(file.raw(), cut) }
    if answer != 0 {
      unsafe _ = unlink(copy)
      if answer == -EOPNOTSUPP || answer == -ENOSYS || answer == -EINVAL { return .unsupported }
      throw SystemError(call: "shorten", number: -answer, subject: path)
    }
    try Self.publish(path, keep: keep)
    removeBeyondTotal()
    return .rotated(UInt64(cut - start))
  }

  /// Parts that are older than all that is to be kept: a flood makes each of them large.
  private func removeBeyondTotal() {
    var total: Int64 = 0
    var isOver = false
    for number in 1...999 {
      let part = path + ".\(number)"
      guard let size = FileBytes.size(of: part) else { return }
      if isOver { unsafe _ = unlink(part) }
      total += Int64(clamping: size)
      isOver = isOver || total >= most
    }
  }

  private static func publish(_ path: String, keep: Int) throws(SystemError) {
    try LogFile.shift(path, keep: keep, from: 1)
    try LogFile.rename(path + ".0", path + ".1")
  }

  private static func recover(_ path: String, file: CInt, keep: Int) throws(SystemError) {
    let fd = unsafe open(path + ".0", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if fd < 0 { return }
    let copy = Descriptor(fd)
    if LogSpan.beginsWith(file, copy.raw()) {
      unsafe _ = unlink(path + ".0")
    } else {
      try publish(path, keep: keep)
    }
  }
}

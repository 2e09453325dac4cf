// Reads a log as it grows, line by line, through rotations in place: when `.1` is a new file, so many bytes were cut
// from the head and the place moves with them; what was cut before it was read is read from the parts.
// Must never give half a line as a line, nor one line twice.

import Glibc

/// A place in a growing log.
package struct LogFollower: ~Copyable {
  private let path: String
  private var file: DescriptorBox?
  /// In the file: what lies before it was read or is in `backlog`.
  private var offset: Int64 = 0
  private var known = LogParts()
  private var backlog: [LogStretch] = []
  private var partial: [UInt8] = []
  /// Times that lines were lost because more was cut off and thrown away than was read meanwhile.
  package private(set) var gaps = 0
  /// Bytes that the last `lines()` read: none means that there is nothing for now.
  package private(set) var lastRead = 0

  /// A line longer than this is given in pieces.
  package static let lineLimit = 1 << 20

  /// Begins before the last `last` lines (0: at the end). The file need not exist yet; then it begins at its start.
  package init(_ path: String, last: Int) {
    self.path = path
    // A rotation between two looks makes them differ; it takes some milliseconds out of minutes.
    for _ in 0..<100 {
      let look = LogParts.look(path)
      known = look
      guard let file = LogStretch.open(path), let current = LogStretch.whole(file) else { return }
      let parts = last > 0 ? LogFile.rotated(path).compactMap(LogStretch.open) : []
      let stretches = parts.compactMap(LogStretch.whole) + [current]
      self.file = file
      offset = current.to
      backlog = LogStretch.last(last, of: stretches)
      if !look.changing, LogParts.look(path) == look { return }
    }
  }

  /// Begins at a byte of the present file; what was cut off before is not looked at.
  package init(_ path: String, from: UInt64) {
    self.path = path
    for _ in 0..<100 {
      let look = LogParts.look(path)
      known = look
      guard let file = LogStretch.open(path), let current = LogStretch.whole(file) else { return }
      self.file = file
      offset = min(max(current.from, Int64(clamping: from)), current.to)
      if !look.changing, LogParts.look(path) == look { return }
    }
  }

  /// The lines that came, without their newlines, from about `limit` bytes; none when there is nothing for now.
  package mutating func lines(limit: Int = 256 * 1024) throws(SystemError) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    let bytes = try bytes(limit: max(1, limit))
    lastRead = bytes.count
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(partial)
        partial = []
      } else {
        partial.append(byte)
        if partial.count >= Self.lineLimit {
          lines.append(partial)
          partial = []
        }
      }
    }
    return lines
  }

  /// The unfinished line at the end, for when the writer is gone and will not finish it; nil when there is none.
  package mutating func takePartial() -> [UInt8]? {
    defer { partial = [] }
    return partial.isEmpty ? nil : partial
  }

  private mutating func bytes(limit: Int) throws(SystemError) -> [UInt8] {
    if let bytes = try readBacklog(limit) { return bytes }
    let look = LogParts.look(path)
    if look.changing || look.inode == nil { return [] }
    guard follow(look) else { return [] }
    if let bytes = try readBacklog(limit) { return bytes }
    guard let file else { return [] }
    var info = stat()
    guard unsafe fstat(file.raw(), &info) == 0 else { throw .last("stat", path) }
    let size = Int64(info.st_size)
    // Truncated by hand: what is there now is new.
    let from = offset > size ? 0 : offset
    guard let bytes = LogSpan.read(file.raw(), at: from, count: Int(min(Int64(limit), size - from)))
    else { throw .last("read", path) }
    // A rotation began meanwhile: these bytes may be from elsewhere. The next call sorts it out.
    guard LogParts.look(path) == look else { return [] }
    offset = from + Int64(bytes.count)
    return bytes
  }

  private mutating func readBacklog(_ limit: Int) throws(SystemError) -> [UInt8]? {
    while let first = backlog.first {
      let count = Int(min(Int64(limit), first.to - first.from))
      guard let bytes = LogSpan.read(first.file.raw(), at: first.from, count: count) else {
        throw .last("read", path)
      }
      backlog[0].from += Int64(bytes.count)
      if bytes.isEmpty || backlog[0].from >= first.to { backlog.removeFirst() }
      if !bytes.isEmpty { return bytes }
    }
    return nil
  }

  /// Takes note of what was rotated or renamed since the last look; false when it changed under our eyes.
  private mutating func follow(_ look: LogParts) -> Bool {
    guard look != known || file == nil else { return true }
    let lost = !known.parts.isEmpty && !look.parts.contains(known.parts[0])
    let fresh = Array(look.parts.prefix { lost || $0 != known.parts.first })
    var opened: [DescriptorBox] = []
    for index in fresh.indices {
      guard let part = LogStretch.open(path + ".\(index + 1)") else { return false }
      opened.append(part)
    }
    let switched = file == nil || look.inode != known.inode
    let newFile = switched ? LogStretch.open(path) : nil
    guard LogParts.look(path) == look, !switched || newFile != nil else { return false }
    if lost { gaps += 1 }
    // Of the fresh parts, those before `own` were cut from another file, those behind it from ours; at `own` is our
    // whole file, renamed.
    let own = fresh.firstIndex { $0.inode == known.inode }
    let foreign = switched ? (file == nil ? fresh.count : own ?? fresh.count) : 0
    if let file {
      let cuts = switched && own != nil ? foreign + 1 : foreign
      guard takeCuts(fresh[cuts...], opened, of: file, lost: lost) else { return false }
      if switched, let rest = LogStretch.whole(file), rest.to > max(rest.from, offset) {
        backlog.append(LogStretch(file: file, from: max(rest.from, offset), to: rest.to))
      }
    }
    backlog += opened[..<foreign].reversed().compactMap(LogStretch.whole)
    if let newFile {
      file = newFile
      offset = LogStretch.whole(newFile)?.from ?? 0
    }
    known = look
    return true
  }

  /// Moves the place in `file` by what was cut from its head, and queues what of that was not read.
  private mutating func takeCuts(
    _ cuts: ArraySlice<LogPartID>, _ opened: [DescriptorBox], of file: DescriptorBox, lost: Bool
  ) -> Bool {
    guard let whole = LogStretch.whole(file) else { return false }
    let start = whole.from
    let cut = cuts.reduce(Int64(0)) { $0 + $1.size }
    // More was thrown away than can be told: everything that is left is taken as unread.
    if lost, start == 0 { offset = 0 }
    // Punched, the file keeps its offsets; collapsed, they moved by what was cut.
    var missing = start > 0 ? start - offset : cut - offset
    offset = start > 0 ? max(start, offset) : max(0, offset - cut)
    var stretches: [LogStretch] = []
    for index in cuts.indices where missing > 0 {
      let take = min(missing, cuts[index].size)
      let wanted = cuts[index].size - take
      // Of a flood the oldest was not kept: the part begins with a hole.
      let held = LogStretch.whole(opened[index])?.from ?? 0
      if held > wanted { gaps += 1 }
      stretches.append(
        LogStretch(file: opened[index], from: max(wanted, held), to: cuts[index].size))
      missing -= take
    }
    if missing > 0, !lost, !cuts.isEmpty { gaps += 1 }
    backlog += stretches.reversed()
    return true
  }
}

/// The end of a log.
package enum LogTail {
  /// The last lines across the cut-off parts, oldest first; an unfinished last line included. Empty without a file.
  ///
  /// At most 16 MiB are looked at.
  package static func lines(_ path: String, count: Int) throws(SystemError) -> [[UInt8]] {
    var follower = LogFollower(path, last: count)
    var lines: [[UInt8]] = []
    while lines.count <= count {
      let more = try follower.lines()
      if more.isEmpty, !follower.hasBacklog { break }
      lines += more
    }
    if let rest = follower.takePartial() { lines.append(rest) }
    return Array(lines.suffix(count))
  }
}

extension LogFollower {
  /// Older bytes are still to be read.
  var hasBacklog: Bool { !backlog.isEmpty }
}

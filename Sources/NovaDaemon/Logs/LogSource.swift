// One stream of one instance as a reader: a file across its rotations, a part of a file, or the journal.
// Must never buffer more than one read's worth of lines.

import NovaLinux
import NovaModel
import NovaWire

/// Something to read lines from, in order.
final class LogSource {
  private enum Reader {
    case file(FollowerBox)
    case journal(ReaderBox)
    case lines([[UInt8]])
  }

  private final class FollowerBox {
    var follower: LogFollower
    init(_ follower: consuming LogFollower) { self.follower = follower }
  }

  private final class ReaderBox {
    var reader: JournalReader
    init(_ reader: consuming JournalReader) { self.reader = reader }
  }

  private let id: InstanceID
  private let stream: OutputStream?
  private let filter: LogFilter
  private var reader: Reader
  private var saidPartial = false
  /// What a search found before following begins.
  private var found: ArraySlice<[UInt8]> = []

  // What is longer is cut: it is no line that anybody reads, and a client's buffer holds 1 MiB.
  private static let lineLimit = 128 << 10

  private init(_ id: InstanceID, _ stream: OutputStream?, _ filter: LogFilter, _ reader: Reader) {
    self.id = id
    self.stream = stream
    self.filter = filter
    self.reader = reader
  }

  /// A file's newest lines, then what comes.
  static func file(
    _ id: InstanceID, _ stream: OutputStream, path: String, last: Int, _ filter: LogFilter
  ) -> LogSource {
    let follower = FollowerBox(LogFollower(path, last: filter.pattern == nil ? last : 0))
    let source = LogSource(id, stream, filter, .file(follower))
    // With a pattern the last matches are wanted, not the matches among the last lines.
    if filter.pattern != nil {
      let found = (try? LogTail.lines(path, count: Self.searched)) ?? []
      source.found = found.filter { filter.takes($0, at: nil) }.suffix(last)
    }
    return source
  }

  // As many lines as a page of logs may have.
  private static let searched = 100_000

  /// A file from a byte on.
  static func file(
    _ id: InstanceID, _ stream: OutputStream, path: String, from: UInt64, _ filter: LogFilter
  ) -> LogSource {
    LogSource(id, stream, filter, .file(FollowerBox(LogFollower(path, from: from))))
  }

  /// journald gets the last lines of a process after its end.
  var isLate: Bool {
    if case .journal = reader { true } else { false }
  }

  /// The last lines of a part of a file.
  static func range(
    _ id: InstanceID, _ stream: OutputStream, path: String, from: UInt64, to: UInt64, last: Int,
    _ filter: LogFilter
  ) -> LogSource {
    let lines = (try? LogTail.lines(path, from: from, to: to, count: last)) ?? []
    return LogSource(id, stream, filter, .lines(lines))
  }

  /// The journal's newest lines of an instance; nil where it cannot be read.
  static func journal(
    _ id: InstanceID, last: Int, since: WallTime?, _ filter: LogFilter
  ) -> LogSource? {
    do {
      var reader = try JournalReader(identifiers: ["nova/\(id)"])
      if let since { try reader.seek(since: since) } else { try reader.seekTail(count: last) }
      return LogSource(id, nil, filter, .journal(ReaderBox(reader)))
    } catch {
      return nil
    }
  }

  /// Lines that came since the last call, those that the filter takes; nil when there is nothing for now.
  /// `partial`: an unfinished last line is given, too.
  func next(partial: Bool = true) -> [LogLine]? {
    switch reader {
    case .lines(let lines):
      reader = .lines([])
      return lines.isEmpty ? nil : taken(lines)
    case .file(let box):
      if !found.isEmpty {
        defer { found = [] }
        return taken(Array(found))
      }
      let lines = (try? box.follower.lines()) ?? []
      if !lines.isEmpty || box.follower.lastRead > 0 { return taken(lines) }
      // At the end of a page an unfinished last line is shown too, once.
      guard partial, !saidPartial, let partial = box.follower.takePartial() else { return nil }
      saidPartial = true
      return taken([partial])
    case .journal(let box):
      var found: [LogLine] = []
      var looked = 0
      _ = box.reader.changed()
      while looked < 1000, let entry = (try? box.reader.next()) ?? nil {
        looked += 1
        let stream: OutputStream = (entry.priority ?? 6) <= 4 ? .stderr : .stdout
        guard filter.takes(stream), filter.takes(entry.message, at: entry.at) else { continue }
        found.append(line(entry.at.rfc3339, stream.rawValue, entry.message))
      }
      return looked == 0 ? nil : found
    }
  }

  private func taken(_ lines: [[UInt8]]) -> [LogLine] {
    lines.filter { filter.takes($0, at: nil) }.map { line(nil, stream?.rawValue, $0) }
  }

  private func line(_ at: String?, _ stream: String?, _ bytes: [UInt8]) -> LogLine {
    LogLine(
      at: at, worker: id.worker.text, instance: id.number, stream: stream,
      line: String(decoding: bytes.prefix(Self.lineLimit), as: UTF8.self))
  }
}

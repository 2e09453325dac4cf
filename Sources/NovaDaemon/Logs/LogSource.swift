// One stream of one instance as a reader: a file across its rotations, or the journal.
// Must never buffer more than one read's worth of lines.

import NovaLinux
import NovaModel
import NovaWire

/// Which lines are wanted.
struct LogFilter {
  let lines: Int
  let since: WallTime?
  let until: WallTime?
  let stream: OutputStream?
  let pattern: LinePattern?

  init(_ query: LogsQuery) throws(APIError) {
    lines = query.lines ?? 50
    since = try Self.time(query.since, "since")
    until = try Self.time(query.until, "until")
    stream = query.stream.flatMap(OutputStream.init)
    if let text = query.grep {
      do {
        pattern = try LinePattern(text)
      } catch {
        throw APIError(.badRequest, "grep: \(error.message)", field: "grep")
      }
    } else {
      pattern = nil
    }
  }

  private static func time(_ text: String?, _ field: String) throws(APIError) -> WallTime? {
    guard let text else { return nil }
    guard let time = WallTime(rfc3339: text) else {
      throw APIError(
        .badRequest, "\(field) must be a time such as 2026-01-31T12:00:00Z", field: field)
    }
    return time
  }

  func takes(_ candidate: OutputStream) -> Bool { stream == nil || stream == candidate }

  func takes(_ line: [UInt8], at: WallTime?) -> Bool {
    if let at, let since, at < since { return false }
    if let at, let until, at > until { return false }
    return pattern.map { $0.look(at: line[...]) == .matches } ?? true
  }
}

/// Something to read lines from, in order.
final class LogSource {
  private enum Reader {
    case file(FollowerBox)
    case journal(ReaderBox)
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
  private let reader: Reader
  private var saidPartial = false

  private init(_ id: InstanceID, _ stream: OutputStream?, _ filter: LogFilter, _ reader: Reader) {
    self.id = id
    self.stream = stream
    self.filter = filter
    self.reader = reader
  }

  /// A file's newest lines, then what comes. `previous`: the part that was cut off last.
  static func file(
    _ id: InstanceID, _ stream: OutputStream, path: String, last: Int, previous: Bool,
    _ filter: LogFilter
  ) -> LogSource {
    let wanted = previous ? LogFile.rotated(path).last ?? path + ".1" : path
    return LogSource(
      id, stream, filter, .file(FollowerBox(LogFollower(wanted, last: last))))
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

  /// Lines that came since the last call; none when there is nothing for now.
  func next() -> [LogLine] {
    switch reader {
    case .file(let box):
      var lines = (try? box.follower.lines()) ?? []
      // At the end of a page an unfinished last line is shown too, once.
      if lines.isEmpty, !saidPartial, let partial = box.follower.takePartial() {
        saidPartial = true
        lines = [partial]
      }
      return lines.filter { filter.takes($0, at: nil) }.map { line(nil, stream?.rawValue, $0) }
    case .journal(let box):
      var found: [LogLine] = []
      _ = box.reader.changed()
      while found.count < 1000, let entry = try? box.reader.next() {
        let stream: OutputStream = (entry.priority ?? 6) <= 4 ? .stderr : .stdout
        guard filter.takes(stream), filter.takes(entry.message, at: entry.at) else { continue }
        found.append(line(entry.at.rfc3339, stream.rawValue, entry.message))
      }
      return found
    }
  }

  private func line(_ at: String?, _ stream: String?, _ bytes: [UInt8]) -> LogLine {
    LogLine(
      at: at, worker: id.worker.text, instance: id.number, stream: stream,
      line: String(decoding: bytes, as: UTF8.self))
  }
}

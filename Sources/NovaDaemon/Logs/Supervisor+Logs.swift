// `GET /v1/logs`: lines of output from files and the journal, the newest first found, then as they come.
// Must never read without a bound: a page of logs is at most 100,000 lines an instance, sent as the client takes it.

import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // Followers look for new lines 10 times a second; nothing polls while nobody follows.
  private static let followInterval = Span.milliseconds(100)
  // A full buffer is looked at again after 5 ms: 1 MiB in that time is more than a terminal shows.
  private static let pumpInterval = Span.milliseconds(5)
  // journald writes the last lines of a process within milliseconds of its end.
  private static let journalGrace = Span.milliseconds(500)

  /// Answers with one `LogLine` a line.
  func logs(_ exchange: Exchange, _ query: LogsQuery) throws(APIError) {
    let ids = try instances(matching: query.targets.isEmpty ? ["*"] : query.targets)
    let filter = try LogFilter(query)
    var sources: [LogSource] = []
    for id in ids {
      if query.previous {
        sources += previousLife(of: id, filter)
      } else if query.untilEnd, query.lines == nil {
        sources += presentLife(of: id, filter)
      } else if logDriverInUse(of: id) == .journal {
        if let source = LogSource.journal(id, last: filter.lines, since: filter.since, filter) {
          sources.append(source)
        }
      } else {
        guard filter.since == nil, filter.until == nil else {
          throw APIError(
            .badRequest,
            "\(id) logs to files, which keep no time (use -n, or logs: { driver: journal })",
            field: filter.since == nil ? "until" : "since")
        }
        for stream in OutputStream.allCases where filter.takes(stream) {
          sources.append(
            LogSource.file(id, stream, path: logPath(of: id, stream), last: filter.lines, filter))
        }
      }
    }
    exchange.stream(contentType: "application/x-ndjson")
    let pump = LogPump(sources, follows: query.follow && !query.previous)
    if query.untilEnd { pump.writers = ids }
    pump.timer = try? loop.timer { [weak self, weak exchange, weak pump] in
      guard let self, let exchange, let pump else { return }
      advance(pump, exchange)
    }
    // The exchange holds the pump, and with the client it goes.
    exchange.onClose = { pump.timer = nil }
    advance(pump, exchange)
  }

  /// Sends what there is room for, and comes back for more.
  private func advance(_ pump: LogPump, _ exchange: Exchange) {
    guard exchange.isOpen else { return }
    // Asked before anything is read: what was written before the end is then there.
    let areOver = pump.writers.map { ids in
      ids.allSatisfy { id in fleet.instance(id).map { isOver($0) } ?? true }
    }
    while exchange.room > LogPump.pieceLimit {
      guard let piece = pump.piece(partial: areOver ?? true) else {
        let now = Clock.now().instant
        guard pump.follows, !pump.isDone(areOver ?? false, now, grace: Self.journalGrace) else {
          return exchange.end()
        }
        pump.timer?.arm(at: now + (areOver == true ? Self.pumpInterval : Self.followInterval))
        return
      }
      exchange.send(piece)
    }
    pump.timer?.arm(at: Clock.now().instant + Self.pumpInterval)
  }

  /// The present life, or the last one, from its first line on; a file whose marks were lost with a supervisor, from its
  /// own first line.
  private func presentLife(of id: InstanceID, _ filter: LogFilter) -> [LogSource] {
    guard logDriverInUse(of: id) == .journal else {
      return OutputStream.allCases.filter(filter.takes).map { stream in
        let path = logPath(of: id, stream)
        return LogSource.file(
          id, stream, path: path, from: logMarks[path]?.current ?? 0, filter)
      }
    }
    let known = (try? ledger.incarnations(of: id)) ?? []
    let last = known.max { $0.incarnation < $1.incarnation }
    guard let since = filter.since ?? lives[id]?.record.started ?? last?.started else { return [] }
    var narrowed = filter
    narrowed.since = since
    return [LogSource.journal(id, last: filter.lines, since: since, narrowed)].compactMap { $0 }
  }

  /// The life before the present one: between its start and the next one's, by the ledger's times for the journal, by
  /// the sizes noted at each start for files. Nothing where that is not known (a restart of the supervisor since).
  private func previousLife(of id: InstanceID, _ filter: LogFilter) -> [LogSource] {
    if logDriverInUse(of: id) == .journal {
      let lives = ((try? ledger.incarnations(of: id)) ?? []).sorted {
        $0.incarnation < $1.incarnation
      }
      guard lives.count >= 2 else { return [] }
      let before = lives[lives.count - 2]
      var narrowed = filter
      narrowed.since = max(filter.since ?? before.started, before.started)
      narrowed.until = min(
        filter.until ?? lives[lives.count - 1].started, lives[lives.count - 1].started)
      return [LogSource.journal(id, last: filter.lines, since: narrowed.since, narrowed)]
        .compactMap { $0 }
    }
    return OutputStream.allCases.filter(filter.takes).compactMap { stream in
      guard let marks = logMarks[logPath(of: id, stream)] else { return nil }
      return LogSource.range(
        id, stream, path: logPath(of: id, stream), from: marks.previous, to: marks.current,
        last: filter.lines, filter)
    }
  }
}

/// Where two lives begin in a log file, bytes from its start; moved when its head is cut away.
struct LogMarks: Sendable, Hashable {
  var previous: UInt64
  var current: UInt64

  /// The head was cut: what lay before is in the cut-off part.
  mutating func cut(_ bytes: UInt64) {
    previous = previous > bytes ? previous - bytes : 0
    current = current > bytes ? current - bytes : 0
  }
}

/// What is still to be sent to one client.
final class LogPump {
  let follows: Bool
  var timer: NovaLinux.Timer?
  /// With their end it ends, once everything was sent; nil: with the client.
  var writers: [InstanceID]?
  /// Since when they are over and nothing was left to read.
  private var dryEnd: Instant?
  private let sources: [LogSource]
  private var at = 0
  private var waiting: ArraySlice<LogLine> = []

  init(_ sources: [LogSource], follows: Bool) {
    self.sources = sources
    self.follows = follows
  }

  // A line is at most 128 KiB, as JSON at most six times that; a piece ends with the line that makes it 128 KiB.
  static let pieceLimit = 7 * 128 << 10

  /// The next lines as JSON, one a line; nil when no source has any for now.
  func piece(partial: Bool) -> [UInt8]? {
    if waiting.isEmpty {
      guard let lines = next(partial) else { return nil }
      dryEnd = nil
      waiting = lines[...]
    }
    var bytes: [UInt8] = []
    while bytes.count < 128 << 10, let line = waiting.popFirst() {
      bytes += APICoding.encode(line)
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// Nothing came between two looks at writers that are over; from the journal within `grace`.
  func isDone(_ areOver: Bool, _ now: Instant, grace: Span) -> Bool {
    guard areOver else {
      dryEnd = nil
      return false
    }
    guard let since = dryEnd else {
      dryEnd = now
      return false
    }
    return now > since && (!sources.contains(where: \.isLate) || now - since >= grace)
  }

  /// The next lines, source by source.
  private func next(_ partial: Bool) -> [LogLine]? {
    for _ in sources {
      let lines = sources[at].next(partial: partial)
      if let lines, !lines.isEmpty { return lines }
      // A read whose lines were all filtered away is not the end of its source.
      if lines != nil { return [] }
      at = (at + 1) % sources.count
    }
    return nil
  }
}

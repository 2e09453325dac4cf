// `GET /v1/logs`: lines of output from files and the journal, the newest first found, then as they come.
// Must never read without a bound: a page of logs is at most 100,000 lines an instance.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // Followers look for new lines 10 times a second; nothing polls while nobody follows.
  private static let followInterval = Span.milliseconds(100)

  /// Answers with one `LogLine` a line.
  func logs(_ exchange: Exchange, _ query: LogsQuery) throws(APIError) {
    let ids = try instances(matching: query.targets.isEmpty ? ["*"] : query.targets)
    let filter = try LogFilter(query)
    let sources = ids.flatMap { id in
      logDriverInUse(of: id) == .journal
        ? [LogSource.journal(id, last: filter.lines, since: filter.since, filter)].compactMap { $0 }
        : OutputStream.allCases.filter { filter.takes($0) }.map { stream in
          LogSource.file(
            id, stream, path: logPath(of: id, stream), last: filter.lines, previous: query.previous,
            filter)
        }
    }
    exchange.stream(contentType: "application/x-ndjson")
    var wanted = filter.lines * max(1, sources.count)
    for source in sources {
      while wanted > 0 {
        let lines = source.next()
        if lines.isEmpty { break }
        wanted -= lines.count
        send(lines, from: source, to: exchange)
      }
    }
    guard query.follow, !query.previous else { return exchange.end() }
    follow(sources, exchange)
  }

  private func send(_ lines: [LogLine], from source: LogSource, to exchange: Exchange) {
    var bytes: [UInt8] = []
    for line in lines {
      bytes += APICoding.encode(line)
      bytes.append(UInt8(ascii: "\n"))
    }
    exchange.send(bytes)
  }

  private func follow(_ sources: [LogSource], _ exchange: Exchange) {
    let box = TimerBox()
    box.timer = try? loop.timer { [weak self, weak exchange, weak box] in
      guard let self, let exchange, exchange.isOpen else { return }
      for source in sources {
        let lines = source.next()
        if !lines.isEmpty { send(lines, from: source, to: exchange) }
      }
      box?.timer?.arm(at: Clock.now().instant + Self.followInterval)
    }
    box.timer?.arm(at: Clock.now().instant + Self.followInterval)
    // The exchange holds the timer, and with the client the timer goes.
    exchange.onClose = { box.timer = nil }
  }
}

/// A timer that belongs to whoever holds the box.
final class TimerBox {
  var timer: NovaLinux.Timer?
}

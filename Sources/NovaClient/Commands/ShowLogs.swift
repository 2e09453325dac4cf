// `logs`: what workers wrote. Must never pass a control character of a worker to a terminal; to a pipe the
// bytes go as they are.

import NovaModel
import NovaWire

/// The verb `logs`.
enum ShowLogs {
  static let command = CommandSpec(
    name: "logs", abstract: "Show what workers wrote",
    discussion: "Several targets interleave, each line with its worker in front.",
    arguments: [.target(required: false)],
    options: [
      OptionSpec("follow", short: "f", "Stay and show what comes"),
      OptionSpec("lines", short: "n", value: "N", "The newest N lines of each instance (50)"),
      OptionSpec("since", value: "TIME", "From then: 10m ago as `10m`, or RFC 3339"),
      OptionSpec("until", value: "TIME", "Up to then"),
      OptionSpec("previous", short: "p", "The life before the present one"),
      OptionSpec("stderr", "Only stderr"),
      OptionSpec("grep", short: "g", value: "REGEX", "Only lines that match (PCRE2)"),
      OptionSpec("no-prefix", "Without the worker in front"),
    ],
    examples: [
      .init("novasup logs -f outreach", "follow one"),
      .init("novasup logs -p -n 20 outreach", "what it said before it died"),
      .init("novasup logs --since 1h -g 'error|panic' 'agent-*'", "search"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    var query = LogsQuery()
    query.targets = call.targets
    query.lines = try call.arguments.number("lines", 0...100_000, verb: "logs")
    query.since = try Times.text(call.arguments, "since", now: call.session.now(), verb: "logs")
    query.until = try Times.text(call.arguments, "until", now: call.session.now(), verb: "logs")
    query.previous = call.arguments.has("previous")
    query.stream = call.arguments.has("stderr") ? "stderr" : nil
    query.grep = call.arguments.value("grep")
    query.follow = call.arguments.has("follow")
    // One plain instance needs no prefix: nothing else can be meant.
    let single = query.targets.count == 1 && InstanceID(query.targets[0]) != nil
    let printer = Printer(
      prefix: !call.arguments.has("no-prefix") && !single, form: call.form,
      terminal: call.console.isTerminal, colour: call.console.colour)
    while true {
      try stream(
        query, printer, call,
        timeoutSeconds: query.follow ? nil : try call.timeoutSeconds() ?? 30)
      guard query.follow else { return .ok }
      call.warn("the supervisor closed the stream; reconnecting, lines in between may be missing")
      try Reconnect.wait(call, to: "follow the logs")
      query.lines = 0
      query.since = nil
    }
  }

  /// Shows the lines of one answer as they come; nil seconds: as long as it takes.
  static func stream(
    _ query: LogsQuery, _ printer: Printer, _ call: borrowing Invocation, timeoutSeconds: Double?
  ) throws(ClientError) {
    let splitter = LineBox()
    let console = call.console
    _ = try call.call(
      .init(
        path: "/v1/logs", query: query.parameters, timeoutSeconds: timeoutSeconds,
        isEndless: query.follow),
      to: "read the logs"
    ) { (bytes) throws(ClientError) in
      var out: [UInt8] = []
      for line in splitter.lines.take(bytes) { out += printer.render(line) }
      if !out.isEmpty { try console.raw(out) }
    }
    if let rest = splitter.lines.rest() { try console.raw(printer.render(rest)) }
  }

  /// A line of JSON to the line that is shown.
  struct Printer {
    var prefix: Bool
    var form: Invocation.Form
    var terminal: Bool
    var colour: Bool

    func render(_ bytes: [UInt8]) -> [UInt8] {
      if form == .json || form == .jsonl { return bytes + [0x0A] }
      guard let line = try? APICoding.decodeAnswer(LogLine.self, from: bytes) else { return [] }
      let text = terminal ? CleanText.forTerminal(line.line) : line.line
      guard prefix else { return Array((text + "\n").utf8) }
      let name = CleanText.forTerminal("\(line.worker)@\(line.instance)")
      let hue: Cell.Colour = line.stream == "stderr" ? .bad : .calm
      return Array("\(hue.paint(name, colour)) | \(text)\n".utf8)
    }
  }
}

/// A splitter that a closure may change.
final class LineBox {
  var lines = LineSplitter()
}

/// Points in time on the command line.
enum Times {
  /// `10m` is ten minutes ago; else RFC 3339, checked by the supervisor. Nil when not given.
  static func text(
    _ arguments: ParsedArguments, _ name: String, now: WallTime, verb: String
  ) throws(ClientError) -> String? {
    guard let text = arguments.value(name) else { return nil }
    if let span = ParsedArguments.span(text) {
      return (now + (Span.zero - span)).rfc3339
    }
    guard text.utf8.count >= 10, text.utf8.prefix(4).allSatisfy({ (0x30...0x39).contains($0) })
    else {
      throw .usage(
        "--\(name) must be a duration such as 10m, or a time such as 2026-11-20T11:00:00Z",
        verb: verb)
    }
    return text
  }
}

/// Waiting for a supervisor that restarts.
enum Reconnect {
  /// Asks for the version until it answers, at most 30 s: a restart takes well under one.
  static func wait(_ call: borrowing Invocation, to purpose: String) throws(ClientError) {
    var delay: Int32 = 100
    var waited: Int32 = 0
    while true {
      try call.session.connection.interrupts.wait(milliseconds: delay)
      waited += delay
      do {
        _ = try call.get("/v1/version", to: purpose, timeoutSeconds: 5)
        return
      } catch {
        guard error.code == .unreachable, waited < 30_000 else { throw error }
      }
      delay = min(delay * 2, 1000)
    }
  }
}

// `run`: a command as a transient worker, its output followed to its end. Must never end what it started: Ctrl-C leaves
// it running, and says so.

import NovaModel
import NovaWire

/// The verb `run`.
enum RunCommand {
  static let command = CommandSpec(
    name: "run", abstract: "Run a command as a transient worker",
    discussion: """
      Follows its output until it ended; exits 0 when it exited 0, else 1 with a sentence. It runs once; with \
      --service it is restarted like any worker. Ctrl-C leaves it running. It stays listed, over a crash of \
      the supervisor too, until `novasup stop NAME` removes it (or `reset NAME` once it is over); a stop of the \
      supervisor or a reboot removes it as well. Running NAME again replaces one that is over.
      """,
    arguments: [ArgumentSpec(name: "NAME", abstract: "its name; none of the configuration's")],
    options: [
      OptionSpec("user", value: "USER", "Run as this user (a worker's default)"),
      OptionSpec("directory", value: "DIR", "Run in this directory"),
      OptionSpec(
        "env", short: "e", value: "NAME=VALUE", "A variable; may be repeated, never listed back"),
      OptionSpec("memory", value: "SIZE", "limits.memory, such as 512M"),
      OptionSpec("cpu", value: "PERCENT", "limits.cpu, such as 150%"),
      OptionSpec("service", "Keep it running: restart it when it ends"),
      OptionSpec("detach", "Print `NAME started` and leave it running; --no-wait is the same"),
      OptionSpec("reason", value: "TEXT", "Why, for the history"),
    ],
    rest: ArgumentSpec(
      name: "CMD", abstract: "the program and its arguments, taken as they are; no shell",
      repeats: true),
    examples: [
      .init("novasup run backup -- /usr/local/bin/backup --full", "once, with its output"),
      .init("novasup run fix --memory 512M -e MODE=dry -- ./fix.py", "limited"),
      .init("novasup run tunnel --service --detach -- ssh -N db", "for ever, in the background"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let request = try request(call.arguments)
    let name = CleanText.forTerminal(request.name)
    let bytes = try call.post("/v1/run", request, to: "run \(name)", timeoutSeconds: 60)
    let row = try call.decode(WorkerRow.self, bytes)
    if row.reason == "exec_failed" {
      throw .cannot(
        "run \(name)", CleanText.forTerminal(row.why ?? "it could not be started"),
        hint: "`novasup stop \(name)` removes it")
    }
    let isDetached = call.arguments.has("detach") || call.arguments.has("no-wait")
    guard !isDetached, !call.dryRun else {
      switch call.form {
      case .json, .jsonl: try call.showJSON(bytes)
      case .name: try call.console.line(name)
      case .table, .wide: try call.say(call.dryRun ? "would start \(name)" : "\(name) started")
      }
      return .ok
    }
    do throws(ClientError) {
      return try follow(request.name, call)
    } catch {
      guard error.code == .interrupted else { throw error }
      throw ClientError(
        .interrupted,
        "\(name) goes on (`novasup logs -f \(name)` follows it, `novasup stop \(name)` ends it)")
    }
  }

  /// The request that a command line means. Throws usage.
  static func request(_ arguments: ParsedArguments) throws(ClientError) -> RunRequest {
    var request = RunRequest(name: arguments.words[0], command: arguments.rest)
    request.directory = arguments.value("directory")
    request.user = arguments.value("user")
    request.reason = arguments.value("reason")
    var environment: [String: String] = [:]
    for pair in arguments.list("env") {
      guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
        // Not shown: what was meant as a value may be a secret.
        throw .usage("-e takes NAME=VALUE", verb: "run")
      }
      let name = String(pair[..<equals])
      let value = String(pair[pair.index(after: equals)...])
      guard environment.updateValue(value, forKey: name) == nil else {
        throw .usage("\(CleanText.forTerminal(name)) is given twice", verb: "run")
      }
    }
    if !environment.isEmpty { request.environment = JSONMap(environment) }
    if arguments.has("service") { request.mode = .service }
    var limits = RunLimits()
    if let text = arguments.value("memory") {
      guard let size = SizeText.parse(text) else {
        throw .usage("--memory must be a size such as 64K, 512M or 2G", verb: "run")
      }
      limits.memoryBytes = size
    }
    if let text = arguments.value("cpu") {
      guard let percent = PercentText.parse(text) else {
        throw .usage("--cpu must be a whole percentage such as 150%", verb: "run")
      }
      limits.cpuPercent = percent
    }
    if limits != RunLimits() { request.limits = limits }
    if arguments.has("dry-run") { request.dryRun = true }
    return request
  }

  /// Shows its output until it is over, across restarts of the supervisor.
  private static func follow(
    _ name: String, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    var query = LogsQuery()
    query.targets = [name]
    query.follow = true
    query.untilEnd = true
    let printer = ShowLogs.Printer(
      prefix: false, form: call.form, terminal: call.console.isTerminal, colour: false)
    let limit = try call.timeoutSeconds()
    while true {
      do throws(ClientError) {
        try ShowLogs.stream(query, printer, call, timeoutSeconds: limit)
        if let code = try verdict(name, call) { return code }
      } catch {
        // Stopped meanwhile, and so removed: the logs of a worker that is not there.
        if error.code == .noSuchWorker { throw ended(name, nil) }
        guard error.code == .unreachable else { throw error }
      }
      call.warn("the supervisor closed the stream; reconnecting, lines in between may be missing")
      try Reconnect.wait(call, to: "follow \(CleanText.forTerminal(name))")
      query.lines = 0
    }
  }

  /// How it ended; nil when it did not yet.
  private static func verdict(
    _ name: String, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode? {
    let bytes = try call.get(
      "/v1/workers", TargetsQuery(targets: [name]).parameters, to: "see how it ended",
      timeoutSeconds: 30)
    guard let row = try call.decode([WorkerRow].self, bytes).first else { throw ended(name, nil) }
    guard isOver(row) else { return nil }
    if row.state == "completed", row.lastExit?.code == 0, row.lastExit?.oom == false { return .ok }
    throw ended(name, row)
  }

  static func isOver(_ row: WorkerRow) -> Bool {
    switch row.state {
    case "completed", "failed", "lost": row.pid == nil
    case "stopped": row.pid == nil && row.wanted != true
    default: false
    }
  }

  /// The sentence; `row` is nil when the worker is gone.
  static func ended(_ name: String, _ row: WorkerRow?) -> ClientError {
    let name = CleanText.forTerminal(name)
    guard let row else { return ClientError(.failed, "\(name) was stopped and removed") }
    let how =
      switch (row.reason, row.lastExit) {
      case ("exec_failed", _): "could not be started: \(CleanText.forTerminal(row.why ?? "?"))"
      case ("shim_lost", _), (_, nil): "was lost: nobody saw how it ended"
      case (_, let exit?) where exit.oom: "ran out of memory"
      case (_, let exit?):
        if let code = exit.code {
          "exited with \(code)"
        } else if let signal = exit.signal {
          "was killed by \(SignalName.spoken(signal))"
        } else {
          "was lost: nobody saw how it ended"
        }
      }
    return ClientError(.failed, "\(name) \(how) (`novasup stop \(name)` removes it)")
  }
}

// `start stop restart kill pause resume reset deploy scale`: one request, one result line a target. Must never
// send an order before every part of the command line made sense.

import Glibc
import NovaModel
import NovaWire

/// The verbs that change something.
enum Act {
  private static let all = OptionSpec("all", "Every worker")
  private static let reason = OptionSpec("reason", value: "TEXT", "Why, for the history")
  private static let ladder = OptionSpec(
    "stop-timeout", short: "t", value: "DUR", "How long the stop signal may take before SIGKILL")

  static let commands: [CommandSpec] = [
    simple(
      .start, "Start workers and wait until they are ready",
      "A worker that runs already is left alone. Clears its crash counter and its cooldown."),
    simple(
      .stop, "Stop workers and wait until nothing of them lives",
      "Workers that require a target are stopped too, in reverse order, and named.", [ladder]),
    simple(
      .restart, "Stop and start workers", "",
      [ladder, OptionSpec("rolling", "One instance after the other, each ready before the next")]),
    simple(
      .kill, "Kill a worker's processes at once",
      """
      Without -s, SIGKILL goes to the whole group; with -s, that signal goes to the main process. The \
      worker then comes back by its restart policy, and its crash counter is untouched.
      """,
      [
        OptionSpec("signal", short: "s", value: "SIG", "This signal instead, by name or number"),
        OptionSpec("all-processes", "The signal goes to every process of the group"),
        OptionSpec("no-restart", "It stays down"),
      ]),
    simple(
      .pause, "Freeze workers where they are; durable", "Memory stays in use and still costs."),
    simple(.resume, "Thaw what was paused", ""),
    simple(.reset, "Clear crash counter, cooldown and failure without starting", ""),
    simple(.deploy, "Start a candidate, a worker with autostart: false", ""),
    scale,
  ]

  private static func simple(
    _ action: ActionVerb, _ abstract: String, _ discussion: String, _ options: [OptionSpec] = []
  ) -> CommandSpec {
    CommandSpec(
      name: action.rawValue, abstract: abstract, discussion: discussion, arguments: [.target()],
      options: options + [reason, all],
      examples: [
        .init("novasup \(action.rawValue) outreach", "one worker"),
        .init("novasup \(action.rawValue) outreach@2 'agent-*'", "an instance and a glob"),
      ],
      run: { (call) throws(ClientError) in
        var request = ActionRequest(targets: call.targets, action: action)
        if let signal = call.arguments.value("signal") {
          guard SignalName.number(signal) != nil else {
            throw .usage("there is no signal \(signal)", verb: call.verb)
          }
          request.signal = signal
        }
        if let span = try call.arguments.span("stop-timeout", verb: call.verb) {
          request.timeoutSeconds = Double(span.wholeMilliseconds) / 1000
        }
        if call.arguments.has("all-processes") { request.allProcesses = true }
        if call.arguments.has("no-restart") { request.noRestart = true }
        if call.arguments.has("rolling") { request.rolling = true }
        return try send(&request, call)
      })
  }

  private static let scale = CommandSpec(
    name: "scale", abstract: "Set how many instances of a worker run",
    discussion: """
      The highest numbers go first. Of a stopped worker only the count is stored. The count stays until \
      `instances` in the file changes. Bounded by min_instances, max_instances and the budget.
      """,
    arguments: [
      ArgumentSpec(
        name: "NAME=N", abstract: "or NAME N, or NAME with --multiplier", kind: .target,
        repeats: true)
    ],
    options: [
      OptionSpec("multiplier", value: "X", "Times the wanted count, rounded up"),
      OptionSpec("current", value: "M", "Fail with exit 8 unless M instances are live"),
      OptionSpec("pin", "The engine leaves this count alone"), reason,
    ],
    examples: [
      .init("novasup scale outreach=4 mailer=2", "several at once"),
      .init("novasup scale outreach 4", "one"),
      .init("novasup scale outreach --multiplier 2", "twice as many"),
    ],
    run: { (call) throws(ClientError) in
      var request = try scaleRequest(call.arguments)
      request.current = try call.arguments.number("current", 0...99_999, verb: "scale")
      if call.arguments.has("pin") { request.pin = true }
      return try send(&request, call)
    })

  /// The three ways to say a count.
  static func scaleRequest(_ arguments: ParsedArguments) throws(ClientError) -> ActionRequest {
    let words = arguments.words
    var request = ActionRequest(targets: [], action: .scale)
    if let text = arguments.value("multiplier") {
      guard let factor = Double(text), factor.isFinite, factor > 0, factor <= 1000 else {
        throw .usage("--multiplier must be a number over 0, at most 1000", verb: "scale")
      }
      request.targets = words
      request.multiplier = factor
      return request
    }
    if words.count == 2, !words[0].contains("="), let count = count(words[1]) {
      request.targets = [words[0]]
      request.count = count
      return request
    }
    var counts: [String: Int] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let count = count(String(parts[1])) else {
        throw .usage("\(word) is not NAME=N with N from 0 to 99999", verb: "scale")
      }
      guard counts.updateValue(count, forKey: String(parts[0])) == nil else {
        throw .usage("\(parts[0]) is given twice", verb: "scale")
      }
    }
    request.counts = JSONMap(counts)
    return request
  }

  private static func count(_ text: String) -> Int? {
    guard let count = Int(text), (0...99_999).contains(count), text.first != "+" else { return nil }
    return count
  }

  private static func send(
    _ request: inout ActionRequest, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    request.reason = call.arguments.value("reason")
    request.wait = !call.arguments.has("no-wait")
    request.waitTimeoutSeconds = try call.timeoutSeconds()
    if call.dryRun { request.dryRun = true }
    if request.targets == ["*"], !call.dryRun { try confirm(request.action, call) }
    // The supervisor ends the wait; the few seconds more only guard against one that hangs.
    let limit: Double? =
      request.wait == true ? request.waitTimeoutSeconds.map { $0 + 10 } : 30
    let bytes = try call.post(
      "/v1/actions", request, to: "\(request.action.rawValue) \(describe(request))",
      timeoutSeconds: limit)
    let response = try call.decode(ActionResponse.self, bytes)
    try show(call, bytes, response)
    return exitCode(response)
  }

  private static func describe(_ request: ActionRequest) -> String {
    let names = request.counts?.values.keys.sorted() ?? request.targets
    return names == ["*"]
      ? "all workers"
      : names.prefix(3).joined(separator: " ")
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  /// `--all` of what ends work asks a person, never a script.
  private static func confirm(
    _ action: ActionVerb, _ call: borrowing Invocation
  ) throws(ClientError) {
    guard [.stop, .restart, .kill].contains(action), call.console.isTerminal,
      !call.arguments.has("yes"), isatty(0) == 1
    else { return }
    try call.console.raw(Array("\(action.rawValue) all workers? [y/N] ".utf8))
    var answer: UInt8 = 0
    try call.session.connection.interrupts.wait(milliseconds: -1, input: 0)
    guard unsafe read(0, &answer, 1) == 1, answer | 0x20 == UInt8(ascii: "y") else {
      throw ClientError(.failed, "nothing was done (-y answers yes)")
    }
  }

  private static func show(
    _ call: borrowing Invocation, _ bytes: [UInt8], _ response: ActionResponse
  ) throws(ClientError) {
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl:
      for result in response.results { try call.showJSON(APICoding.encode(result)) }
    case .name:
      for result in response.results where result.ok {
        try call.console.line(CleanText.forTerminal(result.target))
      }
    case .table, .wide:
      for result in response.results {
        if result.ok {
          try call.say(line(result, response))
        } else {
          complain(call, result, response)
        }
      }
      if !response.alsoAffected.isEmpty {
        let what =
          switch (response.action, response.dryRun) {
          case (.start, false), (.deploy, false): "also started"
          case (.start, true), (.deploy, true): "would also start"
          case (_, true): "would also stop"
          default: "also stopped"
          }
        try call.say("\(what): " + response.alsoAffected.joined(separator: ", "))
      }
    }
    if response.timedOut {
      call.warn("timed out: the job goes on in the supervisor (see `novasup ps`)")
    }
  }

  /// The line of a success.
  static func line(_ result: ActionResult, _ response: ActionResponse) -> String {
    if let from = result.from, let to = result.to {
      return "\(response.dryRun ? "would scale " : "")\(result.target) \(from) \(to)"
    }
    let state = result.state ?? "?"
    let note = result.message.map { ": \($0)" } ?? ""
    if response.dryRun {
      return "would \(response.action.rawValue) \(result.target) (\(state))\(note)"
    }
    return "\(result.target) \(state)" + (result.changed ? "" : " (unchanged)") + note
  }

  private static func complain(
    _ call: borrowing Invocation, _ result: ActionResult, _ response: ActionResponse
  ) {
    let why = result.message ?? "it did not become so"
    // What the sentence says already is not said twice.
    var facts: [String] = []
    func add(_ fact: String, unless said: String) { if !why.contains(said) { facts.append(fact) } }
    if let stage = result.stage { add("stage \(stage)", unless: stage) }
    if let number = result.errno, let text = unsafe strerror(number) {
      let text = unsafe String(cString: text)
      add(text, unless: text)
    }
    if let code = result.exitCode { add("exit \(code)", unless: "exit \(code)") }
    if let signal = result.signal {
      let name = SignalName.spoken(signal)
      add(name, unless: name)
    }
    let detail = facts.isEmpty ? "" : " [\(facts.joined(separator: ", "))]"
    // A sentence that ends with advice needs no other.
    let hint = why.hasSuffix(")") ? "" : " (see `novasup status \(result.target)`)"
    call.warn("cannot \(response.action.rawValue) \(result.target): \(why)\(detail)\(hint)")
    for line in result.lastLines { call.console.complain("  | " + CleanText.forTerminal(line)) }
  }

  /// One code for all results: that of the failures when they agree, else 1.
  static func exitCode(_ response: ActionResponse) -> ExitCode {
    let codes = Set(response.results.filter { !$0.ok }.map { $0.code?.exitCode ?? .failed })
    if response.timedOut, codes.subtracting([.timedOut]).isEmpty { return .timedOut }
    if codes.isEmpty { return .ok }
    return codes.count == 1 ? codes.first ?? .failed : .failed
  }
}

// `top`: the table of `ps` every second, with keys. Must never leave the terminal in raw mode, nor kill without
// asking.

import Glibc
import NovaWire

/// The verb `top`.
enum Top {
  static let command = CommandSpec(
    name: "top", abstract: "Watch resources and money, every second",
    discussion: """
      Keys: c m n $ % sort by cpu, memory, name, cost or ROI; arrows select; p pauses, r resumes, k kills \
      the selected instance, a approves and x rejects the decision that waits longest (all but r ask first); \
      q quits. When stdout is no terminal, or TERM is dumb, the table is printed once, or -n times.
      """,
    arguments: [.target(required: false)],
    options: [
      OptionSpec(
        "sort", value: "KEY", choices: TopView.Sort.allCases.map(\.rawValue),
        "cpu, memory, name, cost or roi (cpu)"),
      OptionSpec("once", "Print the table once"),
      OptionSpec("count", short: "n", value: "N", "Print the table N times"),
    ],
    examples: [.init("novasup top --sort cost", "what is expensive?")],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let sort = call.arguments.value("sort").flatMap(TopView.Sort.init) ?? .cpu
    let times = try call.arguments.number("count", 1...1_000_000, verb: "top")
    if call.arguments.has("once") || times != nil || !call.console.isScreen || isatty(0) != 1 {
      return try plain(call, sort, times: call.arguments.has("once") ? 1 : times ?? 1)
    }
    return try screen(call, sort)
  }

  private static func rows(_ call: borrowing Invocation) throws(ClientError) -> [WorkerRow] {
    try call.decode(
      [WorkerRow].self,
      call.get("/v1/workers", TargetsQuery(targets: call.targets).parameters, to: "list workers"))
  }

  /// The day's money, and what waits for somebody's word.
  private static func money(_ call: borrowing Invocation) throws(ClientError) -> TopMoney {
    let status = try call.decode(
      SystemStatus.self, call.get("/v1/status", to: "read the status"))
    var money = TopMoney(status)
    if money.waiting > 0 {
      var query = DecisionsQuery()
      query.state = "pending"
      money.asks = try call.decode(
        [DecisionRow].self,
        call.get("/v1/decisions", query.parameters, to: "read the decisions")
      ).last
    }
    return money
  }

  private static func plain(
    _ call: borrowing Invocation, _ sort: TopView.Sort, times: Int
  ) throws(ClientError) -> ExitCode {
    for round in 0..<times {
      if round > 0 {
        try call.session.connection.interrupts.wait(milliseconds: 1000)
        try call.console.line("")
      }
      try call.show(ListWorkers.table(sort.sorted(try rows(call)), wide: call.form == .wide))
    }
    return .ok
  }

  private static func screen(
    _ call: borrowing Invocation, _ sort: TopView.Sort
  ) throws(ClientError) -> ExitCode {
    let mode = try RawTerminal()
    var view = TopView(sort: sort)
    try call.console.raw(Array("\u{1B}[?1049h\u{1B}[?25l".utf8))
    var fresh = false
    do throws(ClientError) {
      while true {
        if !fresh {
          do throws(ClientError) {
            view.update(try rows(call), try money(call))
            view.connected = true
          } catch {
            // A supervisor that restarts is back within a second: the old table stays until then.
            guard error.code == .unreachable, view.connected != nil else { throw error }
            view.connected = false
          }
        }
        let size = Console.terminalSize()
        view.page = max(1, size.rows - 5)
        let text = view.render(rows: size.rows, columns: size.columns, colour: call.console.colour)
        try call.console.raw(Array("\u{1B}[H".utf8) + Array(text.utf8))
        fresh = try call.session.connection.interrupts.wait(milliseconds: 1000, input: 0)
        guard fresh else { continue }
        for key in mode.keys() {
          switch view.handle(key) {
          case .none: break
          case .quit:
            mode.restore()
            return .ok
          case .act(let verb, let target): view.message = act(verb, target, call)
          case .resolve(let id, let verb): view.message = resolve(id, verb, call)
          }
        }
      }
    } catch {
      mode.restore()
      throw error
    }
  }

  /// Does it without waiting; the outcome as a sentence for the last line.
  private static func act(
    _ verb: ActionVerb, _ target: String, _ call: borrowing Invocation
  ) -> String {
    var request = ActionRequest(targets: [target], action: verb)
    request.wait = false
    request.reason = "novasup top"
    do throws(ClientError) {
      let bytes = try call.post(
        "/v1/actions", request, to: "\(verb.rawValue) \(target)", timeoutSeconds: 10)
      let result = try call.decode(ActionResponse.self, bytes).results.first
      return "\(verb.rawValue) \(target): " + (result?.message ?? (result?.ok == true ? "ok" : "?"))
    } catch { return error.message }
  }

  /// Answers a decision; the outcome as a sentence for the last line.
  private static func resolve(
    _ id: Int64, _ verb: String, _ call: borrowing Invocation
  ) -> String {
    do throws(ClientError) {
      let bytes = try call.post(
        "/v1/decisions/\(id)/\(verb)", ResolutionRequest(reason: "novasup top"),
        to: "\(verb) decision \(id)", timeoutSeconds: 30)
      let row = try call.decode(DecisionRow.self, bytes)
      return "decision \(id): \(row.action) \(row.worker) \(row.state)"
    } catch { return error.message }
  }
}

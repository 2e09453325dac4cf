// `top`: the table of `ps` every second, with keys. Must never leave the terminal in raw mode, nor kill without
// asking.

import Glibc
import NovaWire

/// The verb `top`.
enum Top {
  static let command = CommandSpec(
    name: "top", abstract: "Watch resources and money, every second",
    discussion: """
      Keys: c m n $ sort by cpu, memory, name or cost; arrows select; p pauses, r resumes, k kills \
      the selected instance (asks first); q quits. When stdout is no terminal the table is printed \
      once, or -n times.
      """,
    arguments: [.target(required: false)],
    options: [
      OptionSpec(
        "sort", value: "KEY", choices: TopView.Sort.allCases.map(\.rawValue),
        "cpu, memory, name or cost (cpu)"),
      OptionSpec("once", "Print the table once"),
      OptionSpec("count", short: "n", value: "N", "Print the table N times"),
    ],
    examples: [.init("novasup top --sort cost", "what is expensive?")],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let sort = call.arguments.value("sort").flatMap(TopView.Sort.init) ?? .cpu
    let times = try call.arguments.number("count", 1...1_000_000, verb: "top")
    if call.arguments.has("once") || times != nil || !call.console.isTerminal || isatty(0) != 1 {
      return try plain(call, sort, times: call.arguments.has("once") ? 1 : times ?? 1)
    }
    return try screen(call, sort)
  }

  private static func rows(_ call: borrowing Invocation) throws(ClientError) -> [WorkerRow] {
    try call.decode(
      [WorkerRow].self,
      call.get("/v1/workers", TargetsQuery(targets: call.targets).parameters, to: "list workers"))
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
            view.update(try rows(call))
            view.connected = true
          } catch {
            // A supervisor that restarts is back within a second: the old table stays until then.
            guard error.code == .unreachable, view.connected != nil else { throw error }
            view.connected = false
          }
        }
        let size = Console.terminalSize()
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
}

/// The terminal without line editing and echo. Calls `tcsetattr(3)`.
struct RawTerminal {
  private let before: termios

  init() throws(ClientError) {
    var settings = termios()
    guard unsafe tcgetattr(0, &settings) == 0 else {
      throw .cannot("watch", "stdin is no terminal", hint: "use --once")
    }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    _ = unsafe tcsetattr(0, TCSANOW, &settings)
  }

  /// As it was: cursor, screen and line editing.
  func restore() {
    var settings = before
    _ = unsafe tcsetattr(0, TCSANOW, &settings)
    let text = Array("\u{1B}[?25h\u{1B}[?1049l".utf8)
    _ = unsafe write(1, text, text.count)
  }

  /// The keys that are pending; arrows as one.
  func keys() -> [TopView.Key] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(0, &bytes, 64)
    // The terminal is gone: as if q were pressed.
    guard count > 0 else { return [.character("q")] }
    return TopView.Key.parse(Array(bytes[..<count]))
  }
}

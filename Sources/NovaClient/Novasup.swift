// From the words of a command line to an exit code. Must never exit by itself: the program does, with the code
// that comes back from here.

import Glibc
package import NovaModel
package import NovaWire

/// The program.
package enum Novasup {
  /// The version of this build.
  package static let version = Version.text

  /// Runs one command line (without the program's name). Everything it needs comes in.
  package static func run(
    _ arguments: [String], environment: [String: String], console: Console,
    interrupts: Interrupts, now: @escaping () -> WallTime
  ) -> ExitCode {
    do {
      return try dispatch(
        arguments, environment: environment, console: console, interrupts: interrupts, now: now)
    } catch {
      if !error.message.isEmpty { console.complain("novasup: " + error.message) }
      return error.code
    }
  }

  /// The socket: --socket, NOVA_SOCKET, NOVA_RUNTIME_DIR/supervisor.sock, /run/nova/supervisor.sock.
  package static func socket(_ option: String?, environment: [String: String]) -> String {
    if let option { return option }
    if let path = environment["NOVA_SOCKET"], !path.isEmpty { return path }
    if let directory = environment["NOVA_RUNTIME_DIR"], !directory.isEmpty {
      return directory + "/supervisor.sock"
    }
    return "/run/nova/supervisor.sock"
  }

  private static func dispatch(
    _ arguments: [String], environment: [String: String], console: Console,
    interrupts: Interrupts, now: @escaping () -> WallTime
  ) throws(ClientError) -> ExitCode {
    let words = try verbFirst(arguments)
    guard let verb = words.first else {
      console.complain(HelpText.overview(width: console.width ?? 80))
      return .usage
    }
    switch verb {
    case "-h", "--help":
      try console.raw(Array(HelpText.overview(width: console.width ?? 80).utf8))
      return .ok
    case "--version":
      try console.line("novasup \(version)")
      return .ok
    default: break
    }
    let command = try command(verb)
    let rest = Array(words.dropFirst())
    let parsed = try ParsedArguments.parse(rest, command: command, global: CommandTable.global)
    if parsed.has("help") {
      let text = HelpText.command(command, width: console.width ?? 80)
      try console.raw(Array(text.utf8))
      return .ok
    }
    guard !parsed.has("all") || parsed.words.isEmpty else {
      throw .usage("--all and names exclude each other", verb: command.name)
    }
    let session = Session(
      console: console,
      connection: Connection(
        socket: socket(parsed.value("socket"), environment: environment), interrupts: interrupts),
      environment: environment, now: now)
    return try command.run(Invocation(verb: command.name, arguments: parsed, session: session))
  }

  private static func command(_ verb: String) throws(ClientError) -> CommandSpec {
    if let command = CommandTable.command(named: verb) { return command }
    if let later = CommandTable.later[verb] { throw CommandTable.notYet(verb, later) }
    guard !verb.hasPrefix("-") else {
      throw .usage("unknown option \(CleanText.forTerminal(verb))")
    }
    throw .usage(
      Suggestion.sentence(
        "unknown verb \(CleanText.forTerminal(verb))",
        Suggestion.nearest(to: verb, in: CommandTable.words)))
  }

  /// Global options may stand before the verb: aliases become what they mean, then the options follow the verb.
  static func verbFirst(_ arguments: [String]) throws(ClientError) -> [String] {
    var front: [String] = []
    var index = 0
    while index < arguments.count {
      let word = arguments[index]
      guard word.hasPrefix("-"), word != "--" else { break }
      guard let option = globalOption(word) else { break }
      if front.isEmpty, option.long == "help" { break }
      front.append(word)
      index += 1
      let detached =
        word.hasPrefix("--") ? !word.contains("=") : word.count == 2
      if option.value != nil, detached, index < arguments.count {
        front.append(arguments[index])
        index += 1
      }
    }
    let words = try expand(Array(arguments[index...]))
    guard let verb = words.first else { return arguments }
    return [verb] + front + words.dropFirst()
  }

  private static func globalOption(_ word: String) -> OptionSpec? {
    if word.hasPrefix("--") {
      let name = word.dropFirst(2).prefix { $0 != "=" }
      return CommandTable.global.first { $0.long == name }
    }
    return CommandTable.global.first { $0.short == word.dropFirst().first }
  }

  /// Aliases become what they mean.
  static func expand(_ words: [String]) throws(ClientError) -> [String] {
    guard let first = words.first,
      let alias = CommandTable.aliases.first(where: { $0.word == first })
    else { return words }
    guard let expanded = alias.expand(Array(words.dropFirst())) else {
      throw .usage("\(first) is used as `novasup \(alias.usage)`")
    }
    return expanded
  }
}

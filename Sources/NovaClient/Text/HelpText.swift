// The command table as help for a terminal. Must never be wider than asked.

import NovaWire

/// Help pages.
enum HelpText {
  /// The page of `novasup help`.
  static func overview(width: Int) -> String {
    var out = "novasup: hands on the Nova supervisor\n\nUSAGE\n  novasup VERB [TARGET…] [OPTION…]\n"
    for group in CommandTable.groups {
      out += "\n\(group.title.uppercased())\n"
      for command in group.commands { out += entry(command.name, command.abstract, width) }
    }
    out += "\nOPTIONS OF EVERY VERB\n"
    for option in CommandTable.global { out += entry(option.usage, option.abstract, width) }
    out += "\nALSO UNDERSTOOD\n"
    for alias in CommandTable.aliases { out += entry(alias.usage, alias.meaning, width) }
    out += "\n`novasup help VERB` explains a verb, `novasup help exit-codes` the exit codes.\n"
    return out
  }

  /// The page of one verb.
  static func command(_ command: CommandSpec, width: Int) -> String {
    var out = "\(command.abstract).\n\nUSAGE\n  \(usage(command))\n"
    if !command.aliases.isEmpty {
      out += "\nALIASES\n  \(command.aliases.joined(separator: ", "))\n"
    }
    if !command.discussion.isEmpty {
      out += "\n" + wrap(command.discussion, indent: 0, width: width).joined(separator: "\n") + "\n"
    }
    if !command.arguments.isEmpty {
      out += "\nARGUMENTS\n"
      for argument in command.arguments + [command.rest].compactMap(\.self) {
        out += entry(argument.usage, argument.abstract, width)
      }
    }
    if !command.options.isEmpty {
      out += "\nOPTIONS\n"
      for option in command.options { out += entry(option.usage, option.abstract, width) }
    }
    out += "\nOPTIONS OF EVERY VERB\n"
    for option in CommandTable.global { out += entry(option.usage, option.abstract, width) }
    if !command.examples.isEmpty {
      out += "\nEXAMPLES\n"
      for example in command.examples { out += "  \(example.line)\n      \(example.meaning)\n" }
    }
    return out
  }

  /// `novasup stop TARGET… [OPTION…]`.
  static func usage(_ command: CommandSpec) -> String {
    (["novasup", command.name] + command.arguments.map(\.usage)
      + (command.options.isEmpty ? [] : ["[OPTION…]"])
      + (command.rest.map { ["--", $0.usage] } ?? [])).joined(separator: " ")
  }

  /// Topics that are no verbs.
  static let topics = ["exit-codes", "targets", "environment"]

  /// The page of a topic; nil when there is none.
  static func topic(_ name: String, width: Int) -> String? {
    switch name {
    case "exit-codes":
      return ExitCode.allCases.map { entry("\($0.rawValue)", $0.meaning, width) }.joined()
    case "targets":
      return entry("NAME", "every instance of a worker", width)
        + entry("NAME@2", "its second instance", width)
        + entry("'agent-*'", "every worker whose name fits; quote it from the shell", width)
        + entry("--all", "every worker", width)
        + "\nEvery name is looked up before anything is done; one that is wrong stops it all.\n"
    case "environment":
      return environment.map { entry($0.name, $0.meaning, width) }.joined()
    default: return nil
    }
  }

  /// The variables that novasup reads.
  static let environment: [(name: String, meaning: String)] = [
    ("NOVA_SOCKET", "The supervisor's socket"),
    ("NOVA_RUNTIME_DIR", "Its directory: supervisor.sock lies there (/run/nova)"),
    ("NOVA_CONFIG_DIR", "What `check` reads (/etc/nova)"),
    ("NO_COLOR", "Set to anything: no colour"),
  ]

  /// Two blanks, the term, and from column 28 on its meaning, wrapped.
  private static func entry(_ term: String, _ meaning: String, _ width: Int) -> String {
    let column = 28
    let lines = wrap(meaning, indent: column, width: width)
    let head = "  " + term
    let used = TerminalText.width(head)
    if used + 2 > column { return head + "\n" + lines.joined(separator: "\n") + "\n" }
    let first = lines.first.map { String($0.dropFirst(column)) } ?? ""
    return head + String(repeating: " ", count: column - used)
      + ([first] + lines.dropFirst()).joined(separator: "\n") + "\n"
  }

  /// Words into lines of at most `width`, each indented.
  static func wrap(_ text: String, indent: Int, width: Int) -> [String] {
    let space = String(repeating: " ", count: indent)
    // 20: a narrower terminal shows long lines rather than one word a line.
    let limit = max(indent + 20, width)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty,
        indent + TerminalText.width(line) + 1 + TerminalText.width(String(word)) > limit
      {
        lines.append(space + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(space + line) }
    return lines
  }
}

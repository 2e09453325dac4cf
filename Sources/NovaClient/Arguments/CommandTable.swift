// All verbs, global options and aliases: the one table. Must never list a verb that does nothing.

import NovaWire

/// The table.
package enum CommandTable {
  /// The verbs in the order of the overview.
  package static let groups: [(title: String, commands: [CommandSpec])] = [
    (
      "Look",
      [
        ListWorkers.command, ShowStatus.command, Top.command, ShowLogs.command, ShowEvents.command,
        Observe.health, Dashboard.command,
      ]
    ),
    ("Act", Act.commands + [RunCommand.command, Observe.wait]),
    (
      "Count",
      [
        ShowMoney.costs, Revenue.command, Audit.command, ShowBudget.command, ShowCalls.command,
        Prices.command,
      ]
    ),
    (
      "Decide",
      [
        Autonomy.command, Decisions.command, Decisions.approve, Decisions.reject,
        ShowAlerts.command,
        Simulate.command,
      ]
    ),
    ("Configure", [Reload.command, Check.command, Setup.command, BackUp.command]),
    ("Inside a worker", [Report.command]),
    ("About novasup", [Observe.version, Explain.completion, Explain.help]),
  ]

  /// The verbs.
  package static var commands: [CommandSpec] { groups.flatMap(\.commands) }

  /// Options that every verb takes.
  package static let global: [OptionSpec] = [
    OptionSpec(
      "output", short: "o", value: "FORM", choices: ["table", "wide", "json", "jsonl", "name"],
      "table, wide, json, jsonl or name"),
    OptionSpec("no-headers", "Tables without their first line"),
    OptionSpec("quiet", short: "q", "Only errors, and what was asked for"),
    OptionSpec(
      "timeout", value: "DUR", "Wait so long for it; then exit 124, and the job goes on"),
    OptionSpec("no-wait", "Do not wait until it is true"),
    OptionSpec(
      "socket", value: "PATH", "The supervisor's socket (NOVA_SOCKET, /run/nova/supervisor.sock)"),
    OptionSpec("dry-run", "Say what would be done and do nothing"),
    OptionSpec("yes", short: "y", "Do not ask"),
    OptionSpec("help", short: "h", "Explain the verb"),
  ]

  /// Other ways to type things.
  package static let aliases: [AliasSpec] = [
    AliasSpec(usage: "tail TARGET…", meaning: "logs -f TARGET…", word: "tail") {
      ["logs", "-f"] + $0
    },
    renamed("freeze TARGET…", "pause"), renamed("thaw TARGET…", "resume"),
    renamed("unpause TARGET…", "resume"),
    AliasSpec(usage: "signal TARGET SIG", meaning: "kill -s SIG TARGET", word: "signal") { words in
      guard words.count >= 2, let signal = words.last, !signal.hasPrefix("-") else { return nil }
      return ["kill", "-s", signal] + words.dropLast()
    },
    renamed("reread", "reload"), renamed("update", "reload"), renamed("daemon-reload", "reload"),
    AliasSpec(usage: "doctor", meaning: "check --host", word: "doctor") {
      ["check", "--host"] + $0
    },
    group("workers"), group("agents"),
  ]

  private static func renamed(_ usage: String, _ verb: String) -> AliasSpec {
    let parts = usage.split(separator: " ", maxSplits: 1)
    let rest = parts.count > 1 ? " " + parts[1] : ""
    return AliasSpec(usage: usage, meaning: verb + rest, word: String(parts[0])) { [verb] + $0 }
  }

  /// `workers start X`: the names of the older NovaOS; without a verb it lists.
  private static func group(_ word: String) -> AliasSpec {
    let verbs = ["start", "stop", "restart", "status", "scale", "health"]
    return AliasSpec(
      usage: "\(word) start|stop|status|scale|health …",
      meaning: "start|stop|status|scale|health …", word: word
    ) { words in
      guard let verb = words.first, !verb.hasPrefix("-") else { return ["ps"] + words }
      if verb == "list" || verb == "ls" { return ["ps"] + words.dropFirst() }
      return verbs.contains(verb) ? words : nil
    }
  }

  /// Verbs of the contract that later versions bring, and with what.
  package static let later: [String: String] = [
    "import": "import and export", "export": "import and export",
  ]

  static func notYet(_ word: String, _ with: String) -> ClientError {
    .cannot("run \(word)", "it comes in a later version, with \(with)", code: .usage)
  }

  /// A verb by its name or alias.
  package static func command(named name: String) -> CommandSpec? {
    commands.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// Everything that can be typed first.
  package static var words: [String] {
    commands.flatMap { [$0.name] + $0.aliases } + aliases.map(\.word)
  }
}

// `help` and `completion`: the command table as text. Must never describe what the table does not hold.

import NovaWire

/// The verbs about novasup itself.
enum Explain {
  static let help = CommandSpec(
    name: "help", abstract: "Explain novasup, or one verb",
    arguments: [
      ArgumentSpec(
        name: "TOPIC", abstract: "A verb, or `exit-codes`, `targets`, `environment`",
        required: false)
    ],
    options: [
      OptionSpec(
        "format", value: "FORM", choices: ["text", "man", "markdown"],
        "text, a manual page in roff, or the reference page")
    ],
    examples: [
      .init("novasup help stop", "one verb"),
      .init("novasup help --format man > novasup.1", "the manual page"),
    ],
    run: { (call) throws(ClientError) in
      let topic = call.arguments.words.first
      switch call.arguments.value("format") {
      case "man": try call.console.raw(Array(ManPage.text().utf8))
      case "markdown": try call.console.raw(Array(ReferencePage.commands().utf8))
      default:
        let text = try text(on: topic, width: call.console.width ?? 80)
        try call.console.raw(Array(text.utf8))
      }
      return .ok
    })

  /// The help on a topic. Throws usage when there is none.
  static func text(on topic: String?, width: Int) throws(ClientError) -> String {
    guard let topic else { return HelpText.overview(width: width) }
    if let text = HelpText.topic(topic, width: width) { return text }
    if let command = CommandTable.command(named: topic) {
      return HelpText.command(command, width: width)
    }
    if let alias = CommandTable.aliases.first(where: { $0.word == topic }) {
      return "`novasup \(alias.usage)` means `novasup \(alias.meaning)`.\n"
    }
    if let later = CommandTable.later[topic] { throw CommandTable.notYet(topic, later) }
    let near = Suggestion.nearest(to: topic, in: CommandTable.words)
    throw .usage(Suggestion.sentence("there is no help on \(topic)", near))
  }

  static let completion = CommandSpec(
    name: "completion", abstract: "Print the completion script of a shell",
    arguments: [
      ArgumentSpec(
        name: "SHELL", abstract: "bash, zsh or fish", kind: .choice(["bash", "zsh", "fish"]))
    ],
    examples: [
      .init("novasup completion bash > /usr/share/bash-completion/completions/novasup", "for all"),
      .init("source <(novasup completion zsh)", "for this shell"),
    ],
    run: { (call) throws(ClientError) in
      let script =
        switch call.arguments.words[0] {
        case "bash": Completion.bash()
        case "zsh": Completion.zsh()
        default: Completion.fish()
        }
      try call.console.raw(Array(script.utf8))
      return .ok
    })
}

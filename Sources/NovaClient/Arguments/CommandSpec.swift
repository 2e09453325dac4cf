// What a verb is: one literal a verb, from which parsing, help, man page, completion and docs/reference/cli.md
// all come. Must never hold behaviour besides `run`.

import NovaWire

/// A verb of novasup.
package struct CommandSpec: Sendable {
  /// How it is typed.
  package var name: String
  /// Names that mean exactly the same.
  package var aliases: [String] = []
  /// One line, no full stop.
  package var abstract: String
  /// Paragraphs for help and man page.
  package var discussion: String = ""
  package var arguments: [ArgumentSpec] = []
  package var options: [OptionSpec] = []
  /// What must follow `--`; nil: nothing has to.
  package var rest: ArgumentSpec?
  package var examples: [Example] = []
  /// Does it and says the exit code.
  var run: @Sendable (borrowing Invocation) throws(ClientError) -> ExitCode

  /// A line to copy.
  package struct Example: Sendable {
    package var line: String
    package var meaning: String
    init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }
}

/// A word after the verb.
package struct ArgumentSpec: Sendable {
  package var name: String
  package var abstract: String
  package var kind: Kind = .text
  package var required = true
  /// Takes all that follow.
  package var repeats = false

  /// What completion offers for it.
  package enum Kind: Sendable, Equatable {
    case text, target, file
    case choice([String])
  }

  /// `NAME`, `[NAME]`, `NAME…`, `[NAME…]`.
  package var usage: String {
    let inner = name + (repeats ? "…" : "")
    return required ? inner : "[\(inner)]"
  }
}

/// A flag or an option with a value.
package struct OptionSpec: Sendable {
  package var long: String
  package var short: Character?
  /// The value's placeholder; nil is a flag.
  package var value: String?
  package var abstract: String
  package var choices: [String] = []

  init(
    _ long: String, short: Character? = nil, value: String? = nil, choices: [String] = [],
    _ abstract: String
  ) {
    self.long = long
    self.short = short
    self.value = value
    self.choices = choices
    self.abstract = abstract
  }

  /// `-o, --output FORM`.
  package var usage: String {
    (short.map { "-\($0), " } ?? "") + "--" + long + (value.map { " \($0)" } ?? "")
  }
}

/// Another way to type a command line: muscle memory from other tools.
package struct AliasSpec: Sendable {
  /// `tail NAME`.
  package var usage: String
  /// `logs -f NAME`.
  package var meaning: String
  /// The first word.
  package var word: String
  /// The words after it, rewritten; nil when they are no use of the alias.
  var expand: @Sendable ([String]) -> [String]?
}

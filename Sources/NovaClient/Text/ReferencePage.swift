// The command table and the exit codes as pages of docs/reference. Must never be edited there: the pages are
// compared with this in a test.

import NovaWire

/// Markdown for docs/reference.
package enum ReferencePage {
  private static let notice = "<!-- Generated from the command table; a test compares. -->\n"

  /// docs/reference/cli.md.
  package static func commands() -> String {
    var out = """
      # novasup

      \(notice)
      `novasup VERB [TARGET…] [OPTION…]` makes one call to the supervisor's API and shows one table or JSON. \
      A target is `NAME`, `NAME@2` (an instance), a glob such as `'agent-*'`, or `--all`; several at once. \
      Every name is looked up before anything is done. Exit codes: [exit-codes.md](exit-codes.md).

      ## Options of every verb


      """
    out += list(CommandTable.global)
    for group in CommandTable.groups {
      out += "\n## \(group.title)\n"
      for command in group.commands { out += section(command) }
    }
    out += "\n## Other ways to type it\n\n| typed | means |\n|---|---|\n"
    for command in CommandTable.commands {
      for alias in command.aliases { out += "| `\(cell(alias))` | `\(cell(command.name))` |\n" }
    }
    for alias in CommandTable.aliases {
      out += "| `\(cell(alias.usage))` | `\(cell(alias.meaning))` |\n"
    }
    out += "\n## Environment\n\n| name | meaning |\n|---|---|\n"
    for variable in HelpText.environment {
      out += "| `\(variable.name)` | \(cell(variable.meaning)) |\n"
    }
    return out
  }

  /// docs/reference/exit-codes.md.
  package static func exitCodes() -> String {
    var out = """
      # Exit codes of novasup

      \(notice)
      One table for all verbs. A listing exits 0 when the listing worked. When several targets fail in \
      different ways the code is 1.

      | code | meaning |
      |---|---|

      """
    for code in ExitCode.allCases { out += "| \(code.rawValue) | \(cell(code.meaning)) |\n" }
    out += """

      ## From the words of the API

      | `error.code` | HTTP status | exit code |
      |---|---|---|

      """
    for code in APIErrorCode.allCases {
      out += "| `\(code.rawValue)` | \(code.httpStatus) | \(code.exitCode.rawValue) |\n"
    }
    return out
  }

  private static func section(_ command: CommandSpec) -> String {
    var out =
      "\n### \(command.name)\n\n\(command.abstract).\n\n```\n\(HelpText.usage(command))\n```\n"
    if !command.discussion.isEmpty { out += "\n\(command.discussion)\n" }
    if !command.arguments.isEmpty {
      out += "\n"
      for argument in command.arguments + [command.rest].compactMap(\.self) {
        out += "- `\(argument.usage)`: \(argument.abstract)\n"
      }
    }
    if !command.options.isEmpty { out += "\n" + list(command.options) }
    for example in command.examples {
      out += "\n`\(example.line)`: \(example.meaning)\n"
    }
    return out
  }

  private static func list(_ options: [OptionSpec]) -> String {
    options.map { "- `\($0.usage)`: \($0.abstract)\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    text.map { $0 == "|" ? "\\|" : String($0) }.joined()
  }
}

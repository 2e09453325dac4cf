// The command table as novasup(1) in man(7) macros. Must never hold an unescaped backslash or a line that
// begins with a dot by accident.

import NovaWire

/// The manual page.
package enum ManPage {
  /// The whole page.
  package static func text() -> String {
    var out = """
      .\\" Generated from the command table by `novasup help --format man`.
      .TH NOVASUP 1 "" "nova-supervisor \(escape(Novasup.version))" "User Commands"
      .SH NAME
      novasup \\- hands on the Nova supervisor
      .SH SYNOPSIS
      .B novasup
      .I VERB
      .RI [ TARGET... ]
      .RI [ OPTION... ]
      .SH DESCRIPTION
      One call to the supervisor's API over its Unix socket, shown as a table or as JSON.
      .SH VERBS

      """
    for command in CommandTable.commands { out += section(command) }
    out += ".SH OPTIONS OF EVERY VERB\n"
    for option in CommandTable.global { out += item(option.usage, option.abstract) }
    out += ".SH ALIASES\n"
    for alias in CommandTable.aliases {
      out += item(alias.usage, "means: novasup " + alias.meaning)
    }
    out += ".SH ENVIRONMENT\n"
    for variable in HelpText.environment { out += item(variable.name, variable.meaning) }
    out += ".SH EXIT STATUS\n"
    for code in ExitCode.allCases { out += item("\(code.rawValue)", code.meaning) }
    out += ".SH FILES\n" + item("/run/nova/supervisor.sock", "the supervisor's socket")
    out += ".SH SEE ALSO\n.BR nova-supervisor (8),\n.BR systemctl (1)\n"
    return out
  }

  private static func section(_ command: CommandSpec) -> String {
    var out = ".SS \(escape(HelpText.usage(command)))\n\(paragraph(command.abstract + "."))\n"
    if !command.aliases.isEmpty {
      out += ".PP\nAlso: \(escape(command.aliases.joined(separator: ", ")))\n"
    }
    if !command.discussion.isEmpty { out += ".PP\n\(paragraph(command.discussion))\n" }
    for argument in command.arguments + [command.rest].compactMap(\.self) {
      out += item(argument.usage, argument.abstract)
    }
    for option in command.options { out += item(option.usage, option.abstract) }
    for example in command.examples {
      out += ".PP\n\(paragraph(example.meaning)):\n.RS\n.nf\n\(paragraph(example.line))\n.fi\n.RE\n"
    }
    return out
  }

  private static func item(_ term: String, _ meaning: String) -> String {
    ".TP\n.B \(escape(term))\n\(paragraph(meaning))\n"
  }

  /// Text that starts a line: a leading dot or quote would be a request.
  private static func paragraph(_ text: String) -> String {
    let text = escape(text)
    return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
  }

  /// Backslashes, and hyphens that must stay hyphens when copied.
  static func escape(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\": out += "\\e"
      case "-": out += "\\-"
      case "…": out += "..."
      default: out.append(character)
      }
    }
    return out
  }
}

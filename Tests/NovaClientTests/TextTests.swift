// Help, man page, completions and the pages of docs/reference: all from the table, and the committed pages are
// what the table says. Set NOVA_WRITE_REFERENCE=1 to write them anew. Must never leave them written otherwise.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaClient

@Suite struct TextTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  @Test(
    "a page of docs/reference is what the code says",
    arguments: ["cli.md", "exit-codes.md", "api.md"])
  func reference(name: String) throws {
    let text =
      switch name {
      case "cli.md": ReferencePage.commands()
      case "exit-codes.md": ReferencePage.exitCodes()
      default: APIReference.page()
      }
    let path = Self.root + "/docs/reference/" + name
    if unsafe getenv("NOVA_WRITE_REFERENCE") != nil {
      try FileBytes.write(Array(text.utf8), to: path, mode: 0o644)
    }
    let there = String(decoding: try FileBytes.read(path), as: UTF8.self)
    #expect(there == text, "run the tests with NOVA_WRITE_REFERENCE=1 to write \(name) anew")
  }

  @Test("help of a verb has its usage, options and examples, and fits the width")
  func help() {
    let outcome = novasup(["scale", "--help"])
    #expect(outcome.code == .ok)
    #expect(
      outcome.out.hasPrefix(
        """
        Set how many instances of a worker run.

        USAGE
          novasup scale NAME=N… [OPTION…]

        The highest numbers go first. Of a stopped worker only the count is stored. The
        count stays until `instances` in the file changes. Bounded by min_instances,
        max_instances and the budget.

        ARGUMENTS
          NAME=N…                   or NAME N, or NAME with --multiplier

        OPTIONS
          --multiplier X            Times the wanted count, rounded up
          --current M               Fail with exit 8 unless M instances are live
          --pin                     The engine leaves this count alone
          --reason TEXT             Why, for the history

        """), "\(outcome.out)")
    #expect(novasup(["help", "scale"]).out == outcome.out)
  }

  @Test("no help page is wider than 80 columns, and every verb has one")
  func widths() throws {
    for command in CommandTable.commands {
      // Examples are for copying and are never broken.
      let text = HelpText.command(command, width: 80)
      let end = text.firstRange(of: "\nEXAMPLES\n")?.lowerBound ?? text.endIndex
      for line in text[..<end].split(separator: "\n") {
        #expect(TerminalText.width(String(line)) <= 80, "\(line)")
      }
    }
  }

  @Test("every topic and alias is explained", arguments: HelpText.topics + ["tail", "doctor"])
  func topics(name: String) { #expect(novasup(["help", name]).code == .ok) }

  @Test("nothing typed shows the overview on stderr and exits 2")
  func nothing() {
    let outcome = novasup([])
    #expect(outcome.code == .usage)
    #expect(outcome.err.contains("USAGE"))
    #expect(novasup(["--help"]).code == .ok)
    #expect(novasup(["--version"]).out == "novasup \(Version.text)\n")
  }

  @Test("the man page names every verb and option and has no stray requests")
  func man() {
    let page = ManPage.text()
    for command in CommandTable.commands {
      #expect(page.contains(".SS " + ManPage.escape(HelpText.usage(command)) + "\n"))
      for option in command.options { #expect(page.contains(ManPage.escape(option.usage))) }
    }
    let known = [
      ".TH", ".SH", ".SS", ".TP", ".B", ".I", ".RI", ".PP", ".RS", ".RE", ".nf", ".fi", ".BR",
    ]
    for line in page.split(separator: "\n") where line.hasPrefix(".") {
      let request = String(line.prefix { $0 != " " })
      #expect(known.contains(request) || line.hasPrefix(".\\\""), "\(line)")
    }
  }

  @Test(
    "completions are accepted by their shell",
    .disabled(if: TextTests.shells.isEmpty, "no shell is installed"),
    arguments: TextTests.shells)
  func completions(shell: Shell) throws {
    let outcome = novasup(["completion", shell.name])
    #expect(outcome.code == .ok)
    for command in CommandTable.commands { #expect(outcome.out.contains(command.name)) }
    let server = FakeServer()
    let path = server.directory + "/script"
    try FileBytes.write(Array(outcome.out.utf8), to: path, mode: 0o600)
    defer { unsafe unlink(path) }
    #expect(throws: Never.self) { try Subprocess.run([shell.path, "-n", path], to: "check") }
  }

  /// A shell that is installed here.
  struct Shell: Sendable {
    var name: String
    var path: String
  }

  static let shells: [Shell] = ["bash", "zsh", "fish"].compactMap { name in
    ["/bin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + name }
      .first { unsafe access($0, X_OK) == 0 }.map { Shell(name: name, path: $0) }
  }

  @Test(
    "scripts are made for shells that are not installed, too", arguments: ["bash", "zsh", "fish"])
  func scripts(shell: String) {
    let text = novasup(["completion", shell]).out
    #expect(text.contains("novasup ps -o name"))
    #expect(text.contains("2>/dev/null"))
    #expect(text.contains("daemon-reload"))
  }
}

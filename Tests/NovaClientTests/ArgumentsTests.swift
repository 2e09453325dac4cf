// Command lines against the table: what is understood and what is refused. Must never start a server.

import NovaModel
import NovaWire
import Testing

@testable import NovaClient

@Suite struct ArgumentsTests {
  private func parse(_ verb: String, _ words: [String]) throws -> ParsedArguments {
    let command = try #require(CommandTable.command(named: verb))
    return try ParsedArguments.parse(words, command: command, global: CommandTable.global)
  }

  @Test(
    "options are understood in every usual form",
    arguments: [
      ["-n", "5", "-f", "a"], ["-n5", "-f", "a"], ["-fn5", "a"], ["-n=5", "a", "-f"],
      ["--lines", "5", "--follow", "a"], ["--lines=5", "a", "-f"], ["a", "-fn", "5"],
    ])
  func forms(words: [String]) throws {
    let parsed = try parse("logs", words)
    #expect(parsed.words == ["a"])
    #expect(parsed.value("lines") == "5")
    #expect(parsed.has("follow"))
  }

  @Test("what follows -- is not an option")
  func rest() throws {
    let parsed = try parse("logs", ["a", "--", "-f"])
    #expect(parsed.words == ["a", "-f"] && !parsed.has("follow"))
  }

  @Test(
    "wrong usage exits 2 and says what is wrong",
    arguments: [
      (["stop"], "needs TARGET"), (["stop", "--bogus", "a"], "unknown option --bogus"),
      (["logs", "--folow"], "did you mean --follow?"), (["stp", "a"], "did you mean stop?"),
      (["logs", "-n"], "-n needs a value"), (["logs", "-n", "many"], "whole number"),
      (["logs", "--follow=1"], "takes no value"), (["ps", "-o", "xml"], "must be one of"),
      (["wait", "a", "--for", "godot"], "must be one of"), (["version", "now"], "unexpected word"),
      (["stop", "--all", "a"], "exclude each other"), (["stop", "-t", "soon", "a"], "duration"),
      (["completion", "tcsh"], "must be one of"), (["scale", "a"], "is not NAME=N"),
      (["scale", "a=-1"], "is not NAME=N"), (["scale", "a=1", "a=2"], "given twice"),
      (["scale", "a", "--multiplier", "0"], "over 0"),
      (["kill", "-s", "FOO", "a"], "no signal FOO"),
      (["logs", "--since", "yesterday"], "must be a duration"), (["report"], "needs --ok"),
      (["signal", "a"], "is used as"), (["workers", "explode"], "is used as"),
      (["help", "nothing"], "no help on nothing"), (["-Z", "ps"], "unknown option -Z"),
      (["ps", "--timeout", "-5s"], "duration"),
    ])
  func usage(words: [String], says: String) {
    let outcome = novasup(words)
    #expect(outcome.code == .usage)
    #expect(outcome.err.contains(says), "\(outcome.err)")
    #expect(outcome.out.isEmpty)
    #expect(outcome.err.hasPrefix("novasup: "))
  }

  @Test(
    "verbs and flags of later versions say so",
    arguments: [
      ["import", "pm2", "f"],
      ["export", "systemd"],
    ])
  func later(words: [String]) {
    let outcome = novasup(words)
    #expect(outcome.code == .usage)
    #expect(outcome.err.contains("comes in a later version"))
  }

  @Test("no later verb is in the table, and no alias hides a verb")
  func tableIsConsistent() {
    let words = CommandTable.words
    #expect(Set(words).count == words.count)
    for later in CommandTable.later.keys { #expect(!words.contains(later)) }
    for command in CommandTable.commands {
      let options = command.options + CommandTable.global
      #expect(Set(options.map(\.long)).count == options.count, "\(command.name)")
      let shorts = options.compactMap(\.short)
      #expect(Set(shorts).count == shorts.count, "\(command.name)")
      #expect(!command.examples.isEmpty, "\(command.name)")
      #expect(!command.abstract.hasSuffix("."))
    }
  }

  @Test("every example of the table is understood by the table")
  func examples() throws {
    for command in CommandTable.commands {
      for example in command.examples where example.line.hasPrefix("novasup ") {
        let line = example.line.prefix { $0 != "|" && $0 != ">" }
        let words = line.split(separator: " ").dropFirst().map { word in
          String(word.filter { $0 != "'" })
        }
        #expect(words.first == command.name)
        _ = try parse(command.name, Array(words.dropFirst()))
      }
    }
  }

  @Test(
    "aliases mean what the table says",
    arguments: [
      (["tail", "a"], ["logs", "-f", "a"]), (["thaw", "a"], ["resume", "a"]),
      (["signal", "a", "b", "HUP"], ["kill", "-s", "HUP", "a", "b"]),
      (["doctor"], ["check", "--host"]), (["daemon-reload"], ["reload"]),
      (["workers", "scale", "a=2"], ["scale", "a=2"]), (["agents"], ["ps"]),
      (["workers", "list"], ["ps"]), (["ps"], ["ps"]),
    ])
  func aliases(typed: [String], meant: [String]) throws {
    #expect(try Novasup.expand(typed) == meant)
  }

  @Test(
    "global options may stand before the verb",
    arguments: [
      (["-o", "json", "ps"], ["ps", "-o", "json"]),
      (["--socket=/x", "ps", "a"], ["ps", "--socket=/x", "a"]),
      (["-q", "--timeout", "5s", "stop", "a"], ["stop", "-q", "--timeout", "5s", "a"]),
      (["ps", "-q"], ["ps", "-q"]),
    ])
  func front(typed: [String], moved: [String]) throws {
    #expect(try Novasup.verbFirst(typed) == moved)
  }

  @Test(
    "durations are exact",
    arguments: [
      ("500ms", 500_000_000), ("10s", 10_000_000_000), ("5m", 300_000_000_000),
      ("1m30s", 90_000_000_000),
      ("24h", 86_400_000_000_000), ("2d", 172_800_000_000_000), ("7", 7_000_000_000), ("0", 0),
    ] as [(String, Int64)])
  func durations(text: String, nanoseconds: Int64) {
    #expect(ParsedArguments.span(text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "what is no duration is none",
    arguments: [
      "", "s", "-1s", "1y", "1 s", "ms", "9999999d", "1e3", "0x1s", "99999999999999999999s",
    ])
  func noDuration(text: String) { #expect(ParsedArguments.span(text) == nil) }

  @Test("the socket is found in the order of the contract")
  func socket() {
    #expect(Novasup.socket("/o", environment: ["NOVA_SOCKET": "/e"]) == "/o")
    #expect(
      Novasup.socket(nil, environment: ["NOVA_SOCKET": "/e", "NOVA_RUNTIME_DIR": "/r"]) == "/e")
    #expect(Novasup.socket(nil, environment: ["NOVA_RUNTIME_DIR": "/r"]) == "/r/supervisor.sock")
    #expect(Novasup.socket(nil, environment: [:]) == "/run/nova/supervisor.sock")
  }
}

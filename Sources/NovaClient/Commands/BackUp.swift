// `backup`: copies of the state database. Made by the supervisor while it works; judged and put back by its program, for
// that needs no running one. Must never open the database itself.

import Glibc
import NovaWire

/// The verb `backup`.
enum BackUp {
  static let command = CommandSpec(
    name: "backup", abstract: "Copy the state database, judge a copy, or put one back",
    discussion: """
      `create` asks the supervisor for a copy while it works; FILE must not exist and lie where the supervisor may \
      write (under systemd /var/lib/nova and /var/backups); without FILE it is the next automatic one. `list` shows \
      the automatic ones. `verify` looks through a copy. `restore` puts one in the place of the database while the \
      supervisor is stopped; the database it replaces is kept beside it.
      """,
    arguments: [
      ArgumentSpec(
        name: "VERB", abstract: "create, list, verify or restore",
        kind: .choice(["create", "list", "verify", "restore"])),
      ArgumentSpec(name: "FILE", abstract: "the copy", kind: .file, required: false),
    ],
    options: [
      OptionSpec("state", value: "DIR", "restore: the state directory (/var/lib/nova)")
    ],
    examples: [
      .init("novasup backup create /var/backups/nova.db", "a copy of this moment"),
      .init("novasup backup verify /var/backups/nova.db", "is it whole?"),
      .init("novasup backup restore /var/backups/nova.db", "back to it, after a stop"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words
    let file = words.count > 1 ? absolute(words[1]) : nil
    switch (words[0], file) {
    case ("create", _): return try create(file, call)
    case ("list", nil): return try list(call)
    case ("verify", let file?):
      try Subprocess.run([supervisor(), "backup", "verify", file], to: "verify \(words[1])")
    case ("restore", let file?):
      let state = call.arguments.value("state").map { ["--state", absolute($0)] } ?? []
      try Subprocess.run(
        [supervisor(), "backup", "restore", file] + state, to: "restore \(words[1])")
    case ("verify", nil), ("restore", nil):
      throw .usage("say which file: backup \(words[0]) FILE", verb: call.verb)
    default: throw .usage("backup is create, list, verify or restore", verb: call.verb)
    }
    return .ok
  }

  private static func create(
    _ file: String?, _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    let bytes = try call.post(
      "/v1/backups", BackupRequest(path: file), to: "back up",
      timeoutSeconds: try call.timeoutSeconds() ?? 600)
    let made = try call.decode(BackupResponse.self, bytes)
    switch call.form {
    case .json, .jsonl: try call.showJSON(bytes)
    case .name: try call.console.line(CleanText.forTerminal(made.path))
    case .table, .wide: try call.say("\(made.path): \(made.bytes) bytes, verified")
    }
    return .ok
  }

  private static func list(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let bytes = try call.get("/v1/backups", to: "list the backups")
    let rows = try call.decode([BackupRow].self, bytes)
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: for row in rows { try call.showJSON(APICoding.encode(row)) }
    case .name: for row in rows { try call.console.line(CleanText.forTerminal(row.path)) }
    case .table, .wide:
      var table = Table([Column("MADE"), Column("BYTES", right: true), Column("FILE")])
      table.rows = rows.map { [Cell($0.madeAt), Cell(String($0.bytes)), Cell($0.path)] }
      try call.show(table)
    }
    return .ok
  }

  /// The program beside this one where there is one (a build tree), else the package's.
  private static func supervisor() -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    if count > 0 {
      let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let beside = (own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "") + "/nova-supervisor"
      if unsafe access(beside, X_OK) == 0 { return beside }
    }
    return "/usr/sbin/nova-supervisor"
  }

  /// The supervisor works elsewhere: a path is the same for both only when it is absolute.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let buffer = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(buffer) }
    return unsafe String(cString: buffer) + "/" + path
  }
}

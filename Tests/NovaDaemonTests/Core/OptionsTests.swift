// The command line and the environment of the supervisor. Must never depend on where the tests run.

import Glibc
import NovaLinux
import Testing

@testable import NovaDaemon

@Suite struct OptionsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    var environment: [String: String] = [:]
    /// configuration, state, runtime, shim, cgroup; nil: refused, help or version.
    var places: [String?] = []
    var other: Options.Parsed?
    var testDescription: String { arguments.joined(separator: " ") + " \(environment)" }
  }

  static let usual: [String?] = ["/etc/nova", "/var/lib/nova", "/run/nova", nil, "auto"]

  static let rows = [
    Row(arguments: ["run"], places: usual),
    Row(
      arguments: ["run", "--config", "/c", "--state=/s", "--runtime", "/r", "--shim", "/x"],
      places: ["/c", "/s", "/r", "/x", "auto"]),
    Row(
      arguments: ["--cgroup=none", "run"],
      places: ["/etc/nova", "/var/lib/nova", "/run/nova", nil, "none"]),
    Row(
      arguments: ["run", "--cgroup", "/sys/fs/cgroup/a=b", "--shim", "none"],
      places: ["/etc/nova", "/var/lib/nova", "/run/nova", "none", "/sys/fs/cgroup/a=b"]),
    Row(
      arguments: ["run", "--state", "/s"],
      environment: ["NOVA_CONFIG_DIR": "/ec", "NOVA_STATE_DIR": "/es", "NOVA_RUNTIME_DIR": "/er"],
      places: ["/ec", "/s", "/er", nil, "auto"]),
    Row(
      arguments: ["run"],
      environment: ["NOVA_CONFIG_DIR": "", "NOVA_STATE_DIR": "", "NOVA_SHIM": ""], places: usual),
    Row(
      arguments: ["run"], environment: ["NOVA_SHIM": "none"],
      places: ["/etc/nova", "/var/lib/nova", "/run/nova", "none", "auto"]),
    Row(arguments: ["--help"], other: .help), Row(arguments: ["run", "-h"], other: .help),
    Row(arguments: ["--version"], other: .version), Row(arguments: ["-V"], other: .version),
    Row(arguments: [], other: .wrong("say what to do: nova-supervisor run")),
    Row(
      arguments: ["--config", "/c"], other: .wrong("say what to do: nova-supervisor run")),
    Row(arguments: ["run", "--state"], other: .wrong("--state needs a value")),
    Row(arguments: ["run", "--state="], other: .wrong("--state needs a value")),
    Row(
      arguments: ["run", "--cgroup", "x/y"],
      other: .wrong("--cgroup is auto, none or an absolute path, not 'x/y'")),
    Row(
      arguments: ["run", "run"],
      other: .wrong("unknown argument 'run' (see nova-supervisor --help)")),
    Row(
      arguments: ["run", "--config-dir=/c"],
      other: .wrong("unknown argument '--config-dir=/c' (see nova-supervisor --help)")),
    Row(
      arguments: ["start"], other: .wrong("unknown argument 'start' (see nova-supervisor --help)")),
    Row(arguments: [""], other: .wrong("unknown argument '' (see nova-supervisor --help)")),
    Row(arguments: ["backup", "verify", "/x.db"], other: .verify("/x.db")),
    Row(
      arguments: ["backup", "forget", "/x.db"],
      other: .wrong("backup is used as `backup verify FILE` or `backup restore FILE`")),
    Row(
      arguments: ["backup", "restore"],
      other: .wrong("backup is used as `backup verify FILE` or `backup restore FILE`")),
  ]

  @Test("the table", arguments: rows)
  func table(row: Row) {
    let parsed = Options.parse(row.arguments, environment: row.environment)
    if let other = row.other {
      #expect(parsed == other)
      return
    }
    guard case .run(let options) = parsed else {
      Issue.record("\(parsed)")
      return
    }
    #expect(
      [options.configuration, options.state, options.runtime, options.shim, options.cgroup]
        == row.places)
  }

  @Test("relative places are made absolute, wherever they were said")
  func absolute() {
    guard let buffer = unsafe getcwd(nil, 0) else { return }
    defer { unsafe free(buffer) }
    let here = unsafe String(cString: buffer)
    let parsed = Options.parse(
      ["run", "--config", "conf", "--runtime", "."],
      environment: ["NOVA_STATE_DIR": "state", "NOVA_SHIM": "bin/nova-shim"])
    guard case .run(let options) = parsed else {
      Issue.record("\(parsed)")
      return
    }
    #expect(options.configuration == here + "/conf")
    #expect(options.runtime == here)
    #expect(options.state == here + "/state")
    #expect(options.shim == here + "/bin/nova-shim")
    #expect(options.apiSocket == here + "/supervisor.sock")
    #expect(options.database == here + "/state/nova.db")
  }

  @Test(
    "the shim is told its group as it was said",
    arguments: [
      ("auto", ShimOptions.Cgroup.auto), ("none", .none),
      ("/sys/fs/cgroup/x", .path("/sys/fs/cgroup/x")),
    ])
  func cgroup(text: String, expected: ShimOptions.Cgroup) {
    var options = Options(environment: [:])
    options.cgroup = text
    #expect(options.shimCgroup == expected)
  }
}

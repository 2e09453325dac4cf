// `check`: the linter of configuration files, and the report about this host. Must never change anything.

import NovaWire

/// The verb `check`.
enum Check {
  static let command = CommandSpec(
    name: "check", abstract: "Lint the configuration, or report on this host",
    discussion: """
      Reads a directory with supervisor.yaml and workers.d, or one file, without the supervisor. With \
      --host it says what this host lets the supervisor do. Exits 0 when all is well, else 1.
      """,
    arguments: [
      ArgumentSpec(
        name: "PATH", abstract: "A directory or file (/etc/nova)", kind: .file, required: false)
    ],
    options: [OptionSpec("host", "Report on this host and its hardware instead")],
    examples: [
      .init("novasup check ./config", "before a commit"),
      .init("novasup check --host", "what works here?"),
    ],
    run: { (call) throws(ClientError) in
      if call.arguments.has("host") { return try HostCheck.run(call) }
      let directory =
        call.arguments.words.first ?? call.session.environment["NOVA_CONFIG_DIR"] ?? "/etc/nova"
      let findings = try Lint.findings(at: directory)
      return try show(findings, call)
    })

  /// What a linter says about one place.
  struct Finding: Codable, Sendable, Hashable {
    /// `FILE:LINE:COLUMN: what is wrong`.
    var message: String
    /// A warning does not fail the check.
    var warning: Bool
  }

  private static func show(
    _ findings: [Finding], _ call: borrowing Invocation
  ) throws(ClientError) -> ExitCode {
    switch call.form {
    case .json: try call.showJSON(APICoding.encode(findings))
    case .jsonl: for finding in findings { try call.showJSON(APICoding.encode(finding)) }
    case .table, .wide, .name:
      for finding in findings where !(call.quiet && finding.warning) {
        try call.console.line(
          CleanText.forTerminal((finding.warning ? "warning: " : "") + finding.message))
      }
    }
    let problems = findings.filter { !$0.warning }.count
    guard problems == 0 else {
      throw ClientError(.failed, Format.plural(problems, "problem"))
    }
    if findings.isEmpty, call.form == .table { try call.say("the configuration is well") }
    return .ok
  }
}

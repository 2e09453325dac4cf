// `reload` and `check`: a new configuration, seen as a difference, and linted. Must never say that something
// was applied when it was not.

import NovaWire

/// The verbs about configuration.
enum Reload {
  static let command = CommandSpec(
    name: "reload", abstract: "Read the configuration again and apply the difference",
    discussion: """
      Only what changed restarts; a pure change of `instances` restarts nobody. A bad file is refused \
      whole. With --dry-run the difference is shown and nothing is done.
      """,
    examples: [
      .init("novasup reload --dry-run", "what would happen"), .init("novasup reload", "do it"),
    ],
    run: { (call) throws(ClientError) in
      let bytes = try call.post(
        "/v1/reload", ReloadRequest(dryRun: call.dryRun ? true : nil), to: "reload",
        timeoutSeconds: try call.timeoutSeconds() ?? 60)
      let response = try call.decode(ReloadResponse.self, bytes)
      switch call.form {
      case .json: try call.showJSON(bytes)
      case .jsonl: for change in response.changes { try call.showJSON(APICoding.encode(change)) }
      case .name:
        for change in response.changes {
          try call.console.line(CleanText.forTerminal(change.worker))
        }
      case .table, .wide:
        for line in lines(response) { try call.say(line) }
      }
      for warning in response.warnings { call.warn("warning: \(warning)") }
      for problem in response.problems { call.console.complain(CleanText.forTerminal(problem)) }
      guard response.problems.isEmpty else {
        throw .cannot(
          "reload", Format.plural(response.problems.count, "problem") + "; nothing was changed",
          hint: "mend the file and run `novasup check`")
      }
      return .ok
    })

  /// The difference, a line a worker.
  static func lines(_ response: ReloadResponse) -> [String] {
    guard response.problems.isEmpty else { return [] }
    guard !response.changes.isEmpty else { return ["nothing changed"] }
    return response.changes.map { change in
      let fields = change.fields.isEmpty ? "" : " (\(change.fields.joined(separator: ", ")))"
      let note = change.message.map { ": \($0)" } ?? ""
      let prefix = response.applied ? "" : "would be "
      return "\(change.worker) \(prefix)\(change.change.rawValue)\(fields)\(note)"
    }
  }
}

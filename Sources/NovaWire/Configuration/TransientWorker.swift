// A command of `POST /v1/run` as a file of one worker, judged by the loader of every other file: its rules are the
// rules. Must never let an argument mean anything: each is quoted, and its percent signs are no specifiers.

package import NovaModel

/// Files of transient workers.
package enum TransientWorker {
  /// The file's text. It holds the values of the environment, so it is for root's eyes alone.
  package static func text(_ request: RunRequest) -> String {
    var lines = [
      "# Made by `novasup run`; `novasup stop \(CleanText.forTerminal(request.name))` removes it.",
      "workers:",
      "  \(quoted(request.name)):",
      "    command: [\(request.command.map(literal).joined(separator: ", "))]",
    ]
    if let directory = request.directory { lines.append("    directory: \(literal(directory))") }
    if let user = request.user { lines.append("    user: \(quoted(user))") }
    if let environment = request.environment, !environment.values.isEmpty {
      lines.append("    environment:")
      for (name, value) in environment.values.sorted(by: { $0.key < $1.key }) {
        lines.append("      \(quoted(name)): \(literal(value))")
      }
    }
    switch request.mode ?? .once {
    // What was asked for once is tried once: how it ended is for whoever asked.
    case .once: lines += ["    mode: job", "    restart: never"]
    case .service: lines.append("    mode: service")
    }
    if let instances = request.instances { lines.append("    instances: \(instances)") }
    if let limits = request.limits {
      var parts: [String] = []
      if let memory = limits.memoryBytes { parts.append("memory: \(memory)") }
      if let cpu = limits.cpuPercent { parts.append("cpu: \(cpu)%") }
      if let pids = limits.pids { parts.append("pids: \(pids)") }
      if !parts.isEmpty { lines.append("    limits: { \(parts.joined(separator: ", ")) }") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads a file that must define `name` and no other worker; else there is no configuration but problems.
  package static func load(_ file: ConfigurationFile, named name: WorkerName) -> ConfigurationResult
  {
    var result = ConfigurationLoader.load(
      ConfigurationSource(supervisor: nil, workers: [file], zone: { _ in nil }))
    if let workers = result.configuration?.workers, workers.count != 1 || workers[name] == nil {
      result.configuration = nil
      result.problems = [
        Problem(file: file.path, line: 1, column: 1, message: "must define '\(name)' alone")
      ]
    }
    return result
  }

  /// What is wrong with a request, in the loader's words; the places are in a file that nobody wrote.
  package static func refusal(_ problems: [Problem]) -> APIError {
    // 3: more than anybody mends at once.
    let sentences = problems.prefix(3).map { problem in
      problem.message + (problem.suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    }
    let first = problems.first?.message.prefix { $0 != ":" && $0 != "." }
    let fields = ["command", "directory", "user", "environment", "instances", "limits"]
    return APIError(
      .badRequest, sentences.joined(separator: "; "), field: fields.first { $0 == first ?? "" })
  }

  private static func quoted(_ text: String) -> String { ConfigurationPrinter.text(text) }

  /// Quoted, with nothing for the specifiers to expand.
  private static func literal(_ text: String) -> String {
    quoted(
      text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))
  }
}

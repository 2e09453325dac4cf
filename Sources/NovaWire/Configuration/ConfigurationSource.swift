// What a load is given and what it answers: bytes in, values out. Must never open a file: the daemon reads them and
// says under which names.

package import NovaModel

extension ConfigurationSource {
  /// Whether a name in `workers.d` is that of a file to read: `*.yaml` or `*.yml`, and not hidden.
  package static func isWorkersFile(_ name: String) -> Bool {
    !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
  }
}

/// Everything a configuration is made from.
package struct ConfigurationSource {
  /// supervisor.yaml; nil is one with every default.
  package var supervisor: ConfigurationFile?
  /// workers.d/*.yaml, in the order in which duplicates should be reported.
  package var workers: [ConfigurationFile]
  /// The environment with nova.env merged in; names outside the legacy table are not looked at.
  package var overrides: [String: String]
  /// The TZif bytes of an IANA zone name, nil when there is no such zone.
  package var zone: (String) -> [UInt8]?
  /// What is wrong with a PCRE2 pattern, nil when nothing is; by default none is looked at.
  package var patternProblem: (String) -> String?

  /// Puts the parts together.
  package init(
    supervisor: ConfigurationFile?, workers: [ConfigurationFile], overrides: [String: String] = [:],
    zone: @escaping (String) -> [UInt8]?,
    patternProblem: @escaping (String) -> String? = { _ in nil }
  ) {
    self.supervisor = supervisor
    self.workers = workers
    self.overrides = overrides
    self.zone = zone
    self.patternProblem = patternProblem
  }
}

/// The outcome of a load.
package struct ConfigurationResult: Sendable, Hashable {
  /// The whole configuration; nil when there is any problem.
  package var configuration: Configuration?
  /// Everything that is wrong, by file and position; at most `ConfigurationLoader.mostProblems`.
  package var problems: [Problem]
  /// What is accepted but worth saying, by file and position.
  package var warnings: [Problem]

  /// Puts an outcome together.
  package init(configuration: Configuration?, problems: [Problem], warnings: [Problem]) {
    self.configuration = configuration
    self.problems = problems
    self.warnings = warnings
  }
}

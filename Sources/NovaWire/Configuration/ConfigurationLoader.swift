// Judges a whole configuration: files in, a configuration or every problem out. Must never half-load.

/// Loads configurations.
package enum ConfigurationLoader {
  /// The most problems one load reports; a file of garbage has more than anybody reads.
  package static let mostProblems = 100

  /// Reads every file, checks all of it, and answers with a configuration only if nothing is wrong.
  package static func load(_ source: ConfigurationSource) -> ConfigurationResult {
    ConfigurationResult(configuration: nil, problems: [], warnings: [])
  }
}

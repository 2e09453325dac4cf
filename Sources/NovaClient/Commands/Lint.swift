// The linter's door to the configuration loader: files in, findings out. Must never parse YAML here.

import NovaWire

/// Reads configuration files and has them judged.
enum Lint {
  /// What is wrong at `path`, a directory or one file. Throws when it cannot be read.
  static func findings(at path: String) throws(ClientError) -> [Check.Finding] {
    throw .cannot("check \(path)", "this build has no configuration loader", code: .usage)
  }
}

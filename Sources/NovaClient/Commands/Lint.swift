// The linter's door to the configuration loader: files in, findings out. Must never parse YAML here, nor read more
// than it says: a directory as /etc/nova is laid out, or one file.

import Glibc
import NovaLinux
import NovaModel
import NovaWire

/// Reads configuration files and has them judged.
enum Lint {
  /// What is wrong at `path`, a directory or one file. Throws when it cannot be read.
  static func findings(at path: String) throws(ClientError) -> [Check.Finding] {
    var found: [Check.Finding] = []
    let result = ConfigurationLoader.load(try source(at: path, &found))
    return found + result.problems.map { Check.Finding(message: $0.description, warning: false) }
      + result.warnings.map { Check.Finding(message: $0.description, warning: true) }
  }

  /// A directory is supervisor.yaml, workers.d/*.yaml and nova.env; a file named supervisor.yaml is the settings,
  /// any other a file of workers.
  private static func source(
    at path: String, _ found: inout [Check.Finding]
  ) throws(ClientError) -> ConfigurationSource {
    guard Setup.exists(path) else {
      throw .cannot("check \(path)", "there is no such file or directory")
    }
    var supervisor: ConfigurationFile?
    var workers: [ConfigurationFile] = []
    var overrides: [String: String] = [:]
    if let names = try? Directory.names(in: path) {
      if names.contains("supervisor.yaml") { supervisor = try file(path + "/supervisor.yaml") }
      let directory = path + "/workers.d"
      for name in (try? Directory.names(in: directory)) ?? []
      where ConfigurationSource.isWorkersFile(name) {
        workers.append(try file(directory + "/" + name))
      }
      // A directory of nothing but workers is one too.
      if supervisor == nil, !names.contains("workers.d") {
        for name in names where ConfigurationSource.isWorkersFile(name) {
          workers.append(try file(path + "/" + name))
        }
      }
      if names.contains("nova.env") { overrides = environment(path + "/nova.env", &found) }
    } else if path == "supervisor.yaml" || path.hasSuffix("/supervisor.yaml") {
      supervisor = try file(path)
    } else {
      workers = [try file(path)]
    }
    return ConfigurationSource(
      supervisor: supervisor, workers: workers, overrides: overrides, zone: zone,
      patternProblem: LinePattern.problem)
  }

  /// The legacy names of nova.env. It holds secrets, so who lints need not be able to read it.
  private static func environment(
    _ path: String, _ found: inout [Check.Finding]
  ) -> [String: String] {
    guard let bytes = try? FileBytes.read(path) else {
      found.append(
        .init(message: "\(path): cannot be read; checked without its values", warning: true))
      return [:]
    }
    switch EnvironmentFile.parse(bytes, path: path) {
    case .success(let values): return values
    case .failure(let problem):
      found.append(.init(message: problem.description, warning: false))
      return [:]
    }
  }

  private static func file(_ path: String) throws(ClientError) -> ConfigurationFile {
    ConfigurationFile(path: path, bytes: try bytes(path))
  }

  private static func bytes(_ path: String) throws(ClientError) -> [UInt8] {
    do throws(SystemError) {
      return try FileBytes.read(path)
    } catch {
      throw .cannot(
        "read \(path)", SystemError.text(of: error.number),
        code: error.number == EACCES ? .denied : .failed)
    }
  }

  private static func zone(_ name: String) -> [UInt8]? {
    // The loader has checked that the name stays inside.
    try? FileBytes.read("/usr/share/zoneinfo/" + name)
  }
}

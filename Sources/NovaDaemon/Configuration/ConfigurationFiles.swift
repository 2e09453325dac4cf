// From a directory to the bytes the loader judges: supervisor.yaml, workers.d/*.yaml, nova.env and the legacy names, and
// the files of transient workers beside them.
// Must never decide what a key means: that is NovaWire's.

import Glibc
package import NovaLinux
package import NovaModel
package import NovaWire

/// The files of one configuration directory as they were at one moment.
package struct ConfigurationFiles: Sendable {
  /// supervisor.yaml, when there is one.
  package var supervisor: ConfigurationFile?
  /// workers.d/*.yaml in byte order of their names.
  package var workers: [ConfigurationFile] = []
  /// Those of transient workers, in byte order of their names; never stored with the owner's, as they may hold secrets
  /// and are gone at a reboot.
  package var transient: [ConfigurationFile] = []
  /// nova.env, parsed; holds secrets, so it is never stored or shown.
  package var environment: [String: String] = [:]
  /// Troubles with nova.env, which are problems of the configuration.
  package var problems: [Problem] = []

  // 1 MiB a file: the largest fleet file seen in practice is a tenth of that.
  private static let fileLimit = 1 << 20

  /// Reads a directory. A missing supervisor.yaml, workers.d or nova.env is an empty one; a missing
  /// directory, an unreadable file or a file that is not regular is an error. `transient`: the directory of transient
  /// workers.
  package static func read(
    _ directory: String, transient: String? = nil
  ) throws(SystemError) -> ConfigurationFiles {
    var files = ConfigurationFiles()
    if let transient { files.transient = try TransientFiles.read(transient) }
    _ = try Directory.names(in: directory)
    files.supervisor = try readOptional(directory + "/supervisor.yaml")
    let workersDirectory = directory + "/workers.d"
    let names: [String]
    do {
      names = try Directory.names(in: workersDirectory)
    } catch  where error.number == ENOENT {
      names = []
    }
    for name in names where ConfigurationSource.isWorkersFile(name) {
      let path = workersDirectory + "/" + name
      files.workers.append(
        ConfigurationFile(path: path, bytes: try FileBytes.read(path, limit: fileLimit)))
    }
    if let file = try readOptional(directory + "/nova.env") {
      switch EnvironmentFile.parse(file.bytes, path: file.path) {
      case .success(let pairs): files.environment = pairs
      case .failure(let problem): files.problems.append(problem)
      }
    }
    return files
  }

  private static func readOptional(_ path: String) throws(SystemError) -> ConfigurationFile? {
    do {
      return ConfigurationFile(path: path, bytes: try FileBytes.read(path, limit: fileLimit))
    } catch  where error.number == ENOENT {
      return nil
    }
  }

  /// Judges the files. `processEnvironment` gives legacy names that nova.env does not.
  package func load(processEnvironment: [String: String]) -> ConfigurationResult {
    var overrides = processEnvironment
    overrides.merge(environment) { _, file in file }
    var result = ConfigurationLoader.load(
      ConfigurationSource(
        supervisor: supervisor, workers: workers, overrides: overrides,
        zone: { Self.zone($0, in: processEnvironment["TZDIR"]) },
        patternProblem: LinePattern.problem))
    if !problems.isEmpty {
      result.problems.insert(contentsOf: problems, at: 0)
      result.configuration = nil
    }
    addTransient(to: &result)
    return result
  }

  /// Transient workers beside the owner's, who come first; a bad file of theirs is a warning, so that it can never keep
  /// the owner's from being used.
  private func addTransient(to result: inout ConfigurationResult) {
    guard var configuration = result.configuration else { return }
    for file in transient {
      guard let name = TransientFiles.worker(of: file.path) else { continue }
      guard configuration.workers[name] == nil else { continue }
      let loaded = TransientWorker.load(file, named: name)
      configuration.workers[name] = loaded.configuration?.workers[name]
      result.warnings += loaded.problems
    }
    result.configuration = configuration
  }

  /// Transient files of workers that the owner's files define now.
  func overridden(in configuration: Configuration) -> [TransientFiles.Overridden] {
    transient.compactMap { file in
      guard let name = TransientFiles.worker(of: file.path),
        let origin = configuration.workers[name]?.origin, !origin.hasPrefix(file.path + ":")
      else { return nil }
      return TransientFiles.Overridden(worker: name, path: file.path, origin: origin)
    }
  }

  /// The TZif bytes of an IANA zone from tzdata, or nil when there is no such zone. TZDIR of the supervisor's own
  /// environment says where tzdata is, as tzset(3) has it.
  private static func zone(_ name: String, in directory: String?) -> [UInt8]? {
    guard !name.hasPrefix("/"), !name.contains(".."), !name.isEmpty else { return nil }
    return try? FileBytes.read((directory ?? "/usr/share/zoneinfo") + "/" + name, limit: 1 << 20)
  }
}

// Judges a whole configuration: files in, a configuration or every problem out. Must never half-load: one problem
// anywhere and there is no configuration.

import NovaModel

/// Loads configurations.
package enum ConfigurationLoader {
  /// The most problems one load reports; a file of garbage has more than anybody reads.
  package static let mostProblems = 100

  /// Reads every file, checks all of it, and answers with a configuration only if nothing is wrong.
  package static func load(_ source: ConfigurationSource) -> ConfigurationResult {
    var judge = Judge()
    judge.patternProblem = source.patternProblem
    var zones = ZoneTable(lookup: source.zone)
    var settings = SupervisorSettings()
    if let file = source.supervisor, let root = document(file, &judge) {
      settings = SupervisorSchema.read(root, &judge, zones: &zones)
    }
    LegacyNames.apply(source.overrides, to: &settings, &judge)
    var fleet = Fleet()
    for file in source.workers {
      guard let root = document(file, &judge) else { continue }
      workers(root, &fleet, &judge, &zones)
    }
    GatewaySchema.checkReach(fleet.specs, settings.gateway, &judge)
    WorkerLinks.check(fleet.links, names: Set(fleet.places.keys), &judge)
    let problems = judge.sortedProblems()
    return ConfigurationResult(
      configuration: problems.isEmpty
        ? Configuration(settings: settings, workers: fleet.specs, zones: zones.zones) : nil,
      problems: problems, warnings: judge.warnings.sorted())
  }

  private struct Fleet {
    var specs: [WorkerName: WorkerSpec] = [:]
    var places: [WorkerName: (file: String, line: Int, column: Int)] = [:]
    var links: [WorkerLink] = []
  }

  private static func document(_ file: ConfigurationFile, _ judge: inout Judge) -> YAMLNode? {
    judge.file = file.path
    do throws(YAMLError) {
      return try YAMLReader.read(file.bytes)
    } catch {
      judge.refuse(line: error.line, column: error.column, error.message)
      return nil
    }
  }

  private static func workers(
    _ root: YAMLNode, _ fleet: inout Fleet, _ judge: inout Judge, _ zones: inout ZoneTable
  ) {
    guard
      let top = judge.section(
        root, "a file of workers", prefix: "", schema: "", keys: ["workers"]),
      let node = top["workers"], !node.isNull
    else { return }
    guard case .mapping(let entries) = node.content else {
      judge.refuse(node, "workers must be a mapping of names, not \(node.shape)")
      return
    }
    for entry in entries {
      guard let name = WorkerName(entry.key) else {
        judge.refuse(
          line: entry.line, column: entry.column, "\(quoted(entry.key)) \(NameRule.complaint)")
        continue
      }
      if let earlier = fleet.places[name] {
        judge.refuse(
          line: entry.line, column: entry.column,
          "worker '\(name)' is already defined at \(earlier.file):\(earlier.line):\(earlier.column)"
        )
        continue
      }
      fleet.places[name] = (judge.file, entry.line, entry.column)
      let (spec, links) = WorkerSchema.read(entry, name: name, &judge, zones: &zones)
      fleet.specs[name] = spec
      fleet.links += links
    }
  }
}

// Walks mappings and collects what is wrong with them. One judge sees all files of a load.
// Must never stop at the first problem.

/// A mapping whose keys were checked.
struct Section {
  /// What its keys are called in complaints: `limits.` or nothing.
  var prefix: String
  /// What its keys are called in the table of features: `workers.*.limits.` or nothing.
  var schema: String
  var node: YAMLNode
  var entries: [String: YAMLNode.Entry]

  /// The value of a key, if the key is there.
  subscript(_ key: String) -> YAMLNode? { entries[key]?.value }
}

/// The collector of problems.
struct Judge {
  /// The file that is being read.
  var file = ""
  /// Every provider that supervisor.yaml names, good or bad.
  var gatewayProviders: [String] = []
  /// What is wrong with a pattern of `ready: { log: }`.
  var patternProblem: (String) -> String? = { _ in nil }
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private var dropped = 0
  private var announced: Set<String> = []

  /// Notes a problem; beyond the limit it is only counted, and no suggestion is looked for.
  mutating func refuse(
    line: Int, column: Int, _ message: String, suggestion: @autoclosure () -> String? = nil,
    file: String? = nil
  ) {
    guard problems.count < ConfigurationLoader.mostProblems else {
      dropped += 1
      return
    }
    problems.append(
      Problem(
        file: file ?? self.file, line: line, column: column, message: message,
        suggestion: suggestion()))
  }

  /// Notes a problem with a value.
  mutating func refuse(_ node: YAMLNode, _ message: String, suggestion: String? = nil) {
    refuse(line: node.line, column: node.column, message, suggestion: suggestion)
  }

  /// Notes, once a load, that a key is accepted but does nothing yet, if the table says so.
  mutating func announce(_ key: String, line: Int, column: Int) {
    guard Features.notYetInEffect.contains(key), announced.insert(key).inserted else { return }
    warnings.append(
      Problem(file: file, line: line, column: column, message: "not yet in effect: \(key)"))
  }

  /// Checks that a node is a mapping with known keys only. `owner` is what it belongs to: `worker 'x'`, `limits`.
  mutating func section(
    _ node: YAMLNode, _ owner: String, prefix: String, schema: String, keys: [String],
    hints: [String: String] = [:]
  ) -> Section? {
    guard case .mapping(let list) = node.content else {
      refuse(node, "\(owner) must be a mapping, not \(node.shape)")
      return nil
    }
    var section = Section(prefix: prefix, schema: schema, node: node, entries: [:])
    for entry in list {
      guard keys.contains(entry.key) else {
        let hint = hints[entry.key].map { " (\($0))" } ?? ""
        refuse(
          line: entry.line, column: entry.column,
          "unknown key \(quoted(entry.key)) in \(owner)\(hint)",
          suggestion: hint.isEmpty ? EditDistance.nearest(to: entry.key, among: keys) : nil)
        continue
      }
      section.entries[entry.key] = entry
      announce(schema + entry.key, line: entry.line, column: entry.column)
    }
    return section
  }

  /// The section under a key, if the key is there.
  mutating func section(
    _ parent: Section, _ key: String, keys: [String]
  ) -> Section? {
    guard let node = parent[key] else { return nil }
    return section(
      node, parent.prefix + key, prefix: "\(parent.prefix)\(key).",
      schema: "\(parent.schema)\(key).", keys: keys)
  }

  /// Reads a key into its place. Nil when the key is not there or was refused; then the place keeps its default.
  @discardableResult
  mutating func read<Value>(
    _ section: Section, _ key: String, into place: inout Value, _ kind: Kind<Value>
  ) -> Value? {
    guard let node = section[key], let value = convert(node, section.prefix + key, kind) else {
      return nil
    }
    place = value
    return value
  }

  /// The same for a place that may stay empty: null empties it.
  @discardableResult
  mutating func read<Value>(
    _ section: Section, _ key: String, into place: inout Value?, _ kind: Kind<Value>
  ) -> Value? {
    guard let node = section[key] else { return nil }
    guard !node.isNull else {
      place = nil
      return nil
    }
    guard let value = convert(node, section.prefix + key, kind) else { return nil }
    place = value
    return value
  }

  /// Converts a value that `key` names in complaints.
  mutating func convert<Value>(_ node: YAMLNode, _ key: String, _ kind: Kind<Value>) -> Value? {
    do {
      return try kind.convert(node)
    } catch {
      refuse(error.node ?? node, "\(key): \(error.message)", suggestion: error.suggestion)
      return nil
    }
  }

  /// All problems in the order of files and places, with a last one that counts those left out.
  func sortedProblems() -> [Problem] {
    var sorted = problems.sorted()
    if dropped > 0 {
      sorted.append(
        Problem(
          file: "configuration", line: 0, column: 0, message: "and \(dropped) more problems"))
    }
    return sorted
  }
}

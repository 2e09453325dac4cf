// libyaml's events to a YAMLNode tree. The bytes may be anything: size, depth, count of values and features are
// bounded, and a complaint names its place. Must never expand an alias: ten lines of them can mean a billion values.

/// Reads documents.
package enum YAMLReader {
  /// The largest document, in bytes.
  package static let largestDocument = 1 << 20
  /// How deep values may nest; the configuration needs 6.
  package static let deepest = 32
  /// The most values of one document; 1 MiB of real workers has a quarter of it.
  package static let mostValues = 200_000

  /// The tree of a document, nil when there is nothing in it (only comments, say).
  package static func read(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
    guard bytes.count <= largestDocument else {
      throw YAMLError(line: 1, column: 1, message: "is larger than 1 MiB")
    }
    guard let events = YAMLEvents(bytes) else {
      throw YAMLError(line: 1, column: 1, message: "cannot be read: out of memory")
    }
    _ = try events.next()
    guard case .documentStart = try events.next().kind else { return nil }
    var values = 0
    let root = try value(from: try events.next(), events, depth: 1, &values)
    _ = try events.next()
    let after = try events.next()
    guard case .streamEnd = after.kind else {
      throw YAMLError(
        line: after.line, column: after.column,
        message: "a second document begins here (one file is one document)")
    }
    return root.isNull ? nil : root
  }

  private static func value(
    from step: YAMLEvents.Step, _ events: borrowing YAMLEvents, depth: Int, _ values: inout Int
  ) throws(YAMLError) -> YAMLNode {
    values += 1
    func refused(_ message: String) -> YAMLError {
      YAMLError(line: step.line, column: step.column, message: message)
    }
    guard values <= mostValues else { throw refused("the file holds more than 200,000 values") }
    guard depth <= deepest else { throw refused("values are nested deeper than 32 levels") }
    let content: YAMLNode.Content
    switch step.kind {
    case .scalar(let text, let plain): content = .scalar(text, plain: plain)
    case .sequenceStart:
      var items: [YAMLNode] = []
      while true {
        let item = try events.next()
        if case .sequenceEnd = item.kind { break }
        items.append(try value(from: item, events, depth: depth + 1, &values))
      }
      content = .sequence(items)
    case .mappingStart: content = .mapping(try entries(events, depth: depth, &values))
    default: throw refused("is not valid YAML: a value is missing here")
    }
    return YAMLNode(line: step.line, column: step.column, content: content)
  }

  private static func entries(
    _ events: borrowing YAMLEvents, depth: Int, _ values: inout Int
  ) throws(YAMLError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var places: [String: (line: Int, column: Int)] = [:]
    while true {
      let step = try events.next()
      if case .mappingEnd = step.kind { return entries }
      func refused(_ message: String) -> YAMLError {
        YAMLError(line: step.line, column: step.column, message: message)
      }
      guard case .scalar(let key, _) = step.kind else {
        throw refused("a key must be a single value")
      }
      if let earlier = places[key] {
        let shown = CleanText.forTerminal(key.utf8, limit: 80)
        throw refused("key '\(shown)' is already at line \(earlier.line), column \(earlier.column)")
      }
      places[key] = (step.line, step.column)
      let value = try value(from: try events.next(), events, depth: depth + 1, &values)
      entries.append(
        YAMLNode.Entry(key: key, line: step.line, column: step.column, value: value))
    }
  }
}

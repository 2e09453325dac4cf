// The query strings of the API, typed, both ways. A parameter that is not known, comes twice or does not
// parse is refused by name. Must never see percent signs: the HTTP layers encode and decode.

/// Decoded `name=value` pairs of a request.
package struct QueryParameters: Sendable, Hashable {
  /// In the order they came; at most 64 are allowed.
  package var items: [Item]

  /// One pair.
  package struct Item: Sendable, Hashable {
    package var name: String
    package var value: String
    /// Pairs a name with its value.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Wraps pairs.
  package init(_ items: [Item] = []) { self.items = items }

  /// Refuses names that are not in `known` and repeats of names that are not in `repeatable`.
  func check(known: Set<String>, repeatable: Set<String> = []) throws(APIError) {
    guard items.count <= 1000 else { throw APIError(.tooLarge, "more than 1000 parameters") }
    var seen: Set<String> = []
    for item in items {
      guard known.contains(item.name) else {
        throw APIError(.unknownField, "there is no parameter \(item.name)", field: item.name)
      }
      guard seen.insert(item.name).inserted || repeatable.contains(item.name) else {
        throw APIError(.badRequest, "\(item.name) is given twice", field: item.name)
      }
    }
  }

  func first(_ name: String) -> String? { items.first { $0.name == name }?.value }
  func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  func number<N: LosslessStringConvertible & Comparable>(
    _ name: String, _ range: ClosedRange<N>
  ) throws(APIError) -> N? {
    guard let text = first(name) else { return nil }
    guard let number = N(text), range.contains(number) else {
      throw APIError(
        .badRequest, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)",
        field: name)
    }
    return number
  }

  func flag(_ name: String) throws(APIError) -> Bool {
    switch first(name) {
    case nil, "0", "false": return false
    case "1", "true", "": return true
    default: throw APIError(.badRequest, "\(name) must be 1 or 0", field: name)
    }
  }

  mutating func add(_ name: String, _ value: (some CustomStringConvertible)?) {
    if let value { items.append(Item(name, "\(value)")) }
  }
  mutating func add(_ name: String, flag: Bool) { if flag { items.append(Item(name, "1")) } }
}

/// `GET /v1/workers`, `/v1/health`: which instances.
package struct TargetsQuery: Sendable, Hashable {
  /// Empty: all.
  package var targets: [String]

  /// Asks for those targets.
  package init(targets: [String] = []) { self.targets = targets }

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["target"], repeatable: ["target"])
    targets = parameters.all("target")
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    QueryParameters(targets.map { .init("target", $0) })
  }
}

/// `GET /v1/wait`.
package struct WaitQuery: Sendable, Hashable {
  package var targets: [String]
  package var condition: WaitCondition
  /// Nil: 60 s. At most a day.
  package var timeoutSeconds: Double?

  /// Asks to wait.
  package init(targets: [String], condition: WaitCondition, timeoutSeconds: Double? = nil) {
    self.targets = targets
    self.condition = condition
    self.timeoutSeconds = timeoutSeconds
  }

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["target", "for", "timeout_seconds"], repeatable: ["target"])
    targets = parameters.all("target")
    guard !targets.isEmpty else {
      throw APIError(.badRequest, "target is missing", field: "target")
    }
    guard let condition = WaitCondition(rawValue: parameters.first("for") ?? "ready") else {
      throw APIError(.badRequest, "for must be running, ready, stopped or exit", field: "for")
    }
    self.condition = condition
    timeoutSeconds = try parameters.number("timeout_seconds", 0...86_400)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = TargetsQuery(targets: targets).parameters
    out.add("for", condition.rawValue)
    out.add("timeout_seconds", timeoutSeconds)
    return out
  }
}

/// `GET /v1/events`.
package struct EventsQuery: Sendable, Hashable {
  /// Only rows with a greater id; `Last-Event-ID` means the same.
  package var after: Int64?
  /// Only rows with a smaller id: the page before the newest.
  package var before: Int64?
  /// RFC 3339.
  package var since: String?
  /// A type or its beginning up to a dot: `operator` takes `operator.scale`.
  package var type: String?
  package var worker: String?
  /// The newest so many; nil is 100, at most 10,000.
  package var limit: Int?
  /// Stay and send what comes, as server-sent events.
  package var follow = false

  /// Asks for the newest rows.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["after", "before", "since", "type", "worker", "limit", "follow"])
    after = try parameters.number("after", 0...Int64.max)
    before = try parameters.number("before", 0...Int64.max)
    since = parameters.first("since")
    type = parameters.first("type")
    worker = parameters.first("worker")
    limit = try parameters.number("limit", 0...10_000)
    follow = try parameters.flag("follow")
    guard before == nil || !follow else {
      throw APIError(.badRequest, "before is not for follow: what comes is newer", field: "before")
    }
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = QueryParameters()
    out.add("after", after)
    out.add("before", before)
    out.add("since", since)
    out.add("type", type)
    out.add("worker", worker)
    out.add("limit", limit)
    out.add("follow", flag: follow)
    return out
  }
}

/// `GET /v1/logs`.
package struct LogsQuery: Sendable, Hashable {
  /// Empty: all.
  package var targets: [String] = []
  /// The newest so many of each instance; nil is 50, at most 100,000.
  package var lines: Int?
  /// RFC 3339.
  package var since: String?
  package var until: String?
  /// The life before the present one.
  package var previous = false
  /// `stdout` or `stderr`; nil is both.
  package var stream: String?
  /// A PCRE2 pattern, at most 1,000 bytes.
  package var grep: String?
  package var follow = false
  /// With `follow`: end when the targets have ended. Without `lines`, begin at the first line of their lives.
  package var untilEnd = false

  /// Asks for the newest lines of all.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(
      known: [
        "target", "lines", "since", "until", "previous", "stream", "grep", "follow", "until_end",
      ],
      repeatable: ["target"])
    targets = parameters.all("target")
    lines = try parameters.number("lines", 0...100_000)
    since = parameters.first("since")
    until = parameters.first("until")
    previous = try parameters.flag("previous")
    stream = parameters.first("stream")
    guard stream == nil || stream == "stdout" || stream == "stderr" else {
      throw APIError(.badRequest, "stream must be stdout or stderr", field: "stream")
    }
    grep = parameters.first("grep")
    guard (grep?.utf8.count ?? 0) <= 1000 else {
      throw APIError(.tooLarge, "grep is longer than 1000 bytes", field: "grep")
    }
    follow = try parameters.flag("follow")
    untilEnd = try parameters.flag("until_end")
    guard follow || !untilEnd else {
      throw APIError(.badRequest, "until_end is only for follow", field: "until_end")
    }
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = TargetsQuery(targets: targets).parameters
    out.add("lines", lines)
    out.add("since", since)
    out.add("until", until)
    out.add("previous", flag: previous)
    out.add("stream", stream)
    out.add("grep", grep)
    out.add("follow", flag: follow)
    out.add("until_end", flag: untilEnd)
    return out
  }
}

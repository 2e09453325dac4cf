// The query strings of the engine's pages, typed, both ways. Must never let an unknown parameter pass.

/// `GET /v1/decisions`.
package struct DecisionsQuery: Sendable, Hashable {
  package var state: String?
  package var worker: String?
  /// RFC 3339.
  package var since: String?
  /// Of a smaller id: the page after the newest.
  package var before: Int64?
  package var limit: Int?

  /// The newest of all.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["state", "worker", "since", "before", "limit"])
    state = parameters.first("state")
    worker = parameters.first("worker")
    since = parameters.first("since")
    before = try parameters.number("before", 0...Int64.max)
    limit = try parameters.number("limit", 0...1000)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.add("state", state)
    parameters.add("worker", worker)
    parameters.add("since", since)
    parameters.add("before", before)
    parameters.add("limit", limit)
    return parameters
  }
}

/// `GET /v1/evaluations`.
package struct EvaluationsQuery: Sendable, Hashable {
  package var after: Int64?
  package var worker: String?
  package var epoch: Int64?
  package var limit: Int?

  /// The oldest of all.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["after", "worker", "epoch", "limit"])
    after = try parameters.number("after", 0...Int64.max)
    worker = parameters.first("worker")
    epoch = try parameters.number("epoch", 0...Int64.max)
    limit = try parameters.number("limit", 0...10_000)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.add("after", after)
    parameters.add("worker", worker)
    parameters.add("epoch", epoch)
    parameters.add("limit", limit)
    return parameters
  }
}

/// `GET /v1/alerts`.
package struct AlertsQuery: Sendable, Hashable {
  /// Those that are resolved as well.
  package var all = false
  /// Of a smaller id: the page after the newest.
  package var before: Int64?
  package var limit: Int?

  /// Those that last.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["all", "before", "limit"])
    all = try parameters.flag("all")
    before = try parameters.number("before", 0...Int64.max)
    limit = try parameters.number("limit", 0...1000)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.add("all", flag: all)
    parameters.add("before", before)
    parameters.add("limit", limit)
    return parameters
  }
}

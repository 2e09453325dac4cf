// What is shown of calls of models and of their prices: `GET /v1/gateway/calls`, the answer to new prices, and the question's
// words. Must never carry a key or a word of what was asked or answered.

package import NovaModel

/// One call as `GET /v1/gateway/calls` lists it.
package struct GatewayCallRow: Codable, Sendable, Hashable {
  /// Ascending; `before` of the next page.
  package var number: Int64
  package var id: String
  package var worker: String
  package var runID: String?
  package var provider: String
  package var model: String
  /// When it was asked, RFC 3339.
  package var at: String
  package var durationMilliseconds: Int64
  /// What the worker was answered.
  package var status: Int
  package var outcome: String
  package var streamed: Bool
  package var inputTokens: Int64?
  package var cacheReadTokens: Int64?
  package var cacheWriteTokens: Int64?
  package var outputTokens: Int64?
  package var reasoningTokens: Int64?
  /// To the pico-dollar.
  package var costPicoUSD: String
  /// What a cached answer had cost when it was bought, and this call did not.
  package var savedPicoUSD: String?
  /// What of it was booked.
  package var bookedUSD: String
  package var estimated: Bool
  package var reservation: Int64?
  package var prices: Int64?
  package var reason: String?

  /// A call of the books.
  package init(_ call: ModelCall) {
    number = call.number
    id = call.id
    worker = call.worker.text
    runID = call.run
    provider = call.provider
    model = call.model
    at = call.at.rfc3339
    durationMilliseconds = call.durationMilliseconds
    status = call.status
    outcome = call.outcome
    streamed = call.isStreamed
    inputTokens = call.tokens.input
    cacheReadTokens = call.tokens.cacheRead
    cacheWriteTokens = call.tokens.cacheWrite
    outputTokens = call.tokens.output
    reasoningTokens = call.tokens.reasoning
    costPicoUSD = String(call.cost.picoUSD)
    savedPicoUSD = call.saved.map { String($0.picoUSD) }
    bookedUSD = call.amount.decimal
    estimated = call.isEstimated
    reservation = call.reservation
    prices = call.prices
    reason = call.reason
  }
}

/// The answer to `POST /v1/gateway/prices`.
package struct GatewayPricesResponse: Codable, Sendable, Hashable {
  /// The version that is in force now; the one that was where the table is the same.
  package var version: Int64
  /// Since when, RFC 3339.
  package var since: String
  /// How many models can be priced.
  package var models: Int
  /// Models that were left out, each with its reason.
  package var refused: [String]

  /// Says it.
  package init(version: Int64, since: String, models: Int, refused: [String]) {
    self.version = version
    self.since = since
    self.models = models
    self.refused = refused
  }
}

extension GatewayPrices {
  /// The most that a request with a table may have: the cut-down table of 3,500 models is 1 MB as JSON in JSON.
  package static let maximumRequestBytes = 2 << 20
}

/// `GET /v1/gateway/calls`.
package struct CallsQuery: Sendable, Hashable {
  /// Names or globs; empty: all.
  package var workers: [String] = []
  package var provider: String?
  package var model: String?
  /// Calls with a smaller number.
  package var before: Int64?
  /// At most so many (100).
  package var limit: Int?

  /// Asks for the newest.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(
      known: ["worker", "provider", "model", "before", "limit"], repeatable: ["worker"])
    workers = parameters.all("worker")
    provider = parameters.first("provider")
    model = parameters.first("model")
    before = try parameters.number("before", 0...Int64.max)
    limit = try parameters.number("limit", 1...10_000)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = QueryParameters([])
    for worker in workers { out.add("worker", worker) }
    out.add("provider", provider)
    out.add("model", model)
    out.add("before", before)
    out.add("limit", limit)
    return out
  }
}

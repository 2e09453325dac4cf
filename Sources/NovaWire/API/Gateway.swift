// What nova-edge's gateway and the supervisor tell each other: who may call what, what each call has cost, and with which
// prices. Must never carry a key or a word of what was asked or answered.

package import NovaModel

/// The gateway's part of `GET /v1/edge`; there for nova-edge alone.
package struct GatewayPlan: Codable, Sendable, Hashable {
  package var settings = GatewaySettings()
  /// Which price table is in force; nil: none was ever given, and every call is refused.
  package var prices: Int64?
  package var workers: [GatewayWorkerRow] = []

  /// Nothing.
  package init() {}
}

/// One worker that may call.
package struct GatewayWorkerRow: Codable, Sendable, Hashable {
  package var worker: String
  /// SHA-256 of its key, 64 hexadecimal digits.
  package var keyDigest: String
  package var gateway: WorkerGateway
  /// An empty budget asks somebody: refused calls say so.
  package var asks: Bool
  /// `budget.soft`: reservations are made for what such calls cost, not for the most they could.
  package var soft: Bool

  private enum CodingKeys: String, CodingKey {
    case worker
    // `key_sha256`: the rule for names would part the abbreviation.
    case keyDigest = "keySha256"
    case gateway, asks, soft
  }

  /// Describes one.
  package init(
    worker: String, keyDigest: String, gateway: WorkerGateway, asks: Bool, soft: Bool
  ) {
    self.worker = worker
    self.keyDigest = keyDigest
    self.gateway = gateway
    self.asks = asks
    self.soft = soft
  }
}

/// How a call ended.
package enum GatewayOutcome: String, Codable, Sendable, Hashable, CaseIterable {
  /// The provider has said what it used.
  case completed
  /// The provider refused or failed; it costs nothing unless it said so.
  case failed
  /// The answer broke off, here or there: the cost is an estimate.
  case interrupted
  /// Ended by the gateway: it outgrew what was reserved for it.
  case cut
  /// Answered from the cache: it cost nothing.
  case cached
  /// Not forwarded.
  case refused
}

/// One call that is over.
package struct GatewayCall: Codable, Sendable, Hashable {
  /// The gateway's own name of it: the same name is the same call, however often it is told.
  package var id: String
  package var worker: String
  package var runID: String?
  package var provider: String
  /// By the name in the answer, else in the question.
  package var model: String
  /// When it was asked, RFC 3339.
  package var at: String
  package var durationMilliseconds: Int64
  /// What the worker was answered.
  package var status: Int
  package var outcome: GatewayOutcome
  package var streamed: Bool
  package var inputTokens: Int64?
  package var cacheReadTokens: Int64?
  package var cacheWriteTokens: Int64?
  package var outputTokens: Int64?
  package var reasoningTokens: Int64?
  /// What it cost, exactly: pico-dollars as decimal text.
  package var costPicoUSD: String
  /// What a cached answer had cost, and this call did not; nil where nothing was saved.
  package var savedPicoUSD: String?
  /// The cost is the gateway's own estimate.
  package var estimated: Bool
  /// The reservation that it is paid from.
  package var reservation: Int64?
  /// The price table that it was priced with.
  package var prices: Int64?
  /// Why it was refused or failed, in a few words of ours.
  package var reason: String?

  /// A call without a cost.
  package init(
    id: String, worker: String, provider: String, model: String, at: String, outcome: GatewayOutcome
  ) {
    self.id = id
    self.worker = worker
    self.provider = provider
    self.model = model
    self.at = at
    self.outcome = outcome
    durationMilliseconds = 0
    status = 0
    streamed = false
    costPicoUSD = "0"
    estimated = false
  }
}

/// `POST /v1/gateway/calls`: calls that are over, and reservations of which nothing more will be spent. Answered when it is on
/// the disk; the same calls again are not booked again.
package struct GatewayCallsRequest: Codable, Sendable, Hashable {
  package var calls: [GatewayCall]
  /// They cost what their calls cost, and the rest is given back; those told here included.
  package var close: [Int64]

  /// Tells them.
  package init(calls: [GatewayCall], close: [Int64]) {
    self.calls = calls
    self.close = close
  }
}

/// The answer to it.
package struct GatewayCallsResponse: Codable, Sendable, Hashable {
  /// How many were booked now, and how many had been already.
  package var booked: Int
  package var known: Int

  /// Counts them.
  package init(booked: Int, known: Int) {
    self.booked = booked
    self.known = known
  }
}

/// `GET /v1/gateway/prices`: the table in force; `POST` makes another one the one in force.
package struct GatewayPrices: Codable, Sendable, Hashable {
  /// Ascending with each new table; nil in a request.
  package var version: Int64?
  /// When it came into force, RFC 3339; nil in a request.
  package var since: String?
  /// A file of LiteLLM's form, cut down to the models and keys that are used, as text.
  package var table: String

  /// Holds a table.
  package init(version: Int64?, since: String?, table: String) {
    self.version = version
    self.since = since
    self.table = table
  }
}

// What a worker says of itself through the API: `POST /v1/reports`. Who speaks is known from the kernel, by
// the cgroup of the caller; the body never says it.

/// A report of the calling worker.
package struct ReportRequest: Codable, Sendable, Hashable {
  package var ready: Bool?
  package var heartbeat: Bool?
  /// At most 200 bytes.
  package var status: String?
  // The money of a run: refused with `not_built_yet` until the ledger books it.
  package var ok: Bool?
  package var costUSD: String?
  package var revenueUSD: String?
  package var runID: String?
  package var source: String?

  /// Says nothing.
  package init() {}

  /// The fields that are not built yet and are set.
  package var fieldsNotBuiltYet: [String] {
    [
      (ok != nil, "ok"), (costUSD != nil, "cost_usd"), (revenueUSD != nil, "revenue_usd"),
      (runID != nil, "run_id"), (source != nil, "source"),
    ].filter(\.0).map(\.1)
  }
}

/// The answer to a report: it is durable.
package struct ReportResponse: Codable, Sendable, Hashable {
  /// Who the kernel says has spoken: `name@N`.
  package var instance: String

  /// Names the speaker.
  package init(instance: String) { self.instance = instance }
}

/// What `GET /v1/wait` waits for.
package enum WaitCondition: String, Codable, Sendable, Hashable, CaseIterable {
  case running, ready, stopped, exit
}

/// The answer of `GET /v1/wait`.
package struct WaitResponse: Codable, Sendable, Hashable {
  /// The condition holds for every target.
  package var satisfied: Bool
  package var timedOut: Bool
  package var instances: [WorkerRow]

  /// Puts an answer together.
  package init(satisfied: Bool, timedOut: Bool, instances: [WorkerRow]) {
    self.satisfied = satisfied
    self.timedOut = timedOut
    self.instances = instances
  }
}

// What a worker says of itself through the API: `POST /v1/reports`. Who speaks is known from the kernel, by
// the cgroup of the caller; the body never says it.

/// A report of the calling worker.
package struct ReportRequest: Codable, Sendable, Hashable {
  package var ready: Bool?
  package var heartbeat: Bool?
  /// At most 200 bytes.
  package var status: String?
  /// A run has ended, well or not; what follows is about it.
  package var ok: Bool?
  /// What the run has cost beside the host, decimal USD.
  package var costUSD: String?
  /// What it has earned, decimal USD; `0` says that it earned nothing, leaving it out says nothing.
  package var revenueUSD: String?
  /// The worker's own name for the run, at most 128 bytes; a repeated report with it is booked once.
  package var runID: String?
  /// Where the revenue comes from, such as `stripe`.
  package var source: String?
  /// When the run began, RFC 3339; nil: at the end of the one before.
  package var startedAt: String?
  /// Keys of customers that the run dealt with, at most 20: a payment that carries one is this worker's.
  package var touch: [String]?

  /// Says nothing.
  package init() {}
}

/// The answer to a report: it is durable.
package struct ReportResponse: Codable, Sendable, Hashable {
  /// Who the kernel says has spoken: `name@N`.
  package var instance: String
  /// The run as it is booked; nil where the report was about none.
  package var runID: String?
  /// It was booked before, with the same amounts.
  package var repeated = false
  /// The revenue waits for a platform to confirm it.
  package var pending = false

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

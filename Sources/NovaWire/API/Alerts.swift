// Alerts as rows, and what can be done about one. Must never say how anybody was told: channels are another page's.

/// `GET /v1/alerts`: one alert.
package struct AlertRow: Codable, Sendable, Hashable {
  /// Ascending.
  package var id: Int64
  /// `negative_roi`, `low_roi`, `budget_forecast`, `budget_exceeded`, `crash_rate`, `worker_failed`, `worker_lost`,
  /// `supervisor_restarted`, `unattributed`, `source_stale` or `unknown_model`.
  package var kind: String
  /// `critical` or `warning`.
  package var severity: String
  /// Null: about the fleet.
  package var worker: String?
  package var message: String
  /// `firing`, `acknowledged`, `silenced` or `resolved`.
  package var state: String
  /// RFC 3339.
  package var raisedAt: String
  package var resolvedAt: String?
  package var acknowledgedAt: String?
  package var acknowledgedBy: String?
  package var silencedUntil: String?
  /// A row with what every alert has.
  package init(
    id: Int64, kind: String, severity: String, worker: String?, message: String, state: String,
    raisedAt: String
  ) {
    self.id = id
    self.kind = kind
    self.severity = severity
    self.worker = worker
    self.message = message
    self.state = state
    self.raisedAt = raisedAt
  }
}

/// `POST /v1/alerts/{id}/silence`.
package struct SilenceRequest: Codable, Sendable, Hashable {
  /// How long, 1 to 2,592,000 (30 days).
  package var seconds: Int64
  /// For so long.
  package init(seconds: Int64) { self.seconds = seconds }
}

/// `POST /v1/alerts/{id}/ack`.
package struct AcknowledgeRequest: Codable, Sendable, Hashable {
  /// Nothing is asked but the deed.
  package init() {}

  private enum CodingKeys: CodingKey {}

  /// Reads `{}`; a type without keys would let anything pass.
  package init(from decoder: any Decoder) throws {
    _ = try decoder.container(keyedBy: CodingKeys.self)
  }
}

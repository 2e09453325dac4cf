// Alerts as facts: what is wrong, since when, and who has seen it. Must never know how anybody is told of it.

/// What an alert is about.
package enum AlertKind: String, Sendable, Hashable, CaseIterable {
  case negativeROI = "negative_roi"
  case lowROI = "low_roi"
  case budgetForecast = "budget_forecast"
  case budgetExceeded = "budget_exceeded"
  case crashRate = "crash_rate"
  case workerFailed = "worker_failed"
  case workerLost = "worker_lost"
  case supervisorRestarted = "supervisor_restarted"
  case unattributed
  case sourceStale = "source_stale"
  case unknownModel = "unknown_model"

  /// How grave it is.
  package var severity: EventRecord.Severity {
    switch self {
    case .negativeROI, .budgetExceeded, .crashRate, .workerFailed, .workerLost: .critical
    case .lowROI, .budgetForecast, .supervisorRestarted, .unattributed, .sourceStale,
      .unknownModel:
      .warning
    }
  }

  /// It is said at once: a fact, not a figure that may swing back.
  package var isImmediate: Bool {
    switch self {
    case .workerFailed, .workerLost, .supervisorRestarted, .budgetExceeded, .sourceStale,
      .unknownModel:
      true
    default: false
    }
  }

  /// News, not a condition: seen, it is over.
  package var isNews: Bool { self == .supervisorRestarted || self == .unknownModel }
}

/// One alert's identity: of a kind there is one a worker, or one for the fleet.
package struct AlertKey: Sendable, Hashable {
  package let kind: AlertKind
  package let worker: WorkerName?
  /// Names an alert.
  package init(_ kind: AlertKind, worker: WorkerName? = nil) {
    self.kind = kind
    self.worker = worker
  }
}

/// One alert that was raised.
package struct AlertRecord: Sendable, Hashable {
  /// From 1.
  package var id: Int64
  package var key: AlertKey
  package var severity: EventRecord.Severity
  package var message: String
  package var raised: WallTime
  /// Nil while it lasts.
  package var resolved: WallTime?
  package var acknowledged: WallTime?
  package var acknowledgedBy: String?
  /// Channels say nothing of it until then.
  package var silencedUntil: WallTime?

  /// An alert just raised.
  package init(
    id: Int64, key: AlertKey, severity: EventRecord.Severity, message: String, raised: WallTime
  ) {
    self.id = id
    self.key = key
    self.severity = severity
    self.message = message
    self.raised = raised
  }
}

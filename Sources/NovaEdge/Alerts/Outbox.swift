// What is still to be sent and which incidents were told: everything that must outlive a crash, as one value.
// Must never hold a secret: deliveries name their channel, and the channel names its secret.

package import NovaModel

/// What an alert's message says.
package enum AlertAction: String, Codable, Sendable, Hashable {
  case raise, resolve, test
}

/// What happened to an alert, as the supervisor's events say it.
package struct AlertNews: Codable, Sendable, Hashable {
  /// The event's number.
  package var event: Int64
  package var action: AlertAction
  /// One incident's identity: kind and worker.
  package var key: String
  package var kind: String
  package var severity: AlertRoute.Severity
  package var worker: String?
  package var message: String
  /// RFC 3339.
  package var at: String
  /// Only for a test: the one channel that is meant.
  package var channel: String?
}

/// One message to one channel, or to one of its recipients where the service takes one at a time.
package struct Delivery: Codable, Sendable, Hashable {
  package var id: Int64
  package var channel: String
  /// The one recipient; nil: whoever the channel names.
  package var to: String?
  package var news: AlertNews
  /// How often it was tried.
  package var attempts = 0
  /// Not before, microseconds of civil time.
  package var due: Int64
  /// When it was put in, microseconds of civil time.
  package var made: Int64
}

/// Somebody was told, or is about to be.
package struct Incident: Codable, Sendable, Hashable {
  package var key: String
  package var channels: [String]
}

/// Everything that is kept.
package struct Outbox: Codable, Sendable, Hashable {
  /// The newest event that was looked at.
  package var cursor: Int64?
  package var nextID: Int64 = 1
  package var deliveries: [Delivery] = []
  package var incidents: [Incident] = []
  /// An empty one.
  package init() {}
}

/// How an attempt ended.
package enum Attempt: Sendable, Hashable {
  case delivered
  /// It may work later; the other side may have said when.
  case later(String, after: Span?)
  /// It will never work.
  case refused(String)
}

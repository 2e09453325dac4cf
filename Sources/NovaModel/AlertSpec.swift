// `alerts:` of supervisor.yaml, typed: where alerts go, and which go where. Must never hold a secret: only the name of one.

/// Channels and routes.
package struct AlertSettings: Codable, Sendable, Hashable {
  package var channels: [AlertChannel] = []
  /// Empty: every alert of warning and above to every channel.
  package var routes: [AlertRoute] = []
  package init() {}
}

/// One way to reach people.
package struct AlertChannel: Codable, Sendable, Hashable {
  package var name: String
  package var kind: Kind
  /// The service's address where it is not the public one, the mail server's, or the webhook's.
  package var url: String?
  /// The name of the secret: a token, a key, a password, or an incoming webhook's whole address.
  package var secret: String?
  /// The account or user that the secret belongs to.
  package var account: String?
  package var from: String?
  package var to: [String] = []
  /// For `command`: the program and its arguments.
  package var command: [String] = []
  /// A file of certificates to trust instead of the system's.
  package var trust: String?
  /// At least so long between two messages; nil is the kind's own.
  package var intervalSeconds: Double?
  /// Then only critical alerts are sent; the rest waits.
  package var quietHours: QuietHours?

  /// A channel of which nothing else is said.
  package init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// What is spoken to.
  package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    case slack, twilio, pagerduty, smtp, sendgrid, webhook, command, journal
  }
}

/// A part of every day.
package struct QuietHours: Codable, Sendable, Hashable {
  /// Minutes since midnight; `until` before `from` reaches into the next day.
  package var from: Int, until: Int
  /// An IANA name.
  package var timezone: String

  /// Names a part of the day.
  package init(from: Int, until: Int, timezone: String) {
    self.from = from
    self.until = until
    self.timezone = timezone
  }

  /// How many minutes from that minute of the day until quiet is over; nil when it is not quiet.
  package func minutesLeft(at minute: Int) -> Int? {
    let isQuiet =
      from <= until ? (from..<until).contains(minute) : minute >= from || minute < until
    guard isQuiet else { return nil }
    return (until - minute + 1440 - 1) % 1440 + 1
  }
}

/// Which alerts go to which channels.
package struct AlertRoute: Codable, Sendable, Hashable {
  /// This grave or graver.
  package var severity: Severity = .warning
  /// Names or globs of workers; empty is everything, the fleet's own alerts included.
  package var workers: [String] = []
  /// Names of channels.
  package var channels: [String] = []
  package init() {}

  /// The words of severities, the gravest first.
  package enum Severity: String, Codable, Sendable, Hashable, CaseIterable {
    case critical, warning, notice, info
    /// Whether this is as grave as `other`, or graver.
    package func reaches(_ other: Severity) -> Bool {
      let order = Severity.allCases
      return (order.firstIndex(of: self) ?? 0) <= (order.firstIndex(of: other) ?? 0)
    }
  }
}

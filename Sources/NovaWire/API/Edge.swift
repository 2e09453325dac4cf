// What nova-edge asks of the supervisor and nobody else needs: its settings, and the one-time logins of the page.
// Must never carry a secret but the one-time code.

package import NovaModel

/// `GET /v1/edge`.
package struct EdgeSettings: Codable, Sendable, Hashable {
  /// `edge.listen`; nil: no TCP at all.
  package var listen: String?
  /// `edge.token_file`.
  package var tokenFile: String?
  /// `alerts`; secrets by name.
  package var alerts = AlertSettings()
  /// The gateway; nil: it is off, or somebody else than nova-edge asks.
  package var gateway: GatewayPlan?

  /// Puts settings together.
  package init(listen: String?, tokenFile: String?) {
    self.listen = listen
    self.tokenFile = tokenFile
  }
}

/// `POST /v1/logins`: a login for the page with the rights of the caller.
package struct LoginResponse: Codable, Sendable, Hashable {
  /// The address that logs in, once.
  package var url: String
  /// `read` or `act`.
  package var role: String
  /// RFC 3339.
  package var expiresAt: String

  /// Puts an answer together.
  package init(url: String, role: String, expiresAt: String) {
    self.url = url
    self.role = role
    self.expiresAt = expiresAt
  }
}

/// `POST /v1/logins/redeem`.
package struct RedeemRequest: Codable, Sendable, Hashable {
  /// From the address.
  package var code: String
  /// Brings a code.
  package init(code: String) { self.code = code }
}

/// Who made the login, and with which rights.
package struct RedeemResponse: Codable, Sendable, Hashable {
  package var actor: String
  package var role: String
  /// Puts an answer together.
  package init(actor: String, role: String) {
    self.actor = actor
    self.role = role
  }
}

/// `POST /v1/deliveries`: what became of an alert's message; nova-edge alone says it.
package struct DeliveryReport: Codable, Sendable, Hashable {
  /// The event that the message was about.
  package var event: Int64
  package var channel: String
  /// `raise`, `resolve` or `test`.
  package var action: String
  package var ok: Bool
  package var attempts: Int
  /// `delivered`, or why not.
  package var message: String

  /// Puts a report together.
  package init(
    event: Int64, channel: String, action: String, ok: Bool, attempts: Int, message: String
  ) {
    self.event = event
    self.channel = channel
    self.action = action
    self.ok = ok
    self.attempts = attempts
    self.message = message
  }
}

/// `POST /v1/alerts/test`.
package struct AlertTestRequest: Codable, Sendable, Hashable {
  /// A channel of `alerts.channels`.
  package var channel: String
  /// Names the channel.
  package init(channel: String) { self.channel = channel }
}

/// The number of the event by which nova-edge is told; its outcome is the event `alert.delivered` or
/// `alert.undelivered` with `details.event` of that number.
package struct AlertTestResponse: Codable, Sendable, Hashable {
  package var event: Int64
  /// Puts an answer together.
  package init(event: Int64) { self.event = event }
}

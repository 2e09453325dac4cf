// One-time logins for the page, and what nova-edge needs to know. A login has the rights of who asked for it.
// Must never give a code out twice or keep one past its end.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// The logins that were given out and not used yet; in memory only: they live for two minutes.
struct Logins {
  private struct Login {
    let actor: String
    let role: Role
    let end: Instant
  }
  /// 120 s: time to copy an address from one window to another.
  static let life = Span.seconds(120)
  private var waiting: [String: Login] = [:]

  /// A new code; nil when 64 are waiting, which is no person's doing.
  mutating func make(_ actor: String, _ role: Role, at now: Instant) -> String? {
    waiting = waiting.filter { $0.value.end > now }
    guard waiting.count < 64 else { return nil }
    // 256 bits of the kernel's randomness.
    let code = (0..<4).map { _ in
      let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    waiting[code] = Login(actor: actor, role: role, end: now + Logins.life)
    return code
  }

  /// Whose code it is; it is gone then.
  mutating func redeem(_ code: String, at now: Instant) -> (actor: String, role: Role)? {
    guard let login = waiting.removeValue(forKey: code), login.end > now else { return nil }
    return (login.actor, login.role)
  }
}

extension Supervisor {
  /// `GET /v1/edge`; what concerns the gateway is for nova-edge itself.
  func edgeSettings(for caller: Caller) -> EdgeSettings {
    var settings = EdgeSettings(
      listen: configuration?.settings.edgeListen, tokenFile: configuration?.settings.edgeTokenFile)
    settings.alerts = configuration?.settings.alerts ?? AlertSettings()
    if caller.isEdge { settings.gateway = gatewayPlan() }
    return settings
  }

  /// `POST /v1/logins`.
  func logIn(_ exchange: Exchange, _ caller: Caller) throws(APIError) {
    guard let listen = configuration?.settings.edgeListen else {
      throw APIError(
        .preconditionFailed,
        "there is no page: edge.listen is not set (set it in supervisor.yaml, such as 127.0.0.1:7480)"
      )
    }
    let now = Clock.now()
    guard let code = logins.make("login:\(caller.actor.text)", caller.role, at: now.instant) else {
      throw APIError(.unavailable, "too many logins are waiting; try again in two minutes")
    }
    answer(
      exchange,
      LoginResponse(
        // After the #: a browser does not send that part, so no log and no proxy sees it.
        url: "http://\(listen)/#login=\(code)", role: Self.word(caller.role),
        expiresAt: (now.wall + Logins.life).rfc3339))
  }

  /// `POST /v1/logins/redeem`.
  func redeem(_ exchange: Exchange) throws(APIError) {
    let request = try APICoding.decode(RedeemRequest.self, from: exchange.request.body)
    guard let login = logins.redeem(request.code, at: Clock.now().instant) else {
      throw APIError(.denied, "this login was used, or is over, or never was")
    }
    answer(exchange, RedeemResponse(actor: login.actor, role: Self.word(login.role)))
  }

  private static func word(_ role: Role) -> String { role >= .admin ? "act" : "read" }
}

// Logging in and out of the page: a bearer token or a one-time code for a cookie. Must never take either from an
// address: addresses are kept in histories and logs.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

/// `POST /session`: one of the two.
struct LoginAttempt: Codable {
  var token: String?
  var code: String?
}

/// Who is logged in.
struct SessionState: Codable {
  var actor: String
  var role: String
}

extension Edge {
  /// `GET`, `POST` and `DELETE` of `/session`.
  func session(_ exchange: Exchange) {
    let request = exchange.request
    switch request.method {
    case "GET", "HEAD":
      guard let grant = grant(exchange) else { return }
      exchange.respond(
        200, body: APICoding.encode(SessionState(actor: grant.actor, role: grant.role.rawValue)),
        headers: EdgeAnswer.fresh)
    case "POST", "DELETE":
      guard Gate.isOwn(Credentials(method: request.method) { request.header($0) }) else {
        return EdgeAnswer.refuse(
          exchange, 403, "denied", "another site sent this request (Origin is not this page's)")
      }
      if request.method == "DELETE" {
        exchange.respond(
          204, contentType: "", headers: EdgeAnswer.fresh + [("Set-Cookie", SessionCookie.clear)])
      } else {
        logIn(exchange)
      }
    default:
      EdgeAnswer.refuse(
        exchange, 405, "method_not_allowed", "no such method", [("Allow", "GET, POST, DELETE")])
    }
  }

  private func logIn(_ exchange: Exchange) {
    let attempt: LoginAttempt
    do throws(APIError) {
      attempt = try APICoding.decode(LoginAttempt.self, from: exchange.request.body)
    } catch {
      return EdgeAnswer.refuse(exchange, error.code.httpStatus, error.code.rawValue, error.message)
    }
    // Every attempt counts: a login is rare.
    if let wait = wrong.take(address(exchange), at: Clock.now().instant) {
      return refuseForNow(exchange, wait)
    }
    if let token = attempt.token {
      guard let grant = knownTokens().grant(token) else { return refuseLogin(exchange) }
      return welcome(exchange, grant)
    }
    guard let code = attempt.code else { return refuseLogin(exchange) }
    var order = HTTPOrder.brain(options.socket, "POST", "/v1/logins/redeem", for: nil)
    order.headers.append("Content-Type: application/json")
    order.body = APICoding.encode(RedeemRequest(code: code))
    let call = client.start(order) { [weak self] outcome in
      guard let self else { return }
      guard case .answered(let status, _, let body) = outcome else {
        return EdgeAnswer.refuse(
          exchange, 502, "unavailable", "the supervisor does not answer; try again")
      }
      guard status == 200,
        let login = try? APICoding.decodeAnswer(RedeemResponse.self, from: body),
        let role = EdgeRole(rawValue: login.role), Grant.isActor(login.actor)
      else { return refuseLogin(exchange) }
      welcome(exchange, Grant(actor: login.actor, role: role))
    }
    if call == nil { EdgeAnswer.refuse(exchange, 503, "unavailable", "no memory; try again") }
  }

  private func refuseLogin(_ exchange: Exchange) {
    EdgeAnswer.refuse(
      exchange, 401, "denied",
      "this login is not valid: a token may be mistyped, a link is good once and for two minutes")
  }

  private func welcome(_ exchange: Exchange, _ grant: Grant) {
    guard let cookie = sessions.mint(grant, now: Clock.now().wall) else {
      return EdgeAnswer.refuse(exchange, 500, "internal", "the session cannot be signed")
    }
    exchange.respond(
      200, body: APICoding.encode(SessionState(actor: grant.actor, role: grant.role.rawValue)),
      headers: EdgeAnswer.fresh + [("Set-Cookie", SessionCookie.set(cookie))])
  }
}

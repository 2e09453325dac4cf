// Every path on TCP: the page's files to anybody, the session to whoever brings a token or a login, the API to whoever
// is known. Must never answer a question of the API to somebody unknown.

import NovaHTTP
import NovaLinux
import NovaModel
import NovaWire

extension Edge {
  /// Answers one request, now or later.
  func route(_ exchange: Exchange) {
    let request = exchange.request
    let path = request.path
    if files.has(path) { return files.serve(exchange) }
    if path == "/session" { return session(exchange) }
    if path == "/healthz" {
      return exchange.respond(
        200, contentType: "text/plain", body: Array("ok\n".utf8), headers: EdgeAnswer.fresh)
    }
    guard path == "/metrics" || path == "/live" || path.hasPrefix("/v1/") else {
      return EdgeAnswer.refuse(exchange, 404, "not_found", "there is no such page")
    }
    guard let grant = grant(exchange) else { return }
    if let wait = asked.take(grant.actor, at: Clock.now().instant) {
      return refuseForNow(exchange, wait)
    }
    if path == "/live" { return live.join(exchange) }
    // What only the edge itself may ask.
    guard path != "/v1/edge", path != "/v1/deliveries", !path.hasPrefix("/v1/logins") else {
      return EdgeAnswer.refuse(
        exchange, 403, "denied", "this can only be asked on the supervisor's socket")
    }
    pass.forward(exchange, for: grant)
  }

  /// Who asks; nil when the exchange has been refused.
  func grant(_ exchange: Exchange) -> Grant? {
    let request = exchange.request
    let now = Clock.now()
    let verdict = Gate.judge(
      Credentials(method: request.method) { request.header($0) }, tokens: knownTokens(),
      sessions: sessions, now: now.wall)
    switch verdict {
    case .granted(let grant): return grant
    case .missing:
      EdgeAnswer.refuse(
        exchange, 401, "denied", "log in first (a bearer token, or `novasup dashboard`)",
        [("WWW-Authenticate", "Bearer")])
    case .wrong:
      if let wait = wrong.take(address(exchange), at: now.instant) {
        refuseForNow(exchange, wait)
      } else {
        EdgeAnswer.refuse(
          exchange, 401, "denied", "the token or session is not valid",
          [("WWW-Authenticate", "Bearer error=\"invalid_token\"")])
      }
    case .foreign:
      EdgeAnswer.refuse(
        exchange, 403, "denied", "another site sent this request (Origin is not this page's)")
    }
    return nil
  }

  func knownTokens() -> TokenTable {
    let table = tokens.current()
    if let problem = tokens.problem { say(problem) }
    return table
  }

  func address(_ exchange: Exchange) -> String {
    if case .address(let text) = exchange.request.peer { text } else { "local" }
  }

  func refuseForNow(_ exchange: Exchange, _ wait: Span) {
    EdgeAnswer.refuse(
      exchange, 429, "unavailable", "too many requests; wait a little",
      [("Retry-After", String(max(1, wait.wholeSeconds + 1)))])
  }
}

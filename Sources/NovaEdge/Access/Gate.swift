// Who asks over the network, judged from one request. Must never let a cookie change anything unless the page itself
// sent the request: a browser sends cookies for any site that asks it to.

package import NovaModel

/// What a request says of its sender, and nothing else of it.
package struct Credentials: Sendable, Hashable {
  package var method: String
  package var authorization: String?
  package var cookie: String?
  package var origin: String?
  package var host: String?
  /// `Sec-Fetch-Site`, which every present browser sends and no script can set.
  package var fetchSite: String?

  /// Picks the headers out by a look-up that ignores case.
  package init(method: String, header: (String) -> String?) {
    self.method = method
    authorization = header("Authorization")
    cookie = header("Cookie")
    origin = header("Origin")
    host = header("Host")
    fetchSite = header("Sec-Fetch-Site")
  }
}

/// The judgement.
package enum Verdict: Sendable, Hashable {
  case granted(Grant)
  /// No token and no session.
  case missing
  /// A token or session that is not, or no longer, good.
  case wrong
  /// A good session, but another site sent the request.
  case foreign
}

/// Judges requests.
package enum Gate {
  /// A bearer token counts before a cookie.
  package static func judge(
    _ credentials: Credentials, tokens: TokenTable, sessions: SessionCookie, now: WallTime
  ) -> Verdict {
    if let header = credentials.authorization {
      let words = header.split(separator: " ", maxSplits: 1)
      guard words.count == 2, words[0].lowercased() == "bearer" else { return .wrong }
      return tokens.grant(String(words[1])).map { .granted($0) } ?? .wrong
    }
    guard let header = credentials.cookie, let value = SessionCookie.find(in: header) else {
      return .missing
    }
    guard let grant = sessions.read(value, now: now) else { return .wrong }
    return isOwn(credentials) ? .granted(grant) : .foreign
  }

  /// Whether a request with a cookie comes from our own page. SameSite=Strict is the first wall, this is the second.
  static func isOwn(_ credentials: Credentials) -> Bool {
    if let site = credentials.fetchSite, site != "same-origin", site != "none" { return false }
    if credentials.method == "GET" || credentials.method == "HEAD" { return true }
    // A browser names the origin of every request that changes something.
    guard let origin = credentials.origin, let host = credentials.host else { return false }
    return origin == "http://\(host)" || origin == "https://\(host)"
  }
}

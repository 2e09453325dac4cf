// What a client asked, as values: peer, method, path, query, headers, body; and how much of each is taken.
// Must never hold anything of the library that read it.

package import NovaModel

/// One request, read whole.
package struct HTTPRequest: Sendable {
  /// As sent, such as `GET`.
  package let method: String
  /// Percent-decoded, starting with `/`, without the query.
  package let path: String
  /// Path and query as the client wrote them.
  package let target: String
  /// Decoded pairs in order; a key may repeat; a key without `=` has an empty value.
  package let query: [(String, String)]
  /// In order; a name may repeat.
  package let headers: [(name: String, value: String)]
  /// At most `HTTPLimits.body` bytes.
  package let body: [UInt8]
  /// Who asks.
  package let peer: Peer

  /// Puts a request together.
  package init(
    method: String, path: String, target: String, query: [(String, String)],
    headers: [(name: String, value: String)],
    body: [UInt8], peer: Peer
  ) {
    self.method = method
    self.path = path
    self.target = target
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The first header of that name in any case, or nil.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// The first value of that query key, or nil.
  package func first(_ key: String) -> String? { query.first { $0.0 == key }?.1 }

  /// Every value of that query key, in order.
  package func all(_ key: String) -> [String] { query.filter { $0.0 == key }.map { $0.1 } }
}

/// How much a client may take of us. Nothing here is unlimited.
package struct HTTPLimits: Sendable {
  /// Open connections; the next one is answered 503 and closed.
  package var connections = 1024
  /// Open connections of one uid or address, so that one worker's user cannot shut the operator out.
  package var connectionsPerUser = 512
  /// Bytes of the request target; more is answered 414.
  package var target = 8192
  /// Bytes of a request body; more is answered 413.
  package var body = 1 << 20
  /// Bytes of a body where a path has a limit of its own.
  package var bodies: [String: Int] = [:]
  /// Bytes waiting for a slow reader of a stream; more and it is cut off.
  package var streamBuffer = 1 << 20
  /// Bytes of a request line and its headers; more is answered 431. 32 KiB are about what nginx and Apache take; each
  /// connection has so much memory.
  package var headers = 32_768
  /// Bytes of a stream that are handed to the library at once; each stream keeps so much memory. A socket takes some 200 KB.
  package var streamBlock = 65_536
  /// Bytes of request bodies that are held at once, of all connections together; more is answered 503.
  package var heldBodies = 1 << 30
  /// From connecting, or from the last answer, to the end of the next request.
  package var requestTimeout: Span = .seconds(60)
  /// The limit of a path.
  func body(of path: String) -> Int { bodies.isEmpty ? body : bodies[path] ?? body }
  /// The standard limits.
  package init() {}
}

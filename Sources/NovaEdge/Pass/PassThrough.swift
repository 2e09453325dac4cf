// A request of the network to the supervisor and its answer back, streams as they come. Must never change what is
// asked or answered, and never pass a token or a cookie on.

import NovaHTTP
import NovaLinux
import NovaModel

/// Forwards exchanges. Belongs to the loop's thread.
final class PassThrough {
  private let client: HTTPClient
  private let socket: String
  /// Adds the headers that every answer of the edge has.
  private let headers: [(String, String)]

  init(client: HTTPClient, socket: String, headers: [(String, String)]) {
    self.client = client
    self.socket = socket
    self.headers = headers
  }

  /// Headers of a request that the supervisor may see; every other stays here.
  private static let asked = [
    "accept", "content-type", "last-event-id", "if-match", "if-none-match", "idempotency-key",
  ]
  /// Headers of an answer that the client may see.
  private static let answered = ["etag", "retry-after", "allow", "link", "x-nova-total"]
  /// What is sent on as it comes, because it may never end.
  private static let streams = ["text/event-stream", "application/x-ndjson"]

  func forward(_ exchange: Exchange, for grant: Grant) {
    let request = exchange.request
    var order = HTTPOrder.brain(socket, request.method, Self.target(request), for: grant)
    for (name, value) in request.headers where Self.asked.contains(name.lowercased()) {
      order.headers.append("\(name): \(value)")
    }
    if request.method != "GET", request.method != "HEAD" { order.body = request.body }
    // The supervisor has its own limits on how long it lets a caller wait; a stream has none.
    order.timeout = nil
    let call = client.start(order) { [headers] outcome in
      switch outcome {
      case .answered(let status, let got, let body):
        exchange.end()
        exchange.respond(
          status, contentType: Self.value("content-type", got) ?? "", body: body,
          headers: headers + Self.kept(got))
      case .failed(let reason):
        // A stream that broke off ends without its last chunk, so that the client comes back.
        guard !exchange.isStreaming else { return exchange.abandon() }
        exchange.respond(
          502, body: EdgeAnswer.error("unavailable", "the supervisor does not answer (\(reason))"),
          headers: headers + [("Retry-After", "1")])
      }
    }
    guard let call else {
      return exchange.respond(
        503, body: EdgeAnswer.error("unavailable", "no memory for another call"), headers: headers)
    }
    call.onHead = { [weak exchange, headers] status, got in
      let kind = Self.value("content-type", got)?.prefix { $0 != ";" } ?? ""
      guard status == 200, request.method == "GET", Self.streams.contains(String(kind)) else {
        return false
      }
      exchange?.stream(contentType: String(kind), headers: headers + Self.kept(got))
      return true
    }
    call.onBytes = { [weak exchange] bytes in exchange?.send(bytes) ?? false }
    exchange.onClose = { call.cancel() }
  }

  /// Path and query as they came, without the host that a proxy may have put before them.
  private static func target(_ request: HTTPRequest) -> String {
    guard !request.target.hasPrefix("/"), let scheme = request.target.firstRange(of: "://") else {
      return request.target
    }
    let rest = request.target[scheme.upperBound...]
    return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
  }

  private static func kept(_ headers: [(name: String, value: String)]) -> [(String, String)] {
    headers.filter { answered.contains($0.name) }.map { ($0.name, $0.value) }
  }

  private static func value(_ name: String, _ headers: [(name: String, value: String)]) -> String? {
    headers.first { $0.name == name }?.value
  }
}

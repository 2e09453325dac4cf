// How a worker is told that there is no way: a status that its client knows, and a sentence for who reads it.
// Must never say more of the outside than that.

/// Why a tunnel does not come about.
enum EgressRefusal: Sendable, Hashable {
  case malformed
  case tooLong
  case late
  case unlisted(EgressRequest)
  /// It resolves to what no worker may be shown the way to.
  case notPublic(EgressRequest)
  case unreached(EgressRequest, why: String, isLate: Bool)
  case tooMany(Int)

  /// The line of the answer.
  var status: String {
    switch self {
    case .malformed: "400 Bad Request"
    case .tooLong: "431 Request Header Fields Too Large"
    case .late: "408 Request Timeout"
    case .unlisted, .notPublic: "403 Forbidden"
    case .unreached(_, _, let isLate): isLate ? "504 Gateway Timeout" : "502 Bad Gateway"
    case .tooMany: "503 Service Unavailable"
    }
  }

  /// For people.
  var sentence: String {
    switch self {
    case .malformed:
      "cannot read the request for a tunnel: it is not CONNECT host:port HTTP/1.1 with headers"
    case .tooLong:
      "cannot read the request for a tunnel: it is longer than \(EgressRequest.most) bytes"
    case .late: "cannot read the request for a tunnel: it did not come within 10 seconds"
    case .unlisted(let place):
      "cannot connect to \(place.text): it is not in the worker's gateway.egress (add it there)"
    case .notPublic(let place):
      "cannot connect to \(place.text): its address is not public (only public addresses, or a loopback address that is listed by its number)"
    case .unreached(let place, let why, _): "cannot connect to \(place.text): \(why)"
    case .tooMany(let most):
      "cannot open another tunnel: \(most) are open (close some, or try again)"
    }
  }

  /// The whole answer.
  var answer: [UInt8] {
    let body = sentence + "\n"
    return Array(
      ("HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body).utf8)
  }
}

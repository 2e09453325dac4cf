// How the edge speaks to the supervisor for somebody: the role and the name of a verified caller in two headers, which
// the supervisor believes of nova-edge's own user alone. Must never pass a caller's own headers of these names on.

import NovaHTTP
import NovaModel

extension HTTPOrder {
  /// A call to the supervisor by the gateway, which is the edge's own doing: it may set money aside and say what it cost.
  static func gateway(_ socket: String, _ method: String, _ target: String) -> HTTPOrder {
    var order = brain(socket, method, target, for: nil)
    order.headers = ["Expect:"]
    if method == "POST" { order.headers.append("Content-Type: application/json") }
    return order
  }

  /// A call to the supervisor for somebody; nil is the edge itself, which may look.
  static func brain(
    _ socket: String, _ method: String, _ target: String, for grant: Grant?
  ) -> HTTPOrder {
    var order = HTTPOrder(url: "http://nova" + target)
    order.method = method
    order.unixSocket = socket
    // curl would otherwise wait a second for 100 Continue before a long body.
    order.headers = ["Expect:"]
    if let grant {
      order.headers += ["X-Nova-Role: \(grant.role.rawValue)", "X-Nova-Actor: \(grant.actor)"]
    } else {
      order.headers.append("X-Nova-Role: read")
    }
    return order
  }
}

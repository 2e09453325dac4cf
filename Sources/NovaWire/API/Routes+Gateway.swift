// The routes of the model gateway's books. Must never list a route that answers 404.

extension APIRoute {
  /// Calls of models and their prices.
  static let gateway: [APIRoute] = [
    APIRoute(
      method: "GET", path: "/v1/gateway/calls", summary: "Calls of models, newest first",
      role: "read",
      parameters: [
        Parameter(
          name: "worker", shape: .text, summary: "A name or glob; none is all", repeats: true),
        Parameter(name: "provider", shape: .text, summary: "Only calls of this provider"),
        Parameter(name: "model", shape: .text, summary: "Only calls of this model"),
        .number("before", 0...Int64.max, "Calls with a smaller number: the next page"),
        .number("limit", 1...10_000, "At most so many (100)"),
      ], response: .list(.of(GatewayCallRow.self))),
    APIRoute(
      method: "POST", path: "/v1/gateway/calls",
      summary: """
        What calls have cost, said by nova-edge alone. Answered when it is durable; the same id is booked once. \
        `close` ends reservations at what their calls have cost
        """,
      role: "edge", request: .of(GatewayCallsRequest.self),
      response: .of(GatewayCallsResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/gateway/prices",
      summary: "The model prices in force; 404: none yet",
      role: "read", response: .of(GatewayPrices.self)),
    APIRoute(
      method: "POST", path: "/v1/gateway/prices",
      summary: """
        Make a table of model prices the one in force; at most 2 MiB. Earlier versions are kept; the table in force \
        again changes nothing
        """,
      role: "act", request: .of(GatewayPrices.self), response: .of(GatewayPricesResponse.self)),
  ]
}

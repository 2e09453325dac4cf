// The routes of figures over time. Must never list a route that answers 404.

extension APIRoute {
  /// History and runs.
  static let figures: [APIRoute] = [
    APIRoute(
      method: "GET", path: "/v1/workers/{name}/history",
      summary: """
        What a worker used, cost and earned over time: by the second for an hour, by the minute for 30 days, by the hour \
        for 400 days
        """,
      role: "read", parameters: span, response: .of(HistorySeries.self)),
    APIRoute(
      method: "GET", path: "/v1/history", summary: "The same of several workers, at most 50",
      role: "read",
      parameters: [
        Parameter(
          name: "target", shape: .text, summary: "A name or glob", repeats: true, required: true)
      ] + span, response: .list(.of(HistorySeries.self))),
    APIRoute(
      method: "GET", path: "/v1/workers/{name}/runs", summary: "The last runs, newest first",
      role: "read",
      parameters: [
        .number("limit", 0...1000, "At most so many (20)")
      ], response: .list(.of(RunRow.self))),
  ]

  private static let span: [Parameter] = [
    Parameter(name: "span", shape: .text, summary: "How far back (`1h`), up to `400d`"),
    .number(
      "step", 1...86_400,
      "Seconds of each point, at most 4000 points; unset: what gives at most 720"),
    .time("until", "RFC 3339; unset: now"),
  ]
}

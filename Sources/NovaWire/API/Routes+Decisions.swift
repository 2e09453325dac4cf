// The routes of the decision engine. Must never list a route that answers 404.

extension APIRoute {
  /// Decisions, autonomy, evaluated runs, alerts.
  static let decisions: [APIRoute] = [
    APIRoute(
      method: "GET", path: "/v1/decisions", summary: "What was decided, newest first", role: "read",
      parameters: [
        Parameter(
          name: "state",
          shape: .word([
            "pending", "withheld", "executed", "rejected", "expired", "stale", "failed",
          ]),
          summary: "Of one state"),
        .worker, .time("since", "RFC 3339"),
        .number("before", 0...Int64.max, "Of a smaller id: the next page"),
        .number("limit", 0...1000, "The newest so many (100)"),
      ], response: .list(.of(DecisionRow.self))),
    APIRoute(
      method: "GET", path: "/v1/decisions/{id}", summary: "One decision with all that it saw",
      role: "read", response: .of(DecisionDetail.self)),
    APIRoute(
      method: "POST", path: "/v1/decisions/{id}/approve",
      summary: """
        Do it, when it still follows from the facts of now; else it is stale (412). Never open to a process inside a \
        worker
        """,
      role: "act", request: .of(ResolutionRequest.self), isBodyOptional: true,
      response: .of(DecisionRow.self)),
    APIRoute(
      method: "POST", path: "/v1/decisions/{id}/reject",
      summary: "Do not do it, and do not propose it again for 24 hours", role: "act",
      request: .of(ResolutionRequest.self), isBodyOptional: true, response: .of(DecisionRow.self)),
    APIRoute(
      method: "GET", path: "/v1/evaluations", summary: "Runs as the tests saw them, oldest first",
      role: "read",
      parameters: [
        .number("after", 0...Int64.max, "With a greater sequence: the next page"),
        .worker,
        .number("epoch", 0...Int64.max, "Of one epoch of it"),
        .number("limit", 0...10_000, "At most so many (1000)"),
      ], response: .list(.of(EvaluationRow.self))),
    APIRoute(
      method: "GET", path: "/v1/outlook",
      summary: "How far each worker is from pause, kill and scale",
      role: "read",
      parameters: [
        Parameter(
          name: "target", shape: .text, summary: "A name or glob; none is all", repeats: true)
      ], response: .list(.of(OutlookRow.self))),
    APIRoute(
      method: "GET", path: "/v1/autonomy", summary: "Whether the engine acts by itself",
      role: "read", response: .of(AutonomyStatus.self), isTagged: true),
    APIRoute(
      method: "POST", path: "/v1/autonomy", summary: "Let it act by itself, or not; durable",
      role: "act", request: .of(AutonomyRequest.self), response: .of(AutonomyStatus.self)),
    APIRoute(
      method: "POST", path: "/v1/autonomy/sources",
      summary: "A source of revenue does not answer, or does again; durable", role: "act",
      request: .of(SourceRequest.self), response: .of(AutonomyStatus.self), isTagged: true),
    APIRoute(
      method: "POST", path: "/v1/autonomy/run", summary: "One analysis now", role: "act",
      request: .of(AnalysisRequest.self), isBodyOptional: true, response: .of(AnalysisResponse.self)
    ),
    APIRoute(
      method: "GET", path: "/v1/alerts", summary: "Alerts, newest first", role: "read",
      parameters: [
        Parameter(name: "all", shape: .flag, summary: "Those that are resolved as well"),
        .number("before", 0...Int64.max, "Of a smaller id: the next page"),
        .number("limit", 0...1000, "The newest so many (100)"),
      ], response: .list(.of(AlertRow.self))),
    APIRoute(
      method: "POST", path: "/v1/alerts/{id}/ack", summary: "Somebody has seen it", role: "act",
      request: .of(AcknowledgeRequest.self), isBodyOptional: true, response: .of(AlertRow.self)),
    APIRoute(
      method: "POST", path: "/v1/alerts/{id}/silence", summary: "Say nothing of it for a while",
      role: "act", request: .of(SilenceRequest.self), response: .of(AlertRow.self)),
  ]
}

// Every route of the API as a literal: the daemon serves them, OpenAPI and docs/reference/api.md describe them.
// Must never list a route that answers 404.

/// One route.
package struct APIRoute: Sendable, Hashable {
  package var method: String
  /// With `{name}` for a worker's name.
  package var path: String
  package var summary: String
  /// The role a caller needs: `none`, `read`, `act` or `worker`.
  package var role: String
  package var parameters: [Parameter] = []
  /// The body of the request.
  package var request: TypeShape?
  /// The request may come without a body, which is then `{}`.
  package var isBodyOptional = false
  /// The body of a good answer; nil is plain text.
  package var response: TypeShape?
  package var contentType = "application/json"
  /// A page that is read says an `ETag` of what can be set there; an order takes it as `If-Match`.
  package var isTagged = false

  /// A parameter of the query string.
  package struct Parameter: Sendable, Hashable {
    package var name: String
    package var shape: TypeShape
    package var summary: String
    package var repeats = false
    package var required = false
    /// What a number may be.
    package var bounds: ClosedRange<Int64>?
    /// What a text must be besides, in the words of JSON Schema.
    package var also: [JSONValue.Member] = []
  }

  /// The routes, in the order of the documents.
  package static let all: [APIRoute] = base + books + gateway + figures + decisions

  private static let base: [APIRoute] = [
    APIRoute(
      method: "GET", path: "/v1/workers", summary: "Every instance, sorted by name and number",
      role: "read", parameters: [target], response: .list(.of(WorkerRow.self))),
    APIRoute(
      method: "GET", path: "/v1/workers/{name}",
      summary: "One worker (`NAME`), or one instance of it (`NAME@N`)", role: "read",
      response: .of(WorkerDetail.self), isTagged: true),
    APIRoute(
      method: "GET", path: "/v1/workers/{name}/processes", summary: "The processes inside a worker",
      role: "read", response: .of(ProcessTree.self)),
    APIRoute(
      method: "POST", path: "/v1/actions",
      summary: "Change workers; every target is resolved before anything is done", role: "act",
      request: .of(ActionRequest.self), response: .of(ActionResponse.self), isTagged: true),
    APIRoute(
      method: "POST", path: "/v1/run",
      summary: """
        Run a command as a transient worker, listed until it is stopped. Answers with its first instance once \
        its process is there or could not be made
        """,
      role: "act", request: .of(RunRequest.self), response: .of(WorkerRow.self)),
    APIRoute(
      method: "POST", path: "/v1/reports",
      summary: "What the calling worker says of itself; who calls is known by its cgroup",
      role: "worker", request: .of(ReportRequest.self), response: .of(ReportResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/wait", summary: "Answer when it is so, or the time is over",
      role: "read",
      parameters: [
        Parameter(
          name: "target", shape: .text, summary: "A name, instance or glob", repeats: true,
          required: true),
        Parameter(
          name: "for", shape: .of(WaitCondition.self), summary: "What to wait for (`ready`)"),
        Parameter(
          name: "timeout_seconds", shape: .real, summary: "At most so long (60)",
          bounds: 0...86_400),
      ], response: .of(WaitResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/events",
      summary: """
        History. With `follow=1` it stays open as `text/event-stream` with `id:`, `event:` and `data:`; \
        `Last-Event-ID` resumes
        """,
      role: "read",
      parameters: [
        .number("after", 0...Int64.max, "Rows with a greater id, the oldest first: the next page"),
        .number("before", 0...Int64.max, "Rows with a smaller id: the page before"),
        .time("since", "RFC 3339"),
        Parameter(name: "type", shape: .text, summary: "A type, or its beginning up to a dot"),
        .worker,
        .number("limit", 0...10_000, "The newest so many (100); with `after` the first after it"),
        follow,
      ], response: .list(.of(EventRow.self))),
    APIRoute(
      method: "GET", path: "/v1/logs",
      summary: "Output of workers, one JSON object a line; with `follow=1` it stays open",
      role: "read",
      parameters: [
        target,
        .number("lines", 0...100_000, "The newest so many of each instance (50)"),
        .time("since", "RFC 3339"),
        .time("until", "RFC 3339"),
        Parameter(name: "previous", shape: .flag, summary: "The life before the present one"),
        Parameter(
          name: "stream", shape: .word(["stdout", "stderr"]), summary: "One of the two streams"),
        Parameter(name: "grep", shape: .text, summary: "A PCRE2 pattern, at most 1000 bytes"),
        follow,
        Parameter(
          name: "until_end", shape: .flag,
          summary: """
            With `follow`: end when the targets have ended and everything was sent; without `lines`, begin at \
            the first line of their present lives
            """),
      ], response: .of(LogLine.self), contentType: "application/x-ndjson"),
    APIRoute(
      method: "GET", path: "/v1/status", summary: "The whole system on one page", role: "read",
      response: .of(SystemStatus.self)),
    APIRoute(
      method: "GET", path: "/v1/health", summary: "Checks, heartbeats, who needs a restart",
      role: "read", parameters: [target], response: .of(HealthReport.self)),
    APIRoute(
      method: "POST", path: "/v1/reload",
      summary: "Read the configuration and apply the difference, or only show it", role: "act",
      request: .of(ReloadRequest.self), isBodyOptional: true, response: .of(ReloadResponse.self)),
    APIRoute(
      method: "POST", path: "/v1/backups",
      summary: "Copy the state database while it is in use; answers when the copy is whole",
      role: "act", request: .of(BackupRequest.self), isBodyOptional: true,
      response: .of(BackupResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/backups", summary: "The automatic backups, oldest first",
      role: "read", response: .list(.of(BackupRow.self))),
    APIRoute(
      method: "GET", path: "/v1/edge", summary: "What nova-edge serves, and where", role: "read",
      response: .of(EdgeSettings.self)),
    APIRoute(
      method: "POST", path: "/v1/logins",
      summary: "An address that logs in to the page once, with the rights of the caller",
      role: "read", response: .of(LoginResponse.self)),
    APIRoute(
      method: "POST", path: "/v1/logins/redeem", summary: "What a login of the page grants; once",
      role: "read", request: .of(RedeemRequest.self), response: .of(RedeemResponse.self)),
    APIRoute(
      method: "POST", path: "/v1/alerts/test",
      summary: "Have nova-edge try a channel; the outcome is an event", role: "act",
      request: .of(AlertTestRequest.self), response: .of(AlertTestResponse.self)),
    APIRoute(
      method: "POST", path: "/v1/deliveries", summary: "What became of an alert's message",
      role: "read", request: .of(DeliveryReport.self), response: .of(AlertTestResponse.self)),
    APIRoute(
      method: "GET", path: "/v1/version", summary: "Who answers", role: "worker",
      response: .of(VersionInfo.self)),
    APIRoute(
      method: "GET", path: "/v1/openapi.json", summary: "This description, OpenAPI 3.1",
      role: "worker", response: .map(.text)),
    APIRoute(
      method: "GET", path: "/metrics", summary: "Readings in the Prometheus text format",
      role: "read", contentType: "text/plain"),
    APIRoute(
      method: "GET", path: "/healthz", summary: "`ok` while the supervisor turns", role: "none",
      contentType: "text/plain"),
  ]

  static let target = Parameter(
    name: "target", shape: .text, summary: "A name, instance or glob; none is all", repeats: true)
  private static let follow = Parameter(
    name: "follow", shape: .flag, summary: "Stay and send what comes")
}

// The API as the page docs/reference/api.md. Must never be edited there: a test compares.

/// Markdown of the routes and types.
package enum APIReference {
  /// The whole page.
  package static func page() -> String {
    var out = """
      # The API of nova-supervisor

      <!-- Generated from the routes and types; a test compares. -->

      HTTP/1.1 and JSON on `/run/nova/supervisor.sock`, and with a token on `edge.listen` \
      ([open the page](../how-to/open-the-page.md)). Each of these is run by a test:

      ```sh
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/workers
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/workers/web
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/actions -d '{"targets":["web"],"action":"restart","reason":"new certificate"}'
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/actions -d '{"targets":["web"],"action":"scale","count":2,"current":1}'
      curl --unix-socket /run/nova/supervisor.sock -H 'If-Match: *' http://nova/v1/actions -d '{"targets":["web"],"action":"resume"}'
      curl --unix-socket /run/nova/supervisor.sock 'http://nova/v1/events?after=0&limit=100'
      curl --unix-socket /run/nova/supervisor.sock -N -H 'Last-Event-ID: 0' 'http://nova/v1/events?follow=1'
      curl --unix-socket /run/nova/supervisor.sock 'http://nova/v1/logs?target=web&lines=20&follow=1'
      curl --unix-socket /run/nova/supervisor.sock 'http://nova/v1/costs?period=day&by=worker'
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/revenue -d '{"worker":"web","amount_usd":"12.50","id":"order-1001"}'
      curl --unix-socket /run/nova/supervisor.sock -H 'Accept: application/openmetrics-text' http://nova/metrics
      curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:7480/v1/status
      ```

      Keys are snake_case with their unit; money is a decimal string in USD; times are RFC 3339 in UTC; what \
      is unknown is `null`, never 0, and no key of an answer is ever left out. An answer may gain keys: ignore \
      those you do not know. A request that holds an unknown field is refused whole, as \
      `{"error":{"code","message","field"}}`; a request is at most 256 KiB where its route does not say more. The words of `error.code` are in \
      [exit-codes.md](exit-codes.md). The same as OpenAPI 3.1: `GET /v1/openapi.json`.

      What may grow is read in pages: `limit`, and `after` or `before` with the last id of the page before. Events can \
      be followed as server-sent events and are resumed by `Last-Event-ID` without gap or repeat; after 1,000 that \
      were missed the stream ends, and goes on when asked again. A change that must not meet another one says what it \
      expects and is refused with 412 otherwise: `current` of `scale` is the live count; `If-Match` is the `ETag` of the \
      worker, the budgets or the autonomy as they were read, and names what can be set there, not the readings; an \
      approval is made again on the facts of now, and once. A method that a page does \
      not take is answered 405 with `Allow`.

      A request must be whole within 60 s of the connection or the last answer, over TCP within 20 s; one user may hold \
      512 connections. Over TCP a token may ask 200 times at once and 50 times a second: beyond that 429 with \
      `Retry-After`. A reader that leaves 1 MiB of a stream unread is cut off.

      Roles: `read` is the group nova, `act` the group nova-admin and root, `worker` a process inside a \
      worker's cgroup, `none` everybody who can open the socket.

      | route | role | what |
      |---|---|---|

      """
    for route in APIRoute.all {
      out += "| `\(route.method) \(route.path)` | \(route.role) | \(route.summary) |\n"
    }
    var types: [TypeShape] = []
    for route in APIRoute.all where route.contentType != "text/plain" {
      out += "\n## \(route.method) \(route.path)\n\n\(route.summary).\n"
      if !route.parameters.isEmpty { out += "\n| parameter | value | what |\n|---|---|---|\n" }
      for parameter in route.parameters {
        let note = parameter.repeats ? "; may be repeated" : ""
        let range = parameter.bounds.map {
          $0.upperBound == .max ? "" : ", \($0.lowerBound) to \($0.upperBound)"
        }
        let shape = parameter.bounds == nil ? name(parameter.shape) : Self.plain(parameter.shape)
        out +=
          "| `\(parameter.name)` | \(shape)\(range ?? "") | \(parameter.summary)\(note) |\n"
      }
      if let request = route.request {
        out += "\nTakes \(name(request))\(route.isTagged ? ", and `If-Match`" : "").\n"
      }
      if let response = route.response {
        let tag = route.isTagged && route.method == "GET" ? ", with an `ETag`" : ""
        out += "\nAnswers \(name(response))\(tag).\n"
      }
    }
    for route in APIRoute.all {
      for shape in [route.request, route.response] {
        if let shape { collect(shape, &types) }
      }
    }
    out += "\n## Types\n"
    for case .object(let name, let members) in types {
      out += "\n### \(name)\n\n| key | value |\n|---|---|\n"
      for member in members {
        out +=
          "| `\(member.key)` | \(self.name(member.shape))\(member.optional ? " or null" : "") |\n"
      }
    }
    return out
  }

  private static func collect(_ shape: TypeShape, _ types: inout [TypeShape]) {
    switch shape {
    case .object(_, let members):
      guard !types.contains(shape) else { return }
      types.append(shape)
      for member in members { collect(member.shape, &types) }
    case .list(let inner), .map(let inner): collect(inner, &types)
    case .text, .flag, .real, .integer, .word: break
    }
  }

  /// Without a range: another one follows.
  private static func plain(_ shape: TypeShape) -> String {
    if case .integer = shape { "whole number" } else { name(shape) }
  }

  private static func name(_ shape: TypeShape) -> String {
    switch shape {
    case .text: "string"
    case .flag: "boolean"
    case .real: "number"
    case .integer(let unsigned): unsigned ? "whole number, 0 or more" : "whole number"
    case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(let inner): "list of \(name(inner))"
    case .map(let inner): "object of \(name(inner))"
    case .object(let name, _): "[\(name)](#\(name.lowercased()))"
    }
  }
}

// The API as the page docs/reference/api.md. Must never be edited there: a test compares.

/// Markdown of the routes and types.
package enum APIReference {
  /// The whole page.
  package static func page() -> String {
    var out = """
      # The API of nova-supervisor

      <!-- Generated from the routes and types; a test compares. -->

      HTTP/1.1 and JSON on `/run/nova/supervisor.sock`:

      ```
      curl --unix-socket /run/nova/supervisor.sock http://nova/v1/workers
      ```

      Keys are snake_case with their unit; money is a decimal string in USD; times are RFC 3339 in UTC; what \
      is unknown is `null`, never 0, and no key of an answer is ever left out. An answer may gain keys: ignore \
      those you do not know. A request that holds an unknown field is refused whole, as \
      `{"error":{"code","message","field"}}`; a request is at most 256 KiB. The words of `error.code` are in \
      [exit-codes.md](exit-codes.md). The same as OpenAPI 3.1: `GET /v1/openapi.json`.

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
        out += "| `\(parameter.name)` | \(name(parameter.shape)) | \(parameter.summary)\(note) |\n"
      }
      if let request = route.request { out += "\nTakes \(name(request)).\n" }
      if let response = route.response { out += "\nAnswers \(name(response)).\n" }
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

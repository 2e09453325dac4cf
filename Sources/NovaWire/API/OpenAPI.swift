// The API as an OpenAPI 3.1 document, made from the routes and the types. Must never be written by hand: what
// is served is what is described.

import NovaModel

/// The document of `GET /v1/openapi.json`.
package enum OpenAPI {
  /// The document as JSON.
  package static func document() -> [UInt8] { value().bytes(pretty: true) }

  /// The document as a value.
  package static func value() -> JSONValue {
    var paths: [JSONValue.Member] = []
    for path in unique(APIRoute.all.map(\.path)) {
      let operations = APIRoute.all.filter { $0.path == path }
      paths.append(
        .init(
          path, .object(operations.map { .init($0.method.lowercased(), operation($0)) })))
    }
    return .object([
      .init("openapi", .string("3.1.0")),
      .init(
        "info",
        .object([
          .init("title", .string("Nova Supervisor")),
          .init("version", .string(Version.text)),
          .init("license", .object([.init("name", .string("see LICENSE"))])),
        ])),
      .init("servers", .array([.object([.init("url", .string("http://nova"))])])),
      .init("paths", .object(paths)),
      .init("components", .object([.init("schemas", .object(schemas()))])),
    ])
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private static func operation(_ route: APIRoute) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("summary", .string(route.summary)),
      .init("operationId", .string(operationID(route))),
      .init("x-role", .string(route.role)),
    ]
    var parameters = route.parameters.map(parameter)
    if route.path.contains("{name}") {
      parameters.append(
        .object([
          .init("name", .string("name")), .init("in", .string("path")),
          .init("required", .bool(true)),
          .init(
            "schema",
            .object([
              .init("type", .string("string")),
              .init("pattern", .string("^[a-z0-9][a-z0-9_-]{0,62}(@[1-9][0-9]{0,4})?$")),
            ])),
        ]))
    }
    if route.path.contains("{id}") {
      parameters.append(
        .object([
          .init("name", .string("id")), .init("in", .string("path")),
          .init("required", .bool(true)),
          .init(
            "schema",
            .object([.init("type", .string("integer")), .init("minimum", .number("1"))])),
        ]))
    }
    if route.isTagged, route.method != "GET" { parameters.append(ifMatch) }
    if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
    if let request = route.request {
      members.append(
        .init(
          "requestBody",
          .object([
            .init("required", .bool(!route.isBodyOptional)),
            content("application/json", reference(request)),
          ])))
    }
    let body = route.response.map(reference) ?? .object([.init("type", .string("string"))])
    members.append(
      .init(
        "responses",
        .object([
          .init(
            "200",
            .object(
              [.init("description", .string("done")), content(route.contentType, body)]
                + (route.isTagged && route.method == "GET" ? [etag] : []))),
          .init(
            "default",
            .object([
              .init("description", .string("refused or failed; nothing was changed by a 4xx")),
              content("application/json", reference(.of(ErrorBody.self))),
            ])),
        ])))
    return .object(members)
  }

  private static let etag = JSONValue.Member(
    "headers",
    .object([
      .init(
        "ETag",
        .object([
          .init("description", .string("of what can be set here; readings change without it")),
          .init("schema", .object([.init("type", .string("string"))])),
        ]))
    ]))

  private static let ifMatch = JSONValue.object([
    .init("name", .string("If-Match")), .init("in", .string("header")),
    .init("required", .bool(false)),
    .init(
      "description", .string("an ETag as it was read: 412 when somebody has set something since")),
    .init(
      "schema",
      .object([
        .init("type", .string("string")), .init("pattern", .string(#"^(\*|"[0-9a-f]{16}")$"#)),
      ])),
  ])

  private static func operationID(_ route: APIRoute) -> String {
    let words = route.path.split { "/.{}".contains($0) }.filter { $0 != "v1" }
    return ([route.method.lowercased()] + words.map(String.init)).joined(separator: "_")
  }

  /// A zero byte in an address is refused before anybody looks at it.
  private static let noNull: [JSONValue.Member] = [.init("pattern", .string("^[^\\u0000]*$"))]

  private static func content(_ type: String, _ schema: JSONValue) -> JSONValue.Member {
    .init("content", .object([.init(type, .object([.init("schema", schema)]))]))
  }

  private static func parameter(_ parameter: APIRoute.Parameter) -> JSONValue {
    var schema = reference(parameter.shape)
    if parameter.shape == .flag {
      schema = .object([
        .init("enum", .array(["1", "0", "true", "false", ""].map(JSONValue.string)))
      ])
    }
    if case .object(var members) = schema {
      if let bounds = parameter.bounds {
        members.removeAll { $0.key == "minimum" || $0.key == "maximum" }
        members += OpenAPI.range(bounds.lowerBound, bounds.upperBound)
      }
      let also = parameter.shape == .text && parameter.also.isEmpty ? noNull : parameter.also
      schema = .object(members + also)
    }
    if parameter.repeats {
      schema = .object([.init("type", .string("array")), .init("items", schema)])
    }
    return .object([
      .init("name", .string(parameter.name)), .init("in", .string("query")),
      .init("required", .bool(parameter.required)),
      .init("description", .string(parameter.summary)), .init("schema", schema),
    ])
  }

  // MARK: Schemas

  private static func schemas() -> [JSONValue.Member] {
    // Requests refuse what they do not know; answers may grow.
    var found: [String: (members: [TypeShape.Member], strict: Bool)] = [:]
    for route in APIRoute.all {
      if let request = route.request { collect(request, strict: true, &found) }
      if let response = route.response { collect(response, strict: false, &found) }
    }
    collect(.of(ErrorBody.self), strict: false, &found)
    return found.sorted { $0.key < $1.key }.map { name, entry in
      .init(name, schema(name, entry.members, strict: entry.strict))
    }
  }

  private static func collect(
    _ shape: TypeShape, strict: Bool,
    _ found: inout [String: (members: [TypeShape.Member], strict: Bool)]
  ) {
    switch shape {
    case .object(let name, let members):
      guard found.updateValue((members, strict), forKey: name) == nil else { return }
      for member in members { collect(member.shape, strict: strict, &found) }
    case .list(let inner), .map(let inner): collect(inner, strict: strict, &found)
    case .text, .flag, .real, .integer, .word: break
    }
  }

  private static func schema(
    _ name: String, _ members: [TypeShape.Member], strict: Bool
  ) -> JSONValue {
    var out: [JSONValue.Member] = [.init("type", .string("object"))]
    // An answer always has every key; a request may leave out what may be null.
    let required = members.filter { !$0.optional || !strict }.map { JSONValue.string($0.key) }
    if !required.isEmpty { out.append(.init("required", .array(required))) }
    out.append(
      .init("properties", .object(members.map { .init($0.key, property($0, of: name)) })))
    if strict { out.append(.init("additionalProperties", .bool(false))) }
    return .object(out)
  }

  private static func property(_ member: TypeShape.Member, of owner: String) -> JSONValue {
    var schema = reference(member.shape)
    if let more = limits["\(owner).\(member.key)"], case .object(let members) = schema {
      let replaced = Set(more.map(\.key))
      schema = .object(members.filter { !replaced.contains($0.key) } + more)
    }
    guard member.optional else { return schema }
    if case .object(let members) = schema, case .string(let type)? = schema["type"],
      schema["enum"] == nil
    {
      return .object(
        members.map {
          $0.key == "type" ? .init("type", .array([.string(type), .string("null")])) : $0
        })
    }
    return .object([
      .init("anyOf", .array([schema, .object([.init("type", .string("null"))])]))
    ])
  }

  private static func reference(_ shape: TypeShape) -> JSONValue {
    func typed(_ type: String, _ more: [JSONValue.Member] = []) -> JSONValue {
      .object([.init("type", .string(type))] + more)
    }
    switch shape {
    case .text: return typed("string")
    case .flag: return typed("boolean")
    case .real: return typed("number")
    case .integer(let unsigned):
      return typed("integer", range(unsigned ? 0 : .min, .max))
    case .word(let words):
      return typed("string", [.init("enum", .array(words.map(JSONValue.string)))])
    case .list(let inner): return typed("array", [.init("items", reference(inner))])
    case .map(let inner): return typed("object", [.init("additionalProperties", reference(inner))])
    case .object(let name, _):
      return .object([.init("$ref", .string("#/components/schemas/\(name)"))])
    }
  }
}

// The document of the API against the types and itself. Must never be a copy of the document.

import Testing

@testable import NovaWire

@Suite struct OpenAPITests {
  private let document = OpenAPI.value()

  @Test("every route is described, with an id of its own")
  func routes() {
    var ids: Set<String> = []
    for route in APIRoute.all {
      let operation = document["paths"]?[route.path]?[route.method.lowercased()]
      #expect(operation != nil, "\(route.path)")
      let id = operation?["operationId"]?.text ?? ""
      #expect(!ids.contains(id), "\(id)")
      ids.insert(id)
    }
  }

  @Test("every reference leads to a schema")
  func references() {
    var names: [String] = []
    func walk(_ value: JSONValue) {
      switch value {
      case .object(let members):
        for member in members {
          if member.key == "$ref", let text = member.value.text { names.append(text) }
          walk(member.value)
        }
      case .array(let values): values.forEach(walk)
      case .null, .bool, .number, .string: break
      }
    }
    walk(document)
    #expect(names.count > 20)
    for name in Set(names) {
      let last = String(name.split(separator: "/").last ?? "")
      #expect(document["components"]?["schemas"]?[last] != nil, "\(name)")
    }
  }

  @Test("a row is described with every key it has, in order")
  func row() {
    let row = WorkerRow(
      name: "a", instance: 1, state: "ready", reason: "none", crashes: 0, maxCrashes: 5,
      restartsTotal: 0)
    guard case .object(let members) = APICoding.json(row),
      case .object(_, let described) = TypeShape.of(WorkerRow.self)
    else {
      Issue.record("a row is no object")
      return
    }
    #expect(described.map(\.key) == members.map(\.key))
    #expect(described.first { $0.key == "pid" }?.optional == true)
    #expect(described.first { $0.key == "crashes" }?.shape == .integer(unsigned: false))
  }

  @Test("requests are closed, answers may grow")
  func strictness() {
    let schemas = document["components"]?["schemas"]
    #expect(schemas?["ActionRequest"]?["additionalProperties"] == .bool(false))
    #expect(
      schemas?["ActionRequest"]?["required"] == .array([.string("targets"), .string("action")]))
    #expect(schemas?["WorkerRow"]?["additionalProperties"] == nil)
    #expect(
      schemas?["ActionRequest"]?["properties"]?["action"]?["enum"]?.elements?.count
        == ActionVerb.allCases.count)
  }

  @Test("the document is JSON that our own parser reads")
  func text() throws {
    #expect(try JSONParser.parse(OpenAPI.document()) == document)
  }

  @Test("every limit is of a field that a request has")
  func limits() {
    var fields: Set<String> = []
    func walk(_ shape: TypeShape) {
      switch shape {
      case .object(let name, let members):
        for member in members {
          fields.insert("\(name).\(member.key)")
          walk(member.shape)
        }
      case .list(let inner), .map(let inner): walk(inner)
      case .text, .flag, .real, .integer, .word: break
      }
    }
    for route in APIRoute.all { route.request.map(walk) }
    #expect(Set(OpenAPI.limits.keys).subtracting(fields).isEmpty)
    let seconds = document["components"]?["schemas"]?["SilenceRequest"]?["properties"]?["seconds"]
    #expect(seconds?["maximum"] == .number("2592000"))
  }

  @Test(
    "a path knows its methods, whatever stands in its braces",
    arguments: [
      ("/v1/workers", ["GET", "HEAD"]), ("/v1/workers/a@1", ["GET", "HEAD"]),
      ("/v1/actions", ["POST"]), ("/v1/revenue", ["GET", "HEAD", "POST"]),
      ("/v1/decisions/7/approve", ["POST"]), ("/healthz", ["GET", "HEAD"]),
      ("/v1/nothing", nil), ("/", nil), ("/v1/decisions/7/forget", nil),
    ] as [(String, [String]?)])
  func methods(path: String, expected: [String]?) {
    let found = APIRoute.methods(of: path.split(separator: "/").map(String.init))
    #expect(found.map(Set.init) == expected.map(Set.init))
  }
}

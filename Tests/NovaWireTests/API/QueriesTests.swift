// Query strings both ways, and what they refuse. Must never depend on an HTTP library.

import NovaWire
import Testing

@Suite struct QueriesTests {
  private func items(_ pairs: [(String, String)]) -> QueryParameters {
    QueryParameters(pairs.map { .init($0.0, $0.1) })
  }

  @Test("a logs query comes back as it was sent")
  func logs() throws {
    var query = LogsQuery()
    query.targets = ["a", "b@2"]
    query.lines = 10
    query.previous = true
    query.stream = "stderr"
    query.grep = "x y"
    query.follow = true
    query.untilEnd = true
    #expect(try LogsQuery(query.parameters) == query)
    query.follow = false
    #expect(throws: APIError.self) { try LogsQuery(query.parameters) }
  }

  @Test("an events query comes back as it was sent")
  func events() throws {
    var query = EventsQuery()
    query.after = 12
    query.type = "operator"
    query.limit = 0
    #expect(try EventsQuery(query.parameters) == query)
  }

  @Test("a wait query needs a target, and ready is what it waits for by itself")
  func wait() throws {
    let query = try WaitQuery(items([("target", "a")]))
    #expect(query.condition == .ready)
    #expect(throws: APIError.self) { try WaitQuery(items([("for", "ready")])) }
  }

  @Test(
    "what is not understood is refused and named",
    arguments: [
      ("limit", "-1"), ("limit", "x"), ("limit", "10001"), ("after", "9223372036854775808"),
      ("follow", "maybe"), ("bogus", "1"),
    ])
  func refused(name: String, value: String) {
    let error = #expect(throws: APIError.self) { try EventsQuery(items([(name, value)])) }
    #expect(error?.field == name)
  }

  @Test("a parameter given twice is refused")
  func twice() {
    #expect(throws: APIError.self) { try EventsQuery(items([("limit", "1"), ("limit", "2")])) }
  }
}

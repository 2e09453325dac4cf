// Which methods a path takes, and the parameters that many routes share. Must never know a path that the table of
// routes does not have.

extension APIRoute {
  /// The methods of a path, in the order of the table; nil when there is no such page. A page that can be read answers
  /// HEAD as well.
  package static func methods(of path: [String]) -> [String]? {
    var found: [String] = []
    for (segments, method) in table where segments.count == path.count {
      let fits = zip(segments, path).allSatisfy { $0 == nil || $0 == $1 }
      if fits { found.append(method) }
    }
    guard !found.isEmpty else { return nil }
    return found.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }
  }

  /// Nil stands for anything: `{name}`, `{id}`.
  private static let table: [([String?], String)] = all.map { route in
    (route.path.split(separator: "/").map { $0.hasPrefix("{") ? nil : String($0) }, route.method)
  }
}

extension APIRoute.Parameter {
  static func number(
    _ name: String, _ bounds: ClosedRange<Int64>, _ summary: String
  ) -> APIRoute.Parameter {
    APIRoute.Parameter(
      name: name, shape: .integer(unsigned: bounds.lowerBound >= 0), summary: summary,
      bounds: bounds)
  }

  /// A time on the API's clock.
  static func time(_ name: String, _ summary: String) -> APIRoute.Parameter {
    APIRoute.Parameter(
      name: name, shape: .text, summary: summary, also: [.init("format", .string("date-time"))])
  }

  static let worker = APIRoute.Parameter(name: "worker", shape: .text, summary: "Of one worker")
}

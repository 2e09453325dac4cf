// The query strings of the pages about money, typed, both ways. Must never guess: what does not parse is refused by
// name.

/// `GET /v1/costs` and `GET /v1/revenue`.
package struct MoneyQuery: Sendable, Hashable {
  /// Workers or globs; empty: all, and what is nobody's.
  package var targets: [String] = []
  /// RFC 3339.
  package var since: String?
  package var until: String?
  package var period: MoneyPeriod?
  /// Empty: by worker.
  package var by: [MoneyGrouping] = []
  package var view = RevenueView.cash

  /// Asks for everything, by worker.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(
      known: ["target", "since", "until", "period", "by", "view"], repeatable: ["target", "by"])
    targets = parameters.all("target")
    since = parameters.first("since")
    until = parameters.first("until")
    period = try parameters.word("period")
    for text in parameters.all("by") {
      guard let grouping = MoneyGrouping(rawValue: text) else {
        let words = MoneyGrouping.allCases.map(\.rawValue).joined(separator: ", ")
        throw APIError(.badRequest, "by must be one of \(words)", field: "by")
      }
      by.append(grouping)
    }
    view = try parameters.word("view") ?? .cash
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = TargetsQuery(targets: targets).parameters
    out.add("since", since)
    out.add("until", until)
    out.add("period", period?.rawValue)
    for grouping in by { out.add("by", grouping.rawValue) }
    if view != .cash { out.add("view", view.rawValue) }
    return out
  }
}

/// `GET /v1/entries`.
package struct EntriesQuery: Sendable, Hashable {
  /// Workers; empty: all.
  package var targets: [String] = []
  /// Entries with a greater id.
  package var after: Int64?
  /// RFC 3339, by the time of booking.
  package var since: String?
  /// Only revenue and what is given back of it.
  package var income = false
  /// The newest so many (100), or with `after` the first after it; at most 10,000.
  package var limit: Int?

  /// Asks for the newest.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(
      known: ["target", "after", "since", "income", "limit"], repeatable: ["target"])
    targets = parameters.all("target")
    after = try parameters.number("after", 0...Int64.max)
    since = parameters.first("since")
    income = try parameters.flag("income")
    limit = try parameters.number("limit", 1...10_000)
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = TargetsQuery(targets: targets).parameters
    out.add("after", after)
    out.add("since", since)
    out.add("income", flag: income)
    out.add("limit", limit)
    return out
  }
}

extension QueryParameters {
  /// The value as one of a set of words. Throws 400 naming them.
  func word<W: CaseIterable & RawRepresentable>(_ name: String) throws(APIError) -> W?
  where W.RawValue == String {
    guard let text = first(name) else { return nil }
    guard let word = W(rawValue: text) else {
      let words = W.allCases.map(\.rawValue).joined(separator: ", ")
      throw APIError(.badRequest, "\(name) must be one of \(words)", field: name)
    }
    return word
  }
}

// `GET /v1/audit`: is the ledger of money what was booked? Must never repair anything.

/// The findings of an audit.
package struct AuditResponse: Codable, Sendable, Hashable {
  /// Nothing is wrong.
  package var intact: Bool
  /// Entries that were looked at.
  package var entries: Int64
  /// The hash of the last one. Note it elsewhere, with the number of entries, and give both to a later audit.
  package var head: String
  package var findings: [Finding]
  /// There are more than the hundred that are listed.
  package var more: Bool

  /// Puts findings together.
  package init(intact: Bool, entries: Int64, head: String, findings: [Finding], more: Bool) {
    self.intact = intact
    self.entries = entries
    self.head = head
    self.findings = findings
    self.more = more
  }

  /// One thing that is wrong.
  package struct Finding: Codable, Sendable, Hashable {
    /// The row it is about; nil: a total or a rule.
    package var entry: Int64?
    /// `altered`, `missing`, `reordered`, `total` or `unprotected`.
    package var kind: String
    package var message: String
    /// Puts a finding together.
    package init(entry: Int64?, kind: String, message: String) {
      self.entry = entry
      self.kind = kind
      self.message = message
    }
  }
}

/// Which audit.
package struct AuditQuery: Sendable, Hashable {
  /// The number of entries and the head that were noted before; both or none.
  package var entries: Int64?
  package var head: String?

  /// Looks at everything there is.
  package init() {}

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["entries", "head"])
    entries = try parameters.number("entries", 1...Int64.max)
    head = parameters.first("head")
    guard (entries == nil) == (head == nil) else {
      throw APIError(
        .badRequest, "entries and head go together", field: entries == nil ? "entries" : "head")
    }
    let isHash = head.map {
      $0.utf8.count == 64 && $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }
    guard isHash ?? true else {
      throw APIError(.badRequest, "head must be 64 hexadecimal digits", field: "head")
    }
  }

  /// Writes a request.
  package var parameters: QueryParameters {
    var out = QueryParameters()
    out.add("entries", entries)
    out.add("head", head)
    return out
  }
}

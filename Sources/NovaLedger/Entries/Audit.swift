// What an audit of the ledger of money finds. Must never say "all is well" of what was not looked at.

/// The findings.
package struct AuditReport: Sendable, Hashable {
  /// Entries that were looked at.
  package var entries: Int64 = 0
  /// The hash of the last one, in hexadecimal; of nothing, 64 zeros. Noted elsewhere, it proves later that no entry up
  /// to here was changed or cut off.
  package var head = String(repeating: "0", count: 64)
  /// What is wrong, in the order of the ids; at most `limit`.
  package var findings: [Finding] = []
  /// There are more than are listed.
  package var more = false

  /// More would fill a screen and say the same.
  static let limit = 100

  /// Nothing looked at.
  package init() {}

  /// One thing that is wrong.
  package struct Finding: Sendable, Hashable {
    /// The row it is about; nil: a total.
    package var entry: Int64?
    package var kind: Kind
    /// One sentence.
    package var sentence: String
  }

  /// What can be wrong.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The row is not what was booked.
    case altered
    /// A row is not there.
    case missing
    /// The row stands in another's place.
    case reordered
    /// A total is not the sum of its entries.
    case total
    /// A rule that protects the entries is not in force.
    case unprotected
  }

  mutating func add(_ entry: Int64?, _ kind: Kind, _ sentence: String) {
    guard findings.count < Self.limit else {
      more = true
      return
    }
    findings.append(Finding(entry: entry, kind: kind, sentence: sentence))
  }
}

/// Up to where somebody has noted the head of the chain.
package struct AuditAnchor: Sendable, Hashable {
  /// How many entries there were.
  package var entries: Int64
  /// The hash of the last of them, hexadecimal.
  package var head: String

  /// Puts an anchor together.
  package init(entries: Int64, head: String) {
    self.entries = entries
    self.head = head
  }
}

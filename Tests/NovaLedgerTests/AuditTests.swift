// Tampering with the file, by somebody who has the rights and removes the triggers: each row that does not fit is named.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Audit")
struct AuditTests {
  /// A ledger of nine entries, tampered with by SQL, and what an audit then says.
  private func audit(_ sql: String..., anchored: Bool = false) throws -> AuditReport {
    let shop = try Workshop()
    var anchor: AuditAnchor?
    do {
      let ledger = try shop.open()
      for number in 1...9 {
        try ledger.store([.entry(try Sample.entry("e\(number)", Int64(-number)))])
      }
      let report = try ledger.verify()
      #expect(report.findings.isEmpty && report.entries == 9)
      if anchored { anchor = AuditAnchor(entries: report.entries, head: report.head) }
      ledger.close()
    }
    let connection = try Connection(path: shop.path, access: .readWrite)
    let rules = try triggers(connection)
    for (name, _) in rules { try connection.execute("DROP TRIGGER \(name)") }
    for statement in sql { try connection.execute(statement) }
    for (_, text) in rules { try connection.execute(text) }
    let ledger = try shop.open()
    return try ledger.verify(against: anchor)
  }

  private func triggers(_ connection: borrowing Connection) throws -> [(String, String)] {
    var found: [(String, String)] = []
    var statement = try connection.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entry'")
    try statement.query { row in found.append((row.text(0), row.text(1))) }
    return found
  }

  private func words(_ report: AuditReport) -> [String] {
    report.findings.filter { $0.kind != .total }.map { "\($0.kind.rawValue) \($0.entry ?? 0)" }
  }

  @Test(
    "any column of any row altered is found, and the row named",
    arguments: [
      "amount_micro = -400", "booked_usec = booked_usec + 1", "event_usec = 1", "worker = 'else'",
      "worker = NULL",
      "run = 'x'", "run = ''", "kind = 'tool'", "source = 'stripe'", "external_id = 'e44'",
      "part = 1", "pending = 1",
      "rule = 'product'", "weight_ppm = 1", "matures_usec = 5", "instance = 0", "incarnation = 1",
      "hash = zeroblob(32)",
    ])
  func altered(change: String) throws {
    let report = try audit("UPDATE entry SET \(change) WHERE id = 4")
    #expect(words(report).first == "altered 4")
    #expect(report.findings.count <= 4)
  }

  @Test("an altered amount shows in the totals as well")
  func total() throws {
    let report = try audit("UPDATE entry SET amount_micro = -400 WHERE id = 4")
    #expect(
      report.findings.contains {
        $0.kind == .total
          && $0.sentence
            == "the balance of outreach is -0.000045 USD, its entries sum up to -0.000441"
      })
    let balance = try audit("UPDATE balance SET cost_micro = 7")
    #expect(balance.findings.map(\.kind) == [.total])
    let period = try audit("UPDATE period SET amount_micro = 7")
    #expect(period.findings.map(\.kind) == [.total])
  }

  @Test("a removed row is missing by its number, wherever it stood")
  func missing() throws {
    #expect(words(try audit("DELETE FROM entry WHERE id = 4")) == ["missing 4"])
    #expect(words(try audit("DELETE FROM entry WHERE id = 1")) == ["missing 1"])
    #expect(words(try audit("DELETE FROM entry WHERE id IN (4, 5)")) == ["missing 4"])
    let closed = try audit(
      "DELETE FROM entry WHERE id = 4", "UPDATE entry SET id = id - 1 WHERE id = 5",
      "UPDATE entry SET id = id - 1 WHERE id = 6", "UPDATE entry SET id = id - 1 WHERE id = 7",
      "UPDATE entry SET id = id - 1 WHERE id = 8", "UPDATE entry SET id = id - 1 WHERE id = 9")
    #expect(words(closed) == ["altered 4"])
  }

  @Test("rows cut off at the end are found by a head that was noted, and by the totals")
  func cut() throws {
    let report = try audit("DELETE FROM entry WHERE id = 9", anchored: true)
    #expect(words(report) == ["missing 9"])
    #expect(try audit("DELETE FROM entry WHERE id = 9").findings.allSatisfy { $0.kind == .total })
    #expect(!(try audit("DELETE FROM entry WHERE id = 9").findings.isEmpty))
  }

  @Test("two rows that changed places are both named")
  func reordered() throws {
    let report = try audit(
      "UPDATE entry SET id = 99 WHERE id = 4", "UPDATE entry SET id = 4 WHERE id = 5",
      "UPDATE entry SET id = 5 WHERE id = 99")
    #expect(words(report).prefix(2) == ["reordered 4", "reordered 5"])
  }

  @Test("a chain written anew with right hashes is found by the noted head")
  func rewritten() throws {
    let shop = try Workshop()
    let anchor: AuditAnchor
    do {
      let ledger = try shop.open()
      try ledger.store([.entry(try Sample.entry("a", -5))])
      let report = try ledger.verify()
      anchor = AuditAnchor(entries: report.entries, head: report.head)
    }
    let other = try Workshop()
    let ledger = try other.open()
    try ledger.store([.entry(try Sample.entry("a", -4))])
    #expect(try ledger.verify().findings.isEmpty)
    #expect(words(try ledger.verify(against: anchor)) == ["altered 1"])
  }

  @Test("a missing trigger is said")
  func unprotected() throws {
    let shop = try Workshop()
    try shop.open().close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    try connection.execute("DROP TRIGGER entry_stays")
    #expect(try shop.open().verify().findings.map(\.kind) == [.unprotected])
  }
}

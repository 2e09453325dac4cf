// The audit: every row's hash is computed again, in order, and every total is summed up again. Runs on the thread of long
// questions; holds one row and the totals. Must never repair anything.

internal import NovaModel

extension Reader {
  /// Looks at everything.
  borrowing func audit(against anchor: AuditAnchor?) throws(LedgerError) -> AuditReport {
    // One moment for rows and totals.
    try connection.execute("BEGIN")
    defer { try? connection.execute("ROLLBACK") }
    var report = AuditReport()
    var totals = AuditTotals()
    let broken = try walk(&report, &totals, anchor)
    if let broken { try explain(broken, &report) }
    if let anchor, anchor.entries > report.entries {
      report.add(
        anchor.entries, .missing,
        "entries \(report.entries + 1) to \(anchor.entries) are missing: there were \(anchor.entries) when the head was noted"
      )
    }
    try compareTotals(totals, &report)
    try compareRules(&report)
    return report
  }

  /// Where the chain broke first: the last good hash, and the row after it.
  private struct Break {
    var hash: [UInt8]
    var row: Int64
  }

  private borrowing func walk(
    _ report: inout AuditReport, _ totals: inout AuditTotals, _ anchor: AuditAnchor?
  ) throws(LedgerError) -> Break? {
    var chain = EntryChain()
    var seen = report
    var sums = totals
    var broken: Break?
    var unreadable = 0
    var statement = try connection.prepare(
      "SELECT \(Entry.columnNames), hash FROM entry ORDER BY id")
    try statement.query { row in
      let id = row.integer(0)
      let stored = row.blob(21)
      seen.entries += 1
      if id != chain.lastID + 1 {
        let (first, last) = (chain.lastID + 1, id - 1)
        seen.add(
          first, .missing,
          first == last
            ? "entry \(first) is missing" : "entries \(first) to \(last) are missing")
      }
      let raw = row.values(count: 21)
      let computed = EntryChain.hash(of: raw, after: chain.lastHash)
      if computed != stored, id == chain.lastID + 1 {
        if broken == nil { broken = Break(hash: chain.lastHash, row: id) }
        seen.add(id, .altered, "entry \(id) is not what was booked: its hash does not fit")
      }
      // Each row is judged after the hash that is stored before it: one altered row is one finding.
      chain.lastHash = stored
      chain.lastID = id
      if let anchor, anchor.entries == id, anchor.head != stored.hexadecimal {
        seen.add(
          id, .altered,
          "entry \(id) had another hash when the head was noted: the chain was written anew")
      }
      if let entry = Entry(row) { sums.add(entry) } else { unreadable += 1 }
    }
    if unreadable > 0 {
      seen.add(nil, .altered, "\(unreadable) entries hold words that this release does not know")
    }
    seen.head = chain.lastHash.hexadecimal
    report = seen
    totals = sums
    return broken
  }

  /// A row that does not fit may have changed places: then the one that belongs here stands further on.
  private borrowing func explain(_ broken: Break, _ report: inout AuditReport) throws(LedgerError) {
    var home: Int64?
    var statement = try connection.prepare(
      "SELECT \(Entry.columnNames), hash FROM entry WHERE id > ? ORDER BY id")
    try statement.query([.integer(broken.row)]) { row in
      guard home == nil else { return }
      if EntryChain.hash(of: row.values(count: 21), after: broken.hash) == row.blob(21) {
        home = row.integer(0)
      }
    }
    guard let home else { return }
    for index in report.findings.indices {
      let finding = report.findings[index]
      guard finding.kind == .altered, finding.entry == broken.row || finding.entry == home else {
        continue
      }
      report.findings[index].kind = .reordered
      report.findings[index].sentence =
        finding.entry == broken.row
        ? "entry \(broken.row) stands in another's place: what was booked here is entry \(home) now"
        : "entry \(home) stands in another's place: it was booked as entry \(broken.row)"
    }
  }

  private borrowing func compareTotals(_ sums: AuditTotals, _ report: inout AuditReport)
    throws(LedgerError)
  {
    let stored = try balances()
    for key in Set(stored.keys).union(sums.balances.keys).sorted(by: { $0.words < $1.words })
    where stored[key] ?? Balance() != sums.balances[key] ?? Balance() {
      report.add(
        nil, .total,
        "the balance of \(key.words) is \((stored[key] ?? Balance()).profit.decimal) USD, its entries sum up to "
          + "\((sums.balances[key] ?? Balance()).profit.decimal)")
    }
    let periods = try connection.integer("SELECT coalesce(sum(amount_micro), 0) FROM period") ?? 0
    if periods != sums.booked {
      report.add(nil, .total, "the sums by time are not those of the entries")
    }
    let runs = try connection.integer(
      """
      SELECT count(*) FROM (SELECT worker FROM run GROUP BY worker
        EXCEPT SELECT r.worker FROM run_total r WHERE r.ok + r.failed + r.crashed =
          (SELECT count(*) FROM run WHERE run.worker = r.worker))
      """)
    if let runs, runs > 0 {
      report.add(nil, .total, "the numbers of runs of \(runs) workers are not those of their runs")
    }
  }

  private borrowing func compareRules(_ report: inout AuditReport) throws(LedgerError) {
    for rule in ["entry_follows", "entry_reverses_less", "entry_is_fixed", "entry_stays"] {
      let there = try connection.integer(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = '\(rule)'")
      if there != 1 {
        report.add(
          nil, .unprotected, "the rule \(rule), which protects the entries, is not in force")
      }
    }
  }
}

/// The totals as the entries make them.
private struct AuditTotals {
  var balances: [BalanceKey: Balance] = [:]
  var booked: Int64 = 0

  mutating func add(_ entry: Entry) {
    balances[BalanceKey(entry), default: Balance()].add(entry)
    if !entry.isPending { booked &+= entry.amount.microUSD }
  }
}

extension BalanceKey {
  /// `outreach@2`, `outreach` or `nobody`.
  var words: String {
    guard let worker else { return "nobody" }
    return instance == 0 ? worker.text : "\(worker)@\(instance)"
  }
}

extension [UInt8] {
  /// Lower-case hexadecimal.
  var hexadecimal: String {
    var digits: [UInt8] = []
    for byte in self {
      for value in [byte >> 4, byte & 15] {
        digits.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}

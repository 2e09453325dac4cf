// Appending entries to the chain, and the totals that go with them in the same transaction. Must never append an entry
// that the totals of this commit do not count.

internal import NovaModel

/// What a commit has appended so far: the totals are written from it, and whoever keeps totals in memory is told.
struct Appended {
  var entries: [Entry] = []
  var runs: [RunRecord] = []
  /// Lives that ended for the first time, and whether they crashed.
  var lives: [(worker: WorkerName, crashed: Bool)] = []
}

/// What became of a write of statements.money.
enum Verdict {
  case done
  /// It was there before, with the same amounts.
  case repeated
  /// Why it cannot be booked, for whoever sent it.
  case conflict(String)
}

extension Writer {
  /// 10 million dollars: nothing that one entry books is more, and 900,000 of them fit the range of a sum.
  static let largestAmount: Int64 = 10_000_000_000_000
  /// 15 minutes: every time zone's midnight is a multiple of it.
  static let quarter: Int64 = 900_000_000

  /// Books one entry as it is.
  mutating func book(_ entry: Entry) throws(LedgerError) -> Verdict {
    if try append(entry) != nil { return .done }
    guard let stored = try stored(like: entry) else {
      throw Self.refusal("entry \(entry.externalID) is neither new nor there")
    }
    return stored.saysTheSame(as: entry) ? .repeated : .conflict(Self.sentence(entry, stored))
  }

  /// Appends an entry; its id, or nil when its source has an entry of that id, kind and part already.
  @discardableResult
  mutating func append(_ entry: Entry) throws(LedgerError) -> Int64? {
    guard entry.amount.microUSD.magnitude <= Self.largestAmount.magnitude else {
      throw Self.refusal("entry \(entry.externalID) is of more than $10,000,000")
    }
    var numbered = entry
    numbered.id = chain.lastID + 1
    numbered.fill(&row)
    EntryChain.hash(of: row, after: chain.lastHash, into: &digest)
    try statements.money.insert.run(numbered.id, row, digest)
    guard connection.changes > 0 else { return nil }
    chain.lastID = numbered.id
    swap(&chain.lastHash, &digest)
    appended.entries.append(numbered)
    return numbered.id
  }

  /// The entry with the same source, external id, kind and part.
  mutating func stored(like entry: Entry) throws(LedgerError) -> Entry? {
    var found: Entry?
    try statements.money.find.query(
      [
        .text(entry.source), .text(entry.externalID), .text(entry.kind.rawValue),
        .integer(Int64(entry.part)),
      ]
    ) { row in found = Entry(row) }
    return found
  }

  /// Writes the totals of what was appended, once a key. The last thing before the commit.
  mutating func settleTotals() throws(LedgerError) {
    var balances: [BalanceKey: Balance] = [:]
    var periods: [PeriodKey: PeriodSum] = [:]
    for entry in appended.entries {
      balances[BalanceKey(entry), default: Balance()].add(entry)
      periods[PeriodKey(entry), default: PeriodSum()].add(entry)
    }
    for (key, balance) in balances {
      try statements.money.addBalance.run(
        [.text(key.worker?.text ?? ""), .integer(Int64(key.instance))] + balance.columns)
    }
    for (key, sum) in periods {
      try statements.money.addPeriod.run([
        .integer(key.quarter), .text(key.worker?.text ?? ""), .text(key.kind.rawValue),
        .text(key.source), .integer(sum.amount), .integer(sum.pending), .integer(sum.entries),
      ])
    }
    try settleRunTotals()
  }

  private mutating func settleRunTotals() throws(LedgerError) {
    guard !appended.runs.isEmpty || !appended.lives.isEmpty else { return }
    var totals: [WorkerName: RunTotals] = [:]
    for worker in Set(appended.runs.map(\.worker) + appended.lives.map(\.worker)) {
      var stored = RunTotals()
      try statements.money.findRunTotal.query([.text(worker.text)]) { row in
        stored = RunTotals(row, from: 0)
      }
      totals[worker] = stored
    }
    for run in appended.runs { totals[run.worker]?.add(run) }
    for (worker, crashed) in appended.lives {
      totals[worker]?.lives += 1
      if crashed { totals[worker]?.crashedLives += 1 }
    }
    for (worker, total) in totals {
      try statements.money.storeRunTotal.run([.text(worker.text)] + total.columns)
    }
  }

  static func sentence(_ new: Entry, _ stored: Entry) -> String {
    "\(new.kind.rawValue) \(new.externalID) of \(new.source) is booked already, with "
      + (stored.amount == new.amount
        ? "another worker, run or currency" : "\(stored.amount.decimal) USD")
  }
}

/// A cell of the table of periods.
struct PeriodKey: Hashable {
  var quarter: Int64
  var worker: WorkerName?
  var kind: EntryKind
  var source: String

  init(_ entry: Entry) {
    let (quotient, rest) = entry.booked.microseconds.quotientAndRemainder(
      dividingBy: Writer.quarter)
    quarter = rest < 0 ? quotient - 1 : quotient
    worker = entry.worker
    kind = entry.kind
    source = entry.source
  }
}

/// What is summed up in it.
struct PeriodSum {
  var amount: Int64 = 0
  var pending: Int64 = 0
  var entries: Int64 = 0

  mutating func add(_ entry: Entry) {
    if entry.isPending {
      pending += entry.amount.microUSD
    } else {
      amount += entry.amount.microUSD
    }
    entries += 1
  }
}

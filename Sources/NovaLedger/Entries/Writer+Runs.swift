// Storing finished runs with what they cost and earned. Must never store a run without its entries, nor them without it.

internal import NovaModel

extension Writer {
  /// What a report's revenue is booked under: one entry a run.
  static func reportID(_ worker: WorkerName, _ run: String) -> String {
    "report:\(worker.text)/\(run)"
  }

  /// Stores a run and its entries, or says that it is there.
  mutating func store(_ run: RunRecord, _ entries: [Entry]) throws(LedgerError) -> Verdict {
    var stored: RunRecord?
    try statements.money.findRun.query([.text(run.worker.text), .text(run.id)]) { row in
      stored = RunRecord(row)
    }
    if let stored {
      guard stored.saysTheSame(as: run) else {
        return .conflict(
          "run \(run.id) of \(run.worker) is booked already, with another outcome or other amounts")
      }
      return .repeated
    }
    for entry in entries {
      if let there = try self.stored(like: entry), !there.saysTheSame(as: entry) {
        return .conflict(Self.sentence(entry, there))
      }
    }
    try statements.money.insertRun.run(run.columns)
    for entry in entries {
      var entry = entry
      if entry.kind.side == .revenue {
        // A platform may have been faster than the worker: what it has confirmed is not earned a second time.
        let confirmed = try confirmedRevenue(of: run)
        guard confirmed < entry.amount else { continue }
        entry.amount = entry.amount - confirmed
      }
      try append(entry)
    }
    appended.runs.append(run)
    return .done
  }

  /// What others than the worker have booked as revenue of a run.
  private mutating func confirmedRevenue(of run: RunRecord) throws(LedgerError) -> Money {
    var sum = Money.zero
    let own = Self.reportID(run.worker, run.id)
    try statements.money.findOfRun.query([.text(run.worker.text), .text(run.id)]) { row in
      guard let entry = Entry(row), entry.kind.side == .revenue, entry.externalID != own,
        !entry.isPending
      else { return }
      sum = sum + entry.amount
    }
    return max(.zero, sum)
  }

  /// A platform has confirmed revenue of a run: what the worker reported of it is taken back, up to that amount.
  mutating func confirm(_ amount: Money, of run: String, _ worker: WorkerName, at: WallTime)
    throws(LedgerError)
  {
    let own = Self.reportID(worker, run)
    var reported: [Entry] = []
    try statements.money.findOfRun.query([.text(worker.text), .text(run)]) { row in
      if let entry = Entry(row), entry.kind.side == .revenue, entry.externalID == own {
        reported.append(entry)
      }
    }
    guard let first = reported.first else { return }
    let left = reported.reduce(Money.zero) { $0 + $1.amount }
    let taken = min(left, amount)
    guard taken > .zero else { return }
    var back = first
    back.part = reported.count
    back.amount = Money(microUSD: -taken.microUSD)
    back.booked = at
    back.event = at
    back.reverses = first.id
    try append(back)
  }
}

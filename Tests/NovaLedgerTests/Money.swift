// What the tests of money share: entries, runs and payments, and the sums that must agree. Must never sum up in the way
// the ledger does.

import NovaModel
import Testing

@testable import NovaLedger

extension Sample {
  static func entry(
    _ id: String, _ micro: Int64 = -5, kind: EntryKind = .llm, worker: String? = "outreach",
    at seconds: Int64 = 100
  ) throws -> Entry {
    Entry(
      event: at(seconds), booked: at(seconds), worker: try worker.map { try name($0) }, kind: kind,
      source: "gateway", externalID: id, amount: Money(microUSD: micro))
  }

  static func run(
    _ id: String, cost: Int64? = nil, revenue: Int64? = nil, outcome: RunOutcome = .ok,
    worker: String = "outreach"
  ) throws -> RunRecord {
    var run = RunRecord(
      worker: try name(worker), instance: 1, incarnation: Incarnation(1), id: id, outcome: outcome,
      origin: .report, started: at(50), finished: at(100))
    run.reportedCost = cost.map { Money(microUSD: $0) }
    run.reportedRevenue = revenue.map { Money(microUSD: $0) }
    return run
  }

  /// A run with the entries that the daemon would make of it.
  static func reported(_ run: RunRecord, pending: Bool = false) -> LedgerWrite {
    var entries: [Entry] = []
    func entry(_ kind: EntryKind, _ amount: Int64) -> Entry {
      var entry = Entry(
        event: run.finished, booked: run.finished, worker: run.worker, kind: kind, source: "worker",
        externalID: Ledger.reportID(run.worker, run.id), amount: Money(microUSD: amount))
      entry.run = run.id
      entry.instance = 1
      return entry
    }
    if let cost = run.reportedCost { entries.append(entry(.reported, -cost.microUSD)) }
    if let revenue = run.reportedRevenue {
      var sale = entry(.sale, revenue.microUSD)
      sale.isPending = pending
      entries.append(sale)
    }
    return .run(run, entries: entries)
  }

  static func payment(
    _ id: String, _ micro: Int64, worker: String? = "outreach", run: String? = nil,
    at seconds: Int64 = 200
  ) throws -> RevenueFact {
    var fact = RevenueFact(
      source: "stripe", externalID: id, kind: .sale, amount: Money(microUSD: micro),
      event: at(seconds), booked: at(seconds))
    if let worker { fact.named = .init(worker: try name(worker), run: run, rule: .explicit) }
    return fact
  }

  static func refund(
    _ id: String, of payment: String, _ micro: Int64?, kind: EntryKind = .refund
  ) -> LedgerWrite {
    .contra(
      ContraFact(
        source: "stripe", externalID: id, kind: kind, payment: payment,
        amount: micro.map { Money(microUSD: $0) }, event: at(300), booked: at(300)))
  }
}

extension Ledger {
  /// What every entry of a worker adds up to, from the entries themselves.
  func profit(of worker: String?) throws -> Int64 {
    try entries(limit: 1_000_000).filter { $0.worker?.text == worker && !$0.isPending }
      .reduce(0) { $0 + $1.amount.microUSD }
  }

  /// The sentence of the conflict that a write ends in; nil when it is booked or was there.
  func conflict(_ write: LedgerWrite) throws -> String? {
    submit([write], ticket: 424_242)
    let answers = try completions { completion in
      switch completion {
      case .durable(424_242), .repeated(424_242), .rejected(424_242, _): true
      case .conflicted(424_242, _): true
      default: false
      }
    }
    for case .conflicted(_, let sentence) in answers { return sentence }
    return nil
  }

  /// Whether a write was there before.
  func wasThere(_ write: LedgerWrite) throws -> Bool {
    submit([write], ticket: 434_343)
    let answers = try completions { completion in
      switch completion {
      case .durable(434_343), .repeated(434_343), .rejected(434_343, _), .conflicted(434_343, _):
        true
      default: false
      }
    }
    return answers.contains { if case .repeated = $0 { true } else { false } }
  }
}

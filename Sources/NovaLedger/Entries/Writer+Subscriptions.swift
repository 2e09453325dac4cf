// Subscriptions: whoever won the first payment gets those that follow, as many as its `credit_cycles` say. Must never count
// a cycle twice, nor give one to a worker whose credit is used up.

internal import NovaModel

extension Writer {
  /// Who gets a cycle of a subscription that was won before; nil: it is the first, or nobody won it.
  mutating func cycleShares(of fact: RevenueFact) throws(LedgerError) -> [Share]? {
    guard let name = fact.subscription, let won = try subscription(fact.source, name),
      won.payment != fact.externalID
    else { return nil }
    let parts = try unreversed(try parts(fact.source, won.payment, won.kind))
    guard parts.contains(where: { $0.worker != nil }) else { return nil }
    return parts.map { part in
      var share = Share(
        part.worker, run: part.run, rule: .subscription, weight: part.amount.microUSD)
      share.instance = part.instance
      // The payment that won it is the first cycle, this one the next after those that are counted.
      if let worker = part.worker, won.cycles >= fact.credit(of: worker) {
        share = Share(nil, rule: .unattributed, weight: part.amount.microUSD)
      }
      return share
    }
  }

  /// Counts a payment that is new in the books.
  mutating func countCycle(_ fact: RevenueFact) throws(LedgerError) {
    guard let name = fact.subscription else { return }
    try statements.money.countCycle.run([
      .text(fact.source), .text(name), .text(fact.externalID), .text(fact.kind.rawValue),
    ])
  }

  private mutating func subscription(_ source: String, _ name: String) throws(LedgerError)
    -> (payment: String, kind: EntryKind, cycles: Int)?
  {
    var found: (payment: String, kind: EntryKind, cycles: Int)?
    try statements.money.findSubscription.query([.text(source), .text(name)]) { row in
      if let kind = EntryKind(rawValue: row.text(1)) {
        found = (row.text(0), kind, Int(row.integer(2)))
      }
    }
    return found
  }
}

// MARK: rates

extension Writer {
  /// Stores a rate; the same again is known, another for the same moment a conflict.
  mutating func store(_ rate: ExchangeRate) throws(LedgerError) -> Verdict {
    var there: ExchangeRate?
    try statements.money.findRate.query([
      .text(rate.currency), .integer(rate.since.microseconds),
    ]) { row in there = ExchangeRate(row) }
    if let there {
      guard there.numerator == rate.numerator, there.denominator == rate.denominator else {
        return .conflict("there is another rate of \(there.name) already, and a rate never changes")
      }
      return .repeated
    }
    try statements.money.insertRate.run([
      .text(rate.currency), .integer(rate.since.microseconds), .integer(rate.numerator),
      .integer(rate.denominator), .text(rate.actor),
    ])
    return .done
  }
}

extension ExchangeRate {
  static let selection = "SELECT currency, since_usec, numerator, denominator, actor FROM rate"

  init(_ row: borrowing Row) {
    self.init(
      currency: row.text(0), since: WallTime(microseconds: row.integer(1)),
      numerator: row.integer(2), denominator: row.integer(3), actor: row.text(4))
  }
}

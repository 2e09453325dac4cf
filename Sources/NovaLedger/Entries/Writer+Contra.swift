// Booking refunds, disputes, their fees and what is won back: divided as the payment was, never more than it was.
// Must never guess a payment: one that is not in the books is answered as a conflict.

internal import NovaModel

extension Writer {
  /// Books what was given back or won back, divided as what it takes back.
  mutating func book(_ fact: ContraFact) throws(LedgerError) -> Verdict {
    let there = try parts(fact.source, fact.externalID, fact.kind)
    if !there.isEmpty {
      let total = Money(
        microUSD: there.reduce(Money.zero) { $0 + $1.amount }.microUSD * fact.kind.sign)
      guard fact.amount == nil || fact.amount == total else {
        return .conflict(
          "\(fact.kind.rawValue) \(fact.externalID) of \(fact.source) is booked already, with \(total.decimal) USD"
        )
      }
      return .repeated
    }
    var sales: [Entry] = []
    for kind in EntryKind.allCases where kind.side == .revenue {
      sales += try unreversed(try parts(fact.source, fact.payment, kind))
    }
    guard !sales.isEmpty else {
      return .conflict("there is no payment \(fact.payment) of \(fact.source)")
    }
    if fact.kind == .disputeFee { return try bookFee(fact, sales) }
    // What is taken back from whom: the payment's parts, or for a won chargeback the dispute's.
    var bases = sales
    if fact.kind == .chargebackWon {
      bases = []
      for sale in sales {
        bases += try unreversed(try reversing(sale).filter { $0.kind == .dispute })
      }
    }
    var left: [Int64] = []
    for base in bases {
      let back = try unreversed(try reversing(base).filter { $0.kind.side == .contra })
      var rest = base.amount.microUSD.magnitude
      for entry in back {
        // A dispute that was won is open to be refunded again.
        let won = try reversing(entry).filter { $0.kind == .chargebackWon }
          .reduce(UInt64(0)) { $0 + $1.amount.microUSD.magnitude }
        rest -= min(
          rest, entry.amount.microUSD.magnitude - min(won, entry.amount.microUSD.magnitude))
      }
      left.append(Int64(rest))
    }
    let open = left.reduce(0, +)
    let amount = fact.amount?.microUSD ?? open
    guard amount > 0, amount <= open else {
      return .conflict(
        "\(fact.kind.rawValue) \(fact.externalID) is of \(Money(microUSD: amount).decimal) USD, but only "
          + "\(Money(microUSD: open).decimal) USD of \(fact.payment) can be taken back")
    }
    // By what is left of each part, so that no part ever gives back more than it got.
    let deltas = Apportionment.split(amount, by: left)
    var part = 0
    for (base, delta) in zip(bases, deltas) where delta != 0 {
      var entry = self.entry(fact, base, delta * fact.kind.sign)
      entry.part = part
      entry.reverses = base.id
      part += 1
      try append(entry)
    }
    return .done
  }

  /// A fee is no part of the payment: it only follows its split.
  private mutating func bookFee(_ fact: ContraFact, _ sales: [Entry]) throws(LedgerError)
    -> Verdict
  {
    guard let amount = fact.amount, amount > .zero else {
      return .conflict("dispute_fee \(fact.externalID) has no amount")
    }
    let deltas = Apportionment.split(amount.microUSD, by: sales.map(\.amount.microUSD))
    var part = 0
    for (sale, delta) in zip(sales, deltas) where delta != 0 {
      var entry = self.entry(fact, sale, -delta)
      entry.part = part
      part += 1
      try append(entry)
    }
    return .done
  }

  private func entry(_ fact: ContraFact, _ base: Entry, _ amount: Int64) -> Entry {
    var entry = Entry(
      event: fact.event, booked: fact.booked, worker: base.worker, kind: fact.kind,
      source: fact.source, externalID: fact.externalID, amount: Money(microUSD: amount))
    entry.instance = base.instance
    entry.run = base.run
    entry.rule = .original
    entry.weightPPM = base.weightPPM
    return entry
  }
}

// Booking payments and what is given back of them. Attribution is decided here, inside the transaction, because it rests
// on what the books hold by then. Must never book an external id twice, nor give back more than was paid.

internal import Glibc
internal import NovaModel

/// A worker's part in a payment.
struct Share: Equatable {
  var worker: WorkerName?
  var run: String?
  /// The run's instance, where the run is known.
  var instance: Int?
  var rule: AttributionRule
  var weight: Int64

  init(_ worker: WorkerName?, run: String? = nil, rule: AttributionRule, weight: Int64 = 1) {
    self.worker = worker
    self.run = run
    self.rule = rule
    self.weight = weight
  }
}

extension AttributionRule {
  /// Which rule gives way: a lower one.
  var strength: Int {
    switch self {
    case .explicit, .shared, .original: 3
    case .product, .subscription: 2
    case .lastTouch, .linear, .timeDecay: 1
    case .unattributed: 0
    }
  }
}

extension Writer {
  /// Books a payment, or books it anew where a stronger rule names somebody else.
  mutating func book(_ fact: RevenueFact) throws(LedgerError) -> Verdict {
    let parts = try self.parts(fact.source, fact.externalID, fact.kind)
    let shares = try self.shares(of: fact)
    guard !parts.isEmpty else {
      try append(fact, shares)
      try countCycle(fact)
      return .done
    }
    let total = parts.reduce(Money.zero) { $0 + $1.amount }
    guard total == fact.amount, parts[0].original == fact.original else {
      return .conflict(
        "\(fact.kind.rawValue) \(fact.externalID) of \(fact.source) is booked already, with \(total.decimal) USD"
      )
    }
    let live = try unreversed(parts)
    guard let old = live.first, let new = shares.first, new.rule.strength > old.rule.strength else {
      return .repeated
    }
    // What was fought over stays where it was: what may still be won back belongs to it.
    for sale in live where try reversing(sale).contains(where: { $0.kind == .dispute }) {
      return .repeated
    }
    try rebook(fact, live, shares)
    return .done
  }

  private mutating func append(_ fact: RevenueFact, _ shares: [Share]) throws(LedgerError) {
    var sale = Entry(
      event: fact.event, booked: fact.booked, worker: nil, kind: fact.kind, source: fact.source,
      externalID: fact.externalID, amount: fact.amount)
    sale.original = fact.original
    sale.matures = fact.matures
    let ids = try divide(sale, shares)
    if let fee = fact.fee, fee > .zero {
      var cost = sale
      cost.kind = .platformFee
      cost.amount = Money(microUSD: -fee.microUSD)
      cost.original = nil
      cost.matures = nil
      try divide(cost, shares)
    }
    try confirm(shares, ids, at: fact.booked)
  }

  /// Appends `whole` in the parts that the shares make of it, from the next free part on; the ids, nil for a part of
  /// nothing.
  @discardableResult
  private mutating func divide(_ whole: Entry, _ shares: [Share], reversing: [Int64?] = [])
    throws(LedgerError) -> [Int64?]
  {
    let weights = shares.map(\.weight)
    let amounts = Apportionment.split(whole.amount.microUSD, by: weights)
    let ppm = Apportionment.ppm(weights)
    var part = try nextPart(whole)
    var ids: [Int64?] = []
    for (index, share) in shares.enumerated() {
      guard amounts[index] != 0 else {
        ids.append(nil)
        continue
      }
      var entry = whole
      entry.worker = share.worker
      entry.run = share.run
      entry.instance = share.instance
      entry.rule = share.rule
      entry.weightPPM = ppm[index]
      entry.amount = Money(microUSD: amounts[index])
      entry.part = part
      if index < reversing.count { entry.reverses = reversing[index] }
      part += 1
      ids.append(try append(entry))
    }
    return ids
  }

  /// Takes the live parts of a payment back and books it by the new shares, with its fee and what was given back of it.
  private mutating func rebook(_ fact: RevenueFact, _ live: [Entry], _ shares: [Share])
    throws(LedgerError)
  {
    var given: [Entry] = []
    for sale in live {
      given += try reversing(sale).filter { $0.kind.side == .contra }
    }
    given = try unreversed(given)
    let fees = try unreversed(try parts(fact.source, fact.externalID, .platformFee))
    for entry in given + live + fees { try takeBack(entry, at: fact.booked) }
    guard var sale = live.first else { return }
    sale.booked = fact.booked
    sale.amount = live.reduce(.zero) { $0 + $1.amount }
    sale.reverses = nil
    let ids = try divide(sale, shares)
    if var fee = fees.first {
      fee.booked = fact.booked
      fee.amount = fees.reduce(.zero) { $0 + $1.amount }
      fee.reverses = nil
      try divide(fee, shares)
    }
    // Each refund again, by what each part of the payment is now: so none gives back more than it got.
    var owners = shares
    for index in owners.indices {
      owners[index].weight = amount(of: ids[index]).microUSD
      owners[index].rule = .original
    }
    for (_, entries) in Dictionary(grouping: given, by: { $0.kind.rawValue + " " + $0.externalID })
      .sorted(by: { $0.key < $1.key })
    {
      guard var back = entries.first else { continue }
      back.booked = fact.booked
      back.amount = entries.reduce(.zero) { $0 + $1.amount }
      try divide(back, owners, reversing: ids)
    }
    try confirm(shares, ids, at: fact.booked)
  }

  /// What the runs that got a part of a payment had reported of it themselves is taken back.
  private mutating func confirm(_ shares: [Share], _ ids: [Int64?], at: WallTime)
    throws(LedgerError)
  {
    for (share, id) in zip(shares, ids) {
      guard let worker = share.worker, let run = share.run else { continue }
      try confirm(amount(of: id), of: run, worker, at: at)
    }
  }

  /// The amount of an entry of this commit.
  private func amount(of id: Int64?) -> Money {
    id.flatMap { id in appended.entries.last { $0.id == id }?.amount } ?? .zero
  }

  private mutating func takeBack(_ entry: Entry, at: WallTime) throws(LedgerError) {
    var back = entry
    back.part = try nextPart(entry)
    back.amount = Money(microUSD: -entry.amount.microUSD)
    back.booked = at
    back.reverses = entry.id
    try append(back)
  }

  // MARK: who gets it

  private mutating func shares(of fact: RevenueFact) throws(LedgerError) -> [Share] {
    // Nothing is stronger than the payment's own word; then who won the subscription; then what was sold.
    if fact.named?.rule != .explicit, let won = try cycleShares(of: fact) { return won }
    if let named = fact.named {
      return [try placed(Share(named.worker, run: named.run, rule: named.rule))]
    }
    let touches = try self.touches(of: fact)
    guard let last = touches.last else {
      return [Share(nil, rule: .unattributed)]
    }
    guard fact.touchRule != .lastTouch else {
      return [try placed(Share(last.worker, run: last.run, rule: .lastTouch))]
    }
    var shares: [Share] = []
    for touch in touches {
      let weight = Self.weight(of: touch, at: fact.event, by: fact.touchRule)
      if let index = shares.firstIndex(where: { $0.worker == touch.worker && $0.run == touch.run })
      {
        shares[index].weight += weight
      } else {
        shares.append(
          try placed(Share(touch.worker, run: touch.run, rule: fact.touchRule, weight: weight)))
      }
    }
    return shares
  }

  /// With the instance that did the run.
  private mutating func placed(_ share: Share) throws(LedgerError) -> Share {
    guard let worker = share.worker, let run = share.run else { return share }
    var placed = share
    try statements.money.findRun.query([.text(worker.text), .text(run)]) { row in
      placed.instance = Int(row.integer(2))
    }
    return placed
  }

  /// `linear`: all alike. `time_decay`: 2^(-age / 7 d), in units of 2^-30.
  static func weight(of touch: Touch, at event: WallTime, by rule: AttributionRule) -> Int64 {
    guard rule == .timeDecay else { return 1 << 30 }
    let age =
      Double((event - touch.at).wholeMicroseconds) / Double(Touch.halfLife.wholeMicroseconds)
    return Int64((exp2(-age) * Double(1 << 30)).rounded())
  }

  /// At most 1,000 of the newest touches of a payment's keys, oldest first.
  private mutating func touches(of fact: RevenueFact) throws(LedgerError) -> [Touch] {
    var found: [Touch] = []
    let from = fact.event + Span(nanoseconds: -Touch.window.nanoseconds)
    for key in fact.touches {
      try statements.money.findTouches.query(
        [.text(key), .integer(from.microseconds), .integer(fact.event.microseconds)]
      ) { row in
        guard let worker = WorkerName(row.text(0)) else { return }
        let run = row.text(1)
        found.append(
          Touch(
            key: key, worker: worker, run: run.isEmpty ? nil : run,
            at: WallTime(microseconds: row.integer(2))))
      }
    }
    found.sort { $0.at != $1.at ? $0.at < $1.at : $0.worker < $1.worker }
    return found.suffix(1000)
  }

  /// Remembers a touch.
  mutating func store(_ touch: Touch) throws(LedgerError) {
    try statements.money.insertTouch.run([
      .text(touch.key), .integer(touch.at.microseconds), .text(touch.worker.text),
      .text(touch.run ?? ""),
    ])
  }

  // MARK: what the books hold

  mutating func parts(_ source: String, _ externalID: String, _ kind: EntryKind)
    throws(LedgerError) -> [Entry]
  {
    var found: [Entry] = []
    try statements.money.findParts.query([.text(source), .text(externalID), .text(kind.rawValue)]) {
      row in
      if let entry = Entry(row) { found.append(entry) }
    }
    return found
  }

  private mutating func nextPart(_ entry: Entry) throws(LedgerError) -> Int {
    var next = 0
    try statements.money.nextPart.query(
      [.text(entry.source), .text(entry.externalID), .text(entry.kind.rawValue)]
    ) { row in next = Int(row.integer(0)) }
    return next
  }

  mutating func reversing(_ entry: Entry) throws(LedgerError) -> [Entry] {
    var found: [Entry] = []
    try statements.money.findReversing.query([.integer(entry.id)]) { row in
      if let entry = Entry(row) { found.append(entry) }
    }
    return found
  }

  /// The entries that no later entry of the same kind takes back, and that take nothing back themselves.
  mutating func unreversed(_ entries: [Entry]) throws(LedgerError) -> [Entry] {
    var live: [Entry] = []
    for entry in entries {
      let isReversal = entry.amount.microUSD.signum() != entry.kind.sign
      if isReversal { continue }
      if try reversing(entry).contains(where: { $0.kind == entry.kind }) { continue }
      live.append(entry)
    }
    return live
  }
}

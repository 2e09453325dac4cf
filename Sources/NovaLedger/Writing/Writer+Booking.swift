// Booking: the difference between what an incarnation has used by now and what is stored, computed inside the
// transaction, so that nothing a crash repeats is counted twice. Must never book a negative amount.

internal import NovaModel

extension Writer {
  /// Stores the record; books when its number is higher than the stored one.
  mutating func book(_ record: IncarnationRecord, at: WallTime, price: PriceID)
    throws(LedgerError)
  {
    var stored: IncarnationRecord?
    try statements.findIncarnation.query([.counter(record.incarnation.serial)]) { row in
      stored = IncarnationRecord(row)
    }
    guard let stored else {
      var first = record
      first.bookings = 0
      first.booked = UsageTotals()
      first.booked.ioReadBytes = nil
      first.cost = .zero
      first.costRemainderPico = 0
      // Its end, were it known already, is told by what follows: only then is it counted.
      first.ended = nil
      first.exit = nil
      first.oom = false
      first.crashed = false
      try statements.storeIncarnation.run(first.columns)
      try addUsage(of: record.id, UsageTotals(), cost: .zero, incarnations: 1)
      try raise(first, to: record, at: at, price: price)
      return
    }
    guard stored.id == record.id else {
      throw Self.refusal(
        "incarnation \(record.incarnation) is of \(stored.id), not of \(record.id)")
    }
    // A booking from before the stored one, repeated: everything it says is known.
    guard record.bookings >= stored.bookings else { return }
    try raise(stored, to: record, at: at, price: price)
  }

  private mutating func raise(
    _ stored: IncarnationRecord, to record: IncarnationRecord, at: WallTime, price: PriceID
  ) throws(LedgerError) {
    var next = record
    next.ended = stored.ended ?? record.ended
    next.exit = stored.exit ?? record.exit
    next.oom = stored.oom || record.oom
    next.crashed = stored.crashed || record.crashed
    if record.bookings == stored.bookings {
      // The same number again: amounts stay as they are, the end of the life may be new.
      next.booked = stored.booked
      next.cost = stored.cost
      next.costRemainderPico = stored.costRemainderPico
    } else {
      let usage = try difference(record, stored)
      next.booked.ioReadBytes = record.booked.ioReadBytes ?? stored.booked.ioReadBytes
      next.booked.ioWriteBytes = record.booked.ioWriteBytes ?? stored.booked.ioWriteBytes
      let cost = Money(microUSD: record.cost.microUSD - stored.cost.microUSD)
      try statements.insertBooking.run(
        [
          .counter(record.incarnation.serial), .integer(Int64(record.bookings)),
          .integer(at.microseconds),
        ] + usage.columns + [.integer(price.number), .integer(cost.microUSD)])
      try addUsage(of: record.id, usage, cost: cost, incarnations: 0)
      if cost > .zero { try append(entry(record, cost, at: at, price: price)) }
    }
    if stored.ended == nil, next.ended != nil {
      appended.lives.append((record.id.worker, next.crashed))
    }
    if next != stored { try statements.storeIncarnation.run(next.columns) }
  }

  /// The line of a booking in the ledger of money: once for each number of each life.
  private func entry(
    _ record: IncarnationRecord, _ cost: Money, at: WallTime, price: PriceID
  ) -> Entry {
    var entry = Entry(
      event: at, booked: at, worker: record.id.worker, kind: .compute, source: "compute",
      externalID: "\(record.incarnation)/\(record.bookings)",
      amount: Money(microUSD: -cost.microUSD))
    entry.instance = record.id.number
    entry.incarnation = record.incarnation
    entry.run = record.run
    entry.price = price
    return entry
  }

  /// What was used between both; a total that went back is refused.
  private func difference(_ new: IncarnationRecord, _ old: IncarnationRecord) throws(LedgerError)
    -> UsageTotals
  {
    var usage = UsageTotals()
    guard let cpu = Self.grown(new.booked.cpuUsec, old.booked.cpuUsec),
      let memory = Self.grown(new.booked.memoryKiBMsec, old.booked.memoryKiBMsec),
      new.cost >= old.cost, old.cost >= .zero
    else { throw Self.wentBack(new) }
    usage.cpuUsec = cpu
    usage.memoryKiBMsec = memory
    if let bytes = new.booked.ioReadBytes {
      guard let read = Self.grown(bytes, old.booked.ioReadBytes ?? 0) else {
        throw Self.wentBack(new)
      }
      usage.ioReadBytes = read
    }
    if let bytes = new.booked.ioWriteBytes {
      guard let written = Self.grown(bytes, old.booked.ioWriteBytes ?? 0) else {
        throw Self.wentBack(new)
      }
      usage.ioWriteBytes = written
    }
    usage.estimated = new.booked.estimated
    return usage
  }

  /// The difference as the columns hold it: what is beyond 2^63-1 was stored as that.
  private static func grown(_ new: UInt64, _ old: UInt64) -> UInt64? {
    let new = min(new, UInt64(Int64.max))
    return new >= old ? new - old : nil
  }

  private static func wentBack(_ record: IncarnationRecord) -> LedgerError {
    refusal(
      "booking \(record.bookings) of incarnation \(record.incarnation) is lower than the one before"
    )
  }

  /// Adds to what the instance has used in all its lives. Stays at 2^63-1 (1 TiB held for 97 days is 9e18 KiB·ms).
  private mutating func addUsage(
    of id: InstanceID, _ usage: UsageTotals, cost: Money, incarnations: Int
  ) throws(LedgerError) {
    let key: [Value] = [.text(id.worker.text), .integer(Int64(id.number))]
    var lives = 0
    var sum = UsageTotals()
    var paid = Money.zero
    try statements.findUsage.query(key) { row in
      lives = Int(row.integer(0))
      sum = UsageTotals(row, from: 1)
      paid = Money(microUSD: row.integer(6))
    }
    let (micro, over) = paid.microUSD.addingReportingOverflow(cost.microUSD)
    try statements.storeUsage.run(
      key + [.integer(Int64(lives + incarnations))] + sum.adding(usage).columns
        + [.integer(over ? .max : micro)])
  }
}

extension UsageTotals {
  /// The sum, saturating; what is unknown in both stays unknown.
  func adding(_ other: UsageTotals) -> UsageTotals {
    func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
      let (result, over) = a.addingReportingOverflow(b)
      return over ? .max : result
    }
    func sum(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
      guard let a, let b else { return a ?? b }
      return sum(a, b)
    }
    var result = self
    result.cpuUsec = sum(cpuUsec, other.cpuUsec)
    result.memoryKiBMsec = sum(memoryKiBMsec, other.memoryKiBMsec)
    result.ioReadBytes = sum(ioReadBytes, other.ioReadBytes)
    result.ioWriteBytes = sum(ioWriteBytes, other.ioWriteBytes)
    result.estimated = estimated || other.estimated
    return result
  }
}

// Running totals: what the books say without reading them. Must never be changed but by adding an entry or a run.

/// The sums of some entries.
package struct Balance: Sendable, Hashable {
  /// Gross revenue.
  package var revenue: Money = .zero
  /// Refunds and disputes: zero or negative, unless more was won back.
  package var contra: Money = .zero
  /// Positive when money was spent.
  package var cost: Money = .zero
  /// What of the cost is for the use of this host.
  package var compute: Money = .zero
  /// Reported and not confirmed; counts nowhere.
  package var pending: Money = .zero
  /// How many entries.
  package var entries: Int64 = 0

  /// Nothing booked.
  package init() {}

  /// What is left of the revenue.
  package var netRevenue: Money { Money(microUSD: Self.sum(revenue.microUSD, contra.microUSD)) }
  /// Net revenue minus cost.
  package var profit: Money {
    let (difference, over) = netRevenue.microUSD.subtractingReportingOverflow(cost.microUSD)
    return Money(microUSD: over ? (cost.microUSD < 0 ? .max : .min) : difference)
  }

  /// Takes an entry in. Stays at the ends of the range (9.2e12 USD).
  package mutating func add(_ entry: Entry) {
    entries += 1
    let amount = entry.amount.microUSD
    guard !entry.isPending else {
      pending = Money(microUSD: Self.sum(pending.microUSD, amount))
      return
    }
    switch entry.kind.side {
    case .revenue: revenue = Money(microUSD: Self.sum(revenue.microUSD, amount))
    case .contra: contra = Money(microUSD: Self.sum(contra.microUSD, amount))
    case .cost: addCost(entry.kind, amount)
    }
  }

  private mutating func addCost(_ kind: EntryKind, _ amount: Int64) {
    cost = Money(microUSD: Self.sum(cost.microUSD, 0 &- amount))
    if kind == .compute { compute = Money(microUSD: Self.sum(compute.microUSD, 0 &- amount)) }
  }

  /// Takes the sums of entries of one kind in.
  package mutating func add(_ kind: EntryKind, amount: Int64, pending: Int64, entries: Int64) {
    self.entries += entries
    self.pending = Money(microUSD: Self.sum(self.pending.microUSD, pending))
    switch kind.side {
    case .revenue: revenue = Money(microUSD: Self.sum(revenue.microUSD, amount))
    case .contra: contra = Money(microUSD: Self.sum(contra.microUSD, amount))
    case .cost: addCost(kind, amount)
    }
  }

  /// Takes other sums in.
  package mutating func add(_ other: Balance) {
    revenue = Money(microUSD: Self.sum(revenue.microUSD, other.revenue.microUSD))
    contra = Money(microUSD: Self.sum(contra.microUSD, other.contra.microUSD))
    cost = Money(microUSD: Self.sum(cost.microUSD, other.cost.microUSD))
    compute = Money(microUSD: Self.sum(compute.microUSD, other.compute.microUSD))
    pending = Money(microUSD: Self.sum(pending.microUSD, other.pending.microUSD))
    entries += other.entries
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (result, over) = a.addingReportingOverflow(b)
    return over ? (a < 0 ? .min : .max) : result
  }
}

/// The runs of a worker in numbers.
package struct RunTotals: Sendable, Hashable {
  /// Finished runs by outcome.
  package var ok: Int64 = 0, failed: Int64 = 0, crashed: Int64 = 0
  /// Runs whose report said what was earned, were it nothing.
  package var withRevenue: Int64 = 0
  /// Lives that have ended, and those of them that ended in a crash.
  package var lives: Int64 = 0, crashedLives: Int64 = 0
  /// Start of the first run and end of the last, nil before the first.
  package var first: WallTime?, last: WallTime?

  /// No runs.
  package init() {}

  /// Finished runs.
  package var finished: Int64 { ok + failed + crashed }

  /// Share of finished runs that went well, in millionths; nil before the first.
  package var successPPM: Int64? { finished > 0 ? ok * 1_000_000 / finished : nil }

  /// Share of ended lives and job runs that ended in a crash, in millionths; nil before the first.
  package var crashPPM: Int64? { lives > 0 ? crashedLives * 1_000_000 / lives : nil }

  /// Takes a run in.
  package mutating func add(_ run: RunRecord) {
    switch run.outcome {
    case .ok: ok += 1
    case .failed: failed += 1
    case .crashed: crashed += 1
    }
    if run.reportedRevenue != nil { withRevenue += 1 }
    first = min(first ?? run.started, run.started)
    last = max(last ?? run.finished, run.finished)
  }
}

/// Whose balance: a worker's instance, a worker as a whole (instance 0), or nobody's (no worker).
package struct BalanceKey: Sendable, Hashable {
  /// Nil: unattributed revenue and the idle host.
  package var worker: WorkerName?
  /// 0: entries that name no instance.
  package var instance: Int

  /// Names a balance.
  package init(worker: WorkerName?, instance: Int) {
    self.worker = worker
    self.instance = instance
  }

  /// Where an entry is summed up.
  package init(_ entry: Entry) { self.init(worker: entry.worker, instance: entry.instance ?? 0) }
}

/// Up to when the host's own price has been booked.
package struct HostAccountRecord: Sendable, Hashable {
  /// Spans booked so far.
  package var number: Int64
  /// The boot in which `boottime` counts.
  package var bootID: String
  /// CLOCK_BOOTTIME, nanoseconds.
  package var boottime: UInt64
  /// Not booked yet, below a micro-USD.
  package var remainderPico: Int64
  /// Booked of the span under way for lives that have ended.
  package var early: Money
  package init(
    number: Int64, bootID: String, boottime: UInt64, remainderPico: Int64, early: Money
  ) {
    self.number = number
    self.bootID = bootID
    self.boottime = boottime
    self.remainderPico = remainderPico
    self.early = early
  }
}

// Sums of the ledger as rows of a report. Must never turn an unknown return into a number.

import NovaEconomics
import NovaLedger
import NovaModel
import NovaWire

/// Makes rows.
enum MoneyTable {
  /// The rows in the order of time, then of worker, category and source; nobody's last.
  static func rows(
    _ sums: [SumKey: Balance], runs: [SumKey: RunTotals], spans: CalendarSpans, costs: Bool,
    knowsRevenue: (WorkerName) -> Bool
  ) -> [MoneyRow] {
    let keys = Set(sums.keys).union(runs.keys).filter {
      isWanted($0, sums[$0] ?? Balance(), costs: costs)
    }
    return keys.sorted(by: comesBefore).map { key in
      let sum = sums[key] ?? Balance()
      var row = MoneyRow(
        sum,
        revenueIsKnown: sum.revenue != .zero || sum.contra != .zero
          || (key.worker.map(knowsRevenue) ?? false))
      row.period = key.span < spans.names.count ? spans.names[key.span] : nil
      row.worker = key.worker?.text
      row.category = key.kind?.rawValue
      row.source = key.source
      row.runs = runs[key]?.finished
      row.runsOk = runs[key]?.ok
      return row
    }
  }

  /// `costs` shows what was spent; `revenue` shows all, and by category only what was earned.
  static func isWanted(_ key: SumKey, _ sum: Balance, costs: Bool) -> Bool {
    if costs { return key.kind.map { $0.side == .cost } ?? (sum.cost != .zero) }
    return key.kind.map { $0.side != .cost } ?? true
  }

  private static func comesBefore(_ a: SumKey, _ b: SumKey) -> Bool {
    if a.span != b.span { return a.span < b.span }
    if a.worker != b.worker {
      guard let first = a.worker, let second = b.worker else { return b.worker == nil }
      return first < second
    }
    if a.kind != b.kind { return (a.kind?.rawValue ?? "") < (b.kind?.rawValue ?? "") }
    return (a.source ?? "") < (b.source ?? "")
  }
}

extension MoneyRow {
  /// The sums of a balance.
  init(_ sum: Balance, revenueIsKnown: Bool) {
    let returns = ReturnOnCost(
      netRevenue: sum.netRevenue, cost: sum.cost, revenueIsKnown: revenueIsKnown)
    self.init(
      costUSD: sum.cost.decimal, revenueUSD: sum.revenue.decimal, contraUSD: sum.contra.decimal,
      netRevenueUSD: sum.netRevenue.decimal, profitUSD: sum.profit.decimal,
      pendingUSD: sum.pending.decimal, entries: sum.entries)
    roiPercent = returns.exactPercent
    roiStatus = returns.status
  }
}

extension EntryRow {
  /// A line of the ledger as a row.
  init(_ entry: Entry) {
    self.init(
      id: entry.id, at: entry.event.rfc3339, bookedAt: entry.booked.rfc3339,
      kind: entry.kind.rawValue, source: entry.source, externalID: entry.externalID,
      amountUSD: entry.amount.decimal, pending: entry.isPending, rule: entry.rule.rawValue,
      weight: Double(entry.weightPPM) / 1_000_000)
    worker = entry.worker?.text
    instance = entry.instance
    runID = entry.run
    maturesAt = entry.matures?.rfc3339
    reverses = entry.reverses
    price = entry.price?.number
    if let original = entry.original {
      let places = MoneyText.decimals(of: original.currency) ?? 2
      paid = Self.decimal(original.minorUnits, places: places) + " " + original.currency
    }
  }

  private static func decimal(_ minor: Int64, places: Int) -> String {
    guard places > 0 else { return String(minor) }
    let digits = String(minor.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return (minor < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}

extension CalendarSpans {
  /// The spans of a report.
  init(from: WallTime, to: WallTime, by period: MoneyPeriod?, in zone: TimeZoneRules) {
    let unit: CalendarUnit? =
      switch period {
      case nil: nil
      case .day: .day
      case .week: .week
      case .month: .month
      }
    self.init(from: from, to: to, by: unit, in: zone)
  }
}

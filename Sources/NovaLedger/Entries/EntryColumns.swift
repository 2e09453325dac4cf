// Entries and runs as columns and back; the order of columns is that of the schema. Must never invent a value for a
// column it does not understand: the row is refused.

internal import NovaModel

extension Entry {
  static let columnNames = """
    id, event_usec, booked_usec, worker, instance, incarnation, run, kind, source, external_id, part, amount_micro,
      pending, currency, minor_units, rate, rule, weight_ppm, matures_usec, reverses, price_id
    """
  static let selection = "SELECT " + columnNames + " FROM entry"

  /// All columns but the id and the hash, into a row that is cleared before.
  func fill(_ row: inout FlatRow) {
    row.clear()
    row.append(event.microseconds)
    row.append(booked.microseconds)
    row.append(worker?.text)
    row.append(instance.map(Int64.init))
    row.append(incarnation.map { Int64(clamping: $0.serial) })
    row.append(run)
    row.append(kind.rawValue)
    row.append(source)
    row.append(externalID)
    row.append(Int64(part))
    row.append(amount.microUSD)
    row.append(Int64(isPending ? 1 : 0))
    row.append(original?.currency)
    row.append(original?.minorUnits)
    row.append(original?.rate)
    row.append(rule.rawValue)
    row.append(weightPPM)
    row.append(matures?.microseconds)
    row.append(reverses)
    row.append(price?.number)
  }

  init?(_ row: borrowing Row) {
    guard let kind = EntryKind(rawValue: row.text(7)),
      let rule = AttributionRule(rawValue: row.text(16))
    else { return nil }
    var worker: WorkerName?
    if let text = row.optionalText(3) {
      guard let name = WorkerName(text) else { return nil }
      worker = name
    }
    self.init(
      event: WallTime(microseconds: row.integer(1)), booked: WallTime(microseconds: row.integer(2)),
      worker: worker, kind: kind, source: row.text(8), externalID: row.text(9),
      amount: Money(microUSD: row.integer(11)))
    id = row.integer(0)
    instance = row.optionalInteger(4).map { Int($0) }
    incarnation = row.optionalCounter(5).map { Incarnation($0) }
    run = row.optionalText(6)
    part = Int(row.integer(10))
    isPending = row.flag(12)
    if let currency = row.optionalText(13) {
      original = ForeignAmount(
        currency: currency, minorUnits: row.integer(14), rate: row.text(15))
    }
    self.rule = rule
    weightPPM = row.integer(17)
    matures = row.optionalInteger(18).map { WallTime(microseconds: $0) }
    reverses = row.optionalInteger(19)
    price = row.optionalInteger(20).map { PriceID($0) }
  }

  /// Whether a repeated entry is the same one: who, how much and how sure; times may differ.
  func saysTheSame(as other: Entry) -> Bool {
    worker == other.worker && amount == other.amount && isPending == other.isPending
      && run == other.run && original == other.original
  }
}

extension EntryKind {
  /// What is earned, and that with what is given back of it: the rows of `entry_sale` and of `entry_income`.
  static let sales = allCases.filter { $0.side == .revenue }
  static let income = allCases.filter { $0.side != .cost }

  /// The condition that a kind is one of some, in the words of the partial indices: SQLite compares the words.
  static func condition(_ kinds: [EntryKind], of column: String = "kind") -> String {
    "(" + kinds.map { "\(column) = '\($0.rawValue)'" }.joined(separator: " OR ") + ")"
  }
}

extension RunRecord {
  static let columnNames = """
    worker, run, instance, incarnation, outcome, origin, started_usec, finished_usec, reported_cost_micro,
      reported_revenue_micro, source, compute_micro
    """
  static let selection = "SELECT " + columnNames + " FROM run"

  var columns: [Value] {
    [
      .text(worker.text), .text(id), .integer(Int64(instance)), .counter(incarnation?.serial),
      .text(outcome.rawValue), .text(origin.rawValue), .integer(started.microseconds),
      .integer(finished.microseconds), .optional(reportedCost?.microUSD),
      .optional(reportedRevenue?.microUSD), .optional(source), .optional(computeCost?.microUSD),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(0)), let outcome = RunOutcome(rawValue: row.text(4)),
      let origin = RunOrigin(rawValue: row.text(5))
    else { return nil }
    self.init(
      worker: worker, instance: Int(row.integer(2)),
      incarnation: row.optionalCounter(3).map { Incarnation($0) }, id: row.text(1),
      outcome: outcome, origin: origin, started: WallTime(microseconds: row.integer(6)),
      finished: WallTime(microseconds: row.integer(7)))
    reportedCost = row.optionalInteger(8).map { Money(microUSD: $0) }
    reportedRevenue = row.optionalInteger(9).map { Money(microUSD: $0) }
    source = row.optionalText(10)
    computeCost = row.optionalInteger(11).map { Money(microUSD: $0) }
  }
}

extension Balance {
  /// Reads revenue_micro, contra_micro, cost_micro, compute_micro, pending_micro, entries from column `first` on.
  init(_ row: borrowing Row, from first: Int32) {
    self.init()
    revenue = Money(microUSD: row.integer(first))
    contra = Money(microUSD: row.integer(first + 1))
    cost = Money(microUSD: row.integer(first + 2))
    compute = Money(microUSD: row.integer(first + 3))
    pending = Money(microUSD: row.integer(first + 4))
    entries = row.integer(first + 5)
  }

  var columns: [Value] {
    [
      .integer(revenue.microUSD), .integer(contra.microUSD), .integer(cost.microUSD),
      .integer(compute.microUSD), .integer(pending.microUSD), .integer(entries),
    ]
  }
}

extension RunTotals {
  /// Reads ok, failed, crashed, with_revenue, lives, crashed_lives, first_usec, last_usec from column `first` on.
  init(_ row: borrowing Row, from place: Int32) {
    self.init()
    ok = row.integer(place)
    failed = row.integer(place + 1)
    crashed = row.integer(place + 2)
    withRevenue = row.integer(place + 3)
    lives = row.integer(place + 4)
    crashedLives = row.integer(place + 5)
    first = row.optionalInteger(place + 6).map { WallTime(microseconds: $0) }
    last = row.optionalInteger(place + 7).map { WallTime(microseconds: $0) }
  }

  var columns: [Value] {
    [
      .integer(ok), .integer(failed), .integer(crashed), .integer(withRevenue), .integer(lives),
      .integer(crashedLives), .optional(first?.microseconds), .optional(last?.microseconds),
    ]
  }
}

// What budgets remember as columns and back. Must never read a row as something else than it was written as: one that
// is not understood is refused.

internal import NovaModel

extension BudgetNode {
  // No budget began on 1970-01-01, so that day stands for a limit without one in a column that is part of a key.
  private static let forLife: Int64 = 0

  var columns: [Value] {
    [.text(scope.rawValue), .text(subject), .integer(day ?? Self.forLife)]
  }

  /// One line of a path: scope, day and subject; the subject is last since it may hold spaces.
  var columnText: String { "\(scope.rawValue) \(day ?? Self.forLife) \(subject)" }

  init?(columnText: Substring) {
    let parts = columnText.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let scope = BudgetScope(rawValue: String(parts[0])),
      let day = Int64(parts[1])
    else { return nil }
    self.init(scope, String(parts[2]), day: day == Self.forLife ? nil : day)
  }

  init?(_ row: borrowing Row, from column: Int32) {
    guard let scope = BudgetScope(rawValue: row.text(column)) else { return nil }
    let day = row.integer(column + 2)
    self.init(scope, row.text(column + 1), day: day == Self.forLife ? nil : day)
  }
}

extension BudgetAccount {
  static let selection = """
    SELECT scope, subject, day, settled_micro, unreserved_micro, unreconciled_micro, told, hours,
      granted_micro FROM budget_account
    """

  var columns: [Value] {
    [
      .integer(settled.microUSD), .integer(unreserved.microUSD), .integer(unreconciled.microUSD),
      .integer(Int64(told)), .text(hours.map(String.init).joined(separator: " ")),
      .integer(granted.microUSD),
    ]
  }

  init?(_ row: borrowing Row, from column: Int32) {
    self.init()
    settled = Money(microUSD: row.integer(column))
    unreserved = Money(microUSD: row.integer(column + 1))
    unreconciled = Money(microUSD: row.integer(column + 2))
    told = Int(row.integer(column + 3))
    for word in row.text(column + 4).split(separator: " ") {
      guard let spent = Int64(word) else { return nil }
      hours.append(spent)
    }
    granted = Money(microUSD: row.integer(column + 5))
  }
}

extension BudgetReservation {
  static let selection = """
    SELECT id, key, worker, run, provider, route, path, amount_micro, soft_micro, drawn_micro, state,
      opened_usec FROM budget_reservation
    """

  var columns: [Value] {
    [
      .integer(id), .text(key), .optional(worker?.text), .optional(run), .optional(provider),
      .text(route), .text(path.map(\.columnText).joined(separator: "\n")),
      .integer(amount.microUSD), .integer(softAmount.microUSD), .integer(drawn.microUSD),
      .text(state.rawValue), .integer(opened.microseconds),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let state = State(rawValue: row.text(10)) else { return nil }
    var worker: WorkerName?
    if let text = row.optionalText(2) {
      guard let name = WorkerName(text) else { return nil }
      worker = name
    }
    var path: [BudgetNode] = []
    for line in row.text(6).split(separator: "\n") {
      guard let node = BudgetNode(columnText: line) else { return nil }
      path.append(node)
    }
    self.init(
      id: row.integer(0), key: row.text(1), worker: worker, run: row.optionalText(3),
      provider: row.optionalText(4), route: row.text(5), path: path,
      amount: Money(microUSD: row.integer(7)), softAmount: Money(microUSD: row.integer(8)),
      opened: WallTime(microseconds: row.integer(11)))
    drawn = Money(microUSD: row.integer(9))
    self.state = state
  }
}

extension BudgetRule {
  var columns: [Value] { [.text(scope.rawValue), .text(subject), .flag(daily)] }

  init?(_ row: borrowing Row, from column: Int32) {
    guard let scope = BudgetScope(rawValue: row.text(column)) else { return nil }
    self.init(scope, row.text(column + 1), daily: row.flag(column + 2))
  }
}

extension BudgetOverride {
  static let selection =
    "SELECT scope, subject, daily, limit_micro, file_micro, actor FROM budget_override"

  var columns: [Value] {
    rule.columns + [
      .optional(limit?.microUSD), .optional(fileLimit?.microUSD), .text(actor),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let rule = BudgetRule(row, from: 0) else { return nil }
    self.init(
      rule: rule, limit: row.optionalInteger(3).map { Money(microUSD: $0) },
      fileLimit: row.optionalInteger(4).map { Money(microUSD: $0) }, actor: row.text(5))
  }
}

extension BudgetHold {
  static let selection =
    "SELECT worker, scope, subject, daily, action, pending, since_usec, note, needed_micro FROM budget_hold"

  var columns: [Value] {
    [.text(worker.text)] + rule.columns + [
      .text(action.rawValue), .flag(isPending), .integer(since.microseconds), .text(note),
      .optional(needed?.microUSD),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(0)), let rule = BudgetRule(row, from: 1),
      let action = WorkerBudget.OnExceeded(rawValue: row.text(4))
    else { return nil }
    self.init(
      worker: worker, rule: rule, action: action, isPending: row.flag(5),
      since: WallTime(microseconds: row.integer(6)), note: row.text(7))
    needed = row.optionalInteger(8).map { Money(microUSD: $0) }
  }
}

// The screen of `top` as text: the day's money, what waits for somebody's word, the table, the keys. Must never be wider
// or higher than the window, nor say by colour what it does not say in words.

import NovaWire

/// The day's money and the decision that waits longest.
struct TopMoney: Equatable {
  var spent: String?
  var budget: String?
  var forecast: String?
  var earned: String?
  /// Of it for models, and their tokens of the last minute; nil where there is no gateway.
  var modelsSpent: String?
  var modelTokens: Int64?
  /// Decisions that wait for approval.
  var waiting = 0
  var asks: DecisionRow?

  init(_ status: SystemStatus) {
    spent = status.costTodayUSD
    budget = status.budgetTodayUSD
    forecast = status.forecastTodayUSD
    earned = status.revenueTodayUSD
    modelsSpent = status.modelCostTodayUSD
    modelTokens = status.modelTokensPerMinute
    waiting = status.pendingApprovals ?? 0
  }

  /// `today $0.3100 of $100.00, $0.9200 by the end of it, earned $4.00`.
  var line: String {
    var parts = [
      "today " + Format.amount(spent) + (budget.map { " of " + Format.amount($0) } ?? "")
    ]
    if let forecast { parts.append(Format.amount(forecast) + " by the end of it") }
    parts.append("earned " + Format.amount(earned))
    return parts.joined(separator: ", ")
  }

  /// `models $0.3100 today, 12400 tokens a minute`; nil where there is no gateway.
  var models: String? {
    guard let modelsSpent else { return nil }
    return "models \(Format.amount(modelsSpent)) today, "
      + "\(Format.count(modelTokens)) tokens a minute"
  }

  /// The decision that waits longest; nil when none does.
  var question: String? {
    guard let asks else {
      return waiting > 0 ? Format.plural(waiting, "decision") + " to be approved" : nil
    }
    let more = waiting > 1 ? " (and \(waiting - 1) more)" : ""
    return "asks \(asks.id)\(more): \(asks.action) \(asks.worker), \(asks.reason)"
  }
}

extension TopView {
  private static let keys =
    "q quit  c m n $ % sort  arrows select  p pause  r resume  k kill  a approve  x reject"

  /// The whole screen; every line is cleared to its end and nothing is below the last.
  func render(rows height: Int, columns: Int, colour: Bool) -> String {
    func cut(_ text: String) -> String {
      TerminalText.cut(CleanText.forTerminal(text), columns: columns)
    }
    let up = rows.count { $0.pid != nil }
    var out = [
      cut(
        "novasup top  \(Format.plural(rows.count, "instance")), \(up) up, sorted by \(sort.rawValue)"
          + (connected == false ? "  (the supervisor does not answer)" : ""))
    ]
    // A low window shows workers first.
    if height >= 8, let money {
      out.append(cut(money.line))
      if let models = money.models { out.append(cut(models)) }
      if let question = money.question {
        out.append(Cell.Colour.busy.paint(cut(question), colour))
      }
    }
    let table = ListWorkers.table(rows, wide: false)
    let plain = table.lines(header: true, colour: false, width: columns)
    let painted = table.lines(header: true, colour: colour, width: columns)
    func line(_ index: Int) -> String {
      TerminalText.width(plain[index]) <= columns
        ? painted[index] : TerminalText.cut(plain[index], columns: columns)
    }
    out.append(line(0))
    let space = max(1, height - out.count - 1)
    let index = rows.firstIndex { $0.target == selected } ?? 0
    let first = max(0, min(index - space / 2, rows.count - space))
    for row in rows.indices.dropFirst(first).prefix(space) {
      // The selection is reverse even without colour, as nothing else shows it; the end of a colour inside
      // would end it too.
      let chosen = rows[row].target == selected
      out.append(
        chosen
          ? "\u{1B}[7m\(TerminalText.cut(plain[row + 1], columns: columns))\u{1B}[27m"
          : line(row + 1))
    }
    let last = cut(message.isEmpty ? Self.keys : message)
    while out.count < height - 1 { out.append("") }
    return out.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\r\n" + last
      + "\u{1B}[K\u{1B}[J"
  }
}

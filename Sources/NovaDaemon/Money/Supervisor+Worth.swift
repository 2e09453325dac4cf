// What one worker is worth, for its page: its totals from memory, its windows from the ledger's own thread.
// Must never be asked for a whole fleet at once: that is a report.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `GET /v1/workers/NAME`, with its money.
  func detail(_ exchange: Exchange, _ text: String) throws(APIError) {
    var detail = try detail(text)
    guard let worker = WorkerName(detail.name) else { return answer(exchange, detail) }
    // Of the moment at which the rest was looked at, not of that of the answer.
    let tag = tag(of: worker)
    let now = Clock.now().wall
    func ago(_ days: Int64) -> WallTime { now + .seconds(-days * 86_400) }
    var question = SumsQuestion(bounds: [ago(30), ago(7), ago(1), now + .seconds(900)])
    question.workers = [worker]
    ask(.sums(question), exchange) { [weak self] answer in
      guard let self, case .sums(let sums, let runs) = answer else { return }
      let isKnown = books.knowsRevenue(of: worker)
      // Spans are one after the other, windows lie in one another.
      func window(from first: Int) -> WorkerMoney.Window {
        var balance = Balance()
        var total = RunTotals()
        for span in first...2 {
          if let sum = sums[SumKey(span: span)] { balance.add(sum) }
          if let some = runs[SumKey(span: span)] {
            total.ok += some.ok
            total.failed += some.failed
            total.crashed += some.crashed
          }
        }
        return WorkerMoney.Window(balance, total, revenueIsKnown: isKnown)
      }
      let total = books.runs[worker] ?? RunTotals()
      var money = WorkerMoney(
        lifetime: .init(books.workers[worker] ?? Balance(), total, revenueIsKnown: isKnown),
        day: window(from: 2), week: window(from: 1), month: window(from: 0))
      money.successPercent = total.successPPM.map { Double($0) / 10_000 }
      money.crashPercent = total.crashPPM.map { Double($0) / 10_000 }
      money.lastRunAt = total.last?.rfc3339
      detail.money = money
      self.answer(exchange, detail, tag: tag)
    }
  }
}

extension WorkerMoney.Window {
  /// Sums as the API tells them.
  init(_ balance: Balance, _ runs: RunTotals, revenueIsKnown: Bool) {
    self.init(
      costUSD: balance.cost.decimal, pendingUSD: balance.pending.decimal, runs: runs.finished,
      runsOk: runs.ok)
    let returns = ReturnOnCost(
      netRevenue: balance.netRevenue, cost: balance.cost, revenueIsKnown: revenueIsKnown)
    if revenueIsKnown {
      revenueUSD = balance.netRevenue.decimal
      profitUSD = balance.profit.decimal
    }
    roiPercent = returns.exactPercent
    roiStatus = returns.status
  }
}

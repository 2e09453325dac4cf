// `GET /v1/costs` by model and provider, and the calls beside a worker's costs: sums of the calls themselves, since the ledger's
// lines know no model. Must never count a call that is past its retention as if it were there.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaModel
import NovaWire

extension Supervisor {
  /// A report of which every row is about calls of models.
  func callCosts(
    _ exchange: Exchange, _ report: MoneyReport, _ spans: CalendarSpans, _ workers: [WorkerName]?
  ) {
    let question = callSums(report.by, report.view, spans, workers)
    ask(.callSums(question), exchange) { [weak self] answer in
      guard let self, case .callSums(let sums) = answer else { return }
      var report = report
      var total = CallTotal()
      for key in sums.keys.sorted(by: Self.comesBefore) {
        guard let sum = sums[key] else { continue }
        total.add(sum)
        var row = MoneyRow(sum)
        row.period = key.span < spans.names.count ? spans.names[key.span] : nil
        row.worker = key.worker?.text
        row.provider = key.provider
        row.model = key.model
        // What a call costs has one kind and one source.
        if report.by.contains(.category) { row.category = EntryKind.llm.rawValue }
        if report.by.contains(.source) { row.source = key.provider }
        if !report.by.contains(.provider) { row.provider = nil }
        report.rows.append(row)
      }
      report.total = MoneyRow(total)
      self.answer(exchange, report)
    }
  }

  /// Adds to the rows of workers what of their costs were calls.
  func addCalls(
    to report: MoneyReport, _ exchange: Exchange, _ spans: CalendarSpans, _ workers: [WorkerName]?
  ) {
    guard !gateway.totals.isEmpty else { return answer(exchange, report) }
    ask(.callSums(callSums([.worker], report.view, spans, workers)), exchange) {
      [weak self] answer in
      guard let self, case .callSums(let sums) = answer else { return }
      var report = report
      var total = CallTotal()
      struct Place: Hashable {
        let period: String?
        let worker: String?
      }
      var places: [Place: CallTotal] = [:]
      for (key, sum) in sums {
        total.add(sum)
        let period = key.span < spans.names.count ? spans.names[key.span] : nil
        places[Place(period: period, worker: key.worker?.text), default: CallTotal()].add(sum)
      }
      for index in report.rows.indices {
        let row = report.rows[index]
        if let sum = places[Place(period: row.period, worker: row.worker)] {
          report.rows[index].add(sum)
        }
      }
      report.total.add(total)
      self.answer(exchange, report)
    }
  }

  private func callSums(
    _ by: [MoneyGrouping], _ view: RevenueView, _ spans: CalendarSpans, _ workers: [WorkerName]?
  ) -> CallSumsQuestion {
    var question = CallSumsQuestion(bounds: spans.bounds)
    question.byWorker = by.contains(.worker)
    question.byProvider = by.contains(.provider) || by.contains(.source)
    question.byModel = by.contains(.model)
    question.workers = workers
    question.cohort = view == .cohort
    return question
  }

  private static func comesBefore(_ a: CallSumKey, _ b: CallSumKey) -> Bool {
    (a.span, a.worker?.text ?? "", a.provider ?? "", a.model ?? "")
      < (b.span, b.worker?.text ?? "", b.provider ?? "", b.model ?? "")
  }
}

extension MoneyRow {
  /// What calls have cost.
  init(_ calls: CallTotal) {
    var balance = Balance()
    balance.add(.llm, amount: -calls.amount.microUSD, pending: 0, entries: calls.calls)
    self.init(balance, revenueIsKnown: false)
    add(calls)
  }

  /// Says which calls are in it.
  mutating func add(_ sum: CallTotal) {
    calls = sum.calls
    inputTokens = sum.input
    cacheReadTokens = sum.cacheRead
    cacheWriteTokens = sum.cacheWrite
    outputTokens = sum.output
    reasoningTokens = sum.reasoning
  }
}

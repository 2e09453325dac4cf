// `GET /v1/costs`, `/v1/revenue`, `/v1/entries`: asked of the ledger on its own thread and answered when it has answered.
// Must never sum up history on the loop.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // 10 years of days: more rows than anybody reads.
  private static let mostSpans = 3660

  /// `GET /v1/costs` and `GET /v1/revenue`.
  func money(_ exchange: Exchange, _ query: MoneyQuery, costs: Bool) throws(APIError) {
    let now = Clock.now().wall
    let zone = configuration.flatMap { $0.zones[$0.settings.timezone] } ?? .utc
    let since = try query.since.map { (text) throws(APIError) in try moment(text, "since") }
    let until = try query.until.map { (text) throws(APIError) in try moment(text, "until") }
    let end = until ?? now + .seconds(900)
    let start = since ?? oldestMoney(now, period: query.period)
    guard start < end else {
      throw APIError(.badRequest, "since must be before until", field: "since")
    }
    let spans = CalendarSpans(from: start, to: end, by: query.period, in: zone)
    guard spans.bounds.count <= Self.mostSpans else {
      throw APIError(
        .badRequest, "more than \(Self.mostSpans) periods: ask for less", field: "since")
    }
    var question = SumsQuestion(bounds: spans.bounds)
    let by = query.by.isEmpty ? [.worker] : query.by
    question.byWorker = by.contains(.worker)
    question.byKind = by.contains(.category)
    question.bySource = by.contains(.source)
    question.cohort = query.view == .cohort
    question.workers = try workers(query.targets)
    var report = MoneyReport(
      timezone: configuration?.settings.timezone ?? "UTC", period: query.period, by: by,
      view: query.view, total: MoneyRow(Balance(), revenueIsKnown: true))
    report.since = since == nil ? nil : spans.bounds.first?.rfc3339
    report.until = until == nil ? nil : spans.bounds.last?.rfc3339
    if by.contains(.model) || by.contains(.provider) {
      guard costs else {
        throw APIError(
          .badRequest, "by must be one of worker, category, source: models earn nothing",
          field: "by")
      }
      return callCosts(exchange, report, spans, question.workers)
    }
    let workers = question.workers
    ask(.sums(question), exchange) { [weak self] answer in
      guard let self, case .sums(let sums, let runs) = answer else { return }
      report.rows = MoneyTable.rows(sums, runs: runs, spans: spans, costs: costs) { [books] in
        books.knowsRevenue(of: $0)
      }
      var total = Balance()
      for (key, sum) in sums where MoneyTable.isWanted(key, sum, costs: costs) { total.add(sum) }
      report.total = MoneyRow(
        total, revenueIsKnown: total.revenue != .zero || total.contra != .zero)
      guard !costs else {
        guard by == [.worker] else { return self.answer(exchange, report) }
        return addCalls(to: report, exchange, spans, workers)
      }
      ask(.matured([now]), exchange) { [weak self] answer in
        guard let self, case .matured(let found) = answer else { return }
        report.reinvestment = found.first.map(reinvestmentRow)
        self.answer(exchange, report)
      }
    }
  }

  /// Where a report begins that does not say: with periods a month of them, else at the beginning.
  private func oldestMoney(_ now: WallTime, period: MoneyPeriod?) -> WallTime {
    switch period {
    case nil: MoneyText.earliest
    case .day: now + .seconds(-30 * 86_400)
    case .week: now + .seconds(-26 * 7 * 86_400)
    case .month: now + .seconds(-365 * 86_400)
    }
  }

  /// `GET /v1/entries`.
  func entries(_ exchange: Exchange, _ query: EntriesQuery) throws(APIError) {
    var question = EntriesQuestion()
    question.after = query.after
    question.income = query.income
    question.limit = query.limit ?? 100
    question.workers = try workers(query.targets)
    question.since = try query.since.map { (text) throws(APIError) in try moment(text, "since") }
    ask(.entries(question), exchange) { [weak self] answer in
      guard case .entries(let entries) = answer else { return }
      self?.answer(exchange, entries.map(EntryRow.init))
    }
  }

  /// Asks the ledger; an error goes to the exchange, anything else to `then`.
  func ask(
    _ question: LedgerQuestion, _ exchange: Exchange, then: @escaping (LedgerAnswer) -> Void
  ) {
    // What was decided up to now is on the disk before it is summed up.
    whenDurable { [weak self] in
      guard let self else { return }
      let isAsked = inquire(question) { [weak self] answer in
        if case .failed(let error) = answer {
          self?.refuse(exchange, APIError(.unavailable, "\(error)"))
        } else {
          then(answer)
        }
      }
      if !isAsked {
        refuse(exchange, APIError(.unavailable, "too many reports are being made; try again"))
      }
    }
  }

  /// Asks the ledger; false: too many questions wait already.
  func inquire(_ question: LedgerQuestion, then: @escaping (LedgerAnswer) -> Void) -> Bool {
    lastTicket += 1
    let ticket = lastTicket
    questions[ticket] = then
    guard ledger.ask(question, ticket: ticket) else {
      questions[ticket] = nil
      return false
    }
    return true
  }

  /// Names and globs as workers, also those that are only in the books; nil for none.
  func workers(_ targets: [String]) throws(APIError) -> [WorkerName]? {
    guard !targets.isEmpty, targets != ["*"] else { return nil }
    var names: Set<WorkerName> = []
    for target in targets {
      if let name = WorkerName(target), books.workers[name] != nil || books.runs[name] != nil {
        names.insert(name)
        continue
      }
      for found in try resolve([target]) {
        switch found {
        case .worker(let name): names.insert(name)
        case .instance(let id): names.insert(id.worker)
        }
      }
    }
    return names.sorted()
  }

  private func moment(_ text: String, _ field: String) throws(APIError) -> WallTime {
    guard let time = WallTime(rfc3339: text) else {
      throw APIError(
        .badRequest, "\(field) must be a time such as 2026-01-31T12:00:00Z", field: field)
    }
    // Nothing is booked outside of this century: a time beyond it is its end.
    return min(max(time, MoneyText.earliest), WallTime(microseconds: 4_102_444_800_000_000))
  }
}

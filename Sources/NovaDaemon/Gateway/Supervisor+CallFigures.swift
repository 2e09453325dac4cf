// What calls of models cost today and how many tokens they use a minute, for the pages that are asked often. Must never say
// zero where there is no gateway.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Reads today's sums and the last minute, at the start and when only the ledger knows a day.
  func loadCallFigures(_ now: Moment) {
    let day = CalendarDay(holding: now.wall, in: budgetZone)
    var figures = CallFigures(on: day)
    var question = CallSumsQuestion(bounds: [day.start, day.end])
    question.byWorker = true
    question.byProvider = true
    func each(_ body: (CallFigures.Key, Int, CallTotal) -> Void) {
      for (key, total) in (try? ledger.callSums(question)) ?? [:] {
        guard let worker = key.worker, let provider = key.provider else { continue }
        body(CallFigures.Key(worker, provider), key.span, total)
      }
    }
    each { key, _, total in figures.take(total, of: key) }
    // When a call was over is not kept, but when it was asked: near enough for the first minute of a supervisor.
    question.bounds = (-60...0).map { now.wall + .seconds($0) }
    var found: [(CallFigures.Key, Int, Int64)] = []
    each { key, span, total in found.append((key, span, total.tokens)) }
    for (key, span, tokens) in found.sorted(by: { $0.1 < $1.1 }) {
      figures.take(tokens: tokens, of: key, at: now.instant + .seconds(Int64(span) - 59))
    }
    gateway.figures = figures
  }

  /// The figures of the day that is now.
  func callFigures(_ now: Moment) -> CallFigures {
    let day = CalendarDay(holding: now.wall, in: budgetZone)
    guard let known = gateway.figures?.day, known != day else {
      return gateway.figures ?? CallFigures(on: day)
    }
    // A clock that was set back, or another zone: only the ledger knows that day.
    if day.start < known.end {
      loadCallFigures(now)
    } else {
      gateway.figures?.turn(to: day, at: now.instant)
    }
    return gateway.figures ?? CallFigures(on: day)
  }

  /// The model lines of `GET /v1/status`.
  func addModels(to status: inout SystemStatus, at now: Moment) {
    guard configuration?.settings.gateway.providers.isEmpty == false else { return }
    let sum = callFigures(now).sum(at: now.instant)
    status.modelCostTodayUSD = sum.today.amount.decimal
    status.modelTokensPerMinute = sum.minuteTokens
  }

  /// The models of `GET /v1/workers/NAME`; nil: it may call nobody and has called nobody today.
  func models(of spec: WorkerSpec, at now: Moment) -> WorkerModels? {
    let figures = callFigures(now)
    let sums = figures.sums(of: spec.name, at: now.instant)
    guard !sums.isEmpty || !spec.gateway.providers.isEmpty else { return nil }
    var models = WorkerModels(figures.sum(of: spec.name, at: now.instant))
    models.providers = sums.map { .init(provider: $0.provider, models: WorkerModels($0.sum)) }
    return models
  }
}

extension WorkerModels {
  /// Sums as the API tells them.
  init(_ sum: CallFigures.Sum) {
    self.init(
      callsToday: sum.today.calls, tokensToday: sum.today.tokens,
      costTodayUSD: sum.today.amount.decimal, tokensPerMinute: sum.minuteTokens)
  }
}

extension WorkerModels.Provider {
  /// One provider's part.
  init(provider: String, models: WorkerModels) {
    self.init(
      provider: provider, callsToday: models.callsToday, tokensToday: models.tokensToday,
      costTodayUSD: models.costTodayUSD, tokensPerMinute: models.tokensPerMinute)
  }
}

// `decisions show ID --replay`: the runs that a decision rests on are read from the ledger, its tests are made anew and it
// is decided again, here and not in the supervisor. Must never call two texts the same that differ by a byte.

import NovaEconomics
import NovaModel
import NovaWire

/// Makes decisions again.
enum DecisionReplay {
  /// What came of it.
  struct Outcome {
    var runs = 0
    /// Pairs of runs of both arms; nil: it is no arm.
    var pairs: Int?
    /// Lines that differ: what was stored and what came out now.
    var differences: [(stored: String, now: String)] = []
  }

  static func run(_ id: Int64, _ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let purpose = "replay decision \(id)"
    let detail = try call.decode(
      DecisionDetail.self, call.get("/v1/decisions/\(id)", to: purpose))
    guard !detail.inputs.isEmpty else {
      throw .cannot(purpose, "a budget asked it: no rule of the engine decided anything")
    }
    guard let inputs = DecisionInputs(text: detail.inputs), inputs.text == detail.inputs else {
      throw .cannot(purpose, "this release reads other facts than it was made with")
    }
    guard let epoch = detail.epoch else {
      throw .cannot(purpose, "the epoch it rests on is not kept")
    }
    var evidence = WorkerEvidence(try terms(epoch, inputs, purpose))
    try read(inputs.worker.worker, epoch.number, through: inputs.worker.lastSequence, call, purpose)
    { evidence.take($0) }
    let arm = try arm(detail, inputs, epoch, call, purpose)
    let outcome = compare(detail, inputs, evidence, arm)
    return try report(id, outcome, call)
  }

  /// Evaluated runs of an epoch in the order of their sequence, up to one.
  private static func read(
    _ worker: WorkerName, _ epoch: Int64, after: Int64 = 0, through: Int64,
    _ call: borrowing Invocation, _ purpose: String, _ take: (Evaluation) -> Void
  ) throws(ClientError) {
    var query = EvaluationsQuery()
    query.worker = worker.text
    query.epoch = epoch
    query.limit = 10_000
    query.after = after
    while true {
      let page = try call.decode(
        [EvaluationRow].self, call.get("/v1/evaluations", query.parameters, to: purpose))
      for row in page {
        guard row.sequence <= through else { return }
        take(try evaluation(row, purpose))
        query.after = row.sequence
      }
      guard page.count == 10_000 else { return }
    }
  }

  /// The comparison of both arms made anew; nil: it is no arm, or nothing of it was compared.
  private static func arm(
    _ detail: DecisionDetail, _ inputs: DecisionInputs, _ epoch: EpochRow,
    _ call: borrowing Invocation, _ purpose: String
  ) throws(ClientError) -> ArmEvidence? {
    let worker = inputs.worker
    guard let base = worker.armOf else { return nil }
    guard let first = worker.armFirst, let last = worker.armLast else {
      guard worker.armPairs == 0 else {
        throw .cannot(
          purpose, "an older release made it, which did not keep which runs of \(base) it compared")
      }
      return nil
    }
    guard let other = detail.baseEpoch, let caps = try? [cap(epoch, purpose), cap(other, purpose)]
    else { throw .cannot(purpose, "the epoch of \(base) that it rests on is not kept") }
    var runs: [(evaluation: Evaluation, isBase: Bool)] = []
    for (name, number) in [(worker.worker, epoch.number), (base, other.number)] {
      try read(name, number, after: first - 1, through: last, call, purpose) {
        runs.append(($0, name == base))
      }
    }
    runs.sort { $0.evaluation.sequence < $1.evaluation.sequence }
    var evidence = ArmEvidence(cap: caps.map(\.usd).max() ?? 0)
    for run in runs { evidence.take(run.evaluation, isBase: run.isBase) }
    return evidence
  }

  /// Decides again with recomputed evidence, and compares line by line.
  static func compare(
    _ detail: DecisionDetail, _ inputs: DecisionInputs, _ evidence: WorkerEvidence,
    _ arm: ArmEvidence?
  )
    -> Outcome
  {
    var again = inputs
    again.worker.take(evidence, intervalAlpha: inputs.settings.intervalAlpha)
    if let arm { again.worker.take(arm) }
    // A worker without an evaluated run has no last one: what is stored is 0 as well.
    var outcome = Outcome(runs: evidence.runs, pairs: arm?.pairs)
    let pairs = [
      (detail.inputs, again.text), (detail.verdict, Decider.verdict(again).text),
      (detail.otherVerdict, Decider.verdict(again, in: again.settings.mode.other).text),
    ]
    for (stored, now) in pairs where Array(stored.utf8) != Array(now.utf8) {
      let old = stored.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let new = now.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      for index in 0..<max(old.count, new.count) {
        let (a, b) = (
          index < old.count ? old[index] : "", index < new.count ? new[index] : ""
        )
        if a != b { outcome.differences.append((a, b)) }
      }
    }
    return outcome
  }

  private static func report(_ id: Int64, _ outcome: Outcome, _ call: borrowing Invocation)
    throws(ClientError) -> ExitCode
  {
    let isSame = outcome.differences.isEmpty
    if call.form == .json || call.form == .jsonl {
      try call.showJSON(
        JSONValue.object([
          .init("decision", .number("\(id)")), .init("evaluated_runs", .number("\(outcome.runs)")),
          .init("pairs", outcome.pairs.map { .number("\($0)") } ?? .null),
          .init("same", .bool(isSame)),
          .init(
            "differences",
            .array(
              outcome.differences.map {
                .object([.init("stored", .string($0.stored)), .init("now", .string($0.now))])
              })),
        ]).bytes())
      return isSame ? .ok : .failed
    }
    for difference in outcome.differences {
      try call.console.line(CleanText.forTerminal("- \(difference.stored)"))
      try call.console.line(CleanText.forTerminal("+ \(difference.now)"))
    }
    guard isSame else {
      throw .cannot(
        "make decision \(id) again", "\(Format.plural(outcome.differences.count, "line")) differ")
    }
    try call.say(
      "decision \(id) made again from \(Format.plural(outcome.runs, "evaluated run"))"
        + (outcome.pairs.map { " and \(Format.plural($0, "pair")) of both arms" } ?? "")
        + ": the same, byte for byte"
    )
    return .ok
  }

  private static func terms(_ epoch: EpochRow, _ inputs: DecisionInputs, _ purpose: String)
    throws(ClientError) -> EvidenceTerms
  {
    EvidenceTerms(
      killFactor: inputs.settings.killFactor, scaleFactor: inputs.settings.scaleFactor,
      cap: try cap(epoch, purpose), reservePPM: epoch.reservePpm, driftFrom: inputs.worker.driftFrom
    )
  }

  private static func cap(_ epoch: EpochRow, _ purpose: String) throws(ClientError) -> Money {
    guard let cap = Money(decimal: epoch.capUSD) else {
      throw .cannot(purpose, "the answer holds no amount where one must be")
    }
    return cap
  }

  /// A row as an evaluation.
  static func evaluation(_ row: EvaluationRow, _ purpose: String) throws(ClientError) -> Evaluation
  {
    guard let worker = WorkerName(row.worker), let cost = Money(decimal: row.costUSD),
      let revenue = Money(decimal: row.revenueUSD), let at = WallTime(rfc3339: row.at)
    else { throw .cannot(purpose, "the answer holds an evaluated run that cannot be read") }
    return Evaluation(
      sequence: row.sequence, worker: worker, epoch: row.epoch, run: row.run, at: at, cost: cost,
      revenue: revenue, stray: .zero, maturationPPM: row.maturationPpm, isOK: row.ok)
  }
}

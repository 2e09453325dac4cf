// Decisions and their like as rows. Everything shown comes from the texts that were stored.
// Must never show a figure that the decision itself did not see.

import NovaEconomics
import NovaModel
import NovaWire

/// From records to rows.
enum DecisionPages {
  /// A decision as a row.
  static func row(_ record: DecisionRecord) -> DecisionRow {
    let verdict = Verdict(text: record.verdict)
    let other = Verdict(text: record.other)
    let worker = DecisionInputs(text: record.inputs)?.worker
    var row = DecisionRow(
      id: record.id, at: record.at.rfc3339, worker: record.worker.text, action: record.action,
      fromInstances: verdict?.fromInstances ?? 0, toInstances: verdict?.toInstances ?? 0,
      mode: record.mode, rule: verdict?.rule.rawValue ?? "none", reason: verdict?.reason ?? "",
      state: record.state.rawValue, route: record.route, routeReason: verdict?.routeReason ?? "",
      runs: worker?.runs ?? 0, evaluatedRuns: worker?.evaluatedRuns ?? 0,
      costUSD: (worker?.cost ?? .zero).decimal, revenueUSD: (worker?.revenue ?? .zero).decimal,
      riskScore: verdict?.riskScore ?? 0, riskBand: verdict?.riskBand.rawValue ?? "low",
      otherMode: other?.mode.rawValue ?? "", otherAction: other?.action.rawValue ?? "none",
      otherReason: other?.reason ?? "")
    row.confidence = verdict?.confidence
    row.stakeUSD = verdict?.stake?.decimal
    row.alternatives = (verdict?.alternatives ?? []).map {
      AlternativeRow(action: $0.action.rawValue, reason: $0.reason)
    }
    if let worker {
      row.roiPercent = worker.roi.percent
      row.roiStatus = status(worker.roi)
      row.roiLowerPercent = worker.roiLower
      row.roiUpperPercent = worker.roiUpper
      row.successRatePercent =
        worker.runs > 0 ? 100 * Double(worker.okRuns) / Double(worker.runs) : nil
    }
    row.expiresAt = record.expires?.rfc3339
    row.resolvedAt = record.resolved?.rfc3339
    row.resolvedBy = record.resolvedBy
    row.note = record.note
    return row
  }

  private static func status(_ roi: ROI) -> String? {
    switch roi {
    case .percent: nil
    case .noData: "no_data"
    case .noCost: "no_cost"
    }
  }

  /// What would be decided now, as a row without a number.
  static func preview(_ inputs: DecisionInputs, _ verdict: Verdict, at now: WallTime) -> DecisionRow
  {
    let other = Decider.verdict(inputs, in: inputs.settings.mode.other)
    return row(
      DecisionRecord(
        id: 0, at: now, worker: verdict.worker, action: verdict.action.rawValue,
        mode: verdict.mode.rawValue, route: verdict.route.rawValue, inputs: inputs.text,
        verdict: verdict.text, other: other.text, expires: nil, state: .pending))
  }

  /// An epoch as a row.
  static func row(_ epoch: EpochRecord) -> EpochRow {
    EpochRow(
      worker: epoch.worker.text, number: epoch.number, since: epoch.since.rfc3339,
      reason: epoch.reason, instances: epoch.instances, capUSD: epoch.cap.decimal,
      reservePpm: epoch.reservePPM)
  }

  /// An evaluation as a row.
  static func row(_ evaluation: Evaluation) -> EvaluationRow {
    EvaluationRow(
      sequence: evaluation.sequence, worker: evaluation.worker.text, epoch: evaluation.epoch,
      run: evaluation.run, at: evaluation.at.rfc3339, costUSD: evaluation.cost.decimal,
      revenueUSD: evaluation.revenue.decimal, maturationPpm: evaluation.maturationPPM,
      ok: evaluation.isOK)
  }

  /// How far a worker is from each edge, as a row.
  static func outlook(_ inputs: DecisionInputs, _ evidence: WorkerEvidence?) -> OutlookRow {
    let verdict = Decider.verdict(inputs)
    let other = Decider.verdict(inputs, in: inputs.settings.mode.other)
    var row = OutlookRow(
      worker: inputs.worker.worker.text, action: verdict.action.rawValue, reason: verdict.reason,
      otherAction: other.action.rawValue, otherReason: other.reason, runs: inputs.worker.runs,
      evaluatedRuns: inputs.worker.evaluatedRuns,
      distances: Outlook.of(inputs, evidence: evidence).map {
        DistanceRow(
          action: $0.action.rawValue, runs: $0.runs, amountUSD: $0.amount?.decimal,
          meaning: $0.meaning)
      })
    row.roiPercent = inputs.worker.roi.percent
    row.roiLowerPercent = inputs.worker.roiLower
    row.roiUpperPercent = inputs.worker.roiUpper
    return row
  }

  /// An alert as a row.
  static func row(_ alert: AlertRecord, at now: WallTime) -> AlertRow {
    var state = "firing"
    if alert.acknowledged != nil { state = "acknowledged" }
    if let until = alert.silencedUntil, now < until { state = "silenced" }
    if alert.resolved != nil { state = "resolved" }
    var row = AlertRow(
      id: alert.id, kind: alert.key.kind.rawValue,
      severity: alert.severity == .critical ? "critical" : "warning",
      worker: alert.key.worker?.text,
      message: alert.message, state: state, raisedAt: alert.raised.rfc3339)
    row.resolvedAt = alert.resolved?.rfc3339
    row.acknowledgedAt = alert.acknowledged?.rfc3339
    row.acknowledgedBy = alert.acknowledgedBy
    row.silencedUntil = alert.silencedUntil?.rfc3339
    return row
  }
}

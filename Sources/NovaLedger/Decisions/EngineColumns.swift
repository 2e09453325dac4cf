// The engine's values as columns and back; the order of columns is that of the schema. Must never invent a value for a
// column it does not understand: the row is refused.

internal import NovaModel

extension Evaluation {
  static let selection = """
    SELECT sequence, worker, epoch, run, at_usec, cost_micro, revenue_micro, stray_micro, maturation_ppm, ok
      FROM evaluation
    """

  var columns: [Value] {
    [
      .integer(sequence), .text(worker.text), .integer(epoch), .text(run),
      .integer(at.microseconds), .integer(cost.microUSD), .integer(revenue.microUSD),
      .integer(stray.microUSD), .integer(Int64(maturationPPM)), .flag(isOK),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(1)) else { return nil }
    self.init(
      sequence: row.integer(0), worker: worker, epoch: row.integer(2), run: row.text(3),
      at: WallTime(microseconds: row.integer(4)), cost: Money(microUSD: row.integer(5)),
      revenue: Money(microUSD: row.integer(6)), stray: Money(microUSD: row.integer(7)),
      maturationPPM: Int(row.integer(8)), isOK: row.flag(9))
  }
}

extension EpochRecord {
  static let columnNames = """
    worker, number, since_usec, reason, fingerprint, instances, cap_micro, reserve_ppm,
      base_revenue_micro, base_cost_micro, base_finished, base_ok, base_lives, base_crashed, scale_ups, tranches,
      drift_from, changed_usec
    """

  var columns: [Value] {
    [
      .text(worker.text), .integer(number), .integer(since.microseconds), .text(reason),
      .integer(Int64(bitPattern: fingerprint)), .integer(Int64(instances)),
      .integer(cap.microUSD),
      .integer(Int64(reservePPM)), .integer(baseRevenue.microUSD), .integer(baseCost.microUSD),
      .integer(baseFinished), .integer(baseOK), .integer(baseLives), .integer(baseCrashed),
      .integer(Int64(scaleUps)), .integer(Int64(tranches)), .integer(driftFrom),
      .optional(changed?.microseconds),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(0)) else { return nil }
    self.init(
      worker: worker, number: row.integer(1), since: WallTime(microseconds: row.integer(2)),
      reason: row.text(3), fingerprint: UInt64(bitPattern: row.integer(4)),
      instances: Int(row.integer(5)), cap: Money(microUSD: row.integer(6)),
      reservePPM: Int(row.integer(7)))
    baseRevenue = Money(microUSD: row.integer(8))
    baseCost = Money(microUSD: row.integer(9))
    baseFinished = row.integer(10)
    baseOK = row.integer(11)
    baseLives = row.integer(12)
    baseCrashed = row.integer(13)
    scaleUps = Int(row.integer(14))
    tranches = Int(row.integer(15))
    driftFrom = row.integer(16)
    changed = row.optionalInteger(17).map { WallTime(microseconds: $0) }
  }
}

extension DecisionRecord {
  static let columnNames = """
    id, at_usec, worker, action, mode, route, inputs, verdict, other_verdict, expires_usec, state, resolved_usec,
      resolved_by, note
    """
  static let selection = "SELECT " + columnNames + " FROM decision"

  var columns: [Value] {
    [
      .integer(id), .integer(at.microseconds), .text(worker.text), .text(action), .text(mode),
      .text(route), .text(inputs), .text(verdict), .text(other), .optional(expires?.microseconds),
      .text(state.rawValue), .optional(resolved?.microseconds), .optional(resolvedBy),
      .optional(note),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let worker = WorkerName(row.text(2)), let state = DecisionState(rawValue: row.text(10))
    else { return nil }
    self.init(
      id: row.integer(0), at: WallTime(microseconds: row.integer(1)), worker: worker,
      action: row.text(3), mode: row.text(4), route: row.text(5), inputs: row.text(6),
      verdict: row.text(7), other: row.text(8),
      expires: row.optionalInteger(9).map { WallTime(microseconds: $0) }, state: state)
    resolved = row.optionalInteger(11).map { WallTime(microseconds: $0) }
    resolvedBy = row.optionalText(12)
    note = row.optionalText(13)
  }
}

extension AlertRecord {
  static let columnNames = """
    id, kind, worker, severity, message, raised_usec, resolved_usec, acknowledged_usec, acknowledged_by,
      silenced_until_usec
    """
  static let selection = "SELECT " + columnNames + " FROM alert"

  var columns: [Value] {
    [
      .integer(id), .text(key.kind.rawValue), .optional(key.worker?.text),
      .integer(Int64(severity.rawValue)), .text(message), .integer(raised.microseconds),
      .optional(resolved?.microseconds), .optional(acknowledged?.microseconds),
      .optional(acknowledgedBy), .optional(silencedUntil?.microseconds),
    ]
  }

  init?(_ row: borrowing Row) {
    guard let kind = AlertKind(rawValue: row.text(1)),
      let severity = EventRecord.Severity(rawValue: Int(row.integer(3)))
    else { return nil }
    self.init(
      id: row.integer(0),
      key: AlertKey(kind, worker: row.optionalText(2).flatMap { WorkerName($0) }),
      severity: severity, message: row.text(4), raised: WallTime(microseconds: row.integer(5)))
    resolved = row.optionalInteger(6).map { WallTime(microseconds: $0) }
    acknowledged = row.optionalInteger(7).map { WallTime(microseconds: $0) }
    acknowledgedBy = row.optionalText(8)
    silencedUntil = row.optionalInteger(9).map { WallTime(microseconds: $0) }
  }
}

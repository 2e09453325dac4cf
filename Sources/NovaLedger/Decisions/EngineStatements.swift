// The statements of the decision engine's tables, prepared once. Must never be built from values.

internal import NovaModel

/// What the writer writes for the engine.
struct EngineStatements: ~Copyable {
  var evaluation: Statement, epoch: Statement, decision: Statement, alert: Statement
  var setting: Statement

  init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    evaluation = connection.prepare(
      """
      INSERT INTO evaluation(sequence, worker, epoch, run, at_usec, cost_micro, revenue_micro, stray_micro,
        maturation_ppm, ok) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """, &failure)
    epoch = connection.prepare(
      "INSERT INTO epoch(\(EpochRecord.columnNames)) VALUES ("
        + String(repeating: "?, ", count: 17)
          + """
          ?) ON CONFLICT(worker, number) DO UPDATE SET scale_ups = excluded.scale_ups,
            tranches = excluded.tranches, drift_from = excluded.drift_from, changed_usec = excluded.changed_usec
          """, &failure)
    decision = connection.prepare(
      "INSERT INTO decision(\(DecisionRecord.columnNames)) VALUES ("
        + String(repeating: "?, ", count: 13)
          + """
          ?) ON CONFLICT(id) DO UPDATE SET state = excluded.state, resolved_usec = excluded.resolved_usec,
            resolved_by = excluded.resolved_by, note = excluded.note
          """, &failure)
    alert = connection.prepare(
      "INSERT INTO alert(\(AlertRecord.columnNames)) VALUES ("
        + String(repeating: "?, ", count: 9)
          + """
          ?) ON CONFLICT(id) DO UPDATE SET message = excluded.message,
            resolved_usec = excluded.resolved_usec, acknowledged_usec = excluded.acknowledged_usec,
            acknowledged_by = excluded.acknowledged_by, silenced_until_usec = excluded.silenced_until_usec
          """, &failure)
    setting = connection.prepare(
      "INSERT INTO engine(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
      &failure)
  }
}

extension Writer {
  /// Applies one write of the engine.
  mutating func apply(_ write: EngineWrite) throws(LedgerError) {
    switch write {
    case .evaluation(let evaluation): try statements.engine.evaluation.run(evaluation.columns)
    case .epoch(let epoch): try statements.engine.epoch.run(epoch.columns)
    case .decision(let decision): try statements.engine.decision.run(decision.columns)
    case .alert(let alert): try statements.engine.alert.run(alert.columns)
    case .setting(let setting, let value):
      try statements.engine.setting.run([.text(setting.rawValue), .integer(value)])
    case .source(let name, let since):
      try statements.engine.setting.run([
        .text(EngineWrite.stalePrefix + name), .integer(since?.microseconds ?? 0),
      ])
    case .silence(let name, let since):
      try statements.engine.setting.run([
        .text(EngineWrite.silentPrefix + name), .integer(since?.microseconds ?? 0),
      ])
    }
  }
}

extension EngineWrite {
  /// What it takes in memory, within a factor of two.
  var estimatedBytes: Int {
    switch self {
    case .decision(let decision):
      512 + decision.inputs.utf8.count + decision.verdict.utf8.count + decision.other.utf8.count
    default: 384
    }
  }
}

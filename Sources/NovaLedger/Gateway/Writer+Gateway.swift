// Calls of models on their way to the disk. Must never count a call that was there before.

internal import NovaModel

/// The statements about calls of models.
struct GatewayStatements: ~Copyable {
  var insertCall: Statement, addTotal: Statement, storeCarry: Statement
  var findPrices: Statement, insertPrices: Statement, pruneCalls: Statement

  init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    insertCall = connection.prepare(
      "INSERT INTO model_call(\(ModelCall.columnNames)) VALUES ("
        + String(repeating: "?, ", count: 21) + "?) ON CONFLICT(id) DO NOTHING", &failure)
    let sums = [
      "calls", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
      "reasoning_tokens", "amount_micro",
    ]
    addTotal = connection.prepare(
      "INSERT INTO model_call_total(worker, provider, outcome, \(sums.joined(separator: ", "))) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(worker, provider, outcome) DO UPDATE SET "
        + sums.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", "), &failure)
    storeCarry = connection.prepare(
      """
      INSERT INTO model_call_carry(worker, remainder_pico) VALUES (?, ?)
      ON CONFLICT(worker) DO UPDATE SET remainder_pico = excluded.remainder_pico
      """, &failure)
    findPrices = connection.prepare(
      ModelPricesVersion.selection + " WHERE number = ?", &failure)
    insertPrices = connection.prepare(
      "INSERT INTO model_prices(number, since_usec, sha256, actor, body) VALUES (?, ?, ?, ?, ?)",
      &failure)
    pruneCalls = connection.prepare(
      """
      DELETE FROM model_call WHERE number IN
        (SELECT number FROM model_call WHERE at_usec < ?1 ORDER BY at_usec LIMIT ?2)
      """, &failure)
  }
}

extension Writer {
  mutating func apply(_ write: GatewayWrite) throws(LedgerError) {
    switch write {
    case .call(let call):
      try statements.gateway.insertCall.run(call.columns)
      guard connection.changes > 0 else { return }
      var one = CallTotal()
      one.add(call)
      try statements.gateway.addTotal.run(
        [.text(call.worker.text), .text(call.provider), .text(call.outcome)] + one.columns)
    case .carry(let worker, let carry):
      try statements.gateway.storeCarry.run([
        .text(worker.text), .integer(carry.remainderPico),
      ])
    case .prices(let version, let table):
      var stored: ModelPricesVersion?
      try statements.gateway.findPrices.query([.integer(version.number)]) { row in
        stored = ModelPricesVersion(row)
      }
      if let stored {
        guard stored == version else {
          throw Self.refusal("model prices \(version.number) are there with other values")
        }
        return
      }
      try statements.gateway.insertPrices.run([
        .integer(version.number), .integer(version.since.microseconds), .blob(version.digest),
        .text(version.actor), .text(table),
      ])
    }
  }
}

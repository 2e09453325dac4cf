// `alerts test`: one message through one channel, and whether it arrived. Must never say that it did before the other
// side said so.

import NovaWire

/// `alerts test CHANNEL`: exit 0 when the service took the message, 1 with the reason when it did not.
enum TestAlert {
  /// Asks for the message, and waits for the event that says what became of it.
  static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let words = call.arguments.words
    guard words.count == 2, words[0] == "test" else {
      throw .usage("say `alerts test CHANNEL`", verb: "alerts")
    }
    let channel = words[1]
    let purpose = "test the channel \(channel)"
    let started = try call.decode(
      AlertTestResponse.self,
      call.post(
        "/v1/alerts/test", AlertTestRequest(channel: channel), to: purpose, timeoutSeconds: 10))
    // Two tries with a slow service between them.
    let limit = try call.timeoutSeconds() ?? 45
    var waited = 0.0
    var query = EventsQuery()
    query.after = started.event
    query.limit = 100
    while waited <= limit {
      let rows = try call.decode(
        [EventRow].self, call.get("/v1/events", query.parameters, to: purpose))
      for row in rows where row.details.values["event"] == String(started.event) {
        guard row.type == "alert.delivered" || row.type == "alert.undelivered" else { continue }
        if call.form == .json || call.form == .jsonl { try call.showJSON(APICoding.encode(row)) }
        guard row.type == "alert.delivered" else {
          throw .cannot(purpose, row.details.values["reason"] ?? row.message)
        }
        if call.form != .json, call.form != .jsonl { try call.say("\(channel): delivered") }
        return .ok
      }
      query.after = rows.last?.id ?? query.after
      try call.session.connection.interrupts.wait(milliseconds: 200)
      waited += 0.2
    }
    throw .cannot(
      purpose, "no outcome came in time", hint: "is nova-edge running? systemctl status nova-edge",
      code: .timedOut)
  }
}

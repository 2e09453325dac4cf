// `report`: what a worker's own script says of itself. Must never say who it is: the kernel does, by cgroup.

import NovaWire

/// The verb `report`.
enum Report {
  static let command = CommandSpec(
    name: "report", abstract: "Tell the supervisor something about the worker that runs this",
    discussion: """
      Only works inside a worker. Answered when it is durable; while the supervisor restarts it is tried \
      again for 30 s, or --timeout.
      """,
    options: [
      OptionSpec("ready", "It is ready, as READY=1"),
      OptionSpec("heartbeat", "It is alive, as WATCHDOG=1"),
      OptionSpec("status", value: "TEXT", "What it is doing, for people"),
    ],
    examples: [.init("novasup report --ready --status 'serving'", "in a start script")],
    run: { (call) throws(ClientError) in
      var request = ReportRequest()
      if call.arguments.has("ready") { request.ready = true }
      if call.arguments.has("heartbeat") { request.heartbeat = true }
      request.status = call.arguments.value("status")
      guard request != ReportRequest() else {
        throw .usage("report needs --ready, --heartbeat or --status", verb: "report")
      }
      let limit = Int32(min(try call.timeoutSeconds() ?? 30, 86_400) * 1000)
      var waited: Int32 = 0
      var delay: Int32 = 100
      while true {
        do throws(ClientError) {
          let bytes = try call.post("/v1/reports", request, to: "report", timeoutSeconds: 10)
          if call.form == .json || call.form == .jsonl { try call.showJSON(bytes) }
          return .ok
        } catch {
          guard error.code == .unreachable, waited + delay <= limit else { throw error }
        }
        try call.session.connection.interrupts.wait(milliseconds: delay)
        waited += delay
        delay = min(delay * 2, 1000)
      }
    })

  /// Options of `report` that belong to the contract and come with the ledger of money.
  static let later = ["ok", "failed", "cost", "revenue", "run-id", "source"]
}

// `report`: what a worker's own script says of itself. Must never say who it is: the kernel does, by cgroup.

import NovaWire

/// The verb `report`.
enum Report {
  static let command = CommandSpec(
    name: "report", abstract: "Tell the supervisor something about the worker that runs this",
    discussion: """
      Only works inside a worker. Answered when it is durable; while the supervisor restarts it is tried again for \
      30 s, or --timeout, and booked once: a run has one id, given with --run-id or made up here.
      """,
    options: [
      OptionSpec("ready", "It is ready, as READY=1"),
      OptionSpec("heartbeat", "It is alive, as WATCHDOG=1"),
      OptionSpec("status", value: "TEXT", "What it is doing, for people"),
      OptionSpec("ok", "A run has ended well"),
      OptionSpec("failed", "A run has ended badly"),
      OptionSpec("cost", value: "USD", "What the run has cost beside the host, such as 0.05"),
      OptionSpec("revenue", value: "USD", "What it has earned; 0 says that it earned nothing"),
      OptionSpec("run-id", value: "ID", "The run's own name: the same one is booked once"),
      OptionSpec("source", value: "NAME", "Where the revenue comes from, such as stripe"),
      OptionSpec("touch", value: "KEY", "A customer that the run dealt with; may be repeated"),
    ],
    examples: [
      .init("novasup report --ready --status 'serving'", "in a start script"),
      .init("novasup report --ok --cost 0.05 --revenue 10 --source stripe", "at the end of a run"),
    ],
    run: { (call) throws(ClientError) in
      let request = try request(call)
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

  private static func request(_ call: borrowing Invocation) throws(ClientError) -> ReportRequest {
    let arguments = call.arguments
    var request = ReportRequest()
    if arguments.has("ready") { request.ready = true }
    if arguments.has("heartbeat") { request.heartbeat = true }
    request.status = arguments.value("status")
    guard !arguments.has("ok") || !arguments.has("failed") else {
      throw .usage("--ok and --failed exclude each other", verb: "report")
    }
    if arguments.has("ok") { request.ok = true }
    if arguments.has("failed") { request.ok = false }
    request.costUSD = arguments.value("cost")
    request.revenueUSD = arguments.value("revenue")
    request.runID = arguments.value("run-id")
    request.source = arguments.value("source")
    let touches = arguments.list("touch")
    if !touches.isEmpty { request.touch = touches }
    guard request != ReportRequest() else {
      throw .usage(
        "report needs --ok or --failed, --ready, --heartbeat, --status or --touch", verb: "report")
    }
    if request.ok == nil {
      for (option, isSet) in [
        ("cost", request.costUSD != nil), ("revenue", request.revenueUSD != nil),
        ("run-id", request.runID != nil), ("source", request.source != nil),
      ] where isSet {
        throw .usage("--\(option) is about a run: add --ok or --failed", verb: "report")
      }
    }
    // Made here and not by the supervisor, so that a second try is known as such.
    if request.ok != nil, request.runID == nil {
      request.runID =
        String(UInt64.random(in: .min ... .max), radix: 16)
        + String(UInt64.random(in: .min ... .max), radix: 16)
    }
    return request
  }
}

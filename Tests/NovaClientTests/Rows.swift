// Rows that several tests show. Must never be changed to please one of them.

import NovaWire

/// Examples of what a supervisor answers.
enum Rows {
  static let running: WorkerRow = {
    var row = WorkerRow(
      name: "outreach", instance: 1, state: "running", reason: "none", crashes: 2, maxCrashes: 5,
      restartsTotal: 7)
    row.pid = 4711
    row.uptimeSeconds = 192
    row.cpuPercent = 12.34
    row.memoryBytes = 60_712_551
    row.tasks = 3
    row.costPerHourUSD = "0.005310"
    row.wanted = true
    return row
  }()

  static let cooling: WorkerRow = {
    var row = WorkerRow(
      name: "mailer", instance: 2, state: "cooldown", reason: "exit_failed", crashes: 5,
      maxCrashes: 5, restartsTotal: 5)
    row.why = "cooldown 3m12s left, crashes 5/5"
    row.wanted = true
    return row
  }()

  static let blind: WorkerRow = {
    var row = WorkerRow(
      name: "blind", instance: 1, state: "ready", reason: "none", crashes: 0, maxCrashes: 5,
      restartsTotal: 0)
    row.pid = 9
    return row
  }()

  static func response(
    _ action: ActionVerb, ok: Bool = true, code: APIErrorCode? = nil, message: String? = nil
  ) -> ActionResponse {
    ActionResponse(
      action: action,
      results: [
        ActionResult(
          target: "outreach@1", ok: ok, changed: ok, state: "running", code: code,
          message: message)
      ])
  }
}

// A worker of the demo fleet, written with NovaWorker: it sells something now and then and says what each run cost and
// earned. Must never be taken for more than an example: its money is made up.

import NovaWorker

/// Sells in every third run and fails in every eleventh.
@main struct Vendor: Worker {
  private var runs = 0

  init() {}

  var interval: Duration { .seconds(5) }
  var maxFailures: Int { 3 }
  var cooldown: Duration { .seconds(30) }

  mutating func run(_ supervisor: Supervisor) throws -> RunResult {
    runs += 1
    if runs.isMultiple(of: 11) { throw Mishap.nobodyAnswered }
    let sold = runs.isMultiple(of: 3)
    return RunResult(
      revenue: sold ? "0.75" : "0", cost: "0.05", source: "demo", status: "\(runs) runs done")
  }

  enum Mishap: Error { case nobodyAnswered }
}

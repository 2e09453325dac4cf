// What `/metrics` says of the supervisor itself: its loop, its readings' files, its database.
// Must never have a label whose values are not fixed here.

import NovaLedger
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// The families about the loop and what it keeps.
  func loopMetrics(at now: Instant) -> [MetricFamily] {
    var longest = MetricFamily(
      "nova_loop_longest_turn_seconds", .gauge, help: "The longest turn of the loop.")
    longest.add([(name: "since", value: "start")], .seconds(turns.longest))
    longest.add([(name: "since", value: "10m")], .seconds(turns.recentLongest(at: now)))
    var slow = MetricFamily(
      "nova_loop_slow_turns_total", .counter, help: "Turns of the loop that took longer.")
    for (bound, count) in zip(TurnLog.bounds, turns.slow) {
      slow.add(
        [(name: "than", value: "\(bound.wholeMilliseconds)ms")], .integer(count))
    }
    let condition = ledger.condition
    return [
      longest, slow,
      MetricFamily(
        "nova_loop_turns_total", .counter, help: "Turns of the loop.",
        [.init([], .integer(turns.count))]),
      MetricFamily(
        "nova_loop_busy_seconds_total", .counter, help: "Time spent in turns, waiting left out.",
        [.init([], .seconds(turns.busy))]),
      MetricFamily(
        "nova_readers_kept", .gauge, help: "Instances whose files stay open between readings.",
        [.init([], .integer(keptReaders))]),
      MetricFamily(
        "nova_readers_allowed", .gauge, help: "How many may, by the limit of open files.",
        [.init([], .integer(fileBudget.readers))]),
      MetricFamily(
        "nova_ledger_commits_total", .counter, help: "Transactions of the state database.",
        [.init([], .integer(condition.commits))]),
      MetricFamily(
        "nova_ledger_pending_writes", .gauge, help: "Writes that are not on the disk yet.",
        [.init([], .integer(condition.pending.writes))]),
    ]
  }
}

// What `/metrics` says of the supervisor and of the fleet as a whole. Must never have a label whose values a worker chooses.

import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Families of `/metrics`, described in docs/reference/metrics.md.
  func fleetMetrics(at now: Moment) -> [MetricFamily] {
    var build = MetricFamily("nova_build_info", .gauge, help: "1; the version is the label.")
    build.add([(name: "version", value: Version.text)], .flag(true))
    var began = MetricFamily(
      "nova_supervisor_start_time_seconds", .gauge,
      help: "When this supervisor process started, Unix time.")
    began.add([], .scaled(started.wall.microseconds, places: 6))
    var ledgerOk = MetricFamily(
      "nova_ledger_ok", .gauge, help: "1 while bookings reach the disk.")
    ledgerOk.add([], .flag(ledgerTrouble == nil))
    var events = MetricFamily("nova_events_total", .counter, help: "Events since the first.")
    events.add([], .integer(history.upcomingID - 1))
    var states = MetricFamily("nova_instances", .gauge, help: "Instances by state.")
    let counts = fleet.tally.all
    for state in State.allCases {
      states.add([(name: "state", value: state.rawValue)], .integer(counts[state] ?? 0))
    }
    return [build, began, ledgerOk, events, states]
  }
}

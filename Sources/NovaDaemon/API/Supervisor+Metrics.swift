// `/metrics` in the Prometheus text format or as OpenMetrics: the fleet by state and what each instance uses.
// Must never have a label whose values a worker chooses.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// The page; every name is described in docs/reference/metrics.md.
  func metrics(as format: MetricsFormat) -> [UInt8] {
    let now = Clock.now()
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
    var counts: [State: Int] = [:]
    var up = MetricFamily("nova_instance_up", .gauge, help: "1 while a process of it lives.")
    var crashes = MetricFamily(
      "nova_instance_crashes", .gauge, help: "Crashes inside the crash window.")
    var restarts = MetricFamily(
      "nova_instance_restarts_total", .counter, help: "Starts after the first.")
    var cpu = MetricFamily(
      "nova_instance_cpu_seconds_total", .counter, help: "CPU time of the present life.")
    var memory = MetricFamily(
      "nova_instance_memory_bytes", .gauge, help: "Memory held, without reclaimable cache.")
    var tasks = MetricFamily("nova_instance_tasks", .gauge, help: "Processes.")
    var costs = MetricFamily(
      "nova_instance_cost_usd_total", .counter, help: "Compute cost of all its lives.")
    for id in fleet.workerNames.flatMap({ fleet.instances(of: $0).map(\.id) }) {
      guard let view = fleet.instance(id) else { continue }
      let labels = [
        (name: "worker", value: id.worker.text), (name: "instance", value: String(id.number)),
      ]
      counts[view.state, default: 0] += 1
      up.add(labels, .flag(view.pid != nil))
      crashes.add(labels, .integer(view.crashesInWindow(at: now.instant)))
      restarts.add(labels, .integer(view.restartsTotal))
      costs.add(labels, cost(of: id).map { .money($0) })
      let reading = lives[id]?.reading
      cpu.add(labels, reading?.counters.cpuUsec.map { .microseconds($0) })
      memory.add(labels, reading?.memoryBytes.map { .integer($0) })
      tasks.add(labels, reading?.tasks.map { .integer($0) })
    }
    for state in State.allCases {
      states.add([(name: "state", value: state.rawValue)], .integer(counts[state] ?? 0))
    }
    var bytes: [UInt8] = []
    MetricsWriter.write(
      [build, began, ledgerOk, events, states, up, crashes, restarts, cpu, memory, tasks, costs]
        + moneyMetrics(at: now.wall) + callMetrics() + loopMetrics(at: now.instant),
      as: format, to: &bytes)
    return bytes
  }
}

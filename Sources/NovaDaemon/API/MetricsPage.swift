// `/metrics` of every instance, each series written as text at once. Must never have a label whose values a worker chooses.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// One page of metrics under way.
final class MetricsPage: SlicedAnswer {
  // An instance takes some 10 µs.
  private static let slice = 50

  let exchange: Exchange
  private let format: MetricsFormat
  private var rest: ArraySlice<WorkerName>

  private var up = MetricFamily("nova_instance_up", .gauge, help: "1 while a process of it lives.")
  private var crashes = MetricFamily(
    "nova_instance_crashes", .gauge, help: "Crashes inside the crash window.")
  private var restarts = MetricFamily(
    "nova_instance_restarts_total", .counter, help: "Starts after the first.")
  private var cpu = MetricFamily(
    "nova_instance_cpu_seconds_total", .counter, help: "CPU time of the present life.")
  private var memory = MetricFamily(
    "nova_instance_memory_bytes", .gauge, help: "Memory held, without reclaimable cache.")
  private var tasks = MetricFamily("nova_instance_tasks", .gauge, help: "Processes.")
  private var costs = MetricFamily(
    "nova_instance_cost_usd_total", .counter, help: "Compute cost of all its lives.")

  fileprivate init(_ exchange: Exchange, as format: MetricsFormat, _ names: [WorkerName]) {
    self.exchange = exchange
    self.format = format
    rest = names[...]
  }

  func step(_ supervisor: Supervisor) -> Bool {
    let now = Clock.now()
    let fleet = supervisor.fleet
    var left = Self.slice
    while left > 0, let name = rest.popFirst() {
      fleet.forEachInstance(of: .worker(name)) { view, _ in
        left -= 1
        add(view, supervisor, now.instant)
      }
    }
    guard rest.isEmpty else { return false }
    var bytes: [UInt8] = []
    MetricsWriter.write(
      [up, crashes, restarts, cpu, memory, tasks, costs] + supervisor.fleetMetrics(at: now)
        + supervisor.moneyMetrics(at: now.wall) + supervisor.callMetrics()
        + supervisor.loopMetrics(at: now.instant),
      as: format, to: &bytes)
    exchange.respond(
      200, contentType: format.contentType, body: bytes, headers: [("Vary", "Accept")])
    return true
  }

  private func add(_ view: InstanceView, _ supervisor: Supervisor, _ now: Instant) {
    let labels = MetricLabels([
      (name: "worker", value: view.id.worker.text),
      (name: "instance", value: String(view.id.number)),
    ])
    up.write(labels, .flag(view.pid != nil))
    crashes.write(labels, .integer(view.crashesInWindow(at: now)))
    restarts.write(labels, .integer(view.restartsTotal))
    costs.write(labels, supervisor.cost(of: view.id).map { .money($0) })
    let reading = supervisor.lives[view.id]?.reading
    cpu.write(labels, reading?.counters.cpuUsec.map { .microseconds($0) })
    memory.write(labels, reading?.memoryBytes.map { .integer($0) })
    tasks.write(labels, reading?.tasks.map { .integer($0) })
  }
}

extension Supervisor {
  /// Answers with every family; each name is described in docs/reference/metrics.md.
  func metrics(_ exchange: Exchange, as format: MetricsFormat) throws(APIError) {
    try answer(in: MetricsPage(exchange, as: format, fleet.workerNames))
  }
}

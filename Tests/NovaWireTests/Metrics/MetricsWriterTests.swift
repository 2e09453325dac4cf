// The Prometheus text, byte for byte.

import NovaModel
import NovaWire
import Testing

struct MetricsWriterTests {
  @Test("families and series are sorted, escaped and exact")
  func golden() {
    var cost = MetricFamily(
      "nova_worker_cost_usd_total", .counter, help: "Cost of a worker.\nIn USD \\ exact.")
    cost.add([("worker", "b")], .money(Money(microUSD: 53_100)))
    cost.add([("worker", "a\"\\\n")], .money(Money(microUSD: -1)))
    cost.add([("worker", "unknown")], nil)
    cost.add([("worker", "b")], .integer(99))
    let cpu = MetricFamily(
      "nova_worker_cpu_seconds_total", .counter, help: "CPU time.",
      [.init([("worker", "a"), ("instance", "1")], .microseconds(1_500_000))])
    let up = MetricFamily(
      "nova_build_info", .gauge, help: "Version.", [.init([], .flag(true))])
    let roi = MetricFamily(
      "9 roi-ratio", .gauge, help: "ROI.",
      [.init([("le:x", "1")], .notANumber), .init([("a", "1")], .scaled(-150, places: 2))])
    let empty = MetricFamily("nova_empty", .gauge, help: "No samples.")
    var bytes = Array("# before\n".utf8)
    MetricsWriter.write([cost, cpu, empty, roi, up], to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        # before
        # HELP __roi_ratio ROI.
        # TYPE __roi_ratio gauge
        __roi_ratio{a="1"} -1.50
        __roi_ratio{le_x="1"} NaN
        # HELP nova_build_info Version.
        # TYPE nova_build_info gauge
        nova_build_info 1
        # HELP nova_worker_cost_usd_total Cost of a worker.\\nIn USD \\\\ exact.
        # TYPE nova_worker_cost_usd_total counter
        nova_worker_cost_usd_total{worker="a\\"\\\\\\n"} -0.000001
        nova_worker_cost_usd_total{worker="b"} 0.053100
        # HELP nova_worker_cpu_seconds_total CPU time.
        # TYPE nova_worker_cpu_seconds_total counter
        nova_worker_cpu_seconds_total{worker="a",instance="1"} 1.500000

        """)
  }

  @Test("series that are text already come last, in their order, with their family's head")
  func lines() {
    var up = MetricFamily("nova_up", .gauge, help: "Up.")
    for number in [2, 10, 1] {
      let labels = MetricLabels([("worker", "a\"b"), ("instance", String(number))])
      up.write(labels, number == 10 ? nil : .integer(number))
    }
    up.add([("worker", "z")], .flag(true))
    var bytes: [UInt8] = []
    MetricsWriter.write([up], to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        # HELP nova_up Up.
        # TYPE nova_up gauge
        nova_up{worker="z"} 1
        nova_up{worker="a\\"b",instance="2"} 2
        nova_up{worker="a\\"b",instance="1"} 1

        """)
  }

  @Test("OpenMetrics: a counter's family without _total, type, unit, help, and an end")
  func openMetrics() {
    let cpu = MetricFamily(
      "nova_cpu_seconds_total", .counter, help: "CPU \"time\".",
      [.init([("worker", "a")], .microseconds(1_500_000))])
    let up = MetricFamily("nova_up", .gauge, help: "Up.", [.init([], .flag(true))])
    let odd = MetricFamily("nova_odd", .counter, help: "No total.", [.init([], .integer(1))])
    var bytes: [UInt8] = []
    MetricsWriter.write([cpu, up, odd], as: .openMetrics, to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        # TYPE nova_cpu_seconds counter
        # UNIT nova_cpu_seconds seconds
        # HELP nova_cpu_seconds CPU \\"time\\".
        nova_cpu_seconds_total{worker="a"} 1.500000
        # TYPE nova_odd unknown
        # HELP nova_odd No total.
        nova_odd 1
        # TYPE nova_up gauge
        # HELP nova_up Up.
        nova_up 1
        # EOF

        """)
  }

  @Test(
    "what is accepted decides the format",
    arguments: [
      (nil, .prometheus), ("", .prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
      ("application/openmetrics-text", .openMetrics),
      ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        .openMetrics
      ),
      ("text/plain;q=0.9, application/openmetrics-text;q=0.5", .prometheus),
      ("application/openmetrics-text;q=0", .prometheus),
      ("application/openmetrics-text;version=2.0.0", .prometheus),
      ("Application/OpenMetrics-Text;q=1.0,*/*;q=0.1", .openMetrics),
      (";;,q=,application/openmetrics-text;q=x", .prometheus),
    ] as [(String?, MetricsFormat)])
  func negotiation(accept: String?, expected: MetricsFormat) {
    #expect(MetricsFormat(accept: accept) == expected)
  }

  @Test("nothing to say is no bytes")
  func nothing() {
    var bytes: [UInt8] = []
    MetricsWriter.write([], to: &bytes)
    #expect(bytes.isEmpty)
  }

  @Test("the extremes of integers are written without a trap")
  func extremes() {
    var family = MetricFamily("x", .gauge, help: "h")
    family.add([("n", "1")], .scaled(Int64.min, places: 9))
    family.add([("n", "2")], .scaled(0, places: 3))
    family.add([("n", "3")], .integer(UInt64.max))
    family.add([("n", "4")], .seconds(.milliseconds(-5)))
    var bytes: [UInt8] = []
    MetricsWriter.write([family], to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(2) == [
        "x{n=\"1\"} -9223372036.854775808", "x{n=\"2\"} 0.000", "x{n=\"3\"} 18446744073709551615",
        "x{n=\"4\"} -0.005000000",
      ])
  }
}

// Calls of models as metrics. Must never have a label whose values grow with what is asked: models are in the reports.

import NovaLedger
import NovaLifecycle
import NovaModel
import NovaWire

extension Supervisor {
  /// Families of `/metrics`, described in docs/reference/metrics.md; of workers that there are.
  func callMetrics() -> [MetricFamily] {
    var calls = MetricFamily(
      "nova_gateway_calls_total", .counter, help: "Calls of models that are over, by outcome.")
    var tokens = MetricFamily(
      "nova_gateway_tokens_total", .counter, help: "Tokens that calls of models have used, by kind."
    )
    var costs = MetricFamily(
      "nova_gateway_cost_usd_total", .counter, help: "What calls of models have cost, in USD.")
    struct Pair: Hashable, Comparable {
      let worker: WorkerName
      let provider: String
      static func < (a: Pair, b: Pair) -> Bool { (a.worker, a.provider) < (b.worker, b.provider) }
    }
    var sums: [Pair: CallTotal] = [:]
    let known = gateway.totals.filter { fleet.worker($0.key.worker) != nil }
    for (key, total) in known.sorted(by: {
      ($0.key.worker, $0.key.provider, $0.key.outcome) < (
        $1.key.worker, $1.key.provider, $1.key.outcome
      )
    }) {
      let labels = [
        (name: "worker", value: key.worker.text), (name: "provider", value: key.provider),
      ]
      calls.add(labels + [(name: "outcome", value: key.outcome)], .integer(total.calls))
      sums[Pair(worker: key.worker, provider: key.provider), default: CallTotal()].add(total)
    }
    for (pair, total) in sums.sorted(by: { $0.key < $1.key }) {
      let labels = [
        (name: "worker", value: pair.worker.text), (name: "provider", value: pair.provider),
      ]
      for (kind, count) in total.byKind {
        tokens.add(labels + [(name: "kind", value: kind)], .integer(count))
      }
      costs.add(labels, .money(total.amount))
    }
    return [calls, tokens, costs]
  }
}

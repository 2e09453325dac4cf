// What the gateway's side of the books writes. Every write can be applied twice with the effect of once. Must never hold SQL.

package import NovaModel

/// One change of what is kept of calls of models.
package enum GatewayWrite: Sendable, Hashable {
  /// Appends a call and counts it; one of the same id changes nothing.
  case call(ModelCall)
  /// Stores what a worker's calls have left over below a micro-dollar.
  case carry(WorkerName, CostCarry)
  /// Stores a version of the model prices with its table.
  case prices(ModelPricesVersion, table: String)

  var estimatedBytes: Int {
    switch self {
    case .call(let call):
      768 + call.model.utf8.count + (call.reason?.utf8.count ?? 0) + (call.run?.utf8.count ?? 0)
    case .carry: 320
    case .prices(_, let table): 512 + table.utf8.count
    }
  }
}

/// What is remembered of calls when the supervisor starts.
package struct GatewayState: Sendable, Hashable {
  /// The prices in force; nil: none were ever given.
  package var prices: ModelPricesVersion?
  /// What the calls of each worker have left over, pico-USD.
  package var remainders: [WorkerName: Int64] = [:]
  package var totals: [CallTotalKey: CallTotal] = [:]

  /// Nothing.
  package init() {}
}

/// Which calls.
package struct CallsQuestion: Sendable, Hashable {
  package var workers: [WorkerName]?
  package var provider: String?
  package var model: String?
  /// With a smaller number; nil: the newest.
  package var before: Int64?
  /// At most so many.
  package var limit = 100

  /// The newest.
  package init() {}
}

/// Which sums of calls.
package struct CallSumsQuestion: Sendable, Hashable {
  /// As of `SumsQuestion`.
  package var bounds: [WallTime]
  package var byWorker = false, byProvider = false, byModel = false
  /// Nil: all.
  package var workers: [WorkerName]?
  /// By the start of the run that a call belongs to; calls without a run are left out.
  package var cohort = false

  /// Everything between bounds.
  package init(bounds: [WallTime]) { self.bounds = bounds }
}

/// To what a sum of calls belongs.
package struct CallSumKey: Sendable, Hashable {
  /// The number of the span, from 0.
  package var span: Int
  package var worker: WorkerName?
  package var provider: String?
  package var model: String?

  /// Names a sum.
  package init(span: Int, worker: WorkerName?, provider: String?, model: String?) {
    self.span = span
    self.worker = worker
    self.provider = provider
    self.model = model
  }
}

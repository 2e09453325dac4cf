// Ways to stop a worker, from the original rule to the engine's, as they are compared in simulations.

/// When to stop.
package enum StopPolicy: Sendable, Hashable {
  /// Below zero at any run from that one on.
  case naive(from: Int)
  /// Below zero at exactly that run.
  case oneLook(at: Int)
  /// Mean below zero by 1.645 standard errors, at any run from the 20th on.
  case zTest
  /// The e-process at factor k and level alpha, revenue capped at b.
  case evidence(k: Double, alpha: Double, cap: Double, restarts: Bool)
  /// Stopped at that loss, or by the e-process.
  case stopLoss(Double)
  /// The sum of the last hundred runs is below zero.
  case lastHundred
  /// The drift detector, at that threshold.
  case drift(Double)
  /// So much below the best so far.
  case drawdown(Double)

  /// How it is called in a table.
  package var name: String {
    switch self {
    case .naive(let from): "naive, any run >= \(from)"
    case .oneLook(let at): "naive, one look at \(at)"
    case .zTest: "z-test 95 %, peeking"
    case .evidence(let k, let alpha, let cap, let restarts):
      "e-process k=\(k) a=\(alpha) B=\(Int(cap))" + (restarts ? ", restarts" : "")
    case .stopLoss(let loss): "stop-loss $\(Int(loss)) + e-kill"
    case .lastHundred: "last 100 runs"
    case .drift(let threshold): "drift detector at \(Int(threshold))"
    case .drawdown(let loss): "drawdown $\(Int(loss))"
    }
  }
}

/// A policy at work on one path.
struct StopWatch {
  private let policy: StopPolicy
  private let cost: Double
  private var runs = 0
  private var net = 0.0
  private var squares = 0.0
  private var best = 0.0
  private var window: [Double] = []
  private var evidence = KillEvidence()
  private var restarting = RestartingKillEvidence()
  private var detector = DriftDetector()
  /// ln(1 + g z) of a run without a sale, and of the last sale that was seen: most runs are one of the two.
  private let saleless: SIMD8<Double>
  private var sold: (revenue: Double, growth: SIMD8<Double>)?

  init(_ policy: StopPolicy, cost: Double) {
    self.policy = policy
    self.cost = cost
    let (k, cap) = Self.terms(policy)
    saleless = KillEvidence.growth(
      KillOutcome(cost: cost, revenue: 0, factor: k, maturation: 1, cap: cap))
  }

  private static func terms(_ policy: StopPolicy) -> (Double, Double) {
    if case .evidence(let k, _, let cap, _) = policy { return (k, cap) }
    return (1, 20)
  }

  private mutating func growth(_ revenue: Double) -> SIMD8<Double> {
    if revenue == 0 { return saleless }
    if let sold, sold.revenue == revenue { return sold.growth }
    let (k, cap) = Self.terms(policy)
    let growth = KillEvidence.growth(
      KillOutcome(cost: cost, revenue: revenue, factor: k, maturation: 1, cap: cap))
    sold = (revenue, growth)
    return growth
  }

  /// Takes a run; true: stop here.
  mutating func stops(_ revenue: Double) -> Bool {
    runs += 1
    let profit = revenue - cost
    net += profit
    switch policy {
    case .naive(let from): return runs >= from && net < 0
    case .oneLook(let at): return runs == at && net < 0
    case .zTest:
      squares += profit * profit
      guard runs >= 20 else { return false }
      let mean = net / Double(runs)
      let variance = max(0, squares / Double(runs) - mean * mean)
      return mean + 1.645 * (variance / Double(runs)).squareRoot() < 0
    case .evidence(_, let alpha, _, let restarts):
      let growth = growth(revenue)
      if restarts {
        restarting.take(growth)
        return restarting.course.reached(alpha: alpha)
      }
      evidence.takeHighest(growth)
      return evidence.course.reached(alpha: alpha)
    case .stopLoss(let loss):
      evidence.takeHighest(growth(revenue))
      return net <= -loss + 1e-9 || evidence.course.reached(alpha: 0.05)
    case .lastHundred:
      window.append(profit)
      if window.count > 100 { window.removeFirst() }
      return window.count == 100 && window.reduce(0, +) < 0
    case .drift(let threshold):
      detector.take(
        KillOutcome(cost: cost, revenue: revenue, factor: 1, maturation: 1, cap: 20))
      return detector.value >= threshold
    case .drawdown(let loss):
      best = max(best, net)
      return best - net >= loss - 1e-9
    }
  }
}

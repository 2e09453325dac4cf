// Diminishing returns: n instances bring a*n^beta. What one more would bring, how many are best, and what is learnt of
// beta. Must never extrapolate from one count: with fewer than two distinct counts the prior stands.

package import NovaModel

/// The returns to scale of one worker.
package struct ScalingReturns: Sendable, Hashable {
  /// The exponent, 0.3...1.
  package let beta: Double

  /// 0.7: the middle of what advertising and sales show.
  package static let priorBeta = 0.7
  /// How many epochs the prior is worth.
  package static let priorWeight = 5.0

  /// Returns with that exponent, kept in 0.3...1.
  package init(beta: Double = priorBeta) { self.beta = max(0.3, min(1, beta)) }

  /// f(n): what n instances bring against one; linear below one.
  package func yield(_ n: Double) -> Double { n <= 1 ? max(0, n) : Real.power(n, beta) }

  /// The return of instance n+1, percent, when n together return `roiPercent`.
  package func marginalROIPercent(instances n: Int, roiPercent: Double) -> Double {
    guard n > 0 else { return roiPercent }
    let count = Double(n)
    let growth = count * (Real.power(1 + 1 / count, beta) - 1)
    return ((1 + roiPercent / 100) * growth - 1) * 100
  }

  /// The count at which one more no longer returns `factor` times its cost: (a beta/(k c))^{1/(1-beta)}.
  ///
  /// - Parameters:
  ///   - scale: a, what one instance brings, USD.
  ///   - cost: c, what one instance costs, USD.
  ///   - factor: k.
  /// - Returns: instances, as a real number; infinite when each one returns as much as the first.
  package func bestCount(scale: Double, cost: Double, factor: Double) -> Double {
    guard beta < 1 else { return scale > factor * cost ? .infinity : 0 }
    return Real.power(scale * beta / (factor * cost), 1 / (1 - beta))
  }

  /// So many finished runs make the revenue of an epoch a point.
  static let fewestRuns: Int64 = 20

  /// Learns from a worker's epochs since its configuration last changed; each but the last has ended.
  package static func learnt(from epochs: [EpochRecord]) -> ScalingReturns {
    let sorted = epochs.sorted { $0.number < $1.number }
    let first = sorted.lastIndex { $0.reason != "count" } ?? 0
    let known = sorted.dropFirst(first)
    return learnt(
      zip(known, known.dropFirst()).compactMap { epoch, next in
        let days = Double((next.since - epoch.since).wholeMilliseconds) / 86_400_000
        guard next.number == epoch.number + 1, days > 0,
          next.baseFinished - epoch.baseFinished >= fewestRuns
        else { return nil }
        return (epoch.instances, (next.baseRevenue - epoch.baseRevenue).usd / days)
      })
  }

  /// Learns beta by least squares on the logarithms, shrunk to the prior: (beta_ls*m + 0.7*5)/(m+5).
  package static func learnt(_ epochs: [(instances: Int, revenuePerDay: Double)]) -> ScalingReturns
  {
    let points = epochs.filter { $0.instances > 0 && $0.revenuePerDay > 0 }
      .map { (x: Real.ln(Double($0.instances)), y: Real.ln($0.revenuePerDay)) }
    let m = Double(points.count)
    guard Set(points.map(\.x)).count >= 2 else { return ScalingReturns() }
    let meanX = points.reduce(0) { $0 + $1.x } / m
    let meanY = points.reduce(0) { $0 + $1.y } / m
    let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    let variance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    return ScalingReturns(
      beta: (covariance / variance * m + priorBeta * priorWeight) / (m + priorWeight))
  }
}

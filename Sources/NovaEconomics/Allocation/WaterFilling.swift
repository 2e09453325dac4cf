// The day's money, handed out in small pieces to whoever yields most for the next one: an unproven worker gets a floor,
// then each quantum goes to the highest shrunk yield times its diminishing return, until that is at most the hurdle or
// the money is gone. O((money / (q c)) log N). Ties go to the smaller name.

package import NovaModel

/// One worker's claim on the day's money.
package struct Claim: Sendable, Hashable {
  /// Who.
  package let worker: WorkerName
  /// m: the shrunk yield, revenue per dollar of cost.
  package let yield: Double
  /// What one run costs, USD.
  package let runCost: Double
  /// Runs one whole instance makes a day.
  package let runsPerDay: Double
  /// Fewer than 40 evaluated runs.
  package let isUnproven: Bool
  /// Its returns to scale.
  package let returns: ScalingReturns
  /// It may not have more instances.
  package let mostInstances: Double

  /// A claim.
  package init(
    worker: WorkerName, yield: Double, runCost: Double, runsPerDay: Double, isUnproven: Bool,
    returns: ScalingReturns = ScalingReturns(), mostInstances: Double = 8
  ) {
    self.worker = worker
    self.yield = yield
    self.runCost = runCost
    self.runsPerDay = runsPerDay
    self.isUnproven = isUnproven
    self.returns = returns
    self.mostInstances = mostInstances
  }
}

/// How the day's money is handed out.
package struct WaterFilling: Sendable, Hashable {
  /// The size of a piece, instances.
  package var quantum = 0.25
  /// Runs a day that an unproven worker gets in any case.
  package var floorRuns = 4.0
  /// The next dollar must bring so many.
  package var hurdle = 1.0

  /// The usual one.
  package init() {}

  /// Evaluated runs from which a worker counts as proven.
  package static let provenRuns = 40

  /// The shrunk yield: (S0 + revenue)/(K0 + discounted cost), with K0 = 21 runs' cost and S0 = 1.9 K0.
  ///
  /// - Parameters:
  ///   - revenue: of the evaluated runs, USD.
  ///   - discountedCost: the sum of C_i*y_i, y_i = f(n)/n on the day of the run, USD.
  ///   - runCost: the mean cost of a run, USD.
  /// - Returns: revenue per dollar of cost; 1.9 before anything was spent.
  package static func shrunkYield(revenue: Double, discountedCost: Double, runCost: Double)
    -> Double
  {
    let weight = 21 * runCost
    guard weight + discountedCost > 0 else { return 1.9 }
    return (1.9 * weight + revenue) / (weight + discountedCost)
  }

  /// How many instances each claim gets for `money` USD, in the order of the claims.
  package func shares(_ claims: [Claim], money: Double) -> [Double] {
    var given = [Double](repeating: 0, count: claims.count)
    var left = money
    for index in order(claims) where claims[index].isUnproven {
      let claim = claims[index]
      let wanted = min(claim.mostInstances, floorRuns / max(claim.runsPerDay, 1e-9))
      let price = wanted * claim.runCost * claim.runsPerDay
      guard price <= left else { continue }
      given[index] = wanted
      left -= price
    }
    var heap = Heap(claims.indices.map { Piece(index: $0, gain: gain(claims[$0], given[$0])) }) {
      $0.gain != $1.gain ? $0.gain > $1.gain : claims[$0.index].worker < claims[$1.index].worker
    }
    while let best = heap.first, best.gain > hurdle {
      let claim = claims[best.index]
      let price = quantum * claim.runCost * claim.runsPerDay
      guard given[best.index] + quantum <= claim.mostInstances + 1e-9, price <= left, price > 0
      else {
        heap.removeFirst()
        continue
      }
      given[best.index] += quantum
      left -= price
      heap.replaceFirst(Piece(index: best.index, gain: gain(claim, given[best.index])))
    }
    return given
  }

  private func gain(_ claim: Claim, _ n: Double) -> Double {
    claim.yield * (claim.returns.yield(n + quantum) - claim.returns.yield(n)) / quantum
  }

  private func order(_ claims: [Claim]) -> [Int] {
    claims.indices.sorted { claims[$0].worker < claims[$1].worker }
  }

  private struct Piece {
    let index: Int
    let gain: Double
  }
}

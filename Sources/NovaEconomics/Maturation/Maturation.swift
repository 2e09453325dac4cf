// Which share of a run's revenue has arrived by a given age, at least. Before 30 conversions are known a declared lag
// stands in; after that what was seen, less what chance may have added. Must never be optimistic: a share too high
// makes a slow earner look dead.

/// How revenue of one worker arrives, by whole hours up to a horizon.
package struct Maturation: Sendable, Hashable {
  /// Conversions of runs older than the horizon, by the whole hours they took; empty before the first: most workers
  /// never have one, and the horizon is 169 numbers.
  package private(set) var delays: [Int] = []
  /// Later revenue is not waited for, hours.
  package let horizonHours: Int
  /// All of them.
  package private(set) var conversions = 0
  /// Median delay that was declared, hours.
  package let priorMedianHours: Double

  /// From here on what was seen replaces what was declared.
  package static let enough = 30
  /// Chance that the empirical bound is wrong.
  package static let delta = 0.05
  /// An evaluation waits until so much has arrived, at least, or `horizonHours` have passed.
  package static let wanted = 0.8

  /// Nothing seen yet.
  ///
  /// - Parameters:
  ///   - medianHours: `conversion_lag`; 0 means that revenue is there when the run ends.
  ///   - horizonHours: `revenue_window`, later revenue is not waited for; at least 1.
  package init(medianHours: Double, horizonHours: Int) {
    priorMedianHours = medianHours
    self.horizonHours = max(1, horizonHours)
  }

  /// Takes the delay of one conversion of a run that is older than the horizon.
  package mutating func take(delayHours: Double) {
    // A conversion after the horizon is not revenue within it: it does not count.
    guard delayHours >= 0, delayHours <= Double(horizonHours) else { return }
    if delays.isEmpty { delays = [Int](repeating: 0, count: horizonHours + 1) }
    delays[Int(delayHours.rounded(.up))] += 1
    conversions += 1
  }

  /// The half-width of the one-sided Dvoretzky-Kiefer-Wolfowitz band: sqrt(ln(1/delta)/(2n)).
  package static func band(conversions n: Int, delta: Double = delta) -> Double {
    (-Real.ln(delta) / (2 * Double(n))).squareRoot()
  }

  /// G: the share that has arrived at that age, at least.
  package func share(ageHours: Double) -> Double {
    guard ageHours >= 0 else { return 0 }
    guard conversions >= Self.enough else {
      guard priorMedianHours > 0 else { return 1 }
      return 1 - Real.exp(-ageHours / priorMedianHours * 0.693_147_180_559_945_3)
    }
    let seen = delays.prefix(Int(min(ageHours, Double(horizonHours))) + 1).reduce(0, +)
    return max(0, Double(seen) / Double(conversions) - Self.band(conversions: conversions))
  }

  /// The age at which a run is evaluated, hours: the first whole hour at which `wanted` has arrived, at most the
  /// horizon and 7 days. 0 when revenue is there at once.
  package var evaluationHours: Int {
    let last = min(horizonHours, 168)
    var low = 0
    var high = last
    // The share only rises with age: a bisection of at most eight steps.
    while low < high {
      let middle = (low + high) / 2
      if share(ageHours: Double(middle)) >= Self.wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The refund reserve: what share of revenue may yet go back.
package enum RefundReserve {
  /// Never less than this.
  package static let least = 0.05

  /// max(5 %, upper 95 % Clopper-Pearson bound of refunds and disputes over matured sales). Without any sale: 5 %.
  package static func share(refunds: Int, sales: Int) -> Double {
    guard sales > 0 else { return least }
    // Below 30 sales the exact bound would speak of our ignorance, not of refunds: the least stands until then.
    guard sales >= 30 else { return max(least, Double(refunds) / Double(sales)) }
    return max(least, Beta.upperBound(hits: refunds, of: sales, confidence: 0.95))
  }
}

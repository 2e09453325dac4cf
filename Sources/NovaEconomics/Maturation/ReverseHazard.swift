// The distribution of delays from runs of any age (Lynden-Bell): a conversion is only seen when the run is old enough,
// so young runs tell of short delays alone. For display; evaluation uses the bound in Maturation.swift.

/// One conversion: how long it took and how old its run is now, hours.
package struct SeenDelay: Sendable, Hashable {
  package let delay: Double
  package let age: Double
  package init(delay: Double, age: Double) {
    self.delay = delay
    self.age = age
  }
}

/// The product-limit estimator by reverse hazards.
package enum ReverseHazard {
  /// G(d) at each delay that was seen, ascending: the product over later delays s of 1 - n_s/N_s, where n_s took s
  /// and N_s took at most s while their run was old enough to show s.
  package static func distribution(_ seen: [SeenDelay]) -> [(delay: Double, share: Double)] {
    let delays = Set(seen.map(\.delay)).sorted()
    var result: [(delay: Double, share: Double)] = []
    var share = 1.0
    for delay in delays.reversed() {
      result.append((delay, share))
      let exactly = seen.count { $0.delay == delay }
      let atRisk = seen.count { $0.delay <= delay && delay <= $0.age }
      share *= 1 - Double(exactly) / Double(atRisk)
    }
    return result.reversed()
  }
}

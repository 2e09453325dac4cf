// Workers as they might be, for simulations: what a run costs, how often it sells and for how much.
// Must never be used to decide about a real one.

/// A worker whose truth is known.
package struct Scenario: Sendable, Hashable {
  package var name: String
  /// Cost of every run, USD.
  package var cost: Double
  /// Chance that a run sells.
  package var conversion: Double
  /// What a sale brings.
  package var sale: Sale

  /// What a sale brings, USD.
  package enum Sale: Sendable, Hashable {
    /// Always the same.
    case fixed(Double)
    /// Pareto with that shape and mean: a few sales bring most.
    case pareto(shape: Double, mean: Double)
  }

  /// A worker with those truths.
  package init(name: String, cost: Double, conversion: Double, sale: Sale) {
    self.name = name
    self.cost = cost
    self.conversion = conversion
    self.sale = sale
  }

  /// A worker at 0.50 USD a run and 20 USD a sale with that return.
  package init(name: String, roiPercent: Double) {
    self.init(
      name: name, cost: 0.5, conversion: (1 + roiPercent / 100) * 0.5 / 20, sale: .fixed(20))
  }

  /// What the next run brings, USD.
  package func revenue(_ random: inout SeededGenerator) -> Double {
    guard random.happens(conversion) else { return 0 }
    switch sale {
    case .fixed(let price): return price
    case .pareto(let shape, let mean):
      let least = mean * (shape - 1) / shape
      return least * Real.power(1 - random.uniform(), -1 / shape)
    }
  }

  /// The true return, percent.
  package var roiPercent: Double {
    let mean =
      switch sale {
      case .fixed(let price): price
      case .pareto(_, let mean): mean
      }
    return 100 * (conversion * mean / cost - 1)
  }

  /// The seven of the published tables. `H`: shape 1.8 gives a capped return of 42 % at a cap of 20 USD.
  package static let published: [Scenario] = [
    Scenario(name: "A +100%", roiPercent: 100), Scenario(name: "A' +150%", roiPercent: 150),
    Scenario(name: "A'' 0%", roiPercent: 0),
    Scenario(
      name: "H Pareto +100%", cost: 0.5, conversion: 0.05, sale: .pareto(shape: 1.8, mean: 20)),
    Scenario(name: "B1 -100%", roiPercent: -100), Scenario(name: "B2 -60%", roiPercent: -60),
    Scenario(name: "B3 -20%", roiPercent: -20),
  ]
}

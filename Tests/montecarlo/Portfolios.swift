// Fleets with one purse: five ways to hand out the day's money. The published table says how large the fleets are, not
// who is in them; the members here are those that give its oracle and its equal split.
// Must never compare what rests on a rule that was not published: such a column is printed alone.

import NovaEconomics
import NovaModel

private func fleet(_ name: String, _ returns: [Double], budget: Double) -> (String, Portfolio) {
  (
    name,
    Portfolio(
      workers: returns.enumerated().compactMap { index, roi in
        WorkerName("w\(10 + index)").map {
          Portfolio.Member(name: $0, scenario: Scenario(name: "\(roi)", roiPercent: roi))
        }
      }, budget: budget)
  )
}

private let fleets = [
  fleet(
    "P1: 12 workers, $100 a day",
    [500, 300, 150, 100, 50, 0, -20, -40, -60, -80, -100, -100], budget: 100),
  fleet("P2: 4 workers, $60 a day", [150, 100, -20, -80], budget: 60),
  fleet(
    "P3: 2 good and 10 bad, $100 a day",
    [100, 100, -20, -60, -60, -60, -60, -100, -100, -100, -100, -100], budget: 100),
]

/// Published net USD of 30 days, by fleet.
private let published: [Portfolio.Policy: [Double]] = [
  .equal: [1717, 266, -1442], .threshold: [5066, 477, 207], .evidence: [2457, 428, -475],
  .waterFilling: [5581, 701, 243], .oracle: [6074, 971, 637],
]

/// Prints the table of each fleet; compares what does not depend on how a rule doubles.
func portfolioTables(repetitions: Int, seed: UInt64) {
  for (index, (name, portfolio)) in fleets.enumerated() {
    say(
      "\n\(name), 30 days, \(repetitions) repetitions: net USD +- standard error, good stopped (published net)"
    )
    var nets: [Portfolio.Policy: Portfolio.Result] = [:]
    for policy in Portfolio.Policy.allCases {
      let found = portfolio.simulate(policy, repetitions: repetitions, seed: seed &+ UInt64(index))
      nets[policy] = found
      let other = published[policy]?[index] ?? 0
      // How the two rules in between double was not published.
      let isComparable = policy != .threshold && policy != .evidence
      let mark =
        !isComparable
        ? ""
        : account.note(
          distance(
            mean: found.meanNet, error: found.error, of: repetitions, published: other,
            publishedDraws: 200, rounding: 0.5), "\(name), \(policy.rawValue)")
      say(
        padded(policy.rawValue, 20) + "\(decimal(found.meanNet, 0)) +- \(decimal(found.error, 0))"
          + "\(mark), \(decimal(found.goodStopped, 2)) (\(decimal(other, 0)))")
    }
    if let best = nets[.oracle], let ours = nets[.waterFilling] {
      say("water-filling earns \(decimal(100 * ours.meanNet / best.meanNet, 0)) % of the oracle")
    }
  }
}

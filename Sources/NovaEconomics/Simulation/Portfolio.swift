// A fleet with one purse over some days: who gets how much, by policy. Returns diminish with the count. What an owner can
// put to the question before trusting an engine with it.

package import NovaModel

/// A fleet to simulate.
package struct Portfolio: Sendable, Hashable {
  package var workers: [Member]
  /// USD a day.
  package var budget: Double
  package var days = 30

  /// One worker of it.
  package struct Member: Sendable, Hashable {
    package var name: WorkerName
    package var scenario: Scenario
    /// Runs one instance makes a day.
    package var runsPerDay = 16.0
    package init(name: WorkerName, scenario: Scenario, runsPerDay: Double = 16) {
      self.name = name
      self.scenario = scenario
      self.runsPerDay = runsPerDay
    }
  }

  /// A fleet.
  package init(workers: [Member], budget: Double, days: Int = 30) {
    self.workers = workers
    self.budget = budget
    self.days = days
  }

  /// How the money is handed out.
  package enum Policy: String, Sendable, Hashable, CaseIterable {
    /// Everybody the same, nobody is ever stopped.
    case equal
    /// The original rules: below 0 % after 20 runs out, above 300 % doubled, the same for each instance.
    case threshold
    /// The e-process stops, the rest is shared equally.
    case evidence
    /// The engine's: shrunk yield and water-filling after a pilot, and the e-process stops.
    case waterFilling = "water_filling"
    /// Somebody who knows the truth.
    case oracle
  }

  /// What many repetitions gave.
  package struct Result: Sendable, Hashable {
    package var policy: Policy
    package var meanNet: Double
    package var error: Double
    /// Mean number of workers stopped whose true return is positive.
    package var goodStopped: Double
  }

  /// Simulates a policy. `progress` is told each repetition.
  package func simulate(
    _ policy: Policy, repetitions: Int, seed: UInt64, progress: (Int) -> Void = { _ in }
  ) -> Result {
    var random = SeededGenerator(seed: seed)
    var nets: [Double] = []
    var stopped = 0
    for repetition in 0..<repetitions {
      var course = Course(self)
      for _ in 0..<days { course.day(policy, &random) }
      nets.append(course.net)
      for (index, member) in workers.enumerated()
      where course.isStopped[index] && member.scenario.roiPercent > 0 {
        stopped += 1
      }
      progress(repetition + 1)
    }
    let mean = nets.reduce(0, +) / Double(max(1, nets.count))
    let variance =
      nets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, nets.count - 1))
    return Result(
      policy: policy, meanNet: mean, error: (variance / Double(max(1, nets.count))).squareRoot(),
      goodStopped: Double(stopped) / Double(max(1, repetitions)))
  }

  /// One course of events.
  private struct Course {
    let portfolio: Portfolio
    var net = 0.0
    var runs: [Int]
    var revenue: [Double]
    var discounted: [Double]
    var instances: [Double]
    var evidence: [KillEvidence]
    var isStopped: [Bool]
    let returns = ScalingReturns()

    init(_ portfolio: Portfolio) {
      self.portfolio = portfolio
      let count = portfolio.workers.count
      runs = [Int](repeating: 0, count: count)
      revenue = [Double](repeating: 0, count: count)
      discounted = [Double](repeating: 0, count: count)
      instances = [Double](repeating: 1, count: count)
      evidence = [KillEvidence](repeating: KillEvidence(), count: count)
      isStopped = [Bool](repeating: false, count: count)
    }

    /// Instances for each worker today.
    func shares(_ policy: Policy) -> [Double] {
      let members = portfolio.workers
      let living = members.indices.filter { !isStopped[$0] }
      var shares = [Double](repeating: 0, count: members.count)
      switch policy {
      case .equal, .evidence:
        for index in living {
          let member = members[index]
          shares[index] = min(
            8,
            portfolio.budget / Double(max(1, living.count))
              / (member.scenario.cost * member.runsPerDay))
        }
      case .threshold:
        let price = living.reduce(0) {
          $0 + instances[$1] * members[$1].scenario.cost * members[$1].runsPerDay
        }
        for index in living {
          shares[index] = instances[index] * min(1, portfolio.budget / max(price, 1e-9))
        }
      case .waterFilling, .oracle:
        let claims = living.map { index in
          let member = members[index]
          return Claim(
            worker: member.name,
            yield: policy == .oracle
              ? 1 + member.scenario.roiPercent / 100
              : WaterFilling.shrunkYield(
                revenue: revenue[index], discountedCost: discounted[index],
                runCost: member.scenario.cost),
            runCost: member.scenario.cost, runsPerDay: member.runsPerDay,
            isUnproven: policy != .oracle && runs[index] < WaterFilling.provenRuns, returns: returns
          )
        }
        let given = WaterFilling().shares(claims, money: portfolio.budget)
        for (place, index) in living.enumerated() { shares[index] = given[place] }
      }
      return shares
    }

    mutating func day(_ policy: Policy, _ random: inout SeededGenerator) {
      let shares = shares(policy)
      for (index, share) in shares.enumerated() where share > 0 {
        let member = portfolio.workers[index]
        // What is left of a run is made with that chance.
        let exact = share * member.runsPerDay
        let count = Int(exact) + (random.happens(exact - exact.rounded(.down)) ? 1 : 0)
        // Beyond one instance each run brings less: the same sales, thinned out.
        let thin = returns.yield(share) / max(share, 1)
        let concavity = share <= 1 ? 1 : thin
        for _ in 0..<count where !isStopped[index] {
          var earned = member.scenario.revenue(&random)
          if earned > 0, !random.happens(concavity) { earned = 0 }
          take(index, earned, concavity, policy)
        }
      }
    }

    private mutating func take(
      _ index: Int, _ earned: Double, _ concavity: Double, _ policy: Policy
    ) {
      let cost = portfolio.workers[index].scenario.cost
      net += earned - cost
      runs[index] += 1
      revenue[index] += earned
      discounted[index] += cost * concavity
      let spent = Double(runs[index]) * cost
      switch policy {
      case .equal, .oracle: return
      case .threshold:
        guard runs[index] >= 20 else { return }
        if revenue[index] < spent { isStopped[index] = true }
        if runs[index].isMultiple(of: 20), revenue[index] > 4 * spent {
          instances[index] = min(8, instances[index] * 2)
        }
      case .evidence, .waterFilling:
        evidence[index].takeHighest(
          KillEvidence.growth(
            KillOutcome(cost: cost, revenue: earned, factor: 1, maturation: 1, cap: 20)))
        if evidence[index].course.reached(alpha: 0.05) { isStopped[index] = true }
      }
    }
  }
}

// Policies against known truths, many paths each: how often a worker is stopped, when, and what is left.

/// What many paths gave.
package struct StopResult: Sendable, Hashable {
  package var paths: Int
  package var stopped: Int
  /// The run at which the middle one of the stopped was stopped; nil: none was.
  package var medianRun: Int?
  /// The runs at which paths were stopped, in order.
  package var runs: [Int]
  /// Mean net at the stop or the end, USD, and its standard error.
  package var meanNet: Double
  package var netError: Double

  /// Share stopped, 0...1.
  package var share: Double { Double(stopped) / Double(paths) }
}

/// Runs policies over scenarios.
package enum StopSimulation {
  /// `paths` of at most `horizon` runs.
  package static func run(
    _ policy: StopPolicy, _ scenario: Scenario, paths: Int, horizon: Int = 1000, seed: UInt64
  ) -> StopResult {
    var random = SeededGenerator(seed: seed)
    var stops: [Int] = []
    var nets: [Double] = []
    for _ in 0..<paths {
      var watch = StopWatch(policy, cost: scenario.cost)
      var net = 0.0
      for run in 1...horizon {
        let revenue = scenario.revenue(&random)
        net += revenue - scenario.cost
        if watch.stops(revenue) {
          stops.append(run)
          break
        }
      }
      nets.append(net)
    }
    return result(stops, nets)
  }

  /// A worker that earns +100 % for 400 runs and nothing after, over 1600 runs. `stopped` counts stops before the change;
  /// the median is of the runs after it among those that were stopped at last, the net of all of them.
  package static func drift(_ policy: StopPolicy, paths: Int, seed: UInt64) -> StopResult {
    var random = SeededGenerator(seed: seed)
    let good = Scenario(name: "good", roiPercent: 100)
    var early = 0
    var delays: [Int] = []
    var nets: [Double] = []
    for _ in 0..<paths {
      var watch = StopWatch(policy, cost: good.cost)
      var end: Int?
      for run in 1...1600 where watch.stops(run <= 400 ? good.revenue(&random) : 0) {
        end = run
        break
      }
      guard (end ?? 1600) > 400 else {
        early += 1
        continue
      }
      if let end { delays.append(end - 400) }
      nets.append(-Double((end ?? 1600) - 400) * good.cost)
    }
    var found = result(delays, nets)
    found.paths = paths
    found.stopped = early
    return found
  }

  /// How often the scale test at `k` ever says yes, and when.
  package static func scale(
    _ scenario: Scenario, k: Double, paths: Int, horizon: Int = 1000, seed: UInt64
  ) -> StopResult {
    var random = SeededGenerator(seed: seed)
    var stops: [Int] = []
    for _ in 0..<paths {
      var evidence = ScaleEvidence()
      for run in 1...horizon {
        evidence.takeHighest(
          ScaleOutcome(
            cost: scenario.cost, revenue: scenario.revenue(&random), factor: k,
            costBound: scenario.cost))
        if evidence.course.reached(alpha: 0.05) {
          stops.append(run)
          break
        }
      }
    }
    var found = result(stops, [])
    found.paths = paths
    return found
  }

  /// How often "return above 300 % at any run from the 20th on" fires.
  package static func naiveScale(
    _ scenario: Scenario, paths: Int, horizon: Int = 1000, seed: UInt64
  ) -> StopResult {
    var random = SeededGenerator(seed: seed)
    var stops: [Int] = []
    for _ in 0..<paths {
      var revenue = 0.0
      for run in 1...horizon {
        revenue += scenario.revenue(&random)
        if run >= 20, revenue > 4 * Double(run) * scenario.cost {
          stops.append(run)
          break
        }
      }
    }
    var found = result(stops, [])
    found.paths = paths
    return found
  }

  /// One run an hour, sales land after an exponential delay of that median. `evaluatedAfter` nil: the naive rule on what
  /// has landed, from run `from` on; else the e-process with restarts on runs of that age with G = `share`.
  package static func delayed(
    _ scenario: Scenario, from: Int, evaluatedAfter age: Int?, share: Double, paths: Int,
    horizon: Int = 1000, seed: UInt64
  ) -> StopResult {
    var random = SeededGenerator(seed: seed)
    var stops: [Int] = []
    let mean = 24 / 0.693_147_180_559_945_3
    for _ in 0..<paths {
      var landing = [Int](repeating: 0, count: horizon + 1)
      var early = [Bool](repeating: false, count: horizon + 1)
      var seen = 0.0
      var evidence = RestartingKillEvidence()
      let cap = 20.0
      let none = KillEvidence.growth(
        KillOutcome(cost: scenario.cost, revenue: 0, factor: 1, maturation: share, cap: cap))
      let sale = KillEvidence.growth(
        KillOutcome(cost: scenario.cost, revenue: 20, factor: 1, maturation: share, cap: cap))
      for hour in 1...horizon {
        if scenario.revenue(&random) > 0 {
          let delay = random.exponential(mean: mean)
          let at = Double(hour) + delay
          if at <= Double(horizon) { landing[Int(at.rounded(.up))] += 1 }
          early[hour] = age.map { delay <= Double($0) } ?? false
        }
        seen += 20 * Double(landing[hour])
        if let age {
          guard hour > age else { continue }
          evidence.take(early[hour - age] ? sale : none)
          if evidence.course.reached(alpha: 0.05) {
            stops.append(hour)
            break
          }
        } else if hour >= from, seen - scenario.cost * Double(hour) < 0 {
          stops.append(hour)
          break
        }
      }
    }
    var found = result(stops, [])
    found.paths = paths
    return found
  }

  private static func result(_ stops: [Int], _ nets: [Double]) -> StopResult {
    let sorted = stops.sorted()
    let mean = nets.isEmpty ? 0 : nets.reduce(0, +) / Double(nets.count)
    let variance =
      nets.count < 2
      ? 0 : nets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(nets.count - 1)
    return StopResult(
      paths: max(nets.count, stops.count), stopped: stops.count,
      medianRun: sorted.isEmpty ? nil : sorted[sorted.count / 2], runs: sorted, meanNet: mean,
      netError: nets.isEmpty ? 0 : (variance / Double(nets.count)).squareRoot())
  }
}

// The scale test and the interval against their golden values (G2, G9) and laws.

import Testing

@testable import NovaEconomics

@Suite("Scale evidence")
struct ScaleEvidenceTests {
  static func evidence(saleless: Int, sales: Int, k: Double = 4) -> ScaleEvidence {
    var evidence = ScaleEvidence()
    for _ in 0..<saleless { evidence.take(outcome(0, k: k)) }
    for _ in 0..<sales { evidence.take(outcome(20, k: k)) }
    return evidence
  }

  static func outcome(_ revenue: Double, k: Double = 4) -> ScaleOutcome {
    ScaleOutcome(cost: 0.5, revenue: revenue, factor: k, costBound: 0.5)
  }

  @Test(
    "G2: ln K after saleless and selling runs, to 9 digits",
    arguments: [
      (0, 1, 0.6372116989), (17, 3, -0.07262971617), (16, 4, 0.5218620262), (14, 6, 2.055232261),
      (80, 20, 3.416640608), (10, 0, -0.8687563976), (85, 15, 0.5797728575),
    ] as [(Int, Int, Double)])
  func golden(saleless: Int, sales: Int, lnK: Double) {
    #expect((Self.evidence(saleless: saleless, sales: sales).course.lnNow - lnK).magnitude < 1e-9)
  }

  @Test(
    "G9: 100 runs at several k, to 8 digits",
    arguments: [
      (0, [-3.58895477, -3.58895477, -3.58895477, -3.58895477, -3.58895477]),
      (5, [1.01079612, -0.222458277, -1.63974842, -2.00419506, -2.58130675]),
      (10, [5.99951688, 4.23155146, 1.18278244, 0.268955718, -1.28384356]),
      (15, [11.1070379, 9.28789427, 5.19944562, 3.83864964, 0.579772858]),
      (25, [21.3852321, 19.7497913, 15.690959, 13.627626, 7.42171508]),
    ] as [(Int, [Double])])
  func factors(sales: Int, lnK: [Double]) {
    for (k, expected) in zip([0.5, 1, 2, 2.5, 4], lnK) {
      let value = Self.evidence(saleless: 100 - sales, sales: sales, k: k).course.lnNow
      #expect((value - expected).magnitude < 5e-9 * max(1, expected.magnitude), "k \(k)")
    }
  }

  @Test("two jackpots alone give at most 7.37, three winning runs can speak")
  func jackpots() {
    var evidence = ScaleEvidence()
    evidence.take(Self.outcome(1e9))
    evidence.take(Self.outcome(1e9))
    #expect(Real.exp(evidence.course.lnNow) <= 7.37)
    #expect(Real.exp(evidence.course.lnNow) > 7.36)
    evidence.take(Self.outcome(1e9))
    #expect(evidence.course.reached(alpha: 0.05))
  }

  @Test(
    "over all 2^12 outcomes at p = 0.1 the expected value is .8885486834: the cap only lowers it")
  func supermartingale() {
    var expected = 0.0
    for bits in 0..<(1 << 12) {
      var evidence = ScaleEvidence()
      var chance = 1.0
      for run in 0..<12 {
        let sold = bits >> run & 1 == 1
        chance *= sold ? 0.1 : 0.9
        evidence.take(Self.outcome(sold ? 20 : 0))
      }
      expected += chance * Real.exp(evidence.course.lnNow)
    }
    #expect((expected - 0.8885486834).magnitude < 1e-10)
  }

  @Test(
    "the order of runs does not matter; a larger k never raises the value",
    arguments: 1...20 as ClosedRange<UInt64>)
  func laws(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let runs = (0..<200).map { _ in
      (cost: random.uniform(), revenue: random.happens(0.1) ? 40 * random.uniform() : 0)
    }
    func value(_ runs: [(cost: Double, revenue: Double)], k: Double) -> Double {
      var evidence = ScaleEvidence()
      for run in runs {
        evidence.take(ScaleOutcome(cost: run.cost, revenue: run.revenue, factor: k, costBound: 1))
      }
      return evidence.course.lnNow
    }
    let shuffled = runs.shuffled(using: &random)
    #expect((value(runs, k: 4) - value(shuffled, k: 4)).magnitude < 1e-10)
    let values = [0.5, 1, 2, 2.5, 4, 6].map { value(runs, k: $0) }
    #expect(values == values.sorted(by: >))
  }

  @Test("the interval closes around the truth and is open at first")
  func interval() {
    var grid = ROIGrid()
    #expect(grid.interval(alpha: 0.05).isOpen)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<4000 {
      // +100 %: 5 % of runs earn 20 USD and every run costs 0.50.
      let revenue = random.happens(0.05) ? 20.0 : 0
      grid.take(
        cost: 0.5, revenue: revenue, reserved: revenue, maturation: 1, cap: 20, costBound: 0.5)
    }
    let interval = grid.interval(alpha: 0.05)
    #expect(interval.lower.map { $0 >= 0 && $0 < 100 } == true, "\(interval)")
    #expect(interval.upper.map { $0 > 100 && $0 <= 300 } == true, "\(interval)")
  }
}

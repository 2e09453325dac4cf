// The kill test against its golden values (G1, G6, G9) and its laws: a fair game at break-even, no order, monotone in k.

import Testing

@testable import NovaEconomics

@Suite("Kill evidence")
struct KillEvidenceTests {
  /// A run of cost C that sold for `revenue` or did not, USD.
  static func outcome(_ revenue: Double, k: Double = 1, b: Double = 20, c: Double = 0.5)
    -> KillOutcome
  {
    KillOutcome(cost: c, revenue: revenue, factor: k, maturation: 1, cap: b)
  }

  static func evidence(saleless: Int, sales: Int, k: Double = 1) -> KillEvidence {
    var evidence = KillEvidence()
    for _ in 0..<saleless { evidence.take(outcome(0, k: k)) }
    for _ in 0..<sales { evidence.take(outcome(20, k: k)) }
    return evidence
  }

  @Test(
    "G1: ln K after saleless and selling runs, to 9 digits",
    arguments: [
      (1, 0, 0.0148393502), (20, 0, 0.3063957176), (50, 0, 0.8014197744), (100, 0, 1.705176864),
      (175, 0, 3.188920083), (200, 0, 3.705846577), (200, 1, 1.982374369), (400, 4, 1.630068664),
      (0, 1, -0.8747889684),
    ] as [(Int, Int, Double)])
  func golden(saleless: Int, sales: Int, lnK: Double) {
    #expect(
      (Self.evidence(saleless: saleless, sales: sales).course.lnNow - lnK).magnitude < 5e-10
        * max(1, lnK.magnitude))
  }

  @Test(
    "G1: the first saleless run at which K reaches 1/alpha, exactly",
    arguments: [
      (1, 20, 0.5, [95, 131, 166, 243]), (1, 40, 0.5, [189, 261, 330, 483]),
      (1, 100, 0.5, [471, 650, 821, 1203]), (2, 20, 0.5, [48, 67, 84, 123]),
      (2.5, 20, 0.5, [39, 54, 68, 99]), (1, 20, 0.05, [941, 1298, 1640, 2404]),
    ] as [(Double, Double, Double, [Int])])
  func firstReached(k: Double, b: Double, c: Double, runs: [Int]) {
    var evidence = KillEvidence()
    var found: [Int] = []
    for run in 1...2500 where found.count < 4 {
      evidence.take(Self.outcome(0, k: k, b: b, c: c))
      if evidence.course.reached(alpha: [0.20, 0.10, 0.05, 0.01][found.count]) {
        found.append(run)
      }
    }
    #expect(found == runs)
  }

  @Test(
    "G9: 100 runs at several k, to 8 digits",
    arguments: [
      (0, [1.70517686, 3.66221173, 4.67685119, 7.74282303, 11.7582692]),
      (2, [-0.51864009, 0.773648474, 1.58322194, 4.46247872, 8.65137427]),
      (5, [-1.71328495, -1.07655006, -0.668811068, 1.00088557, 4.37072724]),
      (10, [-2.5936097, -2.26869224, -2.08136914, -1.35636528, 0.259903445]),
    ] as [(Int, [Double])])
  func factors(sales: Int, lnK: [Double]) {
    for (k, expected) in zip([1, 2, 2.5, 4, 6], lnK) {
      let value = Self.evidence(saleless: 100 - sales, sales: sales, k: k).course.lnNow
      #expect((value - expected).magnitude < 5e-9 * max(1, expected.magnitude), "k \(k)")
    }
  }

  @Test("G6: the restarting test, to 9 digits, and the run at which each form first reaches 20")
  func restart() {
    let golden: [Int: (Double, Double)] = [
      1: (-0.6783078304, 0.0148393502), 20: (-1.371914656, -0.6787674756),
      50: (-1.683914615, -0.9907674348), 51: (-1.031675869, -0.9821590363),
      100: (-2.033462822, -1.713284947), 101: (-1.531524256, -1.708044543),
      200: (-0.1908593355, -1.100342064), 700: (10.19753755, 5.12076405),
    ]
    var restarting = RestartingKillEvidence()
    var plain = KillEvidence()
    var first: (Int?, Int?) = (nil, nil)
    for run in 1...700 {
      let outcome = Self.outcome([20, 40, 60, 80, 100].contains(run) ? 20 : 0)
      restarting.take(outcome)
      plain.take(outcome)
      if first.0 == nil, restarting.course.reached(alpha: 0.05) { first.0 = run }
      if first.1 == nil, plain.course.reached(alpha: 0.05) { first.1 = run }
      if let (with, without) = golden[run] {
        #expect((restarting.course.lnNow - with).magnitude < 1e-8, "run \(run)")
        #expect((plain.course.lnNow - without).magnitude < 1e-8, "run \(run)")
      }
    }
    #expect(first.0 == 369)
    #expect(first.1 == 566)
  }

  @Test("over all 2^12 outcomes at exact break-even the expected value is 1")
  func martingale() {
    var expected = 0.0
    var restarting = 0.0
    for bits in 0..<(1 << 12) {
      var evidence = KillEvidence()
      var other = RestartingKillEvidence()
      var chance = 1.0
      for run in 0..<12 {
        let sold = bits >> run & 1 == 1
        chance *= sold ? 0.025 : 0.975
        evidence.take(Self.outcome(sold ? 20 : 0))
        other.take(Self.outcome(sold ? 20 : 0))
      }
      expected += chance * Real.exp(evidence.course.lnNow)
      restarting += chance * Real.exp(other.course.lnNow)
    }
    #expect((expected - 1).magnitude < 1e-12)
    // Only the first part is born, with half of the stake.
    #expect((restarting - 0.5).magnitude < 1e-12)
  }

  @Test(
    "the order of runs does not matter; a larger k never lowers the value",
    arguments: 1...20 as ClosedRange<UInt64>)
  func laws(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let runs = (0..<200).map { _ in
      (
        cost: 0.1 + random.uniform(),
        revenue: random.happens(0.05) ? 40 * random.uniform() : -2 * random.uniform()
      )
    }
    func value(_ runs: [(cost: Double, revenue: Double)], k: Double) -> Double {
      var evidence = KillEvidence()
      for run in runs { evidence.take(Self.outcome(run.revenue, k: k, c: run.cost)) }
      return evidence.course.lnNow
    }
    let shuffled = runs.shuffled(using: &random)
    #expect((value(runs, k: 1) - value(shuffled, k: 1)).magnitude < 1e-10)
    let values = [0.5, 1, 2, 2.5, 4, 6].map { value(runs, k: $0) }
    #expect(values == values.sorted())
  }

  @Test(
    "less maturation says less; revenue above the cap and refunds below its negative are clipped")
  func clipping() {
    func z(_ revenue: Double, maturation: Double = 1) -> Double {
      KillOutcome(cost: 0.5, revenue: revenue, factor: 1, maturation: maturation, cap: 20).z
    }
    #expect(z(0, maturation: 0.5) == 0.0125)
    #expect(z(0) == 0.025)
    #expect(z(1000) == z(20))
    #expect(z(-1000) == z(-20))
    #expect(z(20) >= -1)
  }

  @Test("no more than 64 parts are kept, and the oldest good one survives when it is the best")
  func parts() {
    var evidence = RestartingKillEvidence()
    for _ in 0..<(50 * 80) { evidence.take(Self.outcome(0)) }
    #expect(evidence.parts.count == 64)
    #expect(evidence.runs == 4000)
    #expect(evidence.parts.first?.lnWeight == -Real.ln(2))
  }

  @Test("a fast path that skips values keeps the same highest value")
  func highest() {
    var random = SeededGenerator(seed: 5)
    var whole = KillEvidence()
    var fast = KillEvidence()
    for _ in 0..<2000 {
      let growth = KillEvidence.growth(Self.outcome(random.happens(0.03) ? 20 : 0))
      whole.take(growth)
      fast.takeHighest(growth)
    }
    #expect(whole.course.lnHighest == fast.course.lnHighest)
    #expect(whole.course.lnHighest > 0)
  }
}

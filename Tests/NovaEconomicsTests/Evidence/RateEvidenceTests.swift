// Rates (G3, G4), drift, the confidence sequence of the mean (G5) and e-BH (G13) against their golden values.

import Testing

@testable import NovaEconomics

@Suite("Rates, drift, bounds and fleets")
struct RateEvidenceTests {
  @Test(
    "G3: rates above, ln E to 9 digits",
    arguments: [
      (0.8, 20, 0, 3.01852033), (0.8, 19, 1, 1.35897423), (0.8, 14, 0, 1.989579175),
      (0.8, 50, 2, 4.824543458), (0.8, 200, 20, 8.382148697), (0.8, 16, 4, -0.7946481342),
      (0.2, 5, 0, 6.478509642), (0.2, 8, 12, 0.9735291145), (0.2, 10, 10, 3.37667427),
      (0.2, 4, 16, -1.833454123), (0.2, 30, 70, 0.861990789),
    ] as [(Double, Int, Int, Double)])
  func above(p: Double, hits: Int, misses: Int, lnE: Double) {
    #expect((RateEvidence(hits: hits, misses: misses).lnAbove(p) - lnE).magnitude < 5e-9)
  }

  @Test(
    "G3: rates below, ln E to 9 digits",
    arguments: [
      (0.2, 0, 20, 3.01852033), (0.2, 1, 40, 4.692397402), (0.8, 60, 40, 8.583588438),
    ] as [(Double, Int, Int, Double)])
  func below(p: Double, hits: Int, misses: Int, lnE: Double) {
    #expect((RateEvidence(hits: hits, misses: misses).lnBelow(p) - lnE).magnitude < 5e-9)
  }

  @Test("G3: five crashes in five starts give 651, three in three 39, twenty successes 20.46")
  func wholeNumbers() {
    #expect((Real.exp(RateEvidence(hits: 5, misses: 0).lnAbove(0.2)) - 651).magnitude < 1e-9)
    #expect((Real.exp(RateEvidence(hits: 3, misses: 0).lnAbove(0.2)) - 39).magnitude < 1e-10)
    #expect((Real.exp(RateEvidence(hits: 20, misses: 0).lnAbove(0.8)) - 20.46).magnitude < 0.005)
    #expect(RateEvidence().lnAbove(0.8).magnitude < 1e-12)
    #expect(RateEvidence().share == nil)
  }

  @Test(
    "the test of a rate is a fair game: over all outcomes of 12 trials its expectation is 1",
    arguments: [0.2, 0.8])
  func martingale(p: Double) {
    var expected = 0.0
    for bits in 0..<(1 << 12) {
      let hits = bits.nonzeroBitCount
      let chance = Real.power(p, Double(hits)) * Real.power(1 - p, Double(12 - hits))
      expected += chance * Real.exp(RateEvidence(hits: hits, misses: 12 - hits).lnAbove(p))
    }
    #expect((expected - 1).magnitude < 1e-10)
  }

  @Test("many trials are answered as fast and as sanely as few")
  func many() {
    #expect(RateEvidence(hits: 900_000, misses: 100_000).lnAbove(0.8) > 1000)
    #expect(RateEvidence(hits: 700_000, misses: 300_000).lnAbove(0.8) < -10)
    #expect(RateEvidence(hits: 700_000, misses: 300_000).lnAbove(0.8).isFinite)
  }

  @Test(
    "G4: the point null, ln E to 9 digits",
    arguments: [
      (0, 1, 0.5, 0), (20, 0, 0.8, 2.386390597), (0, 100, 0.05, 2.253129408),
      (5, 95, 0.05, -2.537962498), (10, 90, 0.05, -0.4684150883),
    ] as [(Int, Int, Double, Double)])
  func pointNull(hits: Int, misses: Int, p: Double, lnE: Double) {
    #expect((RateEvidence(hits: hits, misses: misses).lnOff(p) - lnE).magnitude < 5e-9)
  }

  @Test("the drift detector without sales, to 9 digits; it alarms between runs 150 and 200")
  func drift() {
    let golden: [Int: Double] = [
      1: 1.01495, 10: 10.86979451, 50: 76.54026485, 100: 258.0122151, 120: 393.3001976,
      200: 2008.663664,
    ]
    var detector = DriftDetector()
    var first: Int?
    for run in 1...200 {
      detector.take(KillEvidenceTests.outcome(0))
      if detector.alarms, first == nil { first = run }
      if let value = golden[run] {
        #expect((detector.value - value).magnitude < 5e-9 * value, "run \(run)")
      }
    }
    #expect(first.map { (150...200).contains($0) } == true)
  }

  @Test("G5: the confidence sequence of the mean, to 8 digits")
  func meanBounds() {
    let golden: [Int: (Double, Double)] = [
      10: (-0.5, 15.02810654), 20: (-0.5, 8.65034763), 100: (-0.5, 2.428494138),
      200: (-0.5, 1.660017163),
      500: (-0.1769155, 1.192772289), 1000: (0.01454433755, 0.9951276714),
    ]
    var bounds = MeanBounds(low: -0.5, high: 19.5, alpha: 0.05)
    for run in 1...1000 {
      bounds.take(run.isMultiple(of: 20) ? 19.5 : -0.5)
      if let (lower, upper) = golden[run] {
        #expect((bounds.lower - lower).magnitude < 5e-8, "lower at \(run)")
        #expect((bounds.upper - upper).magnitude < 5e-8, "upper at \(run)")
      }
    }
  }

  @Test("G13: e-BH over six workers selects three")
  func fleet() {
    let values = [120, 45, 30, 9, 3, 0.5].map(Real.ln)
    #expect(
      zip(FleetControl.thresholds(count: 6), [60, 30, 20, 15, 12, 10.0]).allSatisfy {
        ($0 - $1).magnitude < 1e-9
      })
    #expect(FleetControl.selected(lnValues: values) == [0, 1, 2])
    #expect(FleetControl.selected(lnValues: values.reversed()) == [3, 4, 5])
    #expect(FleetControl.selected(lnValues: []).isEmpty)
    #expect(FleetControl.selected(lnValues: [Real.ln(9.99)]).isEmpty)
    #expect(FleetControl.selected(lnValues: [Real.ln(10.01)]) == [0])
  }

  @Test("who cannot be selected may be left out of the sorting, and nothing else changes")
  func fleetShortcut() {
    var random = SeededGenerator(seed: 13)
    for _ in 0..<300 {
      let count = 1 + Int(random.uniform() * 200)
      let all = (0..<count).map { _ in random.uniform() * 12 - 4 }
      let few = all.enumerated().filter { FleetControl.mayBeSelected(lnValue: $0.element) }
      let chosen = FleetControl.selected(lnValues: few.map(\.element), of: count)
      #expect(chosen.map { few[$0].offset } == FleetControl.selected(lnValues: all))
    }
  }

  @Test("confidence is 1 - 1/max K, and 0 while nothing speaks")
  func confidence() {
    #expect(Course().confidence == 0)
    let evidence = KillEvidenceTests.evidence(saleless: 166, sales: 0)
    #expect(evidence.course.confidence >= 0.95)
    #expect(
      (evidence.course.confidence - (1 - Real.exp(-evidence.course.lnHighest))).magnitude < 1e-15)
  }
}

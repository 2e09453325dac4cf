// Stop-loss (G7), returns to scale (G8, G15), maturation (G10, G11), allocation (G12) against their golden values.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Allocation and maturation")
struct AllocationTests {
  @Test(
    "G7: theta, the stop-loss and the chance of losing 25 and 50 dollars",
    arguments: [
      (0.03, 0.01933768, 154.92, 238.14, 0.6167, 0.3803),
      (0.04, 0.05295140, 56.58, 86.97, 0.2661, 0.0708),
      (0.05, 0.08245379, 36.33, 55.85, 0.1273, 0.0162),
      (0.0625, 0.11602249, 25.82, 39.69, 0.0550, 0.0030),
      (0.10, 0.20719984, 14.46, 22.23, 0.0056, 0.0000),
      (0.20, 0.44622055, 6.71, 10.32, 0.0000, 0.0000),
    ] as [(Double, Double, Double, Double, Double, Double)])
  func stopLoss(p: Double, theta: Double, l5: Double, l1: Double, p25: Double, p50: Double) throws {
    let loss = StopLoss(price: 20, cost: 0.5, conversion: p)
    #expect((try #require(loss.theta) - theta).magnitude < 5e-9)
    #expect((try #require(loss.limit(alpha: 0.05)) - l5).magnitude < 0.005)
    #expect((try #require(loss.limit(alpha: 0.01)) - l1).magnitude < 0.005)
    #expect((loss.chanceOfLosing(25) - p25).magnitude < 5e-5)
    #expect((loss.chanceOfLosing(50) - p50).magnitude < 5e-5)
  }

  @Test("no bound holds for a worker that loses on average; one that always sells never loses")
  func stopLossEdges() {
    #expect(StopLoss(price: 20, cost: 0.5, conversion: 0.025).theta == nil)
    #expect(StopLoss(price: 0.4, cost: 0.5, conversion: 1).theta == nil)
    #expect(StopLoss(price: 20, cost: 0.5, conversion: 1).limit(alpha: 0.05) == 0)
    #expect(StopLoss(price: 20, cost: 0, conversion: 0.1).limit(alpha: 0.05) == 0)
    #expect(StopLoss(price: 20, cost: 0.5, roiPercent: 150).conversion == 0.0625)
    #expect(StopLoss(price: 20, cost: 0.5, conversion: 0.02).chanceOfLosing(25) == 1)
  }

  @Test(
    "G8: the marginal return, percent",
    arguments: [
      (1, 0.7, 300, 149.80), (2, 0.7, 300, 162.56), (4, 0.7, 300, 170.50), (1, 0.5, 300, 65.69),
      (1, 1, 300, 300), (8, 0.7, 100, 37.51),
    ] as [(Int, Double, Double, Double)])
  func marginal(n: Int, beta: Double, roi: Double, expected: Double) {
    #expect(
      (ScalingReturns(beta: beta).marginalROIPercent(instances: n, roiPercent: roi) - expected)
        .magnitude
        < 0.005)
  }

  @Test(
    "G15: the best count",
    arguments: [
      (4, 1, 0.7, 1, 30.94), (4, 1, 0.7, 2.5, 1.459), (2, 1, 0.7, 1, 3.070), (4, 1, 0.5, 2.5, 0.64),
    ]
      as [(Double, Double, Double, Double, Double)])
  func best(a: Double, c: Double, beta: Double, k: Double, expected: Double) {
    #expect(
      (ScalingReturns(beta: beta).bestCount(scale: a, cost: c, factor: k) - expected).magnitude
        < 0.005)
  }

  @Test("beta is learnt from two counts on, shrunk to .7 and kept in .3...1")
  func learning() {
    #expect(ScalingReturns.learnt([]).beta == 0.7)
    #expect(ScalingReturns.learnt([(1, 10), (1, 12)]).beta == 0.7)
    // Exactly doubled by two instances: least squares says 1, (1*2 + .7*5)/7 = .7857142857.
    #expect((ScalingReturns.learnt([(1, 10), (2, 20)]).beta - 5.5 / 7).magnitude < 1e-12)
    #expect(
      ScalingReturns.learnt([
        (1, 10), (2, 1), (4, 0.1), (8, 0.01), (1, 10), (2, 1), (4, 0.1), (8, 0.01),
      ])
      .beta == 0.3)
  }

  @Test("epochs tell of returns to scale since the configuration changed, with 20 runs each")
  func learntFromEpochs() throws {
    func epoch(
      _ number: Int64, day: Int64, _ reason: String, _ instances: Int, earned: Int64, runs: Int64
    ) throws -> EpochRecord {
      var epoch = EpochRecord(
        worker: try #require(WorkerName("a")), number: number,
        since: WallTime(microseconds: day * 86_400_000_000), reason: reason, fingerprint: 1,
        instances: instances, cap: .zero, reservePPM: 50_000)
      epoch.baseRevenue = Money(microUSD: earned * 1_000_000)
      epoch.baseFinished = runs
      return epoch
    }
    let before = try epoch(1, day: 0, "first", 5, earned: 0, runs: 0)
    let one = try epoch(2, day: 1, "configuration", 1, earned: 500, runs: 50)
    let two = try epoch(3, day: 3, "count", 2, earned: 520, runs: 100)
    let last = try epoch(4, day: 4, "count", 4, earned: 540, runs: 150)
    // 10 USD a day alone, 20 as two: beta 1, shrunk with two points to (2 + 3.5)/7. The first is another worker's.
    let beta = ScalingReturns.learnt(from: [last, before, two, one]).beta
    #expect((beta - 5.5 / 7).magnitude < 1e-12)
    #expect(ScalingReturns.learnt(from: [before, one, two]).beta == 0.7)
    var early = two
    early.baseFinished = 69
    #expect(ScalingReturns.learnt(from: [before, one, early, last]).beta == 0.7)
    #expect(ScalingReturns.learnt(from: []).beta == 0.7)
  }

  @Test(
    "G10: the width of the empirical band",
    arguments: [(30, 0.22345), (100, 0.12239), (300, 0.07066), (1000, 0.03870)] as [(Int, Double)])
  func band(n: Int, width: Double) {
    #expect((Maturation.band(conversions: n) - width).magnitude < 1e-5)
  }

  @Test("a declared lag of 24 h: .875 after 72 h, evaluated at the first whole hour with .8")
  func prior() {
    let maturation = Maturation(medianHours: 24, horizonHours: 168)
    #expect((maturation.share(ageHours: 72) - 0.875).magnitude < 1e-12)
    #expect(maturation.evaluationHours == 56)
    #expect(maturation.share(ageHours: -1) == 0)
    let atOnce = Maturation(medianHours: 0, horizonHours: 168)
    #expect(atOnce.evaluationHours == 0)
    #expect(atOnce.share(ageHours: 0) == 1)
    #expect(Maturation(medianHours: 5000, horizonHours: 168).evaluationHours == 168)
  }

  @Test(
    "from 30 conversions on what was seen counts, less the band; later ones than the horizon do not"
  )
  func empirical() {
    var maturation = Maturation(medianHours: 24, horizonHours: 168)
    for _ in 0..<29 { maturation.take(delayHours: 1) }
    #expect((maturation.share(ageHours: 24) - 0.5).magnitude < 1e-12)
    maturation.take(delayHours: 500)
    #expect(maturation.conversions == 29)
    for hour in 0..<71 { maturation.take(delayHours: Double(hour)) }
    #expect(maturation.conversions == 100)
    let seen = maturation.delays[...10].reduce(0, +)
    #expect(
      (maturation.share(ageHours: 10) - (Double(seen) / 100 - Maturation.band(conversions: 100)))
        .magnitude < 1e-12)
    #expect(maturation.share(ageHours: 0) == 0)
    let ages = (0...168).map { maturation.share(ageHours: Double($0)) }
    #expect(ages == ages.sorted())
    #expect(maturation.share(ageHours: Double(maturation.evaluationHours)) >= 0.8)
    #expect(maturation.share(ageHours: Double(maturation.evaluationHours - 1)) < 0.8)
  }

  @Test("G11: the reverse-hazard estimate")
  func reverseHazard() {
    let seen = [(1, 10), (2, 3), (2, 8), (5, 6), (7, 30)].map {
      SeenDelay(delay: Double($0.0), age: Double($0.1))
    }
    let found = ReverseHazard.distribution(seen)
    #expect(found.map(\.delay) == [1, 2, 5, 7])
    for (value, expected) in zip(found.map(\.share), [4.0 / 27, 4.0 / 9, 2.0 / 3, 1]) {
      #expect((value - expected).magnitude < 1e-12)
    }
  }

  @Test("the refund reserve is at least 5 %, and exact from 30 sales on")
  func reserve() {
    #expect(RefundReserve.share(refunds: 0, sales: 0) == 0.05)
    #expect(RefundReserve.share(refunds: 2, sales: 10) == 0.2)
    // 1 - .05^(1/59) = .0495 and 1 - .05^(1/40) = .0722.
    #expect(RefundReserve.share(refunds: 0, sales: 59) == 0.05)
    #expect((RefundReserve.share(refunds: 0, sales: 40) - 0.0722).magnitude < 5e-5)
    #expect(RefundReserve.share(refunds: 30, sales: 100) > 0.3)
  }

  @Test("G12: the shrunk yield")
  func shrunkYield() {
    let yield = WaterFilling.shrunkYield(revenue: 100, discountedCost: 30, runCost: 0.5)
    #expect((yield - 2.961728395).magnitude < 5e-10)
    #expect(WaterFilling.shrunkYield(revenue: 0, discountedCost: 0, runCost: 0.5) == 1.9)
  }

  static func claim(_ name: String, yield: Double, unproven: Bool = false) throws -> Claim {
    Claim(
      worker: try #require(WorkerName(name)), yield: yield, runCost: 0.5, runsPerDay: 16,
      isUnproven: unproven)
  }

  @Test("money goes to the best, everyone unproven gets four runs, nothing is overspent")
  func waterFilling() throws {
    let claims = [
      try Self.claim("bad", yield: 0.5), try Self.claim("good", yield: 4),
      try Self.claim("fair", yield: 1.5),
      try Self.claim("new", yield: 0.5, unproven: true),
    ]
    let shares = WaterFilling().shares(claims, money: 80)
    #expect(shares[0] == 0)
    #expect(shares[3] == 0.25)
    #expect(shares[1] > shares[2] && shares[2] > 0)
    #expect(shares.reduce(0) { $0 + $1 * 8 } <= 80)
    // With money for nothing but the floor, only the floor is given.
    #expect(WaterFilling().shares(claims, money: 2) == [0, 0, 0, 0.25])
    #expect(WaterFilling().shares(claims, money: 0) == [0, 0, 0, 0])
  }

  @Test(
    "equal claims are served by name, and the order of the claims does not matter",
    arguments: 1...20 as ClosedRange<UInt64>)
  func waterFillingOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var claims: [Claim] = []
    for index in 0..<12 {
      claims.append(try Self.claim("w\(index)", yield: 1 + Double(Int(random.uniform() * 4))))
    }
    let money = 20 + 100 * random.uniform()
    let shares = WaterFilling().shares(claims, money: money)
    let order = claims.indices.shuffled(using: &random)
    let again = WaterFilling().shares(order.map { claims[$0] }, money: money)
    for (place, index) in order.enumerated() { #expect(again[place] == shares[index]) }
    #expect(shares.allSatisfy { $0 >= 0 && $0 <= 8 })
    #expect(shares.reduce(0) { $0 + $1 * 8 } <= money + 1e-9)
  }
}

// Pico-dollars as micro-dollars: rounded once, half-even, and nothing lost over any number of costs.

import NovaModel
import Testing

@Suite struct CostCarryTests {
  @Test(
    "one cost is rounded half-even",
    arguments: [
      (0, 0, 0), (1, 0, 1), (499_999, 0, 499_999), (500_000, 0, 500_000), (500_001, 1, -499_999),
      (1_500_000, 2, -500_000), (2_500_000, 2, 500_000), (54_399_000_000, 54_399, 0),
    ] as [(Int64, Int64, Int64)])
  func one(pico: Int64, micro: Int64, rest: Int64) {
    var carry = CostCarry()
    #expect(carry.take(Price(picoUSD: pico)) == Money(microUSD: micro))
    #expect(carry.remainderPico == rest)
  }

  @Test(
    "a million costs are never off by more than half a micro-dollar, and none is booked negative")
  func many() {
    var carry = CostCarry()
    var state: UInt64 = 7
    var (pico, micro): (Int64, Int64) = (0, 0)
    var worst: Int64 = 0
    for _ in 0..<1_000_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let cost = Int64(state >> 40) % [3, 900, 700_000, 500_000, 20_000_000][Int(state >> 33) % 5]
      let booked = carry.take(Price(picoUSD: cost))
      #expect(booked >= .zero)
      pico += cost
      micro += booked.microUSD
      worst = max(worst, abs(pico - micro * 1_000_000))
    }
    #expect(worst <= 500_000)
    #expect(pico - micro * 1_000_000 == carry.remainderPico)
  }
}

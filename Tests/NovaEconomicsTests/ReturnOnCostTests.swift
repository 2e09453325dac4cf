// Profit over cost: its value, and the two cases in which there is none.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite struct ReturnOnCostTests {
  private func returns(_ revenue: Int64, _ cost: Int64, known: Bool = true) -> ReturnOnCost {
    ReturnOnCost(
      netRevenue: Money(microUSD: revenue), cost: Money(microUSD: cost), revenueIsKnown: known)
  }

  @Test(
    "a value is in millionths of the cost, rounded half-even",
    arguments: [
      (200, 50, 3_000_000), (0, 50, -1_000_000), (50, 50, 0), (100, 3, 32_333_333),
      (-50, 50, -2_000_000),
      (1, 3, -666_667), (.max, 1, .max),
    ] as [(Int64, Int64, Int64)])
  func value(revenue: Int64, cost: Int64, ppm: Int64) {
    #expect(returns(revenue, cost) == .value(ppm: ppm))
  }

  @Test("without a cost there is no number: nothing earned is undefined, something is infinite")
  func noCost() {
    #expect(returns(0, 0) == .undefined && returns(0, 0).status == "no_data")
    #expect(returns(5, 0) == .infinite && returns(5, 0).status == "no_cost")
    #expect(returns(5, 0).percent == nil && returns(5, 0).exactPercent == nil)
    #expect(returns(200, 50).percent == 300 && returns(200, 50).status == nil)
  }

  @Test("revenue that nobody has spoken of is not zero, and decides nothing")
  func unknown() {
    #expect(returns(0, 50, known: false) == .undefined)
    #expect(
      ReturnOnCost.isBelow(0, netRevenue: .zero, cost: Money(microUSD: 5), revenueIsKnown: false)
        == nil)
    #expect(
      ReturnOnCost.isBelow(0, netRevenue: .zero, cost: Money(microUSD: 5), revenueIsKnown: true)
        == true)
    #expect(
      ReturnOnCost.isBelow(
        300, netRevenue: Money(microUSD: 20), cost: Money(microUSD: 5), revenueIsKnown: true)
        == false)
    #expect(ReturnOnCost.isBelow(0, netRevenue: .zero, cost: .zero, revenueIsKnown: true) == nil)
  }
}

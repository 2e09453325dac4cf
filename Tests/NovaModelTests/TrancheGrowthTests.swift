// How many calls a reservation is made for, table by table.

import NovaModel
import Testing

struct TrancheGrowthTests {
  private let bound = Price(picoUSD: 1000)

  private func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 10_000_000_000) + .milliseconds(milliseconds)
  }

  @Test(
    "who waits gets four times as much within a second, and little after one; never more than the most"
  )
  func next() {
    var growth = TrancheGrowth()
    let asked = [
      (0, 4), (999, 16), (1000, 64), (1001, 256), (1002, 1024), (1003, 1024), (2003, 4), (2500, 16),
    ]
    for (time, calls) in asked { #expect(growth.next(at: at(Int64(time))) == Int64(calls)) }
  }

  @Test("it is asked ahead when less than half is left, by who comes often, within three seconds")
  func ahead() {
    var growth = TrancheGrowth()
    #expect(
      growth.ahead(left: Price(picoUSD: 0), of: bound, at: at(0)) == nil, "nothing was asked for")
    _ = growth.next(at: at(0))
    #expect(
      growth.ahead(left: Price(picoUSD: 0), of: bound, at: at(1)) == nil, "the first is small")
    _ = growth.next(at: at(1))
    #expect(growth.ahead(left: Price(picoUSD: 8000), of: bound, at: at(2)) == nil, "half is left")
    #expect(growth.ahead(left: Price(picoUSD: 7999), of: bound, at: at(2)) == 32)
    #expect(
      growth.ahead(left: Price(picoUSD: 15_999), of: bound, at: at(1002)) == 32,
      "not so soon: as much again")
    #expect(
      growth.ahead(left: Price(picoUSD: 0), of: bound, at: at(4002)) == nil, "it has stopped coming"
    )
  }

  @Test("of dear calls half a dollar is half; a refusal ahead begins with little again")
  func dear() {
    let dear = Price(picoUSD: 400_000_000_000)
    var growth = TrancheGrowth()
    _ = growth.next(at: at(0))
    _ = growth.next(at: at(1))
    #expect(growth.ahead(left: Price(picoUSD: 500_000_000_000), of: dear, at: at(2)) == nil)
    #expect(growth.ahead(left: Price(picoUSD: 499_999_999_999), of: dear, at: at(2)) == 32)
    growth.refusedAhead()
    #expect(growth.ahead(left: Price(picoUSD: 0), of: dear, at: at(3)) == nil)
    #expect(growth.next(at: at(3)) == 4)
  }

  @Test("what they need beside the first is a dollar at most, whatever it would come to")
  func spare() {
    #expect(TrancheGrowth.spare(4, of: bound) == 3000)
    #expect(TrancheGrowth.spare(1, of: bound) == 0)
    #expect(TrancheGrowth.spare(1024, of: Price(picoUSD: 1_000_000_000_000)) == 1_000_000_000_000)
    // Three times a third more than fits into 64 bits.
    #expect(TrancheGrowth.spare(4, of: Price(picoUSD: .max / 3 * 2)) == 1_000_000_000_000)
  }
}

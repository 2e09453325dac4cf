// Money reserved in one piece and spent call by call: never more than there is, none forgotten. And the limits a minute.

import NovaModel
import Testing

@Suite struct PurseTests {
  private let start = Instant(nanoseconds: 1_000_000_000)
  private func dollars(_ micro: Int64) -> Money { Money(microUSD: micro) }
  private func price(_ micro: Int64) -> Price { Price(picoUSD: micro * 1_000_000) }

  @Test("a call holds its bound and gives back what it did not need")
  func holds() {
    var purse = Purse()
    purse.add(1, amount: dollars(102), until: start + .seconds(60), at: start)
    #expect(purse.hold(price(60), at: start) == 1)
    #expect(purse.hold(price(60), at: start) == nil)
    #expect(purse.most(at: start) == price(40))
    purse.spend(price(10), held: price(60), of: 1, at: start)
    #expect(purse.most(at: start) == price(90))
    #expect(purse.calls == 0)
  }

  @Test("what is too old serves no new call, and is given back when the last one is over")
  func old() {
    var purse = Purse()
    let late = start + .seconds(61)
    purse.add(1, amount: dollars(1_000), until: start + .seconds(60), at: start)
    #expect(purse.hold(price(1), at: start) == 1)
    #expect(purse.hold(price(1), at: late) == nil)
    #expect(purse.takeIdle(unusedSince: start, least: price(0), at: late).isEmpty)
    purse.spend(price(1), held: price(1), of: 1, at: late)
    #expect(purse.takeIdle(unusedSince: start, least: price(0), at: late) == [1])
    #expect(purse.tranches.isEmpty)
  }

  @Test(
    "100,000 random holds and spends: what is held and spent is never more than what was reserved")
  func conserved() {
    var random: UInt64 = 42
    func next(_ limit: UInt64) -> Int64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((random >> 33) % limit)
    }
    var purse = Purse()
    var under: [(id: Int64, held: Int64)] = []
    var amounts: [Int64: Int64] = [:], spent: [Int64: Int64] = [:]
    for step in 0..<100_000 {
      let now = start + .milliseconds(Int64(step))
      let bound = next(50_000)
      if next(2) == 0, let id = purse.hold(Price(picoUSD: bound), at: now) {
        under.append((id, bound))
      } else if !under.isEmpty, next(3) > 0 {
        let call = under.remove(at: Int(next(UInt64(under.count))))
        let cost = next(UInt64(call.held + 1))
        spent[call.id, default: 0] += cost
        purse.spend(Price(picoUSD: cost), held: Price(picoUSD: call.held), of: call.id, at: now)
      } else if purse.tranches.count < 5 {
        let amount = Money(microUSD: 2 + next(3))
        amounts[Int64(step)] = amount.microUSD * 1_000_000
        purse.add(Int64(step), amount: amount, until: now + .seconds(30), at: now)
      }
      for id in purse.takeIdle(
        unusedSince: start + .milliseconds(Int64(step) - 100), least: Price(picoUSD: 0), at: now)
      {
        #expect(!under.contains { $0.id == id })
      }
      for tranche in purse.tranches where step % 50 == 0 {
        let held = under.filter { $0.id == tranche.reservation }.reduce(0) { $0 + $1.held }
        #expect(
          held + spent[tranche.reservation, default: 0] <= amounts[tranche.reservation, default: 0])
      }
    }
    #expect(spent.values.reduce(0, +) > 0)
  }

  @Test("a minute's calls at once, then evenly; what was overdrawn is paid back first")
  func rates() {
    var rate = CallRate(perMinute: 60, at: start)
    for _ in 0..<60 {
      #expect(rate.wait(at: start) == nil)
      rate.take(1, at: start)
    }
    let wait = rate.wait(at: start)
    #expect(wait != nil && wait ?? .zero <= .milliseconds(1_001))
    #expect(rate.wait(at: start + .milliseconds(1_001)) == nil)
    rate.take(61, at: start + .seconds(2))
    #expect(rate.wait(at: start + .seconds(50)) != nil)
    #expect(rate.wait(at: start + .seconds(63)) == nil)
    var tokens = CallRate(perMinute: 1, at: start)
    tokens.take(.max, at: start)
    tokens.take(.max, at: start)
    #expect(tokens.wait(at: start + .seconds(3_600)) != nil)
  }
}

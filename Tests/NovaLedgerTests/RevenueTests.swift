// Payments and what is given back of them: once, to whom the rules name, never more than was paid.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Revenue")
struct RevenueTests {
  @Test("a payment is booked once, with its fee as a cost")
  func payment() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var fact = try Sample.payment("ch_1", 10_000_000)
    fact.fee = Money(microUSD: 590_000)
    #expect(try ledger.conflict(.revenue(fact)) == nil)
    #expect(try ledger.wasThere(.revenue(fact)))
    fact.amount = Money(microUSD: 9_000_000)
    #expect(
      try ledger.conflict(.revenue(fact))
        == "sale ch_1 of stripe is booked already, with 10.000000 USD")
    let balance = try #require(
      try ledger.balances()[BalanceKey(worker: try Sample.name(), instance: 0)])
    #expect(balance.revenue == Money(microUSD: 10_000_000))
    #expect(balance.cost == Money(microUSD: 590_000))
    #expect(balance.profit == Money(microUSD: 9_410_000))
  }

  @Test(
    "a payment that names nobody is nobody's until a stronger rule names a worker, refunds with it")
  func stronger() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let unknown = try Sample.payment("ch_1", 900, worker: nil)
    try ledger.store([.revenue(unknown), Sample.refund("re_1", of: "ch_1", 100)])
    #expect(try ledger.profit(of: nil) == 800)
    var product = try Sample.payment("ch_1", 900)
    product.named?.rule = .product
    #expect(try ledger.conflict(.revenue(product)) == nil)
    #expect(try ledger.profit(of: nil) == 0)
    #expect(try ledger.profit(of: "outreach") == 800)
    // The same strength, or less, moves nothing.
    #expect(try ledger.wasThere(.revenue(unknown)))
    let other = try Sample.payment("ch_1", 900, worker: "else")
    #expect(try ledger.conflict(.revenue(other)) == nil)
    #expect(try ledger.profit(of: "else") == 800)
    #expect(try ledger.profit(of: "outreach") == 0)
    #expect(try ledger.conflict(Sample.refund("re_2", of: "ch_1", 801)) != nil)
    #expect(try ledger.conflict(Sample.refund("re_2", of: "ch_1", 800)) == nil)
    #expect(try ledger.profit(of: "else") == 0)
  }

  @Test(
    "touches within 30 days divide a payment by their rule, to the micro-USD",
    arguments: [
      (AttributionRule.lastTouch, ["b": 1000]), (.linear, ["a": 667, "b": 333]),
      // Seven days are a half-life: a at 14 and 7 days, b at 0: 1/4 + 1/2 to 1.
      (.timeDecay, ["a": 429, "b": 571]),
    ] as [(AttributionRule, [String: Int64])])
  func touches(rule: AttributionRule, parts: [String: Int64]) throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let day: Int64 = 86_400
    let now = 40 * day
    func touch(_ worker: String, _ age: Int64) throws -> LedgerWrite {
      .touch(
        Touch(
          key: "customer", worker: try Sample.name(worker), run: nil, at: Sample.at(now - age * day)
        ))
    }
    try ledger.store([
      try touch("old", 31), try touch("a", 14), try touch("a", 7), try touch("b", 0),
    ])
    var fact = try Sample.payment("ch_1", 1000, worker: nil, at: now)
    fact.touches = ["customer"]
    fact.touchRule = rule
    try ledger.store([.revenue(fact)])
    let entries = try ledger.entries()
    #expect(entries.reduce(0) { $0 + $1.amount.microUSD } == 1000)
    #expect(entries.reduce(0) { $0 + $1.weightPPM } == 1_000_000)
    for (worker, amount) in parts { #expect(try ledger.profit(of: worker) == amount) }
    #expect(try ledger.profit(of: "old") == 0)
  }

  @Test("partial refunds follow the split and never take back more than was paid")
  func partialRefunds() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    for worker in ["a", "b", "c"] {
      try ledger.store([
        .touch(Touch(key: "k", worker: try Sample.name(worker), run: nil, at: Sample.at(100)))
      ])
    }
    var fact = try Sample.payment("ch_1", 1000, worker: nil)
    fact.touches = ["k"]
    fact.touchRule = .linear
    try ledger.store([.revenue(fact)])
    #expect(try ["a", "b", "c"].map { try ledger.profit(of: $0) } == [334, 333, 333])
    for turn in 0..<10 {
      #expect(try ledger.conflict(Sample.refund("re_\(turn)", of: "ch_1", 99)) == nil)
      for worker in ["a", "b", "c"] {
        let left = try ledger.profit(of: worker)
        #expect(left >= 0 && abs(left - Int64(1000 - 99 * (turn + 1)) / 3) <= 1)
      }
    }
    #expect(
      try ledger.conflict(Sample.refund("re_x", of: "ch_1", 11))
        == "refund re_x is of 0.000011 USD, but only 0.000010 USD of ch_1 can be taken back")
    // What is left, without saying how much.
    #expect(try ledger.conflict(Sample.refund("re_y", of: "ch_1", nil)) == nil)
    #expect(try ["a", "b", "c"].map { try ledger.profit(of: $0) } == [0, 0, 0])
    #expect(
      try ledger.conflict(Sample.refund("re_z", of: "nothing", 1))
        == "there is no payment nothing of stripe")
  }

  @Test("a dispute takes all back, its fee on top, and what is won comes back")
  func dispute() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([.revenue(try Sample.payment("ch_1", 1000))])
    try ledger.store([
      Sample.refund("dp_1", of: "ch_1", nil, kind: .dispute),
      Sample.refund("dp_1", of: "ch_1", 15_000_000, kind: .disputeFee),
    ])
    #expect(try ledger.profit(of: "outreach") == -15_000_000)
    #expect(try ledger.conflict(Sample.refund("re_1", of: "ch_1", 1)) != nil)
    #expect(
      try ledger.conflict(Sample.refund("dp_1", of: "ch_1", 1001, kind: .chargebackWon)) != nil)
    try ledger.store([Sample.refund("dp_1", of: "ch_1", 1000, kind: .chargebackWon)])
    #expect(try ledger.profit(of: "outreach") == 1000 - 15_000_000)
    #expect(try ledger.conflict(Sample.refund("re_1", of: "ch_1", 1000)) == nil)
    #expect(try ledger.conflict(Sample.refund("re_2", of: "ch_1", 1)) != nil)
  }

  @Test("what a worker reported is replaced by what the platform confirms, whoever comes first")
  func confirmed() throws {
    for (pending, platformFirst) in [(true, false), (false, false), (false, true), (true, true)] {
      let shop = try Workshop()
      let ledger = try shop.open()
      let report = Sample.reported(try Sample.run("r1", revenue: 1000), pending: pending)
      let sale = LedgerWrite.revenue(try Sample.payment("ch_1", 1000, run: "r1"))
      try ledger.store(platformFirst ? [sale] : [report])
      if !platformFirst {
        #expect(try ledger.profit(of: "outreach") == (pending ? 0 : 1000))
        let key = BalanceKey(worker: try Sample.name(), instance: 1)
        #expect(try ledger.balances()[key]?.pending == Money(microUSD: pending ? 1000 : 0))
      }
      try ledger.store(platformFirst ? [report] : [sale])
      #expect(try ledger.profit(of: "outreach") == 1000)
      #expect(try ledger.balances().values.reduce(0) { $0 + $1.pending.microUSD } == 0)
    }
  }
}

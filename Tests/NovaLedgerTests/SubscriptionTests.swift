// Cycles of a subscription go to who won it, as many as it may have; rates never change; a week's profit counts what has
// matured.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Subscriptions, rates and matured profit")
struct SubscriptionTests {
  private func cycle(
    _ id: String, worker: String? = nil, run: String? = nil, rule: AttributionRule = .explicit,
    credit: Int = 3, at seconds: Int64 = 200, _ amount: Int64 = 1000
  ) throws -> LedgerWrite {
    var fact = try Sample.payment(id, amount, worker: worker, run: run, at: seconds)
    fact.kind = .subscriptionCycle
    fact.named?.rule = rule
    fact.subscription = "sub_1"
    fact.creditCycles = [try Sample.name(): credit, try Sample.name("b"): credit]
    return .revenue(fact)
  }

  private func owners(_ ledger: Ledger, _ id: String) throws -> [String] {
    try ledger.entries().filter { $0.externalID == id && $0.amount > .zero }.map {
      "\($0.worker?.text ?? "nobody") \($0.run ?? "-") \($0.rule.rawValue) \($0.amount.microUSD)"
    }
  }

  @Test("every cycle is credited to the run that won the first, for credit_cycles, once each")
  func cycles() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([try cycle("c1", worker: "outreach", run: "r1")])
    try ledger.store([try cycle("c2")])
    // Handed in again it counts no further cycle.
    #expect(try ledger.wasThere(try cycle("c2")))
    #expect(try ledger.wasThere(try cycle("c1", worker: "outreach", run: "r1")))
    try ledger.store([try cycle("c3"), try cycle("c4"), try cycle("c5", worker: "b")])
    #expect(try owners(ledger, "c1") == ["outreach r1 explicit 1000"])
    #expect(try owners(ledger, "c2") == ["outreach r1 subscription 1000"])
    #expect(try owners(ledger, "c3") == ["outreach r1 subscription 1000"])
    #expect(try owners(ledger, "c4") == ["nobody - unattributed 1000"], "three cycles are its")
    #expect(try owners(ledger, "c5") == ["b - explicit 1000"], "the payment's own word is stronger")
    #expect(try ledger.profit(of: "outreach") == 3000)
    #expect(try ledger.verify().findings == [])
  }

  @Test("a split of the first cycle is that of every later one; a stronger word moves them on")
  func split() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      .touch(Touch(key: "k", worker: try Sample.name("a"), run: "r7", at: Sample.at(10))),
      .touch(Touch(key: "k", worker: try Sample.name("b"), run: nil, at: Sample.at(20))),
    ])
    guard case .revenue(var first) = try cycle("s1", at: 300, 1001) else { return }
    first.touches = ["k"]
    first.touchRule = .linear
    try ledger.store([.revenue(first)])
    #expect(try owners(ledger, "s1") == ["a r7 linear 501", "b - linear 500"])
    try ledger.store([try cycle("s2", at: 400, 777)])
    #expect(try owners(ledger, "s2") == ["a r7 subscription 389", "b - subscription 388"])
    // Product and touch are weaker than who won it; nobody who has used his credit up gets the other's part.
    let sold = try cycle("s3", worker: "outreach", rule: .product, at: 500, 10)
    guard case .revenue(var third) = sold else { return }
    third.creditCycles[try Sample.name("b")] = 2
    try ledger.store([.revenue(third)])
    #expect(try owners(ledger, "s3") == ["a r7 subscription 5", "nobody - unattributed 5"])
    try ledger.store([try cycle("s1", worker: "outreach", at: 600, 1001)])
    #expect(try owners(ledger, "s1").last == "outreach - explicit 1001")
    try ledger.store([try cycle("s4", credit: 9, at: 700, 9)])
    #expect(try owners(ledger, "s4") == ["outreach - subscription 9"])
    #expect(try ledger.verify().findings == [])
  }

  @Test("a first cycle that nobody won leaves the next to the weaker rules")
  func unwon() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([try cycle("u1")])
    try ledger.store([try cycle("u2", worker: "outreach", rule: .product)])
    #expect(try owners(ledger, "u1") == ["nobody - unattributed 1000"])
    #expect(try owners(ledger, "u2") == ["outreach - product 1000"])
  }

  @Test("a rate is kept, known again, and never changed")
  func rates() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    func rate(_ nano: Int64, at seconds: Int64 = 50) -> ExchangeRate {
      ExchangeRate(
        currency: "EUR", since: Sample.at(seconds), nanoUSD: nano, places: 2, actor: "uid:0")
    }
    try ledger.store([.rate(rate(1_081_200_000)), .rate(rate(1_090_000_000, at: 90))])
    #expect(try ledger.wasThere(.rate(rate(1_081_200_000))))
    let sentence = try #require(try ledger.conflict(.rate(rate(1_081_200_001))))
    #expect(sentence.contains("a rate never changes"))
    ledger.close()
    let again = try shop.open()
    #expect(try again.load().rates == [rate(1_081_200_000), rate(1_090_000_000, at: 90)])
    again.close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    for sql in ["UPDATE rate SET numerator = 1", "DELETE FROM rate"] {
      #expect(throws: LedgerError.self) { try connection.execute(sql) }
    }
  }

  @Test(
    "an amount at a rate is rounded half to even, to the micro-USD",
    arguments: [
      (1_081_200_000, 2, 1000, 10_812_000), (1_000_000_000, 2, 1, 10_000),
      (500, 0, 1, 0), (1500, 0, 1, 2), (2500, 0, 1, 2), (6_666_667, 0, 3, 20_000),
      (3_300_000_000, 3, 1, 3300), (1_000_000_000_000, 2, 1_000_000_00, 1_000_000_000_000_000),
    ] as [(Int64, Int, Int64, Int64)])
  func conversion(nano: Int64, places: Int, minor: Int64, micro: Int64) {
    let rate = ExchangeRate(
      currency: "XXX", since: Sample.at(0), nanoUSD: nano, places: places, actor: "a")
    #expect(rate.usd(minorUnits: minor) == Money(microUSD: micro))
    #expect(rate.usd(minorUnits: -minor) == Money(microUSD: -micro))
  }

  @Test("a week's profit counts revenue when it has matured, and all of its cost")
  func matured() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let day: Int64 = 86_400
    let now = Sample.at(100 * day)
    func sale(_ id: String, _ micro: Int64, booked: Int64, matures: Int64?) throws -> LedgerWrite {
      var fact = try Sample.payment(id, micro, at: booked * day)
      fact.matures = matures.map { Sample.at($0 * day) }
      return .revenue(fact)
    }
    try ledger.store([
      try sale("settled at once", 1000, booked: 97, matures: nil),
      try sale("settled this week", 200, booked: 60, matures: 95),
      try sale("not yet", 40, booked: 99, matures: 129),
      try sale("settled long ago", 8, booked: 50, matures: 80),
      try sale("at the very end", 1, booked: 99, matures: 100),
      .entry(try Sample.entry("cost", -300, at: 99 * day)),
      .entry(try Sample.entry("old cost", -7000, at: 90 * day)),
    ])
    #expect(ledger.ask(.matured([now, Sample.at(60 * day)]), ticket: 7))
    let answers = try ledger.completions { completion in
      if case .answered = completion { true } else { false }
    }
    #expect(
      answers.contains(
        .answered(ticket: 7, .matured([Money(microUSD: 901), Money(microUSD: 0)]))))
  }
}

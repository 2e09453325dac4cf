// The lines of the ledger: once, in order, never changed, and their totals beside them.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Entries")
struct EntryTests {
  @Test("an entry is booked once; the same again is known, with another amount it is a conflict")
  func once() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let entry = try Sample.entry("a")
    #expect(try ledger.conflict(.entry(entry)) == nil)
    #expect(try ledger.wasThere(.entry(entry)))
    var other = entry
    other.amount = Money(microUSD: -6)
    #expect(
      try ledger.conflict(.entry(other)) == "llm a of gateway is booked already, with -0.000005 USD"
    )
    other = entry
    other.worker = try Sample.name("else")
    #expect(try ledger.conflict(.entry(other)) != nil)
    #expect(try ledger.entries().map(\.amount) == [Money(microUSD: -5)])
  }

  @Test("an entry comes back as it was booked, with its number, and is told once")
  func roundTrip() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([Sample.price])
    var entry = try Sample.entry("b", -7, kind: .compute)
    entry.instance = 3
    entry.incarnation = Incarnation(9)
    entry.run = "r1"
    entry.original = ForeignAmount(currency: "EUR", minorUnits: 1250, rate: "settled")
    entry.weightPPM = 333_333
    entry.rule = .linear
    entry.matures = Sample.at(900)
    entry.price = PriceID(1)
    let answers = try ledger.store([.entry(entry)])
    entry.id = 1
    #expect(answers.contains(.booked([entry])))
    #expect(try ledger.entries() == [entry])
    let again = try ledger.store([.entry(entry)])
    #expect(!again.contains { if case .booked = $0 { true } else { false } })
  }

  @Test("the database refuses to change, delete or skip an entry, whoever asks")
  func fixed() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([.entry(try Sample.entry("a")), .entry(try Sample.entry("b"))])
    ledger.close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    for (sql, why) in [
      ("UPDATE entry SET amount_micro = 1 WHERE id = 1", "an entry is never changed"),
      ("DELETE FROM entry WHERE id = 2", "an entry is never deleted"),
      (
        "INSERT INTO entry SELECT 9, event_usec, booked_usec, worker, instance, incarnation, run, kind, source, "
          + "'z', part, amount_micro, pending, currency, minor_units, rate, rule, weight_ppm, matures_usec, reverses, "
          + "price_id, hash FROM entry WHERE id = 1", "an entry follows the one before it"
      ),
      (
        "INSERT INTO entry SELECT 3, event_usec, booked_usec, worker, instance, incarnation, run, kind, source, "
          + "'z', part, 6, pending, currency, minor_units, rate, rule, weight_ppm, matures_usec, 1, "
          + "price_id, hash FROM entry WHERE id = 1",
        "a reversing entry takes back at most what it names"
      ),
    ] {
      do throws(LedgerError) {
        try connection.execute(sql)
        Issue.record("\(sql) was let through")
      } catch {
        #expect(error.message.contains(why))
      }
    }
  }

  @Test("every booking of a life is one line of the ledger, and their sum is its cost")
  func compute() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let first = Sample.book(try Sample.life(1, bookings: 1, cpu: 100, cost: 7))
    let second = Sample.book(try Sample.life(1, bookings: 2, cpu: 150, cost: 9), at: 120)
    let idle = Sample.book(try Sample.life(1, bookings: 3, cpu: 150, cost: 9), at: 180)
    try ledger.store([Sample.price, first, first, second, idle])
    try ledger.store([second, idle])
    let entries = try ledger.entries()
    #expect(entries.map(\.externalID) == ["1/1", "1/2"])
    #expect(entries.map(\.cost) == [Money(microUSD: 7), Money(microUSD: 2)])
    #expect(entries.map(\.price) == [PriceID(1), PriceID(1)])
    let key = BalanceKey(worker: try Sample.name(), instance: 1)
    #expect(try ledger.balances()[key]?.compute == Money(microUSD: 9))
  }

  @Test("a run is stored with its entries once, and refused with other amounts")
  func runs() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let run = try Sample.run("r1", cost: 50_000, revenue: 10_000_000)
    let answers = try ledger.store([Sample.reported(run)])
    #expect(answers.contains(.ran([run])))
    #expect(try ledger.wasThere(Sample.reported(run)))
    #expect(
      try ledger.conflict(Sample.reported(try Sample.run("r1", cost: 50_001, revenue: 10_000_000)))
        == "run r1 of outreach is booked already, with another outcome or other amounts")
    #expect(
      try ledger.conflict(
        Sample.reported(try Sample.run("r1", cost: 50_000, revenue: 10_000_000, outcome: .failed)))
        != nil)
    // The same id of another worker is another run.
    #expect(
      try ledger.conflict(Sample.reported(try Sample.run("r1", cost: 1, worker: "else"))) == nil)
    #expect(try ledger.profit(of: "outreach") == 9_950_000)
    let totals = try #require(try ledger.runTotals()[try Sample.name()])
    #expect(totals.ok == 1 && totals.failed == 0 && totals.withRevenue == 1)
    #expect(totals.successPPM == 1_000_000)
  }

  @Test("ended lives are counted once, and their crashes")
  func lives() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    for serial in UInt64(1)...3 {
      var life = try Sample.life(serial, bookings: 1)
      life.ended = Sample.at(70)
      life.crashed = serial == 2
      try ledger.store([Sample.price, Sample.book(life), Sample.book(life)])
    }
    let totals = try #require(try ledger.runTotals()[try Sample.name()])
    #expect(totals.lives == 3 && totals.crashedLives == 1)
    #expect(totals.crashPPM == 333_333)
  }

  @Test("an amount beyond all sense is refused alone")
  func absurd() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    ledger.submit([.entry(try Sample.entry("good"))], ticket: 1)
    ledger.submit([.entry(try Sample.entry("bad", -10_000_000_000_001))], ticket: 2)
    let answers = try ledger.store([.entry(try Sample.entry("after"))])
    #expect(answers.contains { if case .rejected(2, _) = $0 { true } else { false } })
    #expect(try ledger.entries().map(\.externalID) == ["good", "after"])
    #expect(try ledger.entries().map(\.id) == [1, 2])
  }
}

@Suite("Questions about income")
struct IncomeIndexTests {
  @Test("a question in the words of a partial index is answered from it", arguments: [true, false])
  func plan(sales: Bool) throws {
    let shop = try Workshop()
    try shop.open().close()
    let connection = try Connection(path: shop.path, access: .readOnly)
    let condition = EntryKind.condition(
      sales ? EntryKind.sales : EntryKind.income, of: "e.kind")
    var plan = try connection.prepare(
      "EXPLAIN QUERY PLAN SELECT count(*) FROM entry e WHERE \(condition) AND "
        + (sales ? "worker = 'a' AND pending = 0" : "booked_usec > 5"))
    var lines: [String] = []
    try plan.query { row in lines.append(row.text(3)) }
    #expect(lines.contains { $0.contains(sales ? "entry_sale" : "entry_income") }, "\(lines)")
  }

  @Test("the database knows every kind and no other")
  func kinds() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    for kind in EntryKind.allCases {
      let entry = try Sample.entry("k", 5 * kind.sign, kind: kind)
      #expect(try ledger.conflict(.entry(entry)) == nil)
    }
    #expect(try ledger.entries().count == EntryKind.allCases.count)
    ledger.close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    for kind in ["sale ", "", "le", "sale subscription_cycle", "bribe"] {
      #expect(throws: LedgerError.self, "\(kind)") {
        try connection.execute(
          """
          INSERT INTO entry SELECT id + 1, event_usec, booked_usec, worker, instance, incarnation, run, '\(kind)',
            source, external_id, part, amount_micro, pending, currency, minor_units, rate, rule, weight_ppm,
            matures_usec, reverses, price_id, hash FROM entry ORDER BY id DESC LIMIT 1
          """)
      }
    }
  }
}

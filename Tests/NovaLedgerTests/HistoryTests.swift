// Events and the rules that hold history: gapless, append-only, given up only through retention.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("History")
struct HistoryTests {
  @Test("events come back with every field, in order, and the next id follows the last")
  func fields() throws {
    let shop = try Workshop()
    var event = EventRecord(
      at: Sample.at(1), type: "operator.scale", severity: .notice, worker: try Sample.name(),
      instance: 3, actor: "uid:1000", message: "from 1 to 3; \u{0} ü",
      details: ["from": "1", "to": "3", "why": "a=b&c"])
    event.id = 1
    do {
      let ledger = try shop.open()
      ledger.submit([.event(event), .event(Sample.event(2))])
      ledger.close()
    }
    let ledger = try shop.open()
    #expect(try ledger.events(EventQuery()) == [event, Sample.event(2)])
    #expect(try ledger.load().nextEventID == 3)
  }

  @Test("a repeated event is not another; another with its id is refused; a gap is named")
  func order() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([.event(Sample.event(1)), .event(Sample.event(1))])
    let answers = try ledger.store([.event(Sample.event(1, at: 99))], ticket: 5)
    guard case .rejected(5, _)? = answers.last else { throw Trouble("\(answers)") }
    try ledger.store([.event(Sample.event(7))])
    let events = try ledger.events(EventQuery())
    #expect(events.map(\.id) == [1, 6, 7])
    #expect(events[1].type == "ledger.events_dropped")
    #expect(events[1].details == ["first": "2", "last": "6"])
  }

  @Test("events are found by id, worker, type, time and from the end")
  func queries() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var writes: [LedgerWrite] = []
    for id in 1...20 as ClosedRange<Int64> {
      let types = ["instance.exited", "instance.started", "instances", "operator.scale"]
      var event = Sample.event(id, at: id, type: types[Int(id) % 4])
      event.worker = id.isMultiple(of: 5) ? try Sample.name() : nil
      writes.append(.event(event))
    }
    try ledger.store(writes)
    func ids(_ change: (inout EventQuery) -> Void) throws -> [Int64] {
      var query = EventQuery()
      change(&query)
      return try ledger.events(query).map(\.id)
    }
    #expect(try ids { $0.after = 17 } == [18, 19, 20])
    #expect(try ids { $0.limit = 2 } == [1, 2])
    #expect(try ids { $0.limit = 0 } == [1])
    #expect(
      try ids {
        $0.limit = 2
        $0.newest = true
      } == [19, 20])
    #expect(try ids { $0.worker = WorkerName("outreach") } == [5, 10, 15, 20])
    #expect(try ids { $0.since = Sample.at(19) } == [19, 20])
    #expect(try ids { $0.types = ["operator.scale"] } == [3, 7, 11, 15, 19])
    #expect(try ids { $0.types = ["instance.*"] } == [1, 4, 5, 8, 9, 12, 13, 16, 17, 20])
    #expect(try ids { $0.types = ["operator.*", "instances"] }.count == 10)
    #expect(try ids { $0.types = ["' OR 1=1 --"] } == [])
  }

  @Test(
    "the database refuses whoever changes or deletes history",
    arguments: [
      "UPDATE usage_booking SET cost_micro = 0", "DELETE FROM usage_booking",
      "INSERT OR REPLACE INTO usage_booking SELECT incarnation, number, at_usec, 0, 0, 0, 0, 0, price_id, 0 FROM usage_booking",
      "UPDATE event SET message = ''", "DELETE FROM event",
      "INSERT INTO event VALUES (3, 1, 'x', 6, NULL, NULL, '', '', '')",
      "INSERT OR REPLACE INTO event VALUES (1, 1, 'x', 6, NULL, NULL, '', '', '')",
      "UPDATE price SET cpu_hour_pico = 0", "DELETE FROM price",
      "UPDATE incarnation SET cost_micro = 0", "UPDATE incarnation SET cpu_usec = cpu_usec - 1",
      "UPDATE incarnation SET bookings = 0", "DELETE FROM incarnation",
      "UPDATE meta SET value = 0 WHERE name = 'incarnations_reserved'", "DELETE FROM meta",
      "INSERT INTO worker(name, paused, pinned) VALUES ('x', 'yes', 0)",
      "INSERT INTO worker(name, paused, pinned) VALUES (\"x\", 0, 0)",
    ])
  func appendOnly(_ sql: String) throws {
    let shop = try Workshop()
    do {
      let ledger = try shop.open()
      try ledger.store([
        Sample.price, Sample.book(try Sample.life(1, bookings: 1, cpu: 10, cost: 5)),
        .event(Sample.event(1)),
      ])
      ledger.close()
    }
    let file = try LedgerFile(path: shop.path)
    let connection = try file.openWriter(LedgerOptions(), now: Sample.at(0))
    #expect(throws: LedgerError.self) { try connection.execute(sql) }
    #expect(try connection.integer("SELECT sum(cost_micro) FROM usage_booking") == 5)
    #expect(try connection.integer("SELECT count(*) FROM event WHERE message = 'event 1'") == 1)
  }

  @Test("retention gives up what is older, keeps the totals, leaves no gap and never reuses an id")
  func retention() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var life = try Sample.life(1, bookings: 1, cpu: 10, cost: 5)
    life.ended = Sample.at(20)
    var later = try Sample.life(2, bookings: 1, cpu: 10, cost: 5)
    try ledger.store([Sample.price, Sample.book(life, at: 10), Sample.book(later, at: 10)])
    later.bookings = 2
    later.cost = Money(microUSD: 8)
    try ledger.store([
      Sample.book(later, at: 200),
      // The clock was set back after event 3: it stays, for event 2 before it does.
      .event(Sample.event(1, at: 10)), .event(Sample.event(2, at: 200)),
      .event(Sample.event(3, at: 10)),
      .retain(from: Sample.at(100)),
    ])
    #expect(try ledger.events(EventQuery()).map(\.id) == [2, 3])
    #expect(try ledger.bookings(of: Incarnation(1)) == [])
    #expect(try ledger.bookings(of: Incarnation(2)).map(\.number) == [2])
    #expect(try ledger.incarnations(of: try Sample.id()).map(\.incarnation.serial) == [2])
    let usage = try #require(try ledger.usage(since: Sample.at(0))[try Sample.id()])
    #expect(usage.cost == Money(microUSD: 13))
    #expect(usage.totals.cpuUsec == 20)
    #expect(usage.incarnations == 2)
    try ledger.store([.retain(from: Sample.at(1)), .retain(from: Sample.at(1000))])
    #expect(try ledger.events(EventQuery()) == [])
    #expect(try ledger.load().nextEventID == 4)
  }
}

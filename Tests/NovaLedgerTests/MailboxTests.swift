// The writer's thread: group commit, order, trouble with the disk, and what is merged when it lasts.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("The ledger's thread")
struct MailboxTests {
  /// Holds the write lock, so that what is submitted meanwhile must wait.
  private func holding(_ shop: Workshop, _ body: () throws -> Void) throws {
    let other = try Connection(path: shop.path, access: .readWrite)
    other.setBusyTimeout(milliseconds: 5000)
    try other.execute("BEGIN IMMEDIATE")
    try body()
    try other.execute("ROLLBACK")
  }

  @Test("what is queued while a commit runs goes into one transaction, in order")
  func groupCommit() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let count: Int64 = 300
    try holding(shop) {
      for id in 1...count { ledger.submit([.event(Sample.event(id))], ticket: UInt64(id)) }
      #expect(ledger.condition.pending.writes == Int(count))
    }
    let answers = try ledger.completions { $0 == .durable(ticket: UInt64(count)) }
    #expect(answers == (1...count).map { .durable(ticket: UInt64($0)) })
    // One that was under way when the others came, one for all of them.
    #expect(ledger.condition.commits <= 2)
    #expect(ledger.condition.pending.writes == 0)
    var query = EventQuery()
    query.limit = 1000
    #expect(try ledger.events(query).map(\.id) == Array(1...count))
  }

  @Test("nothing is answered before it is durable")
  func notEarly() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try holding(shop) {
      ledger.submit([.event(Sample.event(1))], ticket: 1)
      #expect(ledger.drainCompletions() == [])
      let seen = try ledger.events(EventQuery())
      #expect(seen == [])
    }
    _ = try ledger.completions { $0 == .durable(ticket: 1) }
    #expect(try ledger.events(EventQuery()).count == 1)
  }

  @Test("a batch that failed is tried before what came meanwhile")
  func requeue() throws {
    let mailbox = try Mailbox(LedgerOptions(), reservedThrough: Incarnation(1))
    mailbox.submit(Submission([.event(Sample.event(1))], ticket: 1))
    let batch = mailbox.take().batch
    mailbox.submit(Submission([.event(Sample.event(2))], ticket: 2))
    mailbox.failed(batch, LedgerError(.full, doing: "write", message: "full", remedy: "wait"))
    #expect(mailbox.take().batch.map(\.ticket) == [1, 2])
    #expect(mailbox.condition.pending.writes == 2)
  }

  @Test("an empty submission with a ticket answers after all before it")
  func barrier() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    ledger.submit([.event(Sample.event(1))])
    try ledger.store([], ticket: 4)
    #expect(try ledger.events(EventQuery()).count == 1)
  }

  @Test("close writes what is queued")
  func closing() throws {
    let shop = try Workshop()
    do {
      let ledger = try shop.open()
      for id in 1...50 as ClosedRange<Int64> { ledger.submit([.event(Sample.event(id))]) }
      #expect(ledger.close().writes == 0)
      #expect(ledger.close().writes == 0)
    }
    #expect(try shop.open().events(EventQuery()).count == 50)
  }

  /// Fills the file to its bound: returns the id of the next event.
  private func fill(_ ledger: Ledger, from first: Int64 = 1) throws -> Int64 {
    ledger.limitPages(to: 1)
    var next = first
    for _ in 0..<500 {
      var big = Sample.event(next)
      big.message = String(repeating: "x", count: 9000)
      ledger.submit([.event(big)], ticket: UInt64(next))
      next += 1
      let answers = try ledger.completions { answer in
        switch answer {
        case .durable, .degraded: true
        default: false
        }
      }
      for case .degraded(let error, let pending) in answers {
        #expect(error.kind == .full)
        #expect(error.extendedCode == 13)
        #expect(error.description.hasSuffix("(free space on its file system)"))
        #expect(pending.writes == 1)
        return next
      }
    }
    throw Trouble("it did not become full")
  }

  @Test("a full disk degrades; when there is room again everything is there, in order")
  func fullDisk() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([.event(Sample.event(1))])
    var next = try fill(ledger, from: 2)
    #expect(ledger.condition.trouble?.kind == .full)
    ledger.submit([
      Sample.price, Sample.book(try Sample.life(1, bookings: 1, cpu: 10, cost: 5)),
      .event(Sample.event(next)),
    ])
    next += 1
    // Reading goes on.
    #expect(try !ledger.events(EventQuery()).isEmpty)
    ledger.submit([.event(Sample.event(next))], ticket: 9999)
    ledger.limitPages(to: 1_000_000)
    _ = try ledger.completions { $0 == .recovered }
    try ledger.store([], ticket: 10_000)
    #expect(ledger.condition.trouble == nil)
    #expect(ledger.condition.pending.writes == 0)
    var query = EventQuery()
    query.limit = 10_000
    let events = try ledger.events(query)
    #expect(events.map(\.id) == Array(1...next))
    #expect(!events.contains { $0.type == "ledger.events_dropped" })
    #expect(try ledger.usage(since: Sample.at(0))[try Sample.id()]?.cost == Money(microUSD: 5))
  }

  @Test(
    "under a lasting trouble records are merged, the oldest events given up and named, money kept")
  func bound() throws {
    let shop = try Workshop()
    let ledger = try shop.open { $0.maxPendingWrites = 100 }
    try ledger.store([Sample.price])
    var next = try fill(ledger)
    for booking in 1...300 {
      var worker = WorkerRecord(name: try Sample.name())
      worker.count = booking
      // As long as the one that did not fit: no part of the queue fits before there is room.
      var event = Sample.event(next)
      event.message = String(repeating: "x", count: 9000)
      ledger.submit([
        Sample.book(
          try Sample.life(1, bookings: booking, cpu: UInt64(booking), cost: Int64(booking))),
        .worker(worker), .event(event),
      ])
      next += 1
    }
    let condition = ledger.condition
    // A batch that is being tried, and as much again in the queue.
    #expect(condition.pending.writes <= 200)
    #expect(condition.pending.droppedEvents > 0)
    #expect(!condition.isOverfull)
    ledger.limitPages(to: 1_000_000)
    try ledger.store([], ticket: 77)
    #expect(try ledger.load().workers.first?.count == 300)
    let bookings = try ledger.bookings(of: Incarnation(1))
    #expect(bookings.reduce(0) { $0 + $1.usage.cpuUsec } == 300)
    #expect(bookings.reduce(Money.zero) { $0 + $1.cost } == Money(microUSD: 300))
    var query = EventQuery()
    query.limit = 10_000
    let events = try ledger.events(query)
    var given: [Int64] = []
    var lost = 0
    for event in events {
      given.append(event.id)
      guard event.type == "ledger.events_dropped" else { continue }
      let first = try #require(event.details["first"].flatMap { Int64($0) })
      lost += 1
      given += (first..<event.id)
    }
    // Every id is there, or inside the range that a marker in its place names.
    #expect(given.sorted() == Array(1..<next))
    #expect(lost > 0)
  }

  @Test("bookings beyond the bound are kept, and the condition says that no more may begin")
  func overfull() throws {
    let shop = try Workshop()
    let ledger = try shop.open { $0.maxPendingWrites = 10 }
    try ledger.store([Sample.price])
    try holding(shop) {
      for serial in 1...40 as ClosedRange<UInt64> {
        ledger.submit([Sample.book(try Sample.life(serial, bookings: 1, cpu: 1, cost: 1))])
      }
      #expect(ledger.condition.isOverfull)
      #expect(ledger.condition.pending.writes == 40)
    }
    try ledger.store([], ticket: 88)
    #expect(!ledger.condition.isOverfull)
    #expect(try ledger.usage(since: Sample.at(0))[try Sample.id()]?.cost == Money(microUSD: 40))
  }

  @Test("closing on a full disk ends, and says what was left")
  func closeFull() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    _ = try fill(ledger)
    #expect(ledger.close().writes == 1)
  }
}

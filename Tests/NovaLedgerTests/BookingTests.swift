// Money: exactly once, never changed, never negative, and the sums of both sides agree.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Bookings")
struct BookingTests {
  @Test("the same booking twice counts once, in one turn, in the next, and after a restart")
  func exactlyOnce() throws {
    let shop = try Workshop()
    let first = Sample.book(try Sample.life(1, bookings: 1, cpu: 100, memory: 40, cost: 7))
    let second = Sample.book(
      try Sample.life(1, bookings: 2, cpu: 150, memory: 40, cost: 9), at: 120)
    do {
      let ledger = try shop.open()
      try ledger.store([Sample.price, Sample.book(try Sample.life(1)), first, first, second])
      try ledger.store([second, first])
      ledger.close()
    }
    let ledger = try shop.open()
    try ledger.store([first, second])
    let bookings = try ledger.bookings(of: Incarnation(1))
    #expect(bookings.map(\.number) == [1, 2])
    #expect(bookings.map(\.usage.cpuUsec) == [100, 50])
    #expect(bookings.map(\.usage.memoryKiBMsec) == [40, 0])
    #expect(bookings.map(\.cost) == [Money(microUSD: 7), Money(microUSD: 2)])
    #expect(bookings.map(\.at) == [Sample.at(60), Sample.at(120)])
    let usage = try #require(try ledger.usage(since: Sample.at(100))[try Sample.id()])
    #expect(usage.totals.cpuUsec == 150)
    #expect(usage.cost == Money(microUSD: 9))
    #expect(usage.recentCost == Money(microUSD: 2))
    #expect(usage.incarnations == 1)
  }

  @Test("the same number with other amounts books nothing, but the end of the life is kept")
  func sameNumber() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var life = try Sample.life(1, bookings: 1, cpu: 100, cost: 7)
    try ledger.store([Sample.price, Sample.book(life)])
    life.booked.cpuUsec = 900
    life.cost = Money(microUSD: 900)
    life.ended = Sample.at(70)
    life.exit = .exited(3)
    try ledger.store([Sample.book(life)])
    let stored = try #require(try ledger.incarnations(of: try Sample.id()).first)
    #expect(stored.booked.cpuUsec == 100)
    #expect(stored.cost == Money(microUSD: 7))
    #expect(stored.ended == Sample.at(70))
    #expect(stored.exit == .exited(3))
    #expect(try ledger.load().openIncarnations == [])
  }

  @Test("an open life comes back with what was booked and the fraction that was not")
  func openLife() throws {
    let shop = try Workshop()
    var life = try Sample.life(3, bookings: 1, cpu: 100, cost: 7)
    life.costRemainderPico = -499_999
    life.booked.ioReadBytes = 4096
    life.booked.estimated = true
    do {
      let ledger = try shop.open()
      ledger.submit([Sample.price, Sample.book(life)])
      ledger.close()
    }
    let ledger = try shop.open()
    #expect(try ledger.load().openIncarnations == [life])
    #expect(try ledger.bookings(of: Incarnation(3)).first?.usage == life.booked)
  }

  enum Defect: CaseIterable { case cpu, memory, io, cost, otherInstance, noPrice }

  @Test("a wrong booking is refused alone; its neighbours go through", arguments: Defect.allCases)
  func refused(_ defect: Defect) throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var life = try Sample.life(1, bookings: 1, cpu: 100, memory: 100, cost: 7)
    life.booked.ioWriteBytes = 100
    try ledger.store([Sample.price, Sample.book(life)])
    var wrong = life
    wrong.bookings = 2
    var price = PriceID(1)
    switch defect {
    case .cpu: wrong.booked.cpuUsec = 99
    case .memory: wrong.booked.memoryKiBMsec = 99
    case .io: wrong.booked.ioWriteBytes = 99
    case .cost: wrong.cost = Money(microUSD: 6)
    case .otherInstance: wrong.id = try Sample.id(2)
    case .noPrice: price = PriceID(9)
    }
    ledger.submit([.event(Sample.event(1))], ticket: 1)
    ledger.submit(
      [.book(wrong, at: Sample.at(99), price: price), .event(Sample.event(2))], ticket: 2)
    let answers = try ledger.store([.event(Sample.event(3))], ticket: 3)
    let rejections = answers.compactMap { answer -> LedgerError? in
      if case .rejected(2, let error) = answer { error } else { nil }
    }
    #expect(rejections.map(\.kind) == [.rejected])
    #expect(answers.contains(.durable(ticket: 1)))
    #expect(!answers.contains(.durable(ticket: 2)))
    #expect(try ledger.events(EventQuery()).map(\.id) == [1, 2, 3])
    #expect(try ledger.bookings(of: Incarnation(1)).count == 1)
  }

  @Test("bookings of random lives add up to the instances' totals", arguments: 1...5)
  func conservation(seed: UInt64) throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    ledger.submit([Sample.price])
    var random = seed
    func below(_ bound: UInt64) -> UInt64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (random >> 33) % bound
    }
    var lives: [IncarnationRecord] = []
    for serial in 1...8 as ClosedRange<UInt64> {
      lives.append(try Sample.life(serial, serial % 2 == 0 ? "even" : "odd"))
    }
    for round in 0..<200 {
      let index = Int(below(8))
      let before = lives[index]
      lives[index].bookings += 1
      lives[index].booked.cpuUsec += below(5000)
      lives[index].cost = before.cost + Money(microUSD: Int64(below(50)))
      let write = Sample.book(lives[index], at: Int64(round))
      // Some again, some from before, as after a crash of the brain.
      ledger.submit(below(3) == 0 ? [write, write, Sample.book(before)] : [write])
    }
    try ledger.store([])
    var paid = Money.zero
    for life in lives {
      let bookings = try ledger.bookings(of: life.incarnation)
      #expect(bookings.reduce(0) { $0 + $1.usage.cpuUsec } == life.booked.cpuUsec)
      paid = paid + life.cost
    }
    let workers = try ledger.usageByWorker(since: Sample.at(0))
    let sum = workers.values.reduce(Money.zero) { $0 + $1.cost }
    let recent = workers.values.reduce(Money.zero) { $0 + $1.recentCost }
    let spent = try ledger.cost(from: Sample.at(0)).values.reduce(Money.zero, +)
    #expect(sum == paid)
    #expect(recent == paid)
    #expect(spent == paid)
  }

  @Test("a cost is of the half-open time it was booked in")
  func costWindow() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      Sample.price, Sample.book(try Sample.life(1, bookings: 1, cost: 1), at: 100),
      Sample.book(try Sample.life(1, bookings: 2, cost: 3), at: 200),
      Sample.book(try Sample.life(1, bookings: 3, cost: 7), at: 300),
    ])
    let id = try Sample.id()
    #expect(
      try ledger.cost(from: Sample.at(100), to: Sample.at(300)) == [id: Money(microUSD: 3)])
    #expect(try ledger.cost(from: Sample.at(201)) == [id: Money(microUSD: 4)])
    #expect(try ledger.cost(from: Sample.at(301)) == [:])
  }

  @Test("the highest counters are kept as 2^63-1 and do not stop the books")
  func highest() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let answers = try ledger.store([
      Sample.price,
      Sample.book(try Sample.life(1, bookings: 1, cpu: .max, memory: .max, cost: 5)),
      Sample.book(try Sample.life(2, bookings: 1, cpu: .max, memory: .max, cost: 5)),
    ])
    #expect(answers.contains(.durable(ticket: 999_999)))
    let usage = try #require(try ledger.load().openIncarnations.last)
    #expect(usage.booked.memoryKiBMsec == UInt64(Int64.max))
  }
}

// What is written is what the next supervisor finds.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Records")
struct RecordTests {
  private func reopened(_ writes: [LedgerWrite]) throws -> DurableState {
    let shop = try Workshop()
    let ledger = try shop.open()
    ledger.submit(writes)
    #expect(ledger.close().writes == 0)
    return try again(shop)
  }

  private func again(_ shop: Workshop) throws -> DurableState {
    let ledger = try shop.open { $0.quickCheck = true }
    defer { ledger.close() }
    return try ledger.load()
  }

  @Test("a new directory remembers nothing")
  func empty() throws {
    #expect(try again(try Workshop()) == DurableState())
  }

  @Test("workers and instances come back with every field, and forgotten ones do not")
  func fields() throws {
    var worker = WorkerRecord(name: try Sample.name())
    worker.wanted = false
    worker.paused = true
    worker.pauseReason = ""
    worker.count = 4
    worker.countFileValue = 2
    worker.pinned = true
    worker.rolling = RollingRestart(
      rest: [.init(number: 2, before: Incarnation(9)), .init(number: 3, before: nil)],
      current: .init(number: 1, before: Incarnation(8)), actor: "uid:0 and a\ttab")
    let plain = WorkerRecord(name: try Sample.name("plain"))
    let deadline = Deadline(boottime: 5, bootID: "3f2c", wall: Sample.at(9))
    var instance = InstanceRecord(
      id: try Sample.id(2), state: .cooldown, reason: .execFailed(.exec, 2), since: Sample.at(3))
    instance.incarnation = Incarnation(77)
    instance.crashes = [deadline, deadline]
    instance.backoffStep = 3
    instance.cooldowns = 1
    instance.due = deadline
    instance.restartsTotal = 12
    instance.lastExit = LastExit(
      status: .signaled(9, coreDumped: false), oom: true, at: Sample.at(4))
    instance.fingerprint = .max
    let bare = InstanceRecord(
      id: try Sample.id(1, "plain"), state: .stopped, reason: .none, since: Sample.at(1))
    let state = try reopened([
      .worker(worker), .worker(plain), .instance(instance), .instance(bare),
      .worker(WorkerRecord(name: try Sample.name("gone"))), .forgetWorker(try Sample.name("gone")),
      .instance(
        InstanceRecord(
          id: try Sample.id(9), state: .failed, reason: .oom, since: Sample.at(1))),
      .forgetInstance(try Sample.id(9)),
    ])
    #expect(state.workers == [worker, plain])
    #expect(state.instances == [instance, bare])
  }

  @Test("the newest prices come back, and a price cannot be given another value")
  func prices() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var dear = HostPrices()
    dear.hostHour = Price(picoUSD: 5)
    dear.shareIdle = .even
    let second = PriceVersion(id: PriceID(2), since: Sample.at(50), prices: dear)
    try ledger.store([Sample.price, .price(second), .price(second)])
    var other = second
    other.prices.hostHour = nil
    let answers = try ledger.store([.price(other)], ticket: 3)
    guard case .rejected(3, let error)? = answers.last else {
      throw Trouble("not rejected: \(answers)")
    }
    #expect(error.message == "price 2 is there with other values")
    #expect(try ledger.load().price == second)
  }

  @Test("the last ten configurations are kept, byte for byte, and a repeated one is not another")
  func configurations() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    for round in 1...12 {
      let files = [
        ConfigurationFile(path: "/etc/nova/supervisor.yaml", bytes: [0, 255, UInt8(round)]),
        ConfigurationFile(path: "/etc/nova/empty.yaml", bytes: []),
      ]
      try ledger.store([.configuration(files, at: Sample.at(Int64(round)))])
      try ledger.store([.configuration(files, at: Sample.at(100))])
    }
    let state = try ledger.load()
    #expect(state.configuration?.generation == 12)
    #expect(state.configuration?.accepted == Sample.at(12))
    #expect(state.configuration?.files.map(\.bytes) == [[0, 255, 12], []])
    let connection = try Connection(path: shop.path, access: .readOnly)
    #expect(try connection.integer("SELECT count(*) FROM configuration") == 10)
    #expect(try connection.integer("SELECT count(*) FROM configuration_file") == 20)
  }

  @Test("serials are never given twice, even when nothing was written between two starts")
  func serials() throws {
    let shop = try Workshop()
    var next: [UInt64] = []
    for _ in 0..<3 {
      let ledger = try shop.open { $0.incarnationBlock = 1000 }
      next.append(try ledger.load().nextIncarnation.serial)
      ledger.close()
    }
    #expect(next == [1, 1001, 2001])
  }

  @Test("a block of serials is set aside before half of the last one is used")
  func reservation() throws {
    let shop = try Workshop()
    let ledger = try shop.open { $0.incarnationBlock = 1000 }
    #expect(ledger.condition.reservedThrough == Incarnation(1000))
    try ledger.store([Sample.price, Sample.book(try Sample.life(500))])
    #expect(ledger.condition.reservedThrough == Incarnation(1000))
    try ledger.store([Sample.book(try Sample.life(501))])
    #expect(ledger.condition.reservedThrough == Incarnation(1501))
    ledger.close()
    let copy = try Connection(path: shop.path, access: .readOnly)
    #expect(
      try copy.integer("SELECT value FROM meta WHERE name = 'incarnations_reserved'") == 1501)
  }
}

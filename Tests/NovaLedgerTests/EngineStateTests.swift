// What the decision engine goes on with after a start: read back as it was written, from the entries and runs themselves
// where those know it, and with what was decided beyond anybody's reach.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("The engine's state")
struct EngineStateTests {
  private static func evaluation(
    _ sequence: Int64, _ run: String, stray: Int64 = 0, at seconds: Int64 = 400
  ) throws -> Evaluation {
    Evaluation(
      sequence: sequence, worker: try Sample.name(), epoch: 1, run: run, at: Sample.at(seconds),
      cost: Money(microUSD: 5), revenue: Money(microUSD: stray), stray: Money(microUSD: stray),
      maturationPPM: 900_000, isOK: true)
  }

  private static func decision(_ id: Int64, _ state: DecisionState, at seconds: Int64) throws
    -> DecisionRecord
  {
    DecisionRecord(
      id: id, at: Sample.at(seconds), worker: try Sample.name(), action: "kill", mode: "evidence",
      route: "approval", inputs: "runs 40\n", verdict: "action kill\n", other: "action none\n",
      expires: Sample.at(seconds + 86_400), state: state)
  }

  @Test("epochs, decisions, alerts, orders and sources come back as they were written")
  func writtenAndRead() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var epoch = EpochRecord(
      worker: try Sample.name(), number: 1, since: Sample.at(1), reason: "first",
      fingerprint: .max, instances: 1, cap: Money(microUSD: 7), reservePPM: 50_000)
    var alert = AlertRecord(
      id: 3, key: AlertKey(.negativeROI, worker: try Sample.name()), severity: .critical,
      message: "it loses", raised: Sample.at(9))
    alert.acknowledgedBy = "uid:0"
    let old = AlertRecord(
      id: 4, key: AlertKey(.crashRate), severity: .critical, message: "", raised: Sample.at(9))
    var over = old
    over.resolved = Sample.at(10)
    let writes: [EngineWrite] = [
      .epoch(epoch), .decision(try Self.decision(1, .executed, at: 100)),
      .decision(try Self.decision(2, .pending, at: 100)),
      .decision(try Self.decision(3, .rejected, at: 400_000)), .alert(alert), .alert(old),
      .alert(over), .setting(.autonomous, 1), .source("shop", staleSince: Sample.at(50)),
      .source("pay", staleSince: Sample.at(50)), .source("pay", staleSince: nil),
      .silence("mill", since: Sample.at(60)), .silence("mint", since: Sample.at(60)),
      .silence("mint", since: nil),
    ]
    try ledger.store(writes.map { .engine($0) })
    epoch.number = 2
    epoch.reason = "count"
    epoch.baseRevenue = Money(microUSD: 11)
    epoch.changed = Sample.at(12)
    epoch.tranches = 2
    try ledger.store([.engine(.epoch(epoch))])
    let state = try ledger.engineState(now: Sample.at(400_100))
    #expect(state.epochs == [epoch.worker: epoch])
    // What may still change, and what is younger than two days.
    #expect(state.decisions.map(\.id) == [2, 3])
    #expect(state.lastDecision == 3)
    #expect(state.alerts == [alert])
    #expect(state.lastAlert == 4)
    #expect(state.settings == [.autonomous: 1])
    #expect(state.stale == ["shop": Sample.at(50)])
    #expect(state.silent == ["mill"])
    #expect(try ledger.epochs(of: epoch.worker).map(\.number) == [2, 1])
  }

  @Test("what was decided is never changed, only what became of it")
  func fixed() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var record = try Self.decision(1, .pending, at: 100)
    try ledger.store([.engine(.decision(record))])
    record.inputs = "runs 41\n"
    record.verdict = "action none\n"
    record.state = .rejected
    record.resolved = Sample.at(200)
    record.resolvedBy = "uid:0"
    record.note = "no"
    try ledger.store([.engine(.decision(record))])
    let stored = try #require(try ledger.decision(1))
    #expect(stored.inputs == "runs 40\n" && stored.verdict == "action kill\n")
    #expect((stored.state, stored.resolvedBy, stored.note) == (.rejected, "uid:0", "no"))
  }

  @Test("a run is evaluated once, and until then it ripens with all that is booked for it")
  func ripening() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    for (id, revenue) in [("r1", 50), ("r2", 0), ("r3", 70)] as [(String, Int64)] {
      try ledger.store([
        Sample.reported(try Sample.run(id, cost: 10, revenue: revenue), pending: id == "r3")
      ])
    }
    try ledger.store([.engine(.evaluation(try Self.evaluation(1, "r1")))])
    // The same run again, under another number: nothing.
    try ledger.store([.engine(.evaluation(try Self.evaluation(2, "r1")))])
    let state = try ledger.engineState(now: Sample.at(500))
    #expect(state.ripening.map(\.run.id) == ["r2", "r3"])
    #expect(state.ripening.map(\.cost) == [Money(microUSD: 10), Money(microUSD: 10)])
    #expect(
      state.ripening.map(\.revenue) == [.zero, .zero], "what is not confirmed counts nowhere")
    #expect(try ledger.evaluations(after: 0, limit: 10).map(\.sequence) == [1])
  }

  @Test(
    "money without a run, and refunds of judged runs, wait until an evaluation has counted them")
  func strays() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      Sample.reported(try Sample.run("r1", cost: 10)),
      .revenue(try Sample.payment("ch_1", 300)),
      .revenue(try Sample.payment("ch_2", 90, run: "r1")),
    ])
    let name = try Sample.name()
    #expect(try ledger.engineState(now: Sample.at(250)).strays == [name: Money(microUSD: 300)])
    try ledger.store([.engine(.evaluation(try Self.evaluation(1, "r1", stray: 300, at: 250)))])
    #expect(try ledger.engineState(now: Sample.at(260)).strays == [:])
    // Booked at second 300, after the run was judged.
    try ledger.store([Sample.refund("re_1", of: "ch_2", 40)])
    #expect(try ledger.engineState(now: Sample.at(310)).strays == [name: Money(microUSD: -40)])
  }

  @Test(
    "recent revenue is summed up by quarters of an hour, of somebody and of nobody, for seven days")
  func revenue() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let week: Int64 = 7 * 86_400
    try ledger.store([
      .revenue(try Sample.payment("ch_1", 100, at: 900)),
      .revenue(try Sample.payment("ch_2", 20, at: 1799)),
      .revenue(try Sample.payment("ch_3", 7, worker: nil, at: 1000)),
      .revenue(try Sample.payment("ch_4", 5, at: 1800)), Sample.refund("re_1", of: "ch_1", 40),
      Sample.reported(try Sample.run("r1", cost: 10, revenue: 3), pending: true),
    ])
    func sums(_ now: Int64) throws -> [RevenueQuarter] {
      try ledger.engineState(now: Sample.at(now)).revenue.sorted {
        ($0.at.microseconds, $0.isOwned ? 1 : 0) < ($1.at.microseconds, $1.isOwned ? 1 : 0)
      }
    }
    let all = try sums(2000)
    #expect(all.map(\.amount.microUSD) == [120, 7, 5])
    #expect(all.map(\.isOwned) == [true, false, true])
    #expect(all.map { $0.at.microseconds / 900_000_000 } == [1, 1, 2])
    #expect(try sums(week + 1001).map(\.amount.microUSD) == [20, 5])
    #expect(try sums(week + 1801) == [])
  }

  @Test(
    "sources of revenue have spoken when, for whom, oldest first; workers of themselves are no source"
  )
  func news() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      .revenue(try Sample.payment("ch_2", 20, at: 1799)),
      .revenue(try Sample.payment("ch_1", 100, worker: nil, at: 900)),
      Sample.reported(try Sample.run("r1", cost: 10, revenue: 3)),
    ])
    #expect(
      try ledger.engineState(now: Sample.at(2000)).news == [
        RevenueNews(source: "stripe", worker: nil, at: Sample.at(900)),
        RevenueNews(source: "stripe", worker: try Sample.name(), at: Sample.at(1799)),
      ])
  }
}

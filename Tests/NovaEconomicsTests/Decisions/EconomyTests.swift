// Runs ripen, are evaluated once each in order, and change the evidence of their worker; what is told twice, late or
// early still counts once.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Economy")
struct EconomyTests {
  static let hour: Int64 = 3600

  static func economy(medianHours: Double = 0) throws -> Economy {
    var economy = Economy()
    economy.begin(
      EpochRecord(
        worker: try #require(WorkerName("a")), number: 1, since: WallTime(microseconds: 0),
        reason: "first",
        fingerprint: 1, instances: 1, cap: Money(microUSD: 20_000_000), reservePPM: 50_000),
      maturation: Maturation(medianHours: medianHours, horizonHours: 168))
    return economy
  }

  static func at(_ seconds: Int64) -> WallTime { WallTime(microseconds: seconds * 1_000_000) }

  static func run(_ id: String, _ seconds: Int64, ok: Bool = true) throws -> RunRecord {
    RunRecord(
      worker: try #require(WorkerName("a")), instance: 1, incarnation: nil, id: id,
      outcome: ok ? .ok : .failed, origin: .report, started: at(seconds), finished: at(seconds + 1))
  }

  static func entry(_ kind: EntryKind, _ micro: Int64, run: String?, _ seconds: Int64 = 0) -> Entry
  {
    var entry = Entry(
      event: at(seconds), booked: at(seconds), worker: WorkerName("a"), kind: kind,
      source: "worker",
      externalID: "\(kind)\(micro)\(run ?? "")\(seconds)", amount: Money(microUSD: micro))
    entry.run = run
    return entry
  }

  @Test("a run is evaluated once, with all that was booked for it before and after it was reported")
  func once() throws {
    var economy = try Self.economy()
    economy.take(Self.entry(.reported, -500_000, run: "r1"))
    economy.take(try Self.run("r1", 10))
    economy.take(Self.entry(.sale, 20_000_000, run: "r1"))
    let found = economy.ripen(at: Self.at(20), limit: 10)
    #expect(found.count == 1)
    #expect(found.first?.cost == Money(microUSD: 500_000))
    #expect(found.first?.revenue == Money(microUSD: 20_000_000))
    #expect(found.first?.sequence == 1)
    #expect(found.first?.maturationPPM == 1_000_000)
    #expect(economy.ripen(at: Self.at(1_000_000), limit: 10).isEmpty)
    #expect(economy.accounts.values.first?.evidence.runs == 1)
  }

  @Test("with a lag it waits, and says how much has arrived at least")
  func lag() throws {
    var economy = try Self.economy(medianHours: 24)
    economy.take(try Self.run("r1", 0))
    #expect(economy.nextDue == Self.at(56 * Self.hour))
    #expect(economy.ripen(at: Self.at(56 * Self.hour - 1), limit: 10).isEmpty)
    let found = economy.ripen(at: Self.at(56 * Self.hour), limit: 10)
    #expect(found.first.map { $0.maturationPPM >= 800_000 && $0.maturationPPM < 810_000 } == true)
  }

  @Test("revenue without a run, and a refund after the evaluation, count with the next run")
  func strays() throws {
    var economy = try Self.economy()
    economy.take(Self.entry(.sale, 7_000_000, run: nil))
    economy.take(try Self.run("r1", 0))
    #expect(economy.ripen(at: Self.at(5), limit: 10).first?.stray == Money(microUSD: 7_000_000))
    economy.take(Self.entry(.refund, -3_000_000, run: "r1", 6))
    economy.take(try Self.run("r2", 7))
    let second = economy.ripen(at: Self.at(20), limit: 10).first
    #expect(second?.revenue == Money(microUSD: -3_000_000))
    #expect(second?.stray == Money(microUSD: -3_000_000))
  }

  @Test("what is not confirmed counts nowhere; what is in flight is the cost of runs not evaluated")
  func pendingAndInFlight() throws {
    var economy = try Self.economy(medianHours: 24)
    var pending = Self.entry(.sale, 9_000_000, run: "r1")
    pending.isPending = true
    economy.take(pending)
    economy.take(try Self.run("r1", 0))
    economy.take(Self.entry(.llm, -400_000, run: "r1"))
    #expect(economy.accounts.values.first?.inFlight == Money(microUSD: 400_000))
    let found = economy.ripen(at: Self.at(100 * Self.hour), limit: 1)
    #expect(found.first?.revenue == .zero)
    #expect(economy.accounts.values.first?.inFlight == .zero)
  }

  @Test("another epoch begins the evidence anew; a run that began before it does not count in it")
  func epochs() throws {
    var economy = try Self.economy()
    economy.take(try Self.run("r1", 0))
    var next = try #require(economy.accounts.values.first?.epoch)
    next.number = 2
    next.since = Self.at(100)
    economy.begin(next, maturation: Maturation(medianHours: 0, horizonHours: 168))
    economy.take(try Self.run("r2", 200))
    let found = economy.ripen(at: Self.at(300), limit: 10)
    #expect(found.map(\.epoch) == [1, 2])
    #expect(economy.accounts.values.first?.evidence.runs == 1)
  }

  @Test("of a worker whose source is silent nothing is evaluated until it speaks again")
  func frozen() throws {
    var economy = try Self.economy()
    let name = try #require(WorkerName("a"))
    economy.take(try Self.run("r1", 0))
    economy.freeze([name], at: Self.at(2))
    #expect(economy.isFrozen(name))
    #expect(economy.ripen(at: Self.at(10), limit: 10).isEmpty)
    economy.take(Self.entry(.sale, 20_000_000, run: "r1"))
    economy.freeze([], at: Self.at(20))
    let found = economy.ripen(at: Self.at(20), limit: 10)
    #expect(found.map(\.revenue) == [Money(microUSD: 20_000_000)])
    #expect(!economy.isFrozen(name))
  }

  @Test("with a speed of 3600 an hour of lag passes in a second")
  func speed() throws {
    var economy = try Self.economy(medianHours: 24)
    economy.speed = 3600
    economy.take(try Self.run("r1", 0))
    #expect(economy.nextDue == Self.at(56))
    let found = economy.ripen(at: Self.at(56), limit: 10)
    #expect(found.first.map { $0.maturationPPM >= 800_000 && $0.maturationPPM < 810_000 } == true)
    var facts = WorkerFacts(worker: try #require(WorkerName("a")))
    economy.fill(
      &facts, balance: Balance(), runs: RunTotals(), at: Self.at(60), settings: EngineSettings())
    #expect(facts.epochSeconds == 60 * 3600)
  }

  @Test("replaying stored evaluations gives the same evidence, bit for bit")
  func replay() throws {
    var economy = try Self.economy()
    var random = SeededGenerator(seed: 4)
    for index in 0..<300 {
      economy.take(Self.entry(.reported, -500_000, run: "r\(index)"))
      economy.take(try Self.run("r\(index)", Int64(index) * 10, ok: random.happens(0.9)))
      if random.happens(0.05) { economy.take(Self.entry(.sale, 20_000_000, run: "r\(index)")) }
    }
    let stored = economy.ripen(at: Self.at(1_000_000), limit: 1000)
    #expect(stored.count == 300)
    var again = try Self.economy()
    for evaluation in stored { again.replay(evaluation) }
    #expect(again.accounts.values.first?.evidence == economy.accounts.values.first?.evidence)
    #expect(again.lastSequence == 300)
    // Other thresholds: the tests begin anew.
    again.retune(
      TestFactors(
        {
          var thresholds = SupervisorSettings.Thresholds()
          thresholds.scaleROIPercent = 250
          return thresholds
        }()))
    #expect(again.accounts.values.first?.evidence.runs == 0)
  }
}

// Each alert of the specification: when it is raised, that a figure must stay bad for a while, that it stays until it is
// better by a tenth of its threshold, and how grave it is.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Alert rules")
struct AlertRuleTests {
  /// A reading of a kind in a state of the world.
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: AlertKind
    let severity: EventRecord.Severity
    /// Bad beyond the threshold, better by less than a tenth of it, and clearly better.
    let bad: AlertReading
    let between: AlertReading?
    let good: AlertReading
    var testDescription: String { kind.rawValue }
  }

  private static let name = WorkerName("a")

  private static func worker(
    _ kind: AlertKind, _ change: (inout WorkerFacts) -> Void
  ) -> AlertReading {
    guard let name else { preconditionFailure("a is a name") }
    var facts = WorkerFacts(worker: name)
    facts.runs = 40
    facts.cost = Money(microUSD: 1_000_000)
    change(&facts)
    let found = AlertRules.readings(facts, EngineSettings()).first { $0.0.kind == kind }
    guard let reading = found?.1 else { preconditionFailure("\(kind) is read of every worker") }
    return reading
  }

  private static func roi(_ kind: AlertKind, _ percent: Int64) -> AlertReading {
    worker(kind) { $0.revenue = Money(microUSD: 10_000 * (100 + percent)) }
  }

  private static func usd(_ dollars: Int64) -> Money { Money(microUSD: dollars * 1_000_000) }

  static var cases: [Case] {
    guard let name else { return [] }
    let instance = [InstanceID(worker: name, number: 2)]
    var watch = SourceWatch()
    for piece in Int64(0)..<30 {
      watch.take("shop", of: nil, at: WallTime(microseconds: piece * 600_000_000))
    }
    let silent = watch.silent(at: WallTime(microseconds: 30_000_000_000))
    return [
      // A tenth of a threshold of 0 is nothing: a point of return stands in for it.
      Case(
        kind: .negativeROI, severity: .critical, bad: roi(.negativeROI, -1),
        between: roi(.negativeROI, 0), good: roi(.negativeROI, 1)),
      Case(
        kind: .lowROI, severity: .warning, bad: roi(.lowROI, 99), between: roi(.lowROI, 109),
        good: roi(.lowROI, 110)),
      Case(
        kind: .crashRate, severity: .critical,
        bad: worker(.crashRate) { ($0.starts, $0.crashes) = (100, 21) },
        between: worker(.crashRate) { ($0.starts, $0.crashes) = (100, 19) },
        good: worker(.crashRate) { ($0.starts, $0.crashes) = (100, 18) }),
      Case(
        kind: .budgetExceeded, severity: .critical,
        bad: AlertRules.budgetExceeded(spent: usd(100), limit: usd(100)),
        between: AlertRules.budgetExceeded(spent: usd(91), limit: usd(100)),
        good: AlertRules.budgetExceeded(spent: usd(90), limit: usd(100))),
      Case(
        kind: .budgetForecast, severity: .warning,
        bad: AlertRules.budgetForecast(total: usd(101), reached: nil, limit: usd(100)),
        between: AlertRules.budgetForecast(total: usd(91), reached: nil, limit: usd(100)),
        good: AlertRules.budgetForecast(total: usd(90), reached: nil, limit: usd(100))),
      Case(
        kind: .workerFailed, severity: .critical,
        bad: AlertRules.trouble(instance, "has failed"), between: nil,
        good: AlertRules.trouble([], "has failed")),
      Case(
        kind: .workerLost, severity: .critical, bad: AlertRules.trouble(instance, "was lost"),
        between: nil, good: AlertRules.trouble([], "was lost")),
      Case(
        kind: .unattributed, severity: .warning, bad: AlertRules.unattributed(ppm: 110_000),
        between: AlertRules.unattributed(ppm: 91_000), good: AlertRules.unattributed(ppm: 90_000)),
      Case(
        kind: .sourceStale, severity: .warning, bad: AlertRules.sources(stale: [], silent: silent),
        between: nil, good: AlertRules.sources(stale: [], silent: [])),
    ]
  }

  @Test(
    "each is raised in its time, stays while it is not clearly better, and is resolved",
    arguments: cases)
  func life(_ one: Case) {
    let key = AlertKey(one.kind)
    var book = AlertBook()
    func at(_ seconds: Int64) -> Moment { AlertBookTests.at(seconds) }
    if one.kind.isImmediate {
      guard case .raised? = book.read(key, one.bad, at: at(0)) else {
        Issue.record("said at once")
        return
      }
    } else {
      #expect(book.read(key, one.bad, at: at(0)) == nil)
      #expect(book.read(key, one.bad, at: at(899)) == nil)
      // Well for a moment: the time begins anew.
      #expect(book.read(key, one.good, at: at(900)) == nil)
      #expect(book.read(key, one.bad, at: at(901)) == nil)
      #expect(book.read(key, one.bad, at: at(1800)) == nil)
      guard case .raised? = book.read(key, one.bad, at: at(1801)) else {
        Issue.record("raised after 15 minutes")
        return
      }
    }
    #expect(book.active[key]?.severity == one.severity)
    #expect(book.active[key]?.message == one.bad.message)
    #expect(!one.bad.message.isEmpty)
    #expect(book.read(key, one.bad, at: at(2000)) == nil, "said once")
    if let between = one.between {
      #expect(!between.isBad && !between.isGood)
      #expect(book.read(key, between, at: at(3000)) == nil)
      #expect(book.active[key] != nil)
    }
    guard case .resolved(let record)? = book.read(key, one.good, at: at(4000)) else {
      Issue.record("resolved")
      return
    }
    #expect(record.resolved == at(4000).wall)
    #expect(book.active.isEmpty)
  }

  @Test("the list is whole: every kind but the news has its case here")
  func whole() {
    #expect(
      Set(Self.cases.map(\.kind)).union([.supervisorRestarted, .unknownModel])
        == Set(AlertKind.allCases))
    #expect(AlertKind.supervisorRestarted.severity == .warning)
    #expect(AlertKind.allCases.filter(\.isNews) == [.supervisorRestarted, .unknownModel])
    #expect(
      AlertRules.unknownModel("m", isRefused: true).message.contains(
        "m, which has no price: the call was refused"))
    var book = AlertBook()
    let reading = AlertRules.restarted(found: 3)
    guard
      case .raised(let alert)? = book.read(
        AlertKey(.supervisorRestarted), reading, at: AlertBookTests.at(0))
    else {
      Issue.record("said at once")
      return
    }
    #expect(alert.message.contains("found 3 instances"))
    #expect(!reading.isGood, "news end when somebody has seen them")
  }

  @Test("a worker's own budget is an alert of its own, and over with the budget itself")
  func ownBudget() throws {
    var facts = WorkerFacts(worker: try #require(Self.name))
    func reading() throws -> AlertReading {
      try #require(
        AlertRules.readings(facts, EngineSettings()).first { $0.0.kind == .budgetExceeded }
      )
      .1
    }
    #expect(try reading().isGood)
    facts.budgetLeft = .zero
    facts.budgetExceeded = true
    #expect(try reading().isBad)
    #expect(try reading().message == "the budget of a is spent")
    facts.budgetLeft = nil
    facts.budgetExceeded = false
    #expect(try reading().isGood)
  }

  @Test(
    "with proof a return is said when enough runs are judged; by thresholds when enough are booked")
  func evaluated() throws {
    var facts = WorkerFacts(worker: try #require(Self.name))
    facts.runs = 40
    facts.cost = Self.usd(1)
    var settings = EngineSettings()
    func isRead() -> Bool {
      AlertRules.readings(facts, settings).contains { $0.0.kind == .negativeROI }
    }
    #expect(isRead())
    settings.mode = .evidence
    #expect(!isRead())
    facts.evaluatedRuns = 19
    #expect(!isRead())
    facts.evaluatedRuns = 20
    #expect(isRead())
  }
}

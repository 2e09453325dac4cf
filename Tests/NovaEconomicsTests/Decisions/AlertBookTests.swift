// Alerts over virtual time: a figure must stay bad before it is said, and be clearly well before it is resolved.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Alerts")
struct AlertBookTests {
  static func at(_ seconds: Int64) -> Moment {
    Moment(
      instant: Instant(nanoseconds: UInt64(seconds) * 1_000_000_000),
      wall: WallTime(microseconds: seconds * 1_000_000))
  }

  static let key = AlertKey(.lowROI)

  @Test("a figure that swings back within 15 minutes is never said")
  func debounce() {
    var book = AlertBook()
    #expect(book.read(Self.key, .below(50, 100, "low"), at: Self.at(0)) == nil)
    #expect(book.read(Self.key, .below(50, 100, "low"), at: Self.at(899)) == nil)
    #expect(book.read(Self.key, .below(120, 100, "fine"), at: Self.at(899)) == nil)
    #expect(book.read(Self.key, .below(50, 100, "low"), at: Self.at(900)) == nil)
    guard case .raised(let alert)? = book.read(Self.key, .below(50, 100, "low"), at: Self.at(1800))
    else {
      Issue.record("raised after 15 minutes")
      return
    }
    #expect(alert.id == 1)
    #expect(alert.severity == .warning)
    #expect(book.read(Self.key, .below(40, 100, "lower"), at: Self.at(2000)) == nil)
    #expect(book.active[Self.key]?.message == "lower")
  }

  @Test("it is resolved only beyond a tenth of the threshold")
  func hysteresis() {
    var book = AlertBook(debounce: .zero)
    _ = book.read(Self.key, .below(50, 100, "low"), at: Self.at(0))
    #expect(book.read(Self.key, .below(105, 100, ""), at: Self.at(1)) == nil)
    guard case .resolved(let alert)? = book.read(Self.key, .below(110, 100, ""), at: Self.at(2))
    else {
      Issue.record("resolved at 110")
      return
    }
    #expect(alert.resolved == WallTime(microseconds: 2_000_000))
    #expect(book.active.isEmpty)
  }

  @Test("a worker that failed is said at once")
  func immediate() {
    var book = AlertBook()
    let key = AlertKey(.workerFailed, worker: WorkerName("a"))
    let bad = AlertReading(isBad: true, isGood: false, message: "a has failed")
    guard case .raised(let alert)? = book.read(key, bad, at: Self.at(0)) else {
      Issue.record("raised at once")
      return
    }
    #expect(alert.severity == .critical)
    #expect(book.acknowledge(alert.id, by: "uid:0", at: Self.at(5)) != nil)
    #expect(book.acknowledge(99, by: "uid:0", at: Self.at(5)) == nil)
    #expect(book.active[key]?.acknowledgedBy == "uid:0")
    #expect(book.silence(alert.id, for: .seconds(60), at: Self.at(5)) != nil)
    #expect(book.active[key]?.silencedUntil == WallTime(microseconds: 65_000_000))
  }

  @Test(
    "crash rate: three crashes in three starts are proof, one in four is nothing, five in twenty are seen"
  )
  func crashes() throws {
    var facts = WorkerFacts(worker: try #require(WorkerName("a")))
    func isBad(_ crashes: Int, _ starts: Int) -> Bool {
      facts.crashes = crashes
      facts.starts = starts
      return AlertRules.readings(facts, EngineSettings()).contains {
        $0.0.kind == .crashRate && $0.1.isBad
      }
    }
    #expect(isBad(3, 3))
    #expect(!isBad(1, 4))
    #expect(isBad(5, 20))
    #expect(!isBad(4, 20))
    #expect(!isBad(0, 0))
  }

  @Test("below the kill threshold the graver alert speaks alone, and says interval and evidence")
  func returns() throws {
    let inputs = try DeciderTests.inputs(roiPercent: -50)
    let readings = AlertRules.readings(inputs.worker, inputs.settings)
    let grave = try #require(readings.first { $0.0.kind == .negativeROI })
    #expect(grave.1.isBad)
    #expect(grave.1.message.contains("interval"))
    #expect(grave.1.message.contains("evidence"))
    #expect(readings.contains { $0.0.kind == .lowROI && !$0.1.isBad })
    let mild = try DeciderTests.inputs(roiPercent: 50)
    #expect(
      AlertRules.readings(mild.worker, mild.settings).contains {
        $0.0.kind == .lowROI && $0.1.isBad
      })
  }
}

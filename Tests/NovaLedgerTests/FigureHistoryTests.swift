// The history of figures on the disk: seconds are told before and after minutes and hours are made of them, twice is
// once, and what is too old goes.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Figures on the disk")
struct FigureHistoryTests {
  // 2026-01-01T00:00:00Z, a whole day.
  private static let day: Int64 = 1_767_225_600

  private static func second(_ number: Int64) -> FigureSample {
    var sample = FigureSample()
    sample.cpu = UInt64(number % 60)
    sample.memory = 1000 + UInt64(number / 60 % 60)
    sample.tasks = 1
    sample.cost = 2
    return sample
  }

  /// The seconds of an hour of a worker, as a supervisor writes them.
  private static func hour(_ hour: Int64, _ worker: WorkerName) -> [LedgerWrite] {
    (0..<60).map { (minute: Int64) in
      var sheet = FigureSheet()
      let first = hour * 3600 + minute * 60
      sheet.add(worker, FigureEncoder((0..<60).map { second(first + Int64($0)) }).encoded)
      return .figures(
        .seconds(
          minute: hour * 60 + minute, shard: FigureSheet.shard(of: worker), sheet: sheet.bytes))
    }
  }

  private static func fold(_ hour: Int64) -> [LedgerWrite] {
    (0..<FigureSheet.shards).map { .figures(.fold(hour: hour, shard: $0)) }
  }

  private func ask(_ ledger: Ledger, _ worker: WorkerName, _ grid: FigureGrid) throws -> FigureGrid
  {
    let question = FigureQuestion(workers: [worker], grid: grid)
    #expect(ledger.ask(.figures(question), ticket: 77))
    let answers = try ledger.completions {
      if case .answered(77, _) = $0 { true } else { false }
    }
    for answer in answers {
      if case .answered(77, .figures(let grids)) = answer { return try #require(grids.first) }
    }
    throw Trouble("no figures in \(answers)")
  }

  @Test("an hour is told by the second, the minute and the hour, before and after it is made")
  func told() throws {
    let worker = try Sample.name()
    let first = Self.day / 3600
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store(Self.hour(first, worker) + Self.hour(first + 1, worker))
    let seconds = FigureGrid(start: Self.day, step: 1, count: 7200)
    let minutes = FigureGrid(start: Self.day, step: 60, count: 120)
    let hours = FigureGrid(start: Self.day, step: 3600, count: 2)
    for isMade in [false, true, true] {
      if isMade { try ledger.store(Self.fold(first)) }
      let all = try ask(ledger, worker, seconds)
      #expect(all.sums.enumerated().allSatisfy { $1.sample == Self.second(Self.day + Int64($0)) })
      let each = try ask(ledger, worker, minutes).sums
      #expect(each[61].sample.memory == 1001)
      #expect(each.allSatisfy { $0.sample.cpu == 30 && $0.sample.cost == 120 })
      let both = try ask(ledger, worker, hours).sums
      #expect(both.allSatisfy { $0.sample.cost == 7200 && $0.sample.memory == 1059 })
    }
    try ledger.store(Self.fold(first + 1))
    #expect(try ask(ledger, worker, hours).sums.allSatisfy { $0.sample.cost == 7200 })
    let other = try #require(WorkerName("nobody"))
    #expect(try ask(ledger, other, hours).sums.allSatisfy { !$0.isSeen })
  }

  @Test("a day's hours stand in one row, and a minute takes some bytes of the disk")
  func size() throws {
    let worker = try Sample.name()
    let shop = try Workshop()
    let ledger = try shop.open()
    for hour in 0..<24 {
      try ledger.store(Self.hour(Self.day / 3600 + Int64(hour), worker))
      try ledger.store(Self.fold(Self.day / 3600 + Int64(hour)))
    }
    ledger.close()
    let connection = try Connection(path: shop.path, access: .readOnly)
    #expect(try connection.integer("SELECT count(*) FROM figure WHERE step = 3600") == 1)
    #expect(try connection.integer("SELECT count(*) FROM figure WHERE step = 60") == 24)
    let bytes = try connection.integer("SELECT sum(length(samples)) FROM figure WHERE step = 60")
    #expect((bytes ?? .max) < 24 * 60 * 8)
  }

  @Test("what is too old goes, each step at its own age")
  func expiry() throws {
    let worker = try Sample.name()
    let shop = try Workshop()
    let ledger = try shop.open()
    let hour = Self.day / 3600
    try ledger.store(Self.hour(hour, worker) + Self.fold(hour))
    let minutes = FigureGrid(start: Self.day, step: 60, count: 60)
    let hours = FigureGrid(start: Self.day, step: 3600, count: 1)
    let end = Self.day + 3600
    try ledger.store([.figures(.expire(now: end + FigureRetention.seconds))])
    let seconds = try ask(ledger, worker, FigureGrid(start: Self.day, step: 1, count: 3600))
    #expect(seconds.sums.allSatisfy { !$0.isSeen })
    #expect(try ask(ledger, worker, minutes).sums.allSatisfy(\.isSeen))
    try ledger.store([.figures(.expire(now: end + FigureRetention.minutes))])
    #expect(try ask(ledger, worker, minutes).sums.allSatisfy { !$0.isSeen })
    #expect(try ask(ledger, worker, hours).sums[0].sample.cost == 7200)
    try ledger.store([.figures(.expire(now: Self.day + 86_400 + FigureRetention.hours))])
    #expect(try ask(ledger, worker, hours).sums.allSatisfy { !$0.isSeen })
  }

  @Test("a sheet that is damaged costs its own minute alone")
  func damaged() throws {
    let worker = try Sample.name()
    let shop = try Workshop()
    let ledger = try shop.open()
    let hour = Self.day / 3600
    try ledger.store(Self.hour(hour, worker))
    try ledger.store([
      .figures(
        .seconds(
          minute: hour * 60 + 5, shard: FigureSheet.shard(of: worker), sheet: [200, 1, 2]))
    ])
    try ledger.store(Self.fold(hour))
    let minutes = try ask(ledger, worker, FigureGrid(start: Self.day, step: 60, count: 60)).sums
    #expect(minutes.enumerated().allSatisfy { $1.isSeen == ($0 != 5) })
  }

  @Test("the last runs of a worker come newest first")
  func runs() throws {
    let worker = try Sample.name()
    let shop = try Workshop()
    let ledger = try shop.open()
    let runs = (1...5).map {
      RunRecord(
        worker: worker, instance: 1, incarnation: nil, id: "r\($0)", outcome: .ok, origin: .report,
        started: Sample.at(Int64($0)), finished: Sample.at(Int64($0) + 1))
    }
    try ledger.store(runs.map { .run($0, entries: []) })
    #expect(ledger.ask(.lastRuns(worker, limit: 3), ticket: 8))
    let answers = try ledger.completions { if case .answered(8, _) = $0 { true } else { false } }
    #expect(answers.contains(.answered(ticket: 8, .lastRuns(Array(runs.reversed().prefix(3))))))
  }
}

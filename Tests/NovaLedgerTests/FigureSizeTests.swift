// What the history of one worker takes on the disk, as docs/explanation/accounting.md says it: pages of the database as
// the ledger fills them over a day. Must never count what is not of the history.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("What the history takes on the disk")
struct FigureSizeTests {
  // 2026-01-01T00:00:00Z.
  private static let day: Int64 = 1_767_225_600
  private static let workers = 4

  struct Kind: Sendable, CustomTestStringConvertible {
    let name: String
    /// Bytes of one worker at most: of the seconds of 130 minutes, the minutes of 30 days, the hours of 400 days.
    let seconds: Int64, minutes: Int64, hours: Int64
    var testDescription: String { name }
  }

  static let kinds = [
    Kind(name: "at rest", seconds: 4_500, minutes: 52_000, hours: 31_000),
    Kind(name: "some work", seconds: 31_000, minutes: 250_000, hours: 52_000),
    Kind(name: "everything changes each second", seconds: 75_000, minutes: 410_000, hours: 108_000),
  ]

  private static func sample(_ kind: String, _ second: Int64, _ random: inout Steps) -> FigureSample
  {
    var sample = FigureSample()
    sample.tasks = 1
    switch kind {
    case "at rest":
      sample.cpu = 0
      sample.memory = 1800
      // Memory alone: a micro-dollar each seven minutes.
      sample.cost = second % 420 == 0 ? 1 : 0
    case "some work":
      sample.cpu = second % 3 == 0 ? .random(in: 50...500, using: &random) : 0
      sample.memory = 57_000 + UInt64(second / 5 % 40) * 16
      sample.cost = second % 3 == 0 ? .random(in: 1...3, using: &random) : 0
    default:
      sample.cpu = .random(in: 0...20_000, using: &random)
      sample.memory = .random(in: 100_000...110_000, using: &random)
      sample.tasks = .random(in: 1...9, using: &random)
      sample.cost = .random(in: 1...60, using: &random)
      sample.revenue = .random(in: 0...90, using: &random)
    }
    return sample
  }

  @Test("a day of four workers stays within what is documented", arguments: kinds)
  func day(kind: Kind) throws {
    let names = try (0..<Self.workers).map { try #require(WorkerName("worker-\($0)")) }
    var random = Steps(state: 7)
    let shop = try Workshop()
    let ledger = try shop.open()
    let first = Self.day / 3600
    for hour in first..<first + 24 {
      var writes: [LedgerWrite] = []
      for minute in hour * 60..<hour * 60 + 60 {
        var sheets: [Int: FigureSheet] = [:]
        for name in names {
          let samples = (0..<60).map { Self.sample(kind.name, minute * 60 + $0, &random) }
          sheets[FigureSheet.shard(of: name), default: FigureSheet()].add(
            name, FigureEncoder(samples).encoded)
        }
        for (shard, sheet) in sheets {
          writes.append(.figures(.seconds(minute: minute, shard: shard, sheet: sheet.bytes)))
        }
      }
      try ledger.store(writes)
      try ledger.store(
        (0..<FigureSheet.shards).map { .figures(.fold(hour: hour, shard: $0)) })
      try ledger.store([.figures(.expire(now: (hour + 1) * 3600))])
    }
    ledger.close()
    let connection = try Connection(path: shop.path, access: .readOnly)
    func used(_ table: String) throws -> Int64 {
      try connection.integer(
        "SELECT sum(pgsize - unused) FROM dbstat WHERE name = '\(table)'") ?? 0
    }
    let share = { (bytes: Int64, of: Int64, there: Int64) in
      bytes * of / there / Int64(Self.workers)
    }
    // Two hours and ten minutes of seconds are kept at most.
    let kept = try connection.integer("SELECT count(DISTINCT minute) FROM figure_second") ?? 1
    let seconds = share(try used("figure_second"), 130, kept)
    // Rows of minutes and of hours are in one table: by the length of what is in them, and of their keys.
    let rows = "(length(samples) + 24)"
    let whole = try connection.integer("SELECT sum(\(rows)) FROM figure") ?? 1
    let ofHours =
      try connection.integer("SELECT sum(\(rows)) FROM figure WHERE step = 3600") ?? 0
    let table = try used("figure")
    let minutes = share(table * (whole - ofHours) / whole, 30, 1)
    let hours = share(table * ofHours / whole, 400, 1)
    // Not so far below that the page says too much: a third at least.
    #expect((kind.seconds / 3...kind.seconds).contains(seconds))
    #expect((kind.minutes / 3...kind.minutes).contains(minutes))
    #expect((kind.hours / 3...kind.hours).contains(hours))
  }
}

/// splitmix64: the same run each time.
private struct Steps: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// The desk of figures over hours: each minute is handed to the disk once, each hour is made into minutes once, and what
// another supervisor left undone is done.

import NovaLedger
import NovaModel
import Testing

@testable import NovaDaemon

struct FigureDeskTests {
  private static let start: Int64 = 1_767_225_600

  @Test("two hours are 120 minutes of each worker, and both are made a shard at a time")
  func hours() throws {
    let a = try #require(WorkerName("a")), b = try #require(WorkerName("b"))
    var desk = FigureDesk()
    var seconds: [Int64: Int] = [:]
    var folds: [Int64: Set<Int>] = [:]
    var expiries = 0
    for second in Self.start..<Self.start + 7260 {
      desk.track(of: a).add(cpu: 100, memoryBytes: 4096, tasks: 1)
      if second % 2 == 0 { desk.track(of: b).add(cpu: 5, memoryBytes: 1024, tasks: 1) }
      for write in desk.close(second, interval: 1, isThere: { _ in true }) {
        switch write {
        case .seconds(let minute, _, let sheet):
          FigureSheet.each(in: sheet) { _, bytes in
            #expect(FigureDecoder.samples(bytes)?.count == 60)
            seconds[minute, default: 0] += 1
          }
        case .fold(let hour, let shard): folds[hour, default: []].insert(shard)
        case .expire: expiries += 1
        }
      }
    }
    #expect(seconds.count == 120)
    #expect(seconds.values.allSatisfy { $0 == 2 })
    let first = Self.start / 3600
    // The two before: whoever ran then may have left them undone.
    #expect(Set(folds.keys) == [first - 2, first - 1, first, first + 1])
    #expect(folds.values.allSatisfy { $0.count == FigureSheet.shards })
    #expect(expiries == 3)
  }

  @Test("the minute that is under way is told from memory, as seconds and as one")
  func present() throws {
    let a = try #require(WorkerName("a"))
    var desk = FigureDesk()
    for second in 0..<10 {
      desk.track(of: a).add(cpu: UInt64(second) * 10, memoryBytes: 1 << 20, tasks: 1)
      _ = desk.close(Self.start + Int64(second), interval: 1) { _ in true }
    }
    var seconds = FigureGrid(start: Self.start, step: 1, count: 60)
    desk.add(a, source: 1, to: &seconds)
    #expect(seconds.sums.count(where: \.isSeen) == 10)
    #expect(seconds.sums[9].sample.cpu == 90)
    var minutes = FigureGrid(start: Self.start, step: 60, count: 1)
    desk.add(a, source: 60, to: &minutes)
    #expect(minutes.sums[0].sample.cpu == 45)
    #expect(minutes.sums[0].sample.memory == 1024)
  }

  @Test("a clock that is set back a little stands still, one that is set far is followed")
  func clock() throws {
    let a = try #require(WorkerName("a"))
    var desk = FigureDesk()
    desk.track(of: a).add(cpu: 1, memoryBytes: 1024, tasks: 1)
    _ = desk.close(Self.start + 30, interval: 1) { _ in true }
    desk.track(of: a).add(cpu: 1, memoryBytes: 1024, tasks: 1)
    #expect(desk.close(Self.start + 20, interval: 1) { _ in true }.isEmpty)
    desk.track(of: a).add(cpu: 1, memoryBytes: 1024, tasks: 1)
    let writes = desk.close(Self.start - 7200, interval: 1) { _ in true }
    #expect(
      writes.contains { if case .seconds(Self.start / 60, _, _) = $0 { true } else { false } })
  }

  @Test("a worker that is gone is forgotten, and its money before that is kept")
  func gone() throws {
    let a = try #require(WorkerName("a"))
    var desk = FigureDesk()
    let first = desk.track(of: a)
    first.add(cost: Money(microUSD: 5))
    _ = desk.close(Self.start, interval: 1) { _ in false }
    let writes = desk.close(Self.start + 60, interval: 1) { _ in false }
    #expect(writes.contains { if case .seconds = $0 { true } else { false } })
    _ = desk.close(Self.start + 120, interval: 1) { _ in false }
    #expect(desk.track(of: a) !== first)
  }
}

// Readings into usage, against sums worked out by hand. Must never accept a zero where nothing was seen.

import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct MeteringTests {
  private static let mebibyte: UInt64 = 1 << 20

  private func life(
    _ basis: MeteringBasis = .start(at(0)), booked: UsageTotals = UsageTotals()
  ) throws -> Life {
    let id = try #require(InstanceID("w@1"))
    var record = IncarnationRecord(
      incarnation: Incarnation(1), id: id, pid: 1, started: WallTime(microseconds: 0), bootID: "b")
    record.booked = booked
    let life = Life(
      id: id, incarnation: Incarnation(1),
      spec: WorkerSpec(name: id.worker, command: .shell("true")), record: record, group: nil)
    life.basis = basis
    return life
  }

  private static func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 1_000_000_000) + .milliseconds(milliseconds)
  }

  private func reading(
    _ milliseconds: Int64, memory: UInt64? = nil, cpu: UInt64? = nil
  ) -> Reading {
    var reading = Reading(at: Self.at(milliseconds))
    reading.memoryBytes = memory
    reading.counters.cpuUsec = cpu
    return reading
  }

  @Test("memory is the area under its curve: half of the first step, then trapezoids")
  func area() throws {
    let life = try life()
    // 0 to 8 MiB over 1 s: 4 MiB·s. In KiB·ms: 4096 * 1000.
    life.take(reading(1000, memory: 8 * Self.mebibyte))
    #expect(life.totals.memoryKiBMsec == 4096 * 1000)
    // 8 to 4 MiB over 2 s: 12 MiB·s.
    life.take(reading(3000, memory: 4 * Self.mebibyte))
    #expect(life.totals.memoryKiBMsec == (4096 + 12_288) * 1000)
    // Level for 500 ms: 2 MiB·s.
    life.take(reading(3500, memory: 4 * Self.mebibyte))
    #expect(life.totals.memoryKiBMsec == (4096 + 12_288 + 2048) * 1000)
    #expect(life.peak == 8 * Self.mebibyte)
    #expect(!life.totals.estimated)
  }

  @Test("a level amount gives the same area however often it is looked at")
  func partitions() throws {
    let coarse = try life(.unknown)
    let fine = try life(.unknown)
    for time in stride(from: 0 as Int64, through: 60_000, by: 20_000) {
      coarse.take(reading(time, memory: 3 * Self.mebibyte))
    }
    for time in stride(from: 0 as Int64, through: 60_000, by: 250) {
      fine.take(reading(time, memory: 3 * Self.mebibyte))
    }
    #expect(coarse.totals.memoryKiBMsec == 3 * 1024 * 60_000)
    #expect(fine.totals == coarse.totals)
  }

  @Test(
    "the area is rounded half up once, and time that stands still or runs back gives none",
    arguments: [
      (1024, 1024, 1_000_000, 1), (1024, 0, 1_000_000, 1), (1023, 0, 1_000_000, 0),
      (0, 0, 1_000_000, 0), (1024, 1024, 0, 0), (1024, 1024, -5_000_000, 0),
      (UInt64.max, UInt64.max, Int64.max, UInt64.max),
    ] as [(UInt64, UInt64, Int64, UInt64)])
  func rounding(a: UInt64, b: UInt64, nanoseconds: Int64, expected: UInt64) {
    #expect(Life.area(from: a, to: b, over: Span(nanoseconds: nanoseconds)) == expected)
  }

  @Test("a reading without memory is a gap that is said, and what follows counts from the next one")
  func missingMemory() throws {
    let life = try life()
    life.take(reading(1000, memory: 2 * Self.mebibyte))
    let before = life.totals.memoryKiBMsec
    life.take(reading(2000))
    #expect(life.totals.memoryKiBMsec == before)
    #expect(life.totals.estimated)
    #expect(life.reading?.memoryBytes == nil)
    // Nothing is known of the time between 1 s and 3 s: it is neither zero nor made up.
    life.take(reading(3000, memory: 2 * Self.mebibyte))
    #expect(life.totals.memoryKiBMsec == before)
    life.take(reading(4000, memory: 2 * Self.mebibyte))
    #expect(life.totals.memoryKiBMsec == before + 2048 * 1000)
    #expect(life.totals.estimated)
  }

  @Test("estimated readings mark the account")
  func estimated() throws {
    let life = try life()
    var first = reading(1000, memory: Self.mebibyte)
    first.memoryEstimated = true
    life.take(first)
    #expect(life.totals.estimated)
  }

  @Test(
    "the last reading of an empty group ends at nothing, and does not make the account an estimate")
  func final() throws {
    let life = try life()
    life.take(reading(1000, memory: 4 * Self.mebibyte))
    life.takeFinal(reading(2000, cpu: 7))
    #expect(life.totals.memoryKiBMsec == (2048 + 2048) * 1000)
    #expect(life.totals.cpuUsec == 7)
    #expect(!life.totals.estimated)
  }

  @Test("a life too short for one reading has unknown memory, not none")
  func tooShort() throws {
    let life = try life()
    life.takeFinal(reading(20, cpu: 900))
    #expect(life.totals.cpuUsec == 900)
    #expect(life.totals.memoryKiBMsec == 0)
    #expect(life.totals.estimated)
    #expect(life.peak == nil)
  }

  @Test(
    "an adopted life is charged since its last booking at what it holds now, which is an estimate")
  func adopted() throws {
    var booked = UsageTotals()
    booked.memoryKiBMsec = 5_000_000
    booked.cpuUsec = 300
    let life = try life(.sinceBooking(Self.at(990_000)), booked: booked)
    life.take(reading(1_000_000, memory: 512 * Self.mebibyte, cpu: 400))
    #expect(life.totals.memoryKiBMsec == 5_000_000 + 512 * 1024 * 10_000)
    #expect(life.totals.cpuUsec == 400)
    #expect(life.totals.estimated)
    life.take(reading(1_001_000, memory: 512 * Self.mebibyte, cpu: 450))
    #expect(life.totals.memoryKiBMsec == 5_000_000 + 512 * 1024 * 11_000)
  }

  @Test("CPU follows the kernel's counter; one that goes back starts anew and takes nothing away")
  func counter() throws {
    let life = try life()
    var seen: [UInt64] = []
    for (time, cpu) in [(1, 100), (2, 250), (3, 40), (4, 60), (5, 60), (6, 10), (7, 15)]
      as [(Int64, UInt64)]
    {
      life.take(reading(time * 1000, cpu: cpu))
      seen.append(life.totals.cpuUsec)
    }
    #expect(seen == [100, 250, 290, 310, 310, 320, 325])
  }

  @Test("a reading without CPU leaves the total alone, and its percentage is unknown")
  func missingCPU() throws {
    let life = try life()
    life.take(reading(1000, cpu: 100))
    life.take(reading(2000))
    #expect(life.totals.cpuUsec == 100)
    #expect(life.cpuHundredths == nil)
    life.take(reading(3000, cpu: 200))
    #expect(life.totals.cpuUsec == 200)
    #expect(life.cpuHundredths == nil)
    // 250,000 µs in 1 s is a quarter of a CPU.
    life.take(reading(4000, cpu: 250_200))
    #expect(life.cpuHundredths == 2500)
  }

  @Test("block input and output stay unknown until they were read, and never shrink")
  func blocks() throws {
    let life = try life()
    life.take(reading(1000, cpu: 1))
    #expect(life.totals.ioReadBytes == nil)
    #expect(life.totals.ioWriteBytes == nil)
    var some = reading(2000)
    some.counters.ioReadBytes = 4096
    life.take(some)
    some.counters.ioReadBytes = 10
    life.take(some)
    #expect(life.totals.ioReadBytes == 4096)
    #expect(life.totals.ioWriteBytes == nil)
  }
}

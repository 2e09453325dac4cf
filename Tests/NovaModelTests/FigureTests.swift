// The history of figures before it reaches a disk: nothing of a sample is lost, what stays the same costs nothing, and
// what is not known stays so through every step.

import NovaModel
import Testing

struct FigureTests {
  private static func sample(
    cpu: UInt64? = nil, memory: UInt64? = nil, tasks: UInt64? = nil, cost: Int64 = 0,
    revenue: Int64 = 0
  ) -> FigureSample {
    var sample = FigureSample()
    sample.cpu = cpu
    sample.memory = memory
    sample.tasks = tasks
    sample.cost = cost
    sample.revenue = revenue
    return sample
  }

  private static func back(_ samples: [FigureSample]) -> [FigureSample]? {
    FigureDecoder.samples(FigureEncoder(samples).encoded[...])
  }

  @Test("every kind of sample comes back as it was, also at the ends of its range")
  func exact() {
    let samples = [
      Self.sample(), Self.sample(cpu: 0), Self.sample(cpu: 12_345, memory: 33_000, tasks: 4),
      Self.sample(cpu: 12_345, memory: 33_000, tasks: 4),
      Self.sample(cpu: 12_345, memory: 33_000, tasks: 4),
      Self.sample(memory: .max, tasks: 1, cost: .max, revenue: .min),
      Self.sample(cpu: .max, memory: 0, cost: -1, revenue: 1), Self.sample(), Self.sample(),
      Self.sample(tasks: 1), Self.sample(cost: 7),
    ]
    #expect(Self.back(samples) == samples)
    #expect(Self.back([]) == [])
  }

  @Test("ten thousand random pieces come back exactly")
  func random() {
    var generator = SplitMix(state: 7)
    for _ in 0..<10_000 {
      var samples: [FigureSample] = []
      for _ in 0..<Int.random(in: 0...70, using: &generator) {
        if let last = samples.last, Bool.random(using: &generator) {
          samples.append(last)
        } else {
          let known = UInt64.random(in: 0...31, using: &generator)
          let scale = UInt64.random(in: 0...63, using: &generator)
          let value = { UInt64.random(in: 0...(.max >> scale), using: &generator) }
          samples.append(
            Self.sample(
              cpu: known & 1 != 0 ? value() : nil, memory: known & 2 != 0 ? value() : nil,
              tasks: known & 4 != 0 ? value() : nil,
              cost: known & 8 != 0 ? Int64(bitPattern: value()) : 0,
              revenue: known & 16 != 0 ? Int64(bitPattern: value()) : 0))
        }
      }
      guard Self.back(samples) == samples else {
        Issue.record("not the same: \(samples)")
        return
      }
    }
  }

  @Test("a minute at rest takes some ten bytes, a busy one less than eight a second")
  func size() {
    let rest = Self.sample(cpu: 0, memory: 1800, tasks: 1)
    #expect(FigureEncoder(Array(repeating: rest, count: 60)).encoded.count <= 10)
    var generator = SplitMix(state: 3)
    let busy = (0..<60).map { _ in
      Self.sample(
        cpu: .random(in: 0...20_000, using: &generator),
        memory: .random(in: 100_000...110_000, using: &generator),
        tasks: .random(in: 1...9, using: &generator), cost: .random(in: 1...60, using: &generator))
    }
    #expect(FigureEncoder(busy).encoded.count < 8 * 60)
  }

  @Test("bytes that no encoder writes are refused, and none of them crash")
  func hostile() {
    #expect(FigureDecoder.samples([8, 5]) == nil, "again, of nothing")
    #expect(FigureDecoder.samples([0, 8, 255, 255, 255, 127]) == nil, "more than there can be")
    #expect(FigureDecoder.samples([1 | 8]) == nil, "cut off")
    var generator = SplitMix(state: 11)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      #expect((FigureDecoder.samples(bytes[...])?.count ?? 0) <= FigureDecoder.most)
      FigureSheet.each(in: bytes) { _, _ in }
    }
  }

  @Test(
    "several as one: the mean of CPU, the highest of memory and tasks, the sums of money, gaps left out"
  )
  func sum() {
    var sum = FigureSum()
    #expect(!sum.isSeen)
    sum.add(Self.sample())
    #expect(!sum.isSeen && sum.sample.isAbsent)
    sum.add(Self.sample(cpu: 100, memory: 10, tasks: 2, cost: 5, revenue: 9))
    sum.add(Self.sample(cpu: 201, memory: 30, tasks: 1, cost: 6, revenue: -2))
    sum.add(Self.sample(cost: 1))
    #expect(sum.sample == Self.sample(cpu: 151, memory: 30, tasks: 2, cost: 12, revenue: 7))
  }

  @Test("a grid ends with the step that now lies in, and takes nothing outside of it")
  func grid() {
    var grid = FigureGrid(until: 1_000_003, span: 60, step: 10)
    #expect((grid.start, grid.end, grid.sums.count) == (999_950, 1_000_010, 6))
    grid.add(Self.sample(cpu: 4), at: 999_949)
    grid.add(Self.sample(cpu: 4), at: 1_000_010)
    #expect(grid.sums.allSatisfy { !$0.isSeen })
    grid.add(Self.sample(cpu: 4), at: 999_950)
    grid.add(Self.sample(cpu: 8), at: 999_959)
    #expect(grid.sums[0].sample.cpu == 6)
  }

  @Test("seconds between two readings are bridged, longer silence stays unknown, money counts once")
  func track() throws {
    let track = FigureTrack(try #require(WorkerName("a")))
    track.add(cpu: 50, memoryBytes: 4096, tasks: 1)
    track.add(cpu: 70, memoryBytes: 4096, tasks: 2)
    track.add(cost: Money(microUSD: 3))
    track.close(1, bridge: 2)
    track.add(cpu: 10, memoryBytes: 1024, tasks: 1)
    track.close(9, bridge: 2)
    let samples = track.samples
    #expect(samples.count == 10)
    #expect(samples[0] == Self.sample(cpu: 120, memory: 8, tasks: 3))
    #expect(samples[1] == Self.sample(cpu: 120, memory: 8, tasks: 3, cost: 3))
    #expect(samples[2..<9].allSatisfy { $0.isAbsent })
    #expect(samples[9] == Self.sample(cpu: 10, memory: 1, tasks: 1))
    let minute = try #require(track.takeMinute(bridge: 2))
    #expect(FigureDecoder.samples(minute[...])?.count == 10)
    track.close(0, bridge: 2)
    #expect(track.takeMinute(bridge: 2) == nil, "a minute that says nothing is not kept")
  }

  @Test("readings of a round that is passed over are not added to those of the next, its money is")
  func skipped() throws {
    let track = FigureTrack(try #require(WorkerName("a")))
    track.add(cpu: 50, memoryBytes: 4096, tasks: 1)
    track.add(revenue: Money(microUSD: 4))
    track.skip()
    track.add(cpu: 60, memoryBytes: 8192, tasks: 2)
    track.close(0, bridge: 2)
    #expect(track.samples == [Self.sample(cpu: 60, memory: 8, tasks: 2, revenue: 4)])
  }

  @Test("a sheet gives each worker back its own")
  func sheet() throws {
    var sheet = FigureSheet()
    let names = try ["a", "b", String(repeating: "c", count: 63)].map {
      try #require(WorkerName($0))
    }
    for (index, name) in names.enumerated() {
      sheet.add(name, FigureEncoder([Self.sample(cpu: UInt64(index))]).encoded)
    }
    for (index, name) in names.enumerated() {
      let own = FigureSheet.samples(of: name, in: sheet.bytes)
      #expect(own == [Self.sample(cpu: UInt64(index))])
    }
    let other = try #require(WorkerName("d"))
    #expect(FigureSheet.samples(of: other, in: sheet.bytes) == nil)
    let whole = FigureSheet.each(in: Array(sheet.bytes.dropLast())) { _, _ in }
    #expect(!whole)
  }
}

/// Numbers that are the same at each run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

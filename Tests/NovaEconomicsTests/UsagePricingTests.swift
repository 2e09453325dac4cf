// Usage to money: golden amounts, and the law that bookings sum up to the bill however they are cut.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Usage pricing")
struct UsagePricingTests {
  private static func record() throws -> IncarnationRecord {
    let worker = try #require(WorkerName("outreach"))
    return IncarnationRecord(
      incarnation: Incarnation(7), id: InstanceID(worker: worker, number: 1), pid: 100,
      started: WallTime(microseconds: 0), bootID: "boot")
  }

  private static func totals(cpu: UInt64, memory: UInt64) -> UsageTotals {
    var totals = UsageTotals()
    totals.cpuUsec = cpu
    totals.memoryKiBMsec = memory
    return totals
  }

  private static func prices(cpu: Int64, memory: Int64) -> HostPrices {
    var prices = HostPrices()
    prices.cpuHour = Price(picoUSD: cpu)
    prices.memoryGiBHour = Price(picoUSD: memory)
    return prices
  }

  @Test(
    "a CPU-hour and a GiB-hour cost what the price list says",
    arguments: [
      (3_600_000_000, 0, 31_611), (0, 3_600_000 << 20, 4237),
      (1_800_000_000, 1_800_000 << 20, 17_924), (0, 0, 0), (1, 1, 0),
    ] as [(UInt64, UInt64, Int64)])
  func golden(cpu: UInt64, memory: UInt64, micro: Int64) {
    let cost = UsagePricing(HostPrices()).cost(of: Self.totals(cpu: cpu, memory: memory))
    #expect(cost == Money(microUSD: micro))
  }

  @Test(
    "however usage is cut into bookings, they sum up to the bill of the total", arguments: 1...60)
  func conservation(seed: UInt64) throws {
    var random = Sequence(seed)
    let pricing = UsagePricing(
      Self.prices(cpu: Int64(random.below(1 << 40)), memory: Int64(random.below(1 << 36))))
    var record = try Self.record()
    var totals = UsageTotals()
    var sum = Money.zero
    for _ in 0..<(1 + random.below(400)) {
      // Steps from a microsecond to hours, so that most bookings are fractions of a micro-USD.
      totals.cpuUsec += random.below(1 << random.below(36))
      totals.memoryKiBMsec += random.below(1 << random.below(44))
      let next = pricing.nextBooking(after: record, totals: totals)
      #expect(next.cost >= record.cost)
      #expect(next.bookings == record.bookings + 1)
      #expect((-500_000...500_000).contains(next.costRemainderPico))
      sum = sum + (next.cost - record.cost)
      record = next
    }
    #expect(sum == pricing.cost(of: totals))
    #expect(record.cost == sum)
  }

  @Test("a new price holds for what comes after it and changes nothing before")
  func priceChange() throws {
    let cheap = UsagePricing(Self.prices(cpu: 1_000_000_000, memory: 0))
    let dear = UsagePricing(Self.prices(cpu: 3_000_000_000, memory: 0))
    let hour: UInt64 = 3_600_000_000
    let first = cheap.nextBooking(
      after: try Self.record(), totals: Self.totals(cpu: hour, memory: 0))
    let second = dear.nextBooking(after: first, totals: Self.totals(cpu: 2 * hour, memory: 0))
    #expect(first.cost == Money(microUSD: 1000))
    #expect(second.cost == Money(microUSD: 4000))
  }

  @Test("a total that went back costs nothing and is not refunded")
  func backwards() throws {
    let pricing = UsagePricing(HostPrices())
    var totals = Self.totals(cpu: 3_600_000_000, memory: 500)
    totals.ioReadBytes = 4096
    let first = pricing.nextBooking(after: try Self.record(), totals: totals)
    let second = pricing.nextBooking(after: first, totals: UsageTotals())
    #expect(second.cost == first.cost)
    #expect(second.booked == first.booked)
  }

  @Test("the highest counters and prices saturate instead of trapping")
  func extremes() {
    let pricing = UsagePricing(Self.prices(cpu: .max, memory: .max))
    #expect(pricing.cost(of: Self.totals(cpu: .max, memory: .max)) == Money(microUSD: .max))
    let negative = UsagePricing(Self.prices(cpu: -1, memory: -5))
    #expect(negative.cost(of: Self.totals(cpu: .max, memory: .max)) == .zero)
  }

  @Test(
    "a half is rounded to even",
    arguments: [
      (500_000, 0, 500_000), (1_500_000, 2, -500_000), (2_500_000, 2, 500_000),
      (500_001, 1, -499_999), (-500_000, 0, -500_000), (-1_500_000, -2, 500_000), (0, 0, 0),
    ] as [(Int64, Int64, Int64)])
  func halfEven(pico: Int64, micro: Int64, remainder: Int64) {
    let (money, rest) = UsagePricing.roundedHalfEven(picoUSD: Int128(pico))
    #expect(money == Money(microUSD: micro))
    #expect(rest == remainder)
  }

  @Test("a full core and a GiB for a minute is their hourly price")
  func hourlyRate() {
    let pricing = UsagePricing(HostPrices())
    let rate = pricing.hourlyRate(
      cpuUsec: 60_000_000, over: .seconds(60), memoryBytes: 1 << 30)
    #expect(rate == Money(microUSD: 31_611 + 4237))
    #expect(pricing.hourlyRate(cpuUsec: 0, over: .seconds(60), memoryBytes: 0) == .zero)
    #expect(
      pricing.hourlyRate(cpuUsec: .max, over: .microseconds(1), memoryBytes: .max)
        == Money(microUSD: .max))
  }

  @Test("a rate with an unknown part is unknown, not zero")
  func unknownRate() {
    let pricing = UsagePricing(HostPrices())
    #expect(pricing.hourlyRate(cpuUsec: nil, over: .seconds(60), memoryBytes: 1) == nil)
    #expect(pricing.hourlyRate(cpuUsec: 1, over: .seconds(60), memoryBytes: nil) == nil)
    #expect(pricing.hourlyRate(cpuUsec: 1, over: .zero, memoryBytes: 1) == nil)
    #expect(pricing.hourlyRate(cpuUsec: 1, over: .seconds(-1), memoryBytes: 1) == nil)
  }
}

/// SplitMix64: the same numbers for the same seed.
private struct Sequence {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func below(_ bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (z ^ (z >> 31)) % max(1, bound)
  }
}

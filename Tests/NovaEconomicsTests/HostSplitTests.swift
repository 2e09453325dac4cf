// The host's price in parts: golden values of OpenCost's rule, and sums that must be exact whatever happens.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite struct HostSplitTests {
  private func prices(_ hostHour: String) throws -> HostPrices {
    var prices = HostPrices()
    let price: Price = try #require(Price(decimal: hostHour))
    prices.hostHour = price
    return prices
  }

  @Test("G14: the parts of a host in the proportions of the list prices")
  func golden() throws {
    let small = try prices("0.10").effective(on: HostCapacity(cores: 8, memoryBytes: 32 << 30))
    #expect(small.memoryGiBHour.picoUSD == 1_090_683_498)
    #expect(small.cpuHour.picoUSD == 8_137_266_006)
    let large = try prices("1.50").effective(
      on: HostCapacity(cores: 16, memoryBytes: 64 << 30, gpus: 1))
    #expect(large.memoryGiBHour.picoUSD == 3_680_200_400)
    #expect(large.cpuHour.picoUSD == 27_456_883_373)
    #expect(large.gpuHour.picoUSD == 825_157_040_414)
    // All of it used is the whole price, to a pico-USD a part.
    #expect(
      abs(small.cpuHour.picoUSD * 8 + small.memoryGiBHour.picoUSD * 32 - 100_000_000_000) <= 40)
  }

  @Test("the larger of reserved and used is paid, per resource: 5,159 micro-USD")
  func reserved() throws {
    let prices = try prices("0.10").effective(on: HostCapacity(cores: 8, memoryBytes: 32 << 30))
    var economics = EconomicsSpec()
    economics.reserveCPUPercent = 50
    economics.reserveMemoryBytes = 1 << 30
    var totals = UsageTotals()
    totals.cpuUsec = 900_000_000
    totals.memoryKiBMsec = UInt64(0.6 * Double(1 << 20) * 3_600_000)
    let id = try #require(InstanceID("a@1"))
    let record = IncarnationRecord(
      incarnation: Incarnation(1), id: id, pid: 1, started: WallTime(microseconds: 0), bootID: "b")
    let next = UsagePricing(prices).nextBooking(
      after: record, totals: totals, reserved: ReservedUse(economics, over: .seconds(3600)))
    #expect(next.cost == Money(microUSD: 5159))
    // .5 * .008137266006 + 1 * .001090683498 = .005159316501
    #expect(next.costRemainderPico == 316_501)
  }

  @Test("a GPU that is reserved is paid by the hour")
  func gpu() throws {
    var economics = EconomicsSpec()
    economics.reserveGPUs = 2
    let id = try #require(InstanceID("a@1"))
    let record = IncarnationRecord(
      incarnation: Incarnation(1), id: id, pid: 1, started: WallTime(microseconds: 0), bootID: "b")
    let next = UsagePricing(HostPrices()).nextBooking(
      after: record, totals: UsageTotals(), reserved: ReservedUse(economics, over: .seconds(1800)))
    #expect(next.cost == Money(microUSD: 950_000))
  }

  @Test("the idle part by each rule: none, evenly, in proportion")
  func idle() {
    let allocated = [5159, 54_841].map { Money(microUSD: $0) }
    let idle = Money(microUSD: 40_000)
    #expect(HostAccount.shares(of: idle, .none, allocated: allocated) == nil)
    #expect(
      HostAccount.shares(of: idle, .even, allocated: allocated)?.map(\.microUSD) == [
        20_000, 20_000,
      ])
    // .005159317 of .06 allocated pays .003439544 of the idle .04.
    #expect(
      HostAccount.shares(of: idle, .proportional, allocated: allocated)?.map(\.microUSD)
        == [3439, 36_561])
    #expect(HostAccount.shares(of: idle, .even, allocated: []) == nil)
    #expect(HostAccount.shares(of: idle, .proportional, allocated: [.zero]) == nil)
  }

  @Test(
    "whatever is claimed, ends early or restarts, the parts and the idle rest are the host's price exactly"
  )
  func conservation() throws {
    var random = SplitMix(seed: 14)
    for _ in 0..<200 {
      let hostHour = Price(picoUSD: Int64(random.next() % 3_000_000_000_000))
      var account = HostAccount(bootID: "b", boottime: 1000)
      let start = account.boottime
      var now = start
      var booked: Int64 = 0
      for _ in 0..<50 {
        now += random.next() % 120_000_000_000
        let claims = (0..<Int(random.next() % 6)).map { _ in
          Money(microUSD: Int64(random.next() % 40_000))
        }
        if random.next() % 4 == 0 {
          let ended = Money(microUSD: Int64(random.next() % 30_000))
          account.early = account.early + ended
          booked += ended.microUSD
        }
        let division = account.close(at: now, bootID: "b", hostHour: hostHour, claims: claims)
        booked += division.allocated.reduce(0) { $0 + $1.microUSD } + division.idle.microUSD
        #expect(division.idle >= .zero && division.allocated.allSatisfy { $0 >= .zero })
        for rule in HostPrices.ShareIdle.allCases {
          guard
            let shares = HostAccount.shares(of: division.idle, rule, allocated: division.allocated)
          else { continue }
          #expect(shares.reduce(0) { $0 + $1.microUSD } == division.idle.microUSD)
        }
        let due = Int128(hostHour.picoUSD) * Int128(now - start) / 3_600_000_000_000
        // Exact but for what waits: the fractions below a pico-USD of each span, and what ended lives used too much.
        let waiting = Int128(account.remainderPico) - Int128(account.early.microUSD) * 1_000_000
        let difference = due - (Int128(booked) * 1_000_000 + waiting)
        #expect(difference >= 0 && difference <= 50)
      }
    }
  }

  @Test("another boot begins anew, and a clock that goes back books nothing")
  func boots() throws {
    let hostHour = try #require(Price(decimal: "3.6"))
    var account = HostAccount(bootID: "b", boottime: 5_000_000_000)
    #expect(
      account.close(at: 9_000_000_000, bootID: "b", hostHour: hostHour, claims: []).idle
        == Money(microUSD: 4000))
    #expect(
      account.close(at: 1_000_000_000, bootID: "c", hostHour: hostHour, claims: []).idle == .zero)
    #expect(
      account.close(at: 2_000_000_000, bootID: "c", hostHour: hostHour, claims: []).idle
        == Money(microUSD: 1000))
    #expect(
      account.close(at: 1_500_000_000, bootID: "c", hostHour: hostHour, claims: []).idle == .zero)
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers each time.
private struct SplitMix {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// What used CPU time and held memory cost at the host's prices, in integers only. The bill is a function of the
// cumulative usage, and a booking is the difference of two bills: so any partition into bookings sums up to the
// same amount. Must never use a floating-point number, and never round an amount that was rounded before.

package import NovaModel

/// Prices usage: exact in 128 bits, floored once to pico-USD, rounded half-even once to micro-USD.
package struct UsagePricing: Sendable, Hashable {
  /// The prices in force; a negative one counts as zero.
  package let prices: HostPrices

  /// Prices usage at `prices`.
  package init(_ prices: HostPrices) { self.prices = prices }

  /// The record of the next booking: cumulative usage `totals`, cumulative cost, remainder and number.
  ///
  /// Usage up to `record.booked` was priced before, at whatever prices held then, and stays as it was; what came
  /// since is priced now. A total below the booked one (a counter went back) adds nothing.
  package func nextBooking(after record: IncarnationRecord, totals: UsageTotals)
    -> IncarnationRecord
  {
    var next = record
    next.booked = record.booked.raised(to: totals)
    next.bookings += 1
    let before = Int128(record.cost.microUSD) * 1_000_000 + Int128(record.costRemainderPico)
    let bill = before + picoUSD(from: record.booked, to: next.booked)
    let (money, remainder) = Self.roundedHalfEven(picoUSD: bill)
    next.cost = money
    next.costRemainderPico = remainder
    return next
  }

  /// What `totals` cost when nothing of it has been booked, rounded half-even to micro-USD.
  package func cost(of totals: UsageTotals) -> Money {
    Self.roundedHalfEven(picoUSD: picoUSD(from: UsageTotals(), to: totals)).0
  }

  /// What a minute like the last one costs per hour.
  ///
  /// - Parameters:
  ///   - cpuUsec: CPU time used during `span`, microseconds.
  ///   - span: how long was looked at; nothing can be said of an empty one.
  ///   - memoryBytes: memory held, bytes.
  /// - Returns: micro-USD per hour, or nil when a part of it is unknown.
  package func hourlyRate(cpuUsec: UInt64?, over span: Span, memoryBytes: UInt64?) -> Money? {
    guard let cpuUsec, let memoryBytes, span.wholeMicroseconds > 0 else { return nil }
    let cpu =
      UInt128(cpuUsec) * Self.rate(prices.cpuHour) / UInt128(span.wholeMicroseconds.magnitude)
    let memory = UInt128(memoryBytes) * Self.rate(prices.memoryGiBHour) / Self.bytesPerGiB
    return Self.roundedHalfEven(picoUSD: Int128(cpu + memory)).0
  }

  /// Each resource's bill is floored by itself, so the difference of two cumulative bills never drifts.
  private func picoUSD(from old: UsageTotals, to new: UsageTotals) -> Int128 {
    let cpu = cpuBill(new.cpuUsec) - cpuBill(old.cpuUsec)
    let memory = memoryBill(new.memoryKiBMsec) - memoryBill(old.memoryKiBMsec)
    return cpu + memory
  }

  /// At most 2^64 * 2^63 before the division: fits 128 bits for every input.
  func cpuBill(_ usec: UInt64) -> Int128 {
    Int128(UInt128(usec) * Self.rate(prices.cpuHour) / Self.usecPerHour)
  }

  func memoryBill(_ kibMsec: UInt64) -> Int128 {
    Int128(UInt128(kibMsec) * Self.rate(prices.memoryGiBHour) / Self.kibMsecPerGiBHour)
  }

  /// The same for processors of another kind.
  func gpuBill(_ usec: UInt64) -> Int128 {
    Int128(UInt128(usec) * Self.rate(prices.gpuHour) / Self.usecPerHour)
  }

  private static let usecPerHour: UInt128 = 3_600_000_000
  private static let bytesPerGiB: UInt128 = 1 << 30
  /// 2^20 KiB a GiB times 3,600,000 ms an hour.
  private static let kibMsecPerGiBHour: UInt128 = 3_600_000 << 20

  private static func rate(_ price: Price) -> UInt128 { UInt128(max(0, price.picoUSD)) }

  /// Money and what is left, in -500,000...500,000 pico-USD. Beyond 9.2e12 USD it stays at the end of the range.
  static func roundedHalfEven(picoUSD: Int128) -> (Money, Int64) {
    var (micro, rest) = picoUSD.quotientAndRemainder(dividingBy: 1_000_000)
    if rest < 0 {
      micro -= 1
      rest += 1_000_000
    }
    if rest > 500_000 || (rest == 500_000 && !micro.isMultiple(of: 2)) {
      micro += 1
      rest -= 1_000_000
    }
    guard let amount = Int64(exactly: micro) else {
      return (Money(microUSD: Int64(clamping: micro)), 0)
    }
    return (Money(microUSD: amount), Int64(rest))
  }
}

extension UsageTotals {
  /// The higher of both in every field: what is cumulative never goes back.
  func raised(to other: UsageTotals) -> UsageTotals {
    var result = self
    result.cpuUsec = max(cpuUsec, other.cpuUsec)
    result.memoryKiBMsec = max(memoryKiBMsec, other.memoryKiBMsec)
    result.ioReadBytes = Self.higher(ioReadBytes, other.ioReadBytes)
    result.ioWriteBytes = Self.higher(ioWriteBytes, other.ioWriteBytes)
    result.estimated = estimated || other.estimated
    return result
  }

  private static func higher(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
    guard let a, let b else { return a ?? b }
    return max(a, b)
  }
}

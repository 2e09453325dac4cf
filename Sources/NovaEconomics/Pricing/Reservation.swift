// What a worker has reserved of the host is paid whether it is used or not: per resource the larger of both.
// Must never price less than was used.

package import NovaModel

/// What was reserved during a span.
package struct ReservedUse: Sendable, Hashable {
  /// Microseconds of one processor.
  package var cpuUsec: UInt64
  /// KiB-milliseconds of memory.
  package var memoryKiBMsec: UInt64
  /// Microseconds of one GPU.
  package var gpuUsec: UInt64

  /// What `economics.reserve` holds during a span of time.
  package init(_ economics: EconomicsSpec, over span: Span) {
    let usec = UInt128(max(0, span.wholeMicroseconds))
    cpuUsec = UInt64(clamping: usec * UInt128(max(0, economics.reserveCPUPercent)) / 100)
    memoryKiBMsec = UInt64(
      clamping: usec * UInt128(economics.reserveMemoryBytes) / (1024 * 1000))
    gpuUsec = UInt64(clamping: usec * UInt128(max(0, economics.reserveGPUs)))
  }

  /// Nothing.
  package var isZero: Bool { cpuUsec == 0 && memoryKiBMsec == 0 && gpuUsec == 0 }
}

extension UsagePricing {
  /// The record of the next booking of a worker that has reserved something since the last one.
  package func nextBooking(
    after record: IncarnationRecord, totals: UsageTotals, reserved: ReservedUse
  ) -> IncarnationRecord {
    guard !reserved.isZero else { return nextBooking(after: record, totals: totals) }
    var next = record
    next.booked = record.booked.raised(to: totals)
    next.bookings += 1
    let cpu = max(next.booked.cpuUsec - record.booked.cpuUsec, reserved.cpuUsec)
    let memory = max(
      next.booked.memoryKiBMsec - record.booked.memoryKiBMsec, reserved.memoryKiBMsec)
    let before = Int128(record.cost.microUSD) * 1_000_000 + Int128(record.costRemainderPico)
    let bill = before + cpuBill(cpu) + memoryBill(memory) + gpuBill(reserved.gpuUsec)
    let (money, remainder) = Self.roundedHalfEven(picoUSD: bill)
    next.cost = money
    next.costRemainderPico = remainder
    return next
  }
}

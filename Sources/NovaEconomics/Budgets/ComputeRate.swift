// The most that computing can cost: what a worker could use if it took everything it may have. Reserving that much
// ahead makes an overshoot impossible; when less is left, it says how long the rest lasts at the worst.
// Must never round a cost down or a time up.

package import NovaModel

/// A highest cost per hour.
package struct ComputeRate: Sendable, Hashable {
  /// Pico-USD an hour.
  package let picoPerHour: Int128

  /// Everything of `cores` processors (thousandths) and `memoryBytes` at those prices.
  package init(milliCores: Int64, memoryBytes: UInt64, prices: HostPrices) {
    let cpu = Int128(max(0, milliCores)) * Int128(max(0, prices.cpuHour.picoUSD)) / 1000
    let memory = Int128(memoryBytes) * Int128(max(0, prices.memoryGiBHour.picoUSD)) / (1 << 30)
    picoPerHour = cpu + memory + 2
  }

  init(picoPerHour: Int128) { self.picoPerHour = picoPerHour }

  /// What `span` costs at this rate, rounded up to a micro-USD.
  package func cost(over span: Span) -> Money {
    guard span > .zero else { return .zero }
    let unit = Int128(3_600_000_000_000) * 1_000_000
    let cost = (picoPerHour * Int128(span.nanoseconds) + unit - 1) / unit
    return Money(microUSD: Int64(clamping: cost))
  }

  /// How long `money` lasts at this rate, rounded down.
  package func span(for money: Money) -> Span {
    guard money > .zero else { return .zero }
    let unit = Int128(3_600_000_000_000) * 1_000_000
    return Span(nanoseconds: Int64(clamping: Int128(money.microUSD) * unit / picoPerHour))
  }
}

/// Whose computing is covered.
package enum ComputeSubject: Sendable, Hashable {
  /// All workers: together they cannot use more than the host has.
  case host
  /// All instances of one worker.
  case worker(WorkerName)
}

/// The answer to a wish to compute on.
package enum ComputeGrant: Sendable, Hashable {
  /// The money is set aside; what was used has to be booked by then.
  case covered(until: Instant)
  /// Not even the shortest time is left on this limit.
  case exhausted(BudgetNode)
}

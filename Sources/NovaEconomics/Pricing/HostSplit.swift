// The host's own price divided among those who use it and the idle rest, so that all of it is booked and nothing twice.
// Must never lose or make a micro-USD: what every span of time costs is what its parts sum up to.

package import NovaModel

/// What a host has to give.
package struct HostCapacity: Sendable, Hashable {
  /// Processors.
  package var cores: Int
  /// Bytes of memory.
  package var memoryBytes: UInt64
  package var gpus: Int

  /// Describes a host.
  package init(cores: Int, memoryBytes: UInt64, gpus: Int = 0) {
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.gpus = gpus
  }
}

extension HostPrices {
  /// The prices by which the host's own is divided: in the proportions of the configured ones, so that the whole host
  /// used for an hour costs `host_hour` (OpenCost's rule). The configured ones where there is none.
  package func effective(on host: HostCapacity) -> HostPrices {
    guard let hostHour, host.cores > 0, host.memoryBytes > 0 else { return self }
    // In pico-USD times 2^20: memory counts in KiB. With 10^17 a price and 10^4 processors it is below 10^28.
    let gib = Int128(1) << 20
    let whole =
      Int128(host.cores) * Int128(max(0, cpuHour.picoUSD)) * gib
      + Int128(host.memoryBytes >> 10) * Int128(max(0, memoryGiBHour.picoUSD))
      + Int128(host.gpus) * Int128(max(0, gpuHour.picoUSD)) * gib
    guard whole > 0 else { return self }
    func share(_ price: Price) -> Price {
      let exact = Int128(max(0, hostHour.picoUSD)) * Int128(max(0, price.picoUSD))
      // Two steps: the product with 2^20 could pass 128 bits for prices near the limit.
      let (quotient, rest) = exact.quotientAndRemainder(dividingBy: whole)
      let scaled = quotient * gib + (rest * gib + whole / 2) / whole
      return Price(picoUSD: Int64(clamping: scaled))
    }
    var prices = self
    prices.cpuHour = share(cpuHour)
    prices.memoryGiBHour = share(memoryGiBHour)
    prices.gpuHour = share(gpuHour)
    return prices
  }
}

/// Up to when the host's price is booked, and what is left over; survives a restart.
package struct HostAccount: Sendable, Hashable {
  /// Spans booked so far.
  package var number: Int64 = 0
  /// The boot in which `boottime` counts.
  package var bootID: String
  /// CLOCK_BOOTTIME up to which all is booked, nanoseconds.
  package var boottime: UInt64
  /// Of the host's price, below a micro-USD, not booked yet: pico-USD.
  package var remainderPico: Int64 = 0
  /// What lives that ended have been booked of the span that is under way.
  package var early: Money = .zero

  /// An account that begins now.
  package init(bootID: String, boottime: UInt64) {
    self.bootID = bootID
    self.boottime = boottime
  }

  /// One span's division.
  package struct Division: Sendable, Hashable {
    /// What each claim gets, in their order.
    package var allocated: [Money]
    /// What nobody used.
    package var idle: Money
    /// The claims were more than the host: each got its proportion.
    package var isScaled: Bool
  }

  /// Ends the span at `boottime`: what the host has cost in it, divided among `claims` (what each used, by the prices).
  ///
  /// Nothing is booked for the time before another boot: the host was off, or nobody saw it.
  package mutating func close(
    at now: UInt64, bootID: String, hostHour: Price, claims: [Money]
  ) -> Division {
    if bootID != self.bootID || now < boottime {
      self.bootID = bootID
      boottime = now
    }
    let span = Int128(now - boottime)
    boottime = now
    number += 1
    // 3.6e12 ns an hour. At most 2^63 * 2^64: fits.
    let exact = Int128(max(0, hostHour.picoUSD)) * span / 3_600_000_000_000 + Int128(remainderPico)
    let (micro, rest) = exact.quotientAndRemainder(dividingBy: 1_000_000)
    remainderPico = Int64(rest)
    let due = Int64(clamping: micro)
    let left = due - early.microUSD
    guard left >= 0 else {
      // Those that ended have used more than there was: the next span is shorter by it.
      early = Money(microUSD: -left)
      return Division(
        allocated: claims.map { _ in .zero }, idle: .zero, isScaled: claims.contains { $0 > .zero })
    }
    early = .zero
    let wanted = claims.reduce(Int64(0)) { $0 + $1.microUSD }
    guard wanted > left else {
      return Division(
        allocated: claims, idle: Money(microUSD: left - wanted), isScaled: false)
    }
    let parts = Apportionment.split(left, by: claims.map(\.microUSD))
    return Division(
      allocated: parts.map { Money(microUSD: $0) }, idle: .zero, isScaled: true)
  }

  /// Who pays for what nobody used; nil: nobody does, it is the host's.
  package static func shares(
    of idle: Money, _ rule: HostPrices.ShareIdle, allocated: [Money]
  ) -> [Money]? {
    switch rule {
    case .none: return nil
    case .even:
      guard !allocated.isEmpty else { return nil }
      return Apportionment.split(idle.microUSD, by: allocated.map { _ in 1 }).map {
        Money(microUSD: $0)
      }
    case .proportional:
      guard allocated.contains(where: { $0 > .zero }) else { return nil }
      return Apportionment.split(idle.microUSD, by: allocated.map(\.microUSD)).map {
        Money(microUSD: $0)
      }
    }
  }
}

// Money that was reserved in one piece and is spent call by call, so that a call waits for no disk. Must never promise more
// than is in it, nor give back what a call may still spend.

/// The reservations of one worker with one provider, and what calls hold of them. Value and arithmetic alone.
package struct Purse: Sendable, Hashable {
  /// One reservation, in pico-dollars.
  package struct Tranche: Sendable, Hashable {
    /// The supervisor's number of it.
    package let reservation: Int64
    /// What was reserved.
    package let amount: Int64
    /// What calls under way may cost at the most.
    package fileprivate(set) var held: Int64 = 0
    /// What calls that are over have cost.
    package fileprivate(set) var drawn: Int64 = 0
    /// How many are under way.
    package fileprivate(set) var calls = 0
    /// No call begins with it after that: each must be over before the lease is.
    package let until: Instant
    package fileprivate(set) var used: Instant

    var left: Int64 { amount - held - drawn }
  }

  /// Oldest first.
  package private(set) var tranches: [Tranche] = []

  /// An empty one.
  package init() {}

  /// A call is booked in whole micro-dollars, with what the worker's calls before had left over: it can draw so much more than it
  /// cost.
  package static let slack: Int64 = 1_000_000

  /// Puts a reservation in. Calls may begin with it until then.
  package mutating func add(_ reservation: Int64, amount: Money, until: Instant, at now: Instant) {
    guard let pico = amount.picoUSD else { return }
    tranches.append(
      Tranche(
        reservation: reservation, amount: pico, until: until, used: now))
  }

  /// Holds the most that a call can cost; nil when no reservation has so much left.
  package mutating func hold(_ bound: Price, at now: Instant) -> Int64? {
    guard
      let at = tranches.indices.first(where: {
        tranches[$0].left >= bound.picoUSD + Self.slack && tranches[$0].until > now
      })
    else { return nil }
    tranches[at].held += bound.picoUSD + Self.slack
    tranches[at].calls += 1
    tranches[at].used = now
    return tranches[at].reservation
  }

  /// The most that one call may hold now.
  package func most(at now: Instant) -> Price {
    let left = tranches.filter { $0.until > now }.map(\.left).max() ?? 0
    return Price(picoUSD: max(0, left - Self.slack))
  }

  /// What calls may still hold together.
  package func left(at now: Instant) -> Price {
    Price(picoUSD: tranches.reduce(0) { $0 + ($1.until > now ? max(0, $1.left) : 0) })
  }

  /// A call is over: what it held is free but for what it cost, which may be more.
  package mutating func spend(_ cost: Price, held: Price, of reservation: Int64, at now: Instant) {
    guard let at = tranches.firstIndex(where: { $0.reservation == reservation }) else { return }
    tranches[at].held -= held.picoUSD + Self.slack
    if cost.picoUSD > 0 { tranches[at].drawn += cost.picoUSD + Self.slack }
    tranches[at].calls -= 1
    tranches[at].used = now
  }

  /// How many calls are under way.
  package var calls: Int { tranches.reduce(0) { $0 + $1.calls } }

  /// Takes out what nobody spends of any more: unused since then, or too old or too empty for `least`. It is then to be closed.
  package mutating func takeIdle(unusedSince: Instant, least: Price, at now: Instant) -> [Int64] {
    let idle = tranches.filter {
      $0.calls == 0
        && ($0.used <= unusedSince || $0.until <= now || $0.left < least.picoUSD)
    }.map(\.reservation)
    tranches.removeAll { idle.contains($0.reservation) }
    return idle
  }
}

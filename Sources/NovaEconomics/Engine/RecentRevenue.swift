// The revenue of the last seven days and the part of it that nobody can be credited with, by quarters of an hour. Kept from
// the entries as they are told, each once; a quarter that has passed out of the week is dropped. Must never be read from
// the ledger but at a start.

package import NovaModel

/// Revenue of a window that moves with the clock.
package struct RecentRevenue: Sendable, Hashable {
  /// Seven days of quarters of an hour, the present one included.
  package static let quarters: Int64 = 7 * 96
  private static let quarter: Int64 = 900_000_000

  /// What is in the window.
  package private(set) var total = Money.zero
  package private(set) var unattributed = Money.zero
  private var sums: [Int64: Sum] = [:]
  /// The first quarter of the window.
  private var first: Int64 = .min

  private struct Sum: Sendable, Hashable {
    var total = Money.zero
    var unattributed = Money.zero
  }

  /// Nothing was earned.
  package init() {}

  /// Takes an entry in: once, when it is told.
  package mutating func take(_ entry: Entry) {
    guard entry.kind.side == .revenue, !entry.isPending else { return }
    add(entry.amount, isOwned: entry.worker != nil, at: entry.booked)
  }

  /// Takes what the ledger has summed up of a quarter.
  package mutating func take(_ quarter: RevenueQuarter) {
    add(quarter.amount, isOwned: quarter.isOwned, at: quarter.at)
  }

  /// The part that nobody can be credited with, in millionths; 0 where nothing was earned.
  package mutating func unattributedPPM(at now: WallTime) -> Int {
    move(to: now)
    // A payment that was credited later is taken back where it was nobody's: older than the window, it is less than none.
    guard total > .zero, unattributed > .zero else { return 0 }
    return Int(clamping: Int128(unattributed.microUSD) * 1_000_000 / Int128(total.microUSD))
  }

  private mutating func add(_ amount: Money, isOwned: Bool, at: WallTime) {
    let number = Self.number(at)
    guard number >= first else { return }
    total = total + amount
    var sum = sums[number] ?? Sum()
    sum.total = sum.total + amount
    if !isOwned {
      unattributed = unattributed + amount
      sum.unattributed = sum.unattributed + amount
    }
    sums[number] = sum
  }

  /// Drops what lies before the window. A clock that is set back takes nothing back.
  private mutating func move(to now: WallTime) {
    let next = Self.number(now) - Self.quarters + 1
    guard next > first else { return }
    first = next
    for (number, sum) in sums where number < next {
      total = total - sum.total
      unattributed = unattributed - sum.unattributed
      sums[number] = nil
    }
  }

  private static func number(_ at: WallTime) -> Int64 {
    let (quotient, rest) = at.microseconds.quotientAndRemainder(dividingBy: quarter)
    return rest < 0 ? quotient - 1 : quotient
  }
}

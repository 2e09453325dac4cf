// What was booked on the calendar day that is now, in all, by worker and by source. Kept from the entries as they are told,
// each once, so that at every moment it is what the ledger says of that day.
// Must never count an entry on a day that it was not booked on.

package import NovaModel

/// The sums of one day.
package struct DaySums: Sendable {
  /// The day.
  package private(set) var day: CalendarDay
  /// Everything, nobody's included.
  package private(set) var sums = Balance()
  /// What each worker, and each source, has cost.
  package private(set) var costs: [WorkerName: Money] = [:]
  package private(set) var sourceCosts: [String: Money] = [:]
  private let zone: TimeZoneRules

  /// A day without entries.
  package init(holding time: WallTime, in zone: TimeZoneRules) {
    day = CalendarDay(holding: time, in: zone)
    self.zone = zone
  }

  /// Takes what the ledger has summed up of the day.
  package mutating func take(_ balance: Balance, worker: WorkerName?, source: String?) {
    sums.add(balance)
    add(balance.cost, worker, source)
  }

  /// Takes an entry in; one of a later day begins that day.
  package mutating func take(_ entry: Entry) {
    if entry.booked >= day.end { self = DaySums(holding: entry.booked, in: zone) }
    guard entry.booked >= day.start else { return }
    sums.add(entry)
    add(entry.cost, entry.worker, entry.source)
  }

  /// The day is over, and no entry of the next was told: it would have begun it by itself.
  package mutating func turn(to time: WallTime, in zone: TimeZoneRules) {
    self = DaySums(holding: time, in: zone)
  }

  private mutating func add(_ cost: Money, _ worker: WorkerName?, _ source: String?) {
    guard cost != .zero else { return }
    if let worker { costs[worker] = (costs[worker] ?? .zero) + cost }
    if let source { sourceCosts[source] = (sourceCosts[source] ?? .zero) + cost }
  }
}

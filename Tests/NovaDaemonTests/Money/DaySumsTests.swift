// The sums of the present day: kept from entries alone, by worker and by source, and begun anew by the first entry of the
// next day.

import NovaDaemon
import NovaModel
import Testing

struct DaySumsTests {
  private let noon = WallTime(rfc3339: "2026-11-26T12:00:00Z") ?? WallTime(microseconds: 0)

  private func entry(
    _ micro: Int64, after hours: Int64 = 0, kind: EntryKind = .llm, worker: String? = "a",
    source: String = "gateway"
  ) -> Entry {
    Entry(
      event: noon, booked: noon + .seconds(hours * 3600), worker: worker.flatMap(WorkerName.init),
      kind: kind, source: source, externalID: "x", amount: Money(microUSD: micro))
  }

  @Test("costs are summed up by worker and by source, revenue and what is pending are not")
  func sums() {
    var day = DaySums(holding: noon, in: .utc)
    day.take(entry(-5))
    day.take(entry(-7, worker: nil))
    day.take(entry(-1, source: "stripe"))
    day.take(entry(2))
    day.take(entry(90, kind: .sale))
    var pending = entry(-40)
    pending.isPending = true
    day.take(pending)
    #expect(day.sums.cost == Money(microUSD: 11))
    #expect(day.sums.revenue == Money(microUSD: 90))
    #expect(day.costs == [WorkerName("a")!: Money(microUSD: 4)])
    #expect(
      day.sourceCosts == ["gateway": Money(microUSD: 10), "stripe": Money(microUSD: 1)])
  }

  @Test("an entry of tomorrow begins tomorrow, one of yesterday changes nothing")
  func turn() {
    var day = DaySums(holding: noon, in: .utc)
    day.take(entry(-5))
    day.take(entry(-3, after: 13))
    #expect(day.day.text == "2026-11-27")
    day.take(entry(-100))
    #expect(day.sums.cost == Money(microUSD: 3))
    day.turn(to: noon + .seconds(40 * 3600), in: .utc)
    #expect(day.day.text == "2026-11-28")
    #expect(day.costs.isEmpty)
  }

  @Test("what the ledger has summed up is taken as it is")
  func loaded() {
    var day = DaySums(holding: noon, in: .utc)
    var balance = Balance()
    balance.add(.platformFee, amount: -50, pending: 0, entries: 3)
    day.take(balance, worker: WorkerName("a"), source: "stripe")
    day.take(entry(-5, source: "stripe"))
    #expect(day.costs[WorkerName("a")!] == Money(microUSD: 55))
    #expect(day.sourceCosts["stripe"] == Money(microUSD: 55))
    #expect(day.sums.entries == 4)
  }
}

// Budgets on the disk: what is written is what the next supervisor finds, twice is once, and a reservation that ended
// stays as it ended.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Budgets on the disk")
struct BudgetTests {
  private func reservation(_ id: Int64, _ state: BudgetReservation.State = .open) throws
    -> BudgetReservation
  {
    var one = BudgetReservation(
      id: id, key: "key \(id)", worker: try Sample.name(), run: "a run", provider: "anthropic",
      route: "model",
      path: [
        BudgetNode(.fleet, day: 20_783), BudgetNode(.worker, "outreach"),
        BudgetNode(.run, "outreach/a run"),
      ], amount: Money(microUSD: 500), softAmount: Money(microUSD: 200), opened: Sample.at(7))
    one.drawn = Money(microUSD: 100)
    one.state = state
    return one
  }

  @Test("everything comes back with every field, and written twice it is there once")
  func fields() throws {
    var account = BudgetAccount()
    account.settled = Money(microUSD: 900)
    account.unreserved = Money(microUSD: 300)
    account.unreconciled = Money(microUSD: 200)
    account.told = 90
    account.granted = Money(microUSD: 70)
    account.hours = [0, 5, 900]
    let worker = try Sample.name()
    let open = try reservation(3)
    let done = try reservation(2, .released)
    let override = BudgetOverride(
      rule: BudgetRule(.worker, "outreach", daily: true), limit: nil, fileLimit: .zero,
      actor: "uid:0")
    let hold = BudgetHold(
      worker: worker, rule: BudgetRule(.fleet, daily: true), action: .ask, isPending: true,
      since: Sample.at(9), note: "budget: spent")
    let changes: [BudgetChange] = [
      .account(BudgetNode(.fleet, day: 20_783), account),
      .account(BudgetNode(.worker, "outreach"), BudgetAccount()), .reservation(open),
      .reservation(done), .route(BudgetRoute(worker: worker, name: "m"), factorPPM: 1_500_000),
      .route(BudgetRoute(worker: nil, name: ""), factorPPM: 1_000_000), .override(override),
      .hold(hold), .charged(through: 41),
    ]
    let shop = try Workshop()
    let ledger = try shop.open()
    for _ in 0..<2 { try ledger.store(changes.map { .budget($0) }) }
    ledger.close()
    let again = try shop.open()
    let state = try again.load().budgets
    #expect(state.accounts[BudgetNode(.fleet, day: 20_783)] == account)
    #expect(state.accounts.count == 2)
    #expect(state.reservations == [open, done])
    #expect(state.routes[BudgetRoute(worker: worker, name: "m")] == 1_500_000)
    #expect(state.chargedThrough == 41)
    #expect(state.overrides == [override])
    #expect(state.holds == [hold])
    try again.store([.budget(.forgetHold(worker))])
    again.close()
    #expect(try shop.open().load().budgets.holds.isEmpty)
  }

  @Test("a reservation that ended stays as it ended, and one that is open cannot be deleted")
  func fixed() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      .budget(.reservation(try reservation(1, .settled))),
      .budget(.reservation(try reservation(2))),
    ])
    let reopened = try reservation(1, .open)
    let answers = try ledger.store([.budget(.reservation(reopened))])
    #expect(
      answers.contains {
        if case .rejected(_, let error) = $0 { error.kind == .rejected } else { false }
      })
    var shrunk = try reservation(2)
    shrunk.drawn = .zero
    #expect(
      try ledger.store([.budget(.reservation(shrunk))]).contains {
        if case .rejected = $0 { true } else { false }
      })
    ledger.close()
    let file = try LedgerFile(path: shop.path)
    let connection = try file.openWriter(LedgerOptions(), now: Sample.at(1))
    #expect(throws: LedgerError.self) {
      try connection.execute("DELETE FROM budget_reservation WHERE id = 2")
    }
  }

  @Test("retention takes old days and what was finished long ago, never what is open")
  func retention() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      .budget(.account(BudgetNode(.fleet, day: 100), BudgetAccount())),
      .budget(.account(BudgetNode(.fleet, day: 120), BudgetAccount())),
      .budget(.account(BudgetNode(.worker, "outreach"), BudgetAccount())),
      .budget(.reservation(try reservation(1))),
      .budget(.reservation(try reservation(2, .unreconciled))),
      .budget(.reservation(try reservation(3, .settled))),
      .budget(.retain(day: 110, time: Sample.at(8))),
    ])
    ledger.close()
    let state = try shop.open().load().budgets
    #expect(
      Set(state.accounts.keys)
        == [BudgetNode(.fleet, day: 120), BudgetNode(.worker, "outreach")])
    #expect(state.reservations.map(\.id) == [1, 2])
  }
}

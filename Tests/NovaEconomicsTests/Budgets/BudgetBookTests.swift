// The book of limits, one promise at a time: all limits or none, once per key, nothing lost when nobody answers.

import NovaEconomics
import NovaModel
import Testing

struct BudgetBookTests {
  private func book(fleet: String = "10", _ workers: [WorkerName: WorkerBudget] = [:]) -> BudgetBook
  {
    Stage.keeper(fleet: fleet, workers).book
  }

  @Test("a reservation is on every limit of its path, or on none")
  func allOrNone() throws {
    var book = book([Stage.a: Stage.budget(daily: "4", total: "3")])
    _ = try book.reserve(Stage.wish("1", Stage.a, "2"), at: Stage.at(0))
    for node in [Stage.fleet, Stage.daily(Stage.a), Stage.total(Stage.a)] {
      #expect(book.reserved(node) == .usd("2"))
    }
    let before = book
    #expect(
      throws: BudgetRefusal.doesNotFit(Stage.total(Stage.a), asked: .usd("2"), left: .usd("1"))
    ) { try book.reserve(Stage.wish("2", Stage.a, "2"), at: Stage.at(1)) }
    #expect(book == before, "a refusal changes nothing")
    _ = try book.reserve(Stage.wish("3", Stage.b, "8"), at: Stage.at(2))
    #expect(book.left(Stage.fleet) == .zero)
    #expect(book.reserved(Stage.daily(Stage.a)) == .usd("2"))
  }

  @Test("exactly the limit fits, one micro-USD more does not")
  func exact() throws {
    var book = book(fleet: "1")
    #expect(throws: BudgetRefusal.self) {
      try book.reserve(Stage.wish("1", nil, "1.000001"), at: Stage.at(0))
    }
    _ = try book.reserve(Stage.wish("2", nil, "1"), at: Stage.at(0))
  }

  @Test("the same key is the same reservation, also after it was settled")
  func sameKey() throws {
    var book = book()
    let first = try book.reserve(Stage.wish("k", Stage.a, "1"), at: Stage.at(0))
    #expect(try book.reserve(Stage.wish("k", Stage.a, "1"), at: Stage.at(1)) == first)
    #expect(book.reserved(Stage.fleet) == .usd("1"))
    #expect(throws: BudgetRefusal.keyTaken("k")) {
      try book.reserve(Stage.wish("k", Stage.b, "1"), at: Stage.at(1))
    }
    #expect(try book.settle(first.id, spent: .usd("0.4"), at: Stage.at(2)).isNew)
    #expect(try !book.settle(first.id, spent: .usd("0.4"), at: Stage.at(3)).isNew)
    #expect(throws: BudgetRefusal.finished(first.id, .settled, spent: .usd("0.4"))) {
      try book.settle(first.id, spent: .usd("0.5"), at: Stage.at(3))
    }
    #expect(book.settled(Stage.fleet) == .usd("0.4"))
    #expect(book.reserved(Stage.fleet) == .zero)
  }

  @Test("a reservation is spent in parts, and the rest comes back at the end")
  func inParts() throws {
    var book = book()
    let one = try book.reserve(Stage.wish("k", Stage.a, "3"), at: Stage.at(0))
    _ = try book.settle(one.id, spent: .usd("1"), final: false, at: Stage.at(1))
    #expect(book.settled(Stage.fleet) == .usd("1"))
    #expect(book.reserved(Stage.fleet) == .usd("2"))
    #expect(throws: BudgetRefusal.belowDrawn(one.id, drawn: .usd("1"))) {
      try book.settle(one.id, spent: .usd("0.5"), at: Stage.at(2))
    }
    _ = try book.settle(one.id, spent: .usd("1.5"), at: Stage.at(2))
    #expect(book.settled(Stage.fleet) == .usd("1.5"))
    #expect(book.left(Stage.fleet) == .usd("8.5"))
  }

  @Test("what costs more than its bound is booked, shown, and the next bound is half as high again")
  func overrun() throws {
    var book = book(fleet: "2")
    let one = try book.reserve(Stage.wish("k", Stage.a, "1"), at: Stage.at(0))
    let settled = try book.settle(one.id, spent: .usd("2.5"), at: Stage.at(1))
    #expect(settled.overrun == .usd("1.5"))
    #expect(book.settled(Stage.fleet) == .usd("2.5"))
    #expect(book.overrun(Stage.fleet) == .usd("0.5"))
    #expect(book.accounts[Stage.fleet]?.unreserved == .usd("1.5"))
    #expect(book.left(Stage.fleet) == .zero)
    book.set(BudgetRule(.fleet, daily: true), limit: .usd("10"), spent: { .zero })
    #expect(
      try book.reserve(Stage.wish("l", Stage.a, "1"), at: Stage.at(2)).amount == .usd("1.5"))
    #expect(
      try book.reserve(Stage.wish("m", Stage.b, "1"), at: Stage.at(2)).amount == .usd("1"),
      "another worker's calls are of another kind")
  }

  @Test("with a least amount, as much as fits is given")
  func least() throws {
    var book = book(fleet: "1")
    _ = try book.reserve(Stage.wish("1", nil, "0.7"), at: Stage.at(0))
    let some = try book.reserve(Stage.wish("2", nil, "0.5", least: "0.2"), at: Stage.at(0))
    #expect(some.amount == .usd("0.3"))
    #expect(throws: BudgetRefusal.self) {
      try book.reserve(Stage.wish("3", nil, "0.5", least: "0.000001"), at: Stage.at(0))
    }
  }

  @Test("what is kept for computing is left alone, but for the least")
  func keeps() throws {
    var book = book(fleet: "1")
    var wish = Stage.wish("1", nil, "0.5", least: "0.2")
    wish.keeps = [.fleet: .usd("0.1"), .worker: .usd("5")]
    #expect(try book.reserve(wish, at: Stage.at(0)).amount == .usd("0.5"))
    wish.key = "2"
    #expect(try book.reserve(wish, at: Stage.at(0)).amount == .usd("0.4"), "0.5 less 0.1")
    wish.key = "3"
    wish.least = .usd("0.07")
    #expect(try book.reserve(wish, at: Stage.at(0)).amount == .usd("0.07"))
    wish.key = "4"
    wish.least = nil
    wish.amount = .usd("0.03")
    #expect(try book.reserve(wish, at: Stage.at(0)).amount == .usd("0.03"), "all or nothing is all")
  }

  @Test("a lease that ends counts as spent in full until somebody says what it was")
  func lease() throws {
    var book = book()
    let one = try book.reserve(Stage.wish("k", Stage.a, "3", lease: 60), at: Stage.at(0))
    #expect(book.expire(at: Stage.at(59)).isEmpty)
    #expect(book.expire(at: Stage.at(60)).map(\.id) == [one.id])
    #expect(book.settled(Stage.fleet) == .usd("3"))
    #expect(book.reserved(Stage.fleet) == .zero)
    #expect(book.accounts[Stage.fleet]?.unreconciled == .usd("3"))
    _ = try book.settle(one.id, spent: .usd("0.25"), at: Stage.at(300))
    #expect(book.settled(Stage.fleet) == .usd("0.25"))
    #expect(book.accounts[Stage.fleet]?.unreconciled == .zero)
    let two = try book.reserve(Stage.wish("l", Stage.a, "2", lease: 1), at: Stage.at(300))
    _ = book.expire(at: Stage.at(301))
    _ = try book.release(two.id, at: Stage.at(302))
    #expect(book.settled(Stage.fleet) == .usd("0.25"), "it turned out to have cost nothing")
  }

  @Test("after a crash what was open counts as spent, and can still be settled")
  func crash() throws {
    var old = book()
    let one = try old.reserve(Stage.wish("k", Stage.a, "3"), at: Stage.at(0))
    _ = try old.settle(one.id, spent: .usd("1"), final: false, at: Stage.at(1))
    var new = book()
    new.restore(
      accounts: old.accounts, reservations: Array(old.reservations.values), routes: [:])
    #expect(new.recover(at: Stage.at(5).wall).map(\.id) == [one.id])
    #expect(new.settled(Stage.fleet) == .usd("3"))
    #expect(new.accounts[Stage.fleet]?.unreconciled == .usd("2"))
    _ = try new.settle(one.id, spent: .usd("1.5"), at: Stage.at(6))
    #expect(new.settled(Stage.fleet) == .usd("1.5"))
    #expect(try new.reserve(Stage.wish("n", nil, "1"), at: Stage.at(7)).id > one.id)
  }

  @Test("a reservation stays on the day on which it was admitted")
  func midnight() throws {
    var book = book(fleet: "5", [Stage.a: Stage.budget(daily: "5", total: "7")])
    let one = try book.reserve(Stage.wish("k", Stage.a, "4"), at: Stage.at(86_399))
    let tomorrow = CalendarDay(holding: Stage.at(86_401).wall, in: .utc)
    _ = book.takeChanges()
    book.turn(to: tomorrow) { _ in false }
    #expect(book.left(BudgetNode(.fleet, day: tomorrow.days)) == .usd("5"))
    #expect(book.left(Stage.total(Stage.a)) == .usd("3"), "a lifetime does not begin anew")
    _ = try book.settle(one.id, spent: .usd("2"), at: Stage.at(86_410))
    #expect(book.settled(Stage.fleet) == .usd("2"))
    #expect(book.settled(BudgetNode(.fleet, day: tomorrow.days)) == .zero)
    #expect(book.settled(Stage.total(Stage.a)) == .usd("2"))
    _ = book.takeChanges()
    book.turn(to: tomorrow) { _ in false }
    #expect(book.accounts[Stage.fleet] == nil, "nothing is open on it any more")
  }

  @Test("a limit that is set in the middle of the day knows what was spent and what is set aside")
  func lateLimit() throws {
    var book = book()
    let one = try book.reserve(Stage.wish("k", Stage.a, "2"), at: Stage.at(0))
    book.set(BudgetRule(.worker, "a", daily: true), limit: .usd("4"), spent: { .usd("1") })
    #expect(book.left(Stage.daily(Stage.a)) == .usd("1"))
    _ = try book.settle(one.id, spent: .usd("0.5"), at: Stage.at(1))
    #expect(book.left(Stage.daily(Stage.a)) == .usd("2.5"))
    book.set(BudgetRule(.worker, "a", daily: true), limit: .usd("1"), spent: { .zero })
    #expect(book.left(Stage.daily(Stage.a)) == .zero)
    #expect(book.overrun(Stage.daily(Stage.a)) == .usd("0.5"))
  }

  @Test("what nobody reserved is booked and shown")
  func unreserved() throws {
    var book = book(fleet: "1")
    book.charge(.usd("1.5"), to: book.path(worker: Stage.a), at: Stage.at(0))
    #expect(book.settled(Stage.fleet) == .usd("1.5"))
    #expect(book.overrun(Stage.fleet) == .usd("0.5"))
    #expect(book.accounts[Stage.fleet]?.unreserved == .usd("1.5"))
    #expect(throws: BudgetRefusal.self) {
      try book.reserve(Stage.wish("1", nil, "0.000001"), at: Stage.at(0))
    }
    book.credit(.usd("0.7"), to: book.path(worker: Stage.a))
    #expect(book.left(Stage.fleet) == .usd("0.2"))
  }

  @Test("a run has a limit of its own")
  func run() throws {
    var book = book([Stage.a: Stage.budget(perRun: "1")])
    func wish(_ key: String, _ run: String) -> BudgetWish {
      var wish = Stage.wish(key, Stage.a, "0.6")
      wish.run = run
      return wish
    }
    _ = try book.reserve(wish("1", "r1"), at: Stage.at(0))
    #expect(throws: BudgetRefusal.self) { try book.reserve(wish("2", "r1"), at: Stage.at(0)) }
    _ = try book.reserve(wish("3", "r2"), at: Stage.at(0))
    #expect(book.left(BudgetNode(.run, "a/r1")) == .usd("0.4"))
  }

  @Test("a soft limit holds twice the 95th percentile once it knows 20 calls; a hard one the bound")
  func softLimit() throws {
    var soft = Stage.budget(daily: "10")
    soft.soft = true
    var book = book(fleet: "10", [Stage.a: soft])
    for index in 0..<20 {
      let one = try book.reserve(Stage.wish("\(index)", Stage.a, "1"), at: Stage.at(index))
      _ = try book.settle(one.id, spent: .usd("0.1"), at: Stage.at(index))
    }
    _ = try book.reserve(Stage.wish("next", Stage.a, "1"), at: Stage.at(30))
    #expect(book.reserved(Stage.daily(Stage.a)) == .usd("0.2"))
    #expect(book.reserved(Stage.fleet) == .usd("1"))
  }

  @Test("what has to be written is what changed, and writing it again changes nothing")
  func changes() throws {
    var book = book()
    _ = book.takeChanges()
    let one = try book.reserve(Stage.wish("k", Stage.a, "1"), at: Stage.at(0))
    #expect(book.takeChanges() == [.reservation(one)])
    _ = try book.settle(one.id, spent: .usd("1"), at: Stage.at(3700))
    let changes = book.takeChanges()
    #expect(changes.count == 2)
    guard case .account(Stage.fleet, let account)? = changes.first else {
      Issue.record("an account first")
      return
    }
    #expect(account.settled == .usd("1"))
    #expect(account.hours == [0], "nothing had been spent by the end of the first hour")
    #expect(book.takeChanges().isEmpty)
  }
}

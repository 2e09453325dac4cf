// Calls against budgets: drawn from their reservations, told again after a crash, closed. What is true at every step of random
// stories: nothing lost, nothing doubled, no limit overshot by what was reserved.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite struct CallChargesTests {
  private func call(_ id: String, _ worker: WorkerName, pico: Int64, _ reservation: Int64? = nil)
    -> ModelCall
  {
    var call = ModelCall(
      id: id, worker: worker, provider: "anthropic", model: "m", at: Stage.at(0).wall,
      outcome: "completed")
    call.cost = Price(picoUSD: pico)
    call.reservation = reservation
    return call
  }

  private func reserve(
    _ keeper: inout BudgetKeeper, _ key: String, _ worker: WorkerName, _ usd: String
  )
    throws -> BudgetReservation
  {
    var wish = BudgetWish(key: key, worker: worker, amount: .usd(usd), lease: .seconds(60))
    wish.provider = "anthropic"
    wish.route = "m"
    return try keeper.book.reserve(wish, at: Stage.at(0))
  }

  @Test("a call draws on its reservation and closing it gives the rest back")
  func drawn() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    var charges = CallCharges()
    let one = try reserve(&keeper, "k", Stage.a, "0.50")
    let charge = charges.take(
      call("c1", Stage.a, pico: 54_399_000_000, one.id), in: &keeper.book, at: Stage.at(1))
    #expect(charge.amount == .usd("0.054399") && charge.newOverrun == .zero)
    let node = Stage.daily(Stage.a)
    #expect(keeper.book.settled(node) == .usd("0.054399"))
    #expect(keeper.book.reserved(node) == .usd("0.445601"))
    #expect(keeper.book.accounts[node]?.unreserved == .zero)
    #expect(CallCharges.close(one.id, in: &keeper.book, at: Stage.at(2)) != nil)
    #expect(keeper.book.reserved(node) == .zero)
    #expect(keeper.book.settled(node) == .usd("0.054399"))
    #expect(CallCharges.close(one.id, in: &keeper.book, at: Stage.at(3)) == nil, "twice is once")
    #expect(keeper.book.settled(Stage.fleet) == .usd("0.054399"))
  }

  @Test("what outgrows its reservation is booked and told once; what has none is unreserved")
  func overrun() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    var charges = CallCharges()
    let one = try reserve(&keeper, "k", Stage.a, "0.01")
    let node = Stage.daily(Stage.a)
    #expect(
      charges.take(
        call("1", Stage.a, pico: 15_000_000_000, one.id), in: &keeper.book, at: Stage.at(1)
      ).newOverrun == .usd("0.005"))
    #expect(
      charges.take(
        call("2", Stage.a, pico: 1_000_000_000, one.id), in: &keeper.book, at: Stage.at(1)
      ).newOverrun == .zero)
    #expect(keeper.book.accounts[node]?.unreserved == .usd("0.006"))
    // A reservation of somebody else pays for nobody.
    _ = charges.take(
      call("3", Stage.b, pico: 2_000_000_000, one.id), in: &keeper.book, at: Stage.at(1))
    #expect(keeper.book.reservations[one.id]?.drawn == .usd("0.016"))
    // After the end it is charged, and the end stays as it was.
    _ = CallCharges.close(one.id, in: &keeper.book, at: Stage.at(2))
    _ = charges.take(
      call("4", Stage.a, pico: 3_000_000_000, one.id), in: &keeper.book, at: Stage.at(3))
    #expect(keeper.book.settled(node) == .usd("0.019"))
    #expect(keeper.book.settled(Stage.fleet) == .usd("0.021"))
  }

  @Test("what another provider has answered counts on that one's limit, and once on all others")
  func fallback() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    keeper.configure(
      fleet: .usd("10"), workers: [Stage.a: Stage.budget(daily: "1")],
      providers: ["anthropic": .usd("1"), "bedrock": .usd("1")], overrides: [],
      spent: { _ in .zero })
    var charges = CallCharges()
    let one = try reserve(&keeper, "k", Stage.a, "0.50")
    var call = call("1", Stage.a, pico: 20_000_000_000, one.id)
    call.provider = "bedrock"
    #expect(charges.take(call, in: &keeper.book, at: Stage.at(1)).amount == .usd("0.02"))
    _ = CallCharges.close(one.id, in: &keeper.book, at: Stage.at(2))
    func spent(_ name: String) -> Money {
      keeper.book.settled(BudgetNode(.provider, name, day: Stage.day.days))
    }
    #expect(spent("anthropic") == .zero && spent("bedrock") == .usd("0.02"))
    #expect(keeper.book.settled(Stage.fleet) == .usd("0.02"))
    #expect(keeper.book.settled(Stage.daily(Stage.a)) == .usd("0.02"))
    #expect(keeper.book.left(BudgetNode(.provider, "anthropic", day: Stage.day.days)) == .usd("1"))
  }

  @Test("a report of a part prolongs a lease and never shortens one")
  func leases() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    var charges = CallCharges()
    let short = try reserve(&keeper, "k", Stage.a, "0.10")
    var wish = BudgetWish(key: "l", worker: Stage.a, amount: .usd("0.10"), lease: .seconds(660))
    wish.route = "m"
    let long = try keeper.book.reserve(wish, at: Stage.at(0))
    for (number, one) in [short, long].enumerated() {
      _ = charges.take(
        call("\(number)", Stage.a, pico: 1_000_000_000, one.id), in: &keeper.book, at: Stage.at(50))
    }
    #expect(keeper.book.expire(at: Stage.at(169)).isEmpty)
    #expect(keeper.book.expire(at: Stage.at(170)).map(\.id) == [short.id])
    #expect(keeper.book.expire(at: Stage.at(659)).isEmpty)
    #expect(keeper.book.expire(at: Stage.at(660)).map(\.id) == [long.id])
  }

  @Test("a reservation of before a crash costs what its calls cost, not what was presumed")
  func unreconciled() throws {
    var keeper = Stage.keeper(fleet: "10", [Stage.a: Stage.budget(daily: "1")])
    var charges = CallCharges()
    let one = try reserve(&keeper, "k", Stage.a, "0.80")
    let two = try reserve(&keeper, "l", Stage.a, "0.10")
    let node = Stage.daily(Stage.a)
    _ = keeper.book.recover(at: Stage.at(1).wall)
    #expect(keeper.book.settled(node) == .usd("0.90"))
    _ = charges.take(
      call("1", Stage.a, pico: 20_000_000_000, one.id), in: &keeper.book, at: Stage.at(2))
    _ = CallCharges.close(one.id, in: &keeper.book, at: Stage.at(2))
    #expect(keeper.book.settled(node) == .usd("0.12"))
    // One of which nothing was called was never spent.
    _ = CallCharges.close(two.id, in: &keeper.book, at: Stage.at(2))
    #expect(keeper.book.settled(node) == .usd("0.02"))
    #expect(keeper.book.accounts[node]?.unreconciled == .zero)
    #expect(keeper.book.reservations[two.id]?.state == .released)
  }

  /// What is on the disk: everything of the turns that were committed.
  private struct Disk {
    var accounts: [BudgetNode: BudgetAccount] = [:]
    var reservations: [Int64: BudgetReservation] = [:]
    var routes: [BudgetRoute: Int64] = [:]
    var remainders: [WorkerName: Int64] = [:]
    var calls: [String: ModelCall] = [:]

    mutating func take(_ changes: [BudgetChange]) {
      for change in changes {
        switch change {
        case .account(let node, let account): accounts[node] = account
        case .reservation(let one): reservations[one.id] = one
        case .route(let route, let factor): routes[route] = factor
        default: continue
        }
      }
    }
  }

  @Test(
    "random calls, parts, repeats, closes and crashes: the books agree to half a micro-dollar",
    arguments: 1...60)
  func stories(seed: Int) throws {
    var dice = Dice(UInt64(seed))
    let workers = [Stage.a, Stage.b]
    let budgets = [Stage.a: Stage.budget(daily: "1"), Stage.b: Stage.budget(daily: "0.30")]
    func fresh() -> BudgetKeeper {
      var keeper = Stage.keeper(fleet: "1.2", budgets)
      keeper.configure(
        fleet: .usd("1.2"), workers: budgets, providers: ["anthropic": .usd("1.1")], overrides: [],
        spent: { _ in .zero })
      return keeper
    }
    var (keeper, charges, disk) = (fresh(), CallCharges(), Disk())
    var told: [ModelCall] = []
    var open: [(id: Int64, worker: WorkerName, left: Int64, parts: Int)] = []
    var unsaid: [ModelCall] = []
    var (next, pico): (Int, [String: (WorkerName, Int64)]) = (0, [:])
    let nodes =
      [Stage.fleet, BudgetNode(.provider, "anthropic", day: Stage.day.days)]
      + workers.map { Stage.daily($0) }

    for step in 0..<400 {
      let now = Stage.at(step)
      switch dice.below(100) {
      case 0..<35:
        next += 1
        let worker = workers[dice.below(2)]
        let amount = Money(microUSD: Int64(1 + dice.below(40_000)))
        var wish = BudgetWish(
          key: "\(worker)/\(next)", worker: worker, amount: amount, lease: .seconds(5000))
        wish.provider = "anthropic"
        if let made = try? keeper.book.reserve(wish, at: now) {
          // Calls end within their bound, of which each may round a micro-dollar of another's carry on top.
          open.append((made.id, worker, (made.amount.microUSD - 8) * 1_000_000, 8))
        }
        disk.take(keeper.book.takeChanges())
      case 35..<75 where !open.isEmpty:
        next += 1
        let at = dice.below(open.count)
        let part = open[at].left / Int64(1 + dice.below(4))
        guard part > 0, open[at].parts > 0 else { continue }
        open[at].parts -= 1
        open[at].left -= part
        unsaid.append(call("c\(next)", open[at].worker, pico: part, open[at].id))
        pico["c\(next)"] = (open[at].worker, part)
      case 75..<92:
        // A report: what was not told, sometimes what was, and sometimes the end of a reservation.
        let repeats = told.isEmpty ? [] : [told[dice.below(told.count)]]
        let report = (unsaid + repeats).shuffled(by: &dice)
        var closed: [Int64] = []
        if !open.isEmpty, dice.chance(60) { closed = [open.remove(at: dice.below(open.count)).id] }
        var written: [String: ModelCall] = [:]
        for var one in report where disk.calls[one.id] == nil && written[one.id] == nil {
          one.amount = charges.take(one, in: &keeper.book, at: now).amount
          written[one.id] = one
        }
        for id in closed { _ = CallCharges.close(id, in: &keeper.book, at: now) }
        if dice.chance(15) {
          // Dies before the commit: nothing of it was, and all of it is told again.
          for id in closed { open.append((id, workers[0], 0, 0)) }
          (keeper, charges) = restored(disk, fresh(), at: now)
          continue
        }
        disk.calls.merge(written) { first, _ in first }
        disk.remainders = charges.carries.mapValues(\.remainderPico)
        disk.take(keeper.book.takeChanges())
        told += unsaid
        unsaid = []
        // Dies before the answer: the gateway tells the same again.
        if dice.chance(20) {
          (keeper, charges) = restored(disk, fresh(), at: now)
          unsaid = Array(told.suffix(3))
        }
      default: continue
      }
      for node in nodes {
        let (spent, limit) = (keeper.book.settled(node), keeper.book.limit(of: node) ?? .zero)
        #expect(spent + keeper.book.reserved(node) <= limit, "\(node) at step \(step)")
      }
    }
    // At the end everything is told and closed.
    for var one in unsaid where disk.calls[one.id] == nil {
      one.amount = charges.take(one, in: &keeper.book, at: Stage.at(500)).amount
      disk.calls[one.id] = one
    }
    for id in keeper.book.reservations.keys.sorted() {
      _ = CallCharges.close(id, in: &keeper.book, at: Stage.at(501))
    }
    var sum = Money.zero
    for worker in workers {
      let own = disk.calls.values.filter { $0.worker == worker }
      let booked = own.reduce(Money.zero) { $0 + $1.amount }
      let exact = pico.values.filter { $0.0 == worker }.reduce(Int64(0)) { $0 + $1.1 }
      #expect(abs(exact - booked.microUSD * 1_000_000) <= 500_000)
      #expect(keeper.book.settled(Stage.daily(worker)) == booked)
      sum = sum + booked
    }
    #expect(disk.calls.count == pico.count)
    for node in nodes.prefix(2) { #expect(keeper.book.settled(node) == sum, "\(node)") }
    for node in nodes {
      #expect(keeper.book.reserved(node) == .zero)
      #expect(keeper.book.accounts[node]?.unreserved ?? .zero == .zero)
    }
  }

  private func restored(_ disk: Disk, _ keeper: BudgetKeeper, at now: Moment) -> (
    BudgetKeeper, CallCharges
  ) {
    var keeper = keeper
    keeper.book.restore(
      accounts: disk.accounts, reservations: Array(disk.reservations.values), routes: disk.routes)
    _ = keeper.book.recover(at: now.wall)
    return (keeper, CallCharges(remainders: disk.remainders))
  }
}

extension Array {
  fileprivate func shuffled(by dice: inout Dice) -> [Element] {
    var rest = self
    var out: [Element] = []
    while !rest.isEmpty { out.append(rest.remove(at: dice.below(rest.count))) }
    return out
  }
}

// Budgets at work: compute is set aside a booking interval ahead and charged as it is booked; when a limit is empty the
// worker is held through the fleet's own door, and let go when there is room again.
// Must never hold the loop for all workers at once, and never freeze anybody by itself.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  static let fleetRule = BudgetRule(.fleet, daily: true)
  static let budgetActor = Actor("budget")

  var budgetZone: TimeZoneRules {
    configuration.flatMap { $0.zones[$0.settings.timezone] } ?? .utc
  }

  var bookingInterval: Span {
    configuration?.settings.accounting.bookingInterval ?? .seconds(60)
  }

  // MARK: from and to the disk

  /// Goes on where the last supervisor ended: what was open then counts as spent until somebody says what it cost.
  func restoreBudgets(_ state: BudgetState) {
    let now = Clock.now()
    desk = BudgetDesk(day: CalendarDay(holding: now.wall, in: budgetZone))
    desk.keeper.book.restore(
      accounts: state.accounts, reservations: state.reservations, routes: state.routes)
    desk.keeper.restore(holds: state.holds)
    desk.overrides = Dictionary(state.overrides.map { ($0.rule, $0) }) { first, _ in first }
    let known = Set(desk.keeper.book.accounts.keys)
    configureBudgets()
    // A new state directory, or one of a release that did not say: from here on it is known.
    let charged = state.chargedThrough ?? books.total.entries
    if state.chargedThrough == nil { writes.append(.budget(.charged(through: charged))) }
    desk.storedCharged = charged
    reconcile(from: charged, known: known)
    let open = desk.keeper.book.recover(at: now.wall)
    guard !open.isEmpty else { return }
    let sum = open.reduce(Money.zero) { $0 + ($1.amount - $1.drawn) }
    history.record(
      EventRecord(
        at: now.wall, type: "budget.unreconciled", severity: .warning,
        message: "\(open.count) reservations were open when the supervisor ended: they count as "
          + "spent in full (\(sum.dollars)) until they are settled or released",
        details: ["reservations": String(open.count)]))
  }

  /// Takes the limits of the configuration in force and those set by hand.
  func configureBudgets() {
    guard let configuration else { return }
    let overrides = Array(desk.overrides.values)
    _ = sumsToday(Clock.now().wall)
    let untold = desk.untold
    // Asked while the keeper changes: neither may look at the desk.
    let base = fleetBase
    let raised = reinvested(base)
    desk.keeper.configure(
      fleet: configuration.settings.dailyBudget,
      workers: configuration.workers.mapValues(\.budget),
      providers: configuration.settings.gateway.dailyLimits, overrides: overrides,
      fleetLimit: { $0 == base ? raised : $0 }
    ) { [self] rule in spentBefore(rule, untold) }
  }

  /// What was spent against a limit that had no account: all that is booked, and what is on its way to the disk.
  private func spentBefore(_ rule: BudgetRule, _ untold: [WorkerName: Money]) -> Money {
    switch rule.scope {
    case .worker:
      guard let worker = WorkerName(rule.subject) else { return .zero }
      let booked = rule.daily ? today.costs[worker] : books.workers[worker]?.cost
      return max(.zero, (booked ?? .zero) + (untold[worker] ?? .zero))
    case .provider: return max(.zero, today.sourceCosts[rule.subject] ?? .zero)
    case .fleet, .run: return .zero
    }
  }

  /// Takes entries in that are on the disk and that the accounts have not taken in: those of the moment before a crash, or
  /// of a commit of which nobody knows how it ended. `known`: accounts that were kept; one that was made from the books
  /// just now has everything already.
  func reconcile(from charged: Int64, known: Set<BudgetNode>? = nil) {
    // Entries are numbered without gap: the last one's number is how many there are.
    let last = books.total.entries
    desk.charged = min(charged, last)
    while desk.charged < last {
      guard let entries = try? ledger.entries(after: desk.charged, limit: 1000), !entries.isEmpty
      else { return }
      for entry in entries { chargeEntry(entry, only: known) }
    }
  }

  /// What this turn changed: thresholds are told, and everything goes to the disk with the bookings behind it.
  func flushBudgets() {
    for notice in desk.keeper.takeNotices() { tell(notice) }
    let changes = desk.keeper.book.takeChanges()
    guard !changes.isEmpty else { return }
    for change in changes { writes.append(.budget(change)) }
    // In one transaction with the accounts: after a crash neither is an entry charged twice, nor left out.
    guard desk.charged != desk.storedCharged else { return }
    desk.storedCharged = desk.charged
    writes.append(.budget(.charged(through: desk.charged)))
  }

  // MARK: what is spent

  /// A booking added this much to what a worker's computing cost.
  func chargeCompute(_ worker: WorkerName, from before: Money, to after: Money) {
    guard after > before else { return }
    desk.untold[worker] = (desk.untold[worker] ?? .zero) + (after - before)
    desk.keeper.chargeCompute(after - before, of: worker, at: Clock.now())
  }

  /// A cost that is new in the books and that nobody had set aside. Computing was charged as it was booked.
  func chargeEntry(_ entry: Entry, only known: Set<BudgetNode>? = nil) {
    desk.charged = max(desk.charged, entry.id)
    if entry.kind == .compute { return noteTold(entry) }
    if entry.kind == .llm, entry.externalID.hasPrefix(ModelCall.entryMark) {
      // Charged with the call, in the transaction that brought the entry.
      return noteTold(entry)
    }
    guard entry.kind.side == .cost, !entry.isPending else { return }
    if entry.kind == .apiCall, entry.externalID.hasPrefix(Self.reservationMark) { return }
    let cost = Money(microUSD: -entry.amount.microUSD)
    // Told after midnight, it still belongs to the day that it was booked on.
    let day = desk.keeper.book.day
    let on =
      entry.booked < day.start ? CalendarDay(holding: entry.booked, in: budgetZone).days : nil
    var nodes = desk.keeper.book.path(worker: entry.worker, run: entry.run, on: on)
    if let known { nodes.removeAll { $0.scope == .worker && !known.contains($0) } }
    if cost > .zero {
      desk.keeper.book.charge(cost, to: nodes, at: Clock.now())
    } else if cost < .zero {
      desk.keeper.book.credit(.zero - cost, to: nodes)
    }
  }

  private func noteTold(_ entry: Entry) {
    guard let worker = entry.worker, let before = desk.untold[worker] else { return }
    let left = before - entry.cost
    desk.untold[worker] = left > .zero ? left : nil
  }

  // MARK: lives

  /// A process is about to be there: its computing is set aside first.
  func budgetLifeBegins(_ id: InstanceID) {
    guard desk.isOpen else { return }
    if desk.keeper.coveredUntil(.host) == nil { coverHost() }
    if desk.keeper.isLimited(id.worker) { coverWorker(id.worker) }
    armBudgets()
  }

  /// A life is over: nothing more is set aside for a worker that has none.
  func budgetLifeEnded(_ id: InstanceID) {
    if !lives.has(id.worker) { desk.keeper.uncover(.worker(id.worker)) }
    if lives.isEmpty { desk.keeper.uncover(.host) }
  }

  /// A run is over: a pause that waited for it begins.
  func budgetRunEnded(_ worker: WorkerName) {
    apply(desk.keeper.runEnded(of: worker))
  }

  /// Who lives is known: everything is covered from now on.
  func openBudgets() {
    desk.isOpen = true
    budgetTick()
  }

  // MARK: the rounds

  /// One look at everything that is due.
  func budgetTick() {
    guard desk.isOpen else { return }
    let now = Clock.now()
    // The zone may be another one since a reload.
    let day = CalendarDay(holding: now.wall, in: budgetZone)
    if day != desk.keeper.book.day { turnBudgetDay(to: day, now) }
    for reservation in desk.keeper.book.expire(at: now) {
      history.record(
        EventRecord(
          at: now.wall, type: "budget.unreconciled", severity: .warning, worker: reservation.worker,
          message: "nobody said what reservation \(reservation.id) (\(reservation.amount.dollars)) "
            + "cost: it counts as spent in full until it is settled or released",
          details: ["reservation": String(reservation.id)]))
    }
    let soon = now.instant + .milliseconds(50)
    if !lives.isEmpty, desk.keeper.coveredUntil(.host).map({ $0 <= soon }) ?? true { coverHost() }
    for name in lives.workers.sorted() where desk.keeper.isLimited(name) {
      if desk.keeper.holds[name] != nil, isQuiet(name) {
        // Who is held computes nothing: what is set aside for it would be the room that lets it go on.
        desk.keeper.uncover(.worker(name))
        continue
      }
      if desk.keeper.coveredUntil(.worker(name)).map({ $0 <= soon }) ?? true { coverWorker(name) }
    }
    reviewBudgets()
    watchPace(now)
    armBudgets()
  }

  private func turnBudgetDay(to day: CalendarDay, _ now: Moment) {
    // What was used up to here belongs to the day that ends.
    bookAll()
    flushBudgets()
    let isNew = day.days != desk.keeper.book.day.days
    desk.keeper.book.turn(to: day) { node in
      node.day.map { $0 > day.days - Int64(PaceProfile.days) && $0 < day.days } ?? true
    }
    guard isNew else { return }
    configureBudgets()
    lookAtReinvestment()
    tickSoon()
    for subject in desk.keeper.covered { desk.keeper.uncover(subject) }
    history.record(
      EventRecord(
        at: now.wall, type: "budget.day", message: "a new day of budgets began: \(day.text)"))
  }

  private func coverHost() {
    let isShort = desk.keeper.book.left(Self.fleetRule.node(on: desk.keeper.book.day.days)).map {
      $0 < BudgetDesk.hostRate(price.prices).cost(over: bookingInterval + bookingInterval)
    }
    if isShort == true { for life in lives.values { lookAgain(life) } }
    bookAll()
    let rate = BudgetDesk.hostRate(price.prices)
    guard
      case .exhausted(let node) = desk.keeper.cover(
        .host, rate: rate, interval: bookingInterval, at: Clock.now())
    else { return }
    for name in lives.workers.sorted() { hold(name, node) }
  }

  private func coverWorker(_ name: WorkerName) {
    guard let spec = fleet.worker(name)?.spec ?? configuration?.workers[name] else { return }
    let own = lives.of(name)
    for life in own {
      lookAgain(life)
      book(life, at: Clock.now())
    }
    let rate = BudgetDesk.rate(
      of: spec, lives: own.count, controllers: hello?.controllers ?? [], prices: price.prices)
    if case .exhausted(let node) = desk.keeper.cover(
      .worker(name), rate: rate, interval: bookingInterval, at: Clock.now())
    {
      hold(name, node)
    }
  }

  private func lookAgain(_ life: Life) {
    guard life.exit == nil, life.pid != nil,
      let reading = life.reader?.read(at: Clock.now().instant, with: &readBuffer)
    else { return }
    life.take(reading)
  }

  func hold(_ name: WorkerName, _ node: BudgetNode, needed: Money? = nil) {
    let isJob = fleet.worker(name).map { $0.spec.mode != .service } ?? false
    let isRunning = lives.of(name).contains { $0.pid != nil && $0.exit == nil }
    // Whoever is stopping or frozen already needs no order.
    guard isRunning, !isQuiet(name) else { return }
    apply(
      desk.keeper.exhausted(
        node, by: name, isBusy: isJob && isRunning, needed: needed, at: Clock.now()))
  }

  /// The engine saw a worker's budget empty before the next booking did.
  func holdEmpty(_ name: WorkerName) {
    guard
      let node = desk.keeper.emptyNode(for: name, rate: rate(of: name), interval: bookingInterval)
    else { return }
    hold(name, node)
  }

  /// Nothing of a worker computes, or all of it is on its way down.
  private func isQuiet(_ name: WorkerName) -> Bool {
    fleet.instances(of: name).allSatisfy {
      [.stopped, .paused, .stopping, .killing, .completed, .failed].contains($0.state)
    }
  }

  /// Lets go whose limits have room again.
  func reviewBudgets() {
    guard !desk.keeper.holds.isEmpty else { return }
    for name in desk.keeper.holds.keys where fleet.worker(name) == nil {
      apply(desk.keeper.forget(name))
    }
    apply(desk.keeper.review(rate: { [self] in rate(of: $0) }, interval: bookingInterval))
  }

  func rate(of name: WorkerName) -> ComputeRate {
    guard let worker = fleet.worker(name) else { return BudgetDesk.hostRate(price.prices) }
    return BudgetDesk.rate(
      of: worker.spec, lives: worker.count, controllers: hello?.controllers ?? [],
      prices: price.prices)
  }

  /// The limit that keeps a worker from starting; nil when there is room.
  func emptyBudget(of name: WorkerName) -> BudgetNode? {
    guard !lives.has(name) || desk.keeper.holds[name] != nil || engine.paused[name] == .budget
    else { return nil }
    return desk.keeper.shortNode(of: name)
      ?? desk.keeper.emptyNode(for: name, rate: rate(of: name), interval: bookingInterval)
  }

  /// The next look: when a cover, a lease or the day ends, and once a minute.
  func armBudgets() {
    let now = Clock.now()
    var next = now.instant + .seconds(60)
    for subject in desk.keeper.covered {
      if let until = desk.keeper.coveredUntil(subject) { next = min(next, until) }
    }
    if let expiry = desk.keeper.book.nextExpiry { next = min(next, expiry) }
    next = min(next, now.instant + (desk.keeper.book.day.end - now.wall))
    budgetTimer?.arm(at: max(next, now.instant + .milliseconds(20)))
  }

  // MARK: orders

  /// Carries out what the keeper decided.
  func apply(_ orders: [BudgetOrder]) {
    for order in orders {
      switch order {
      case .pause(let name, let note): pauseForBudget(name, note)
      case .stop(let name, let note):
        guard fleet.worker(name)?.wanted == true else { continue }
        request(.stop(timeout: nil), name, note)
      case .resume(let name, let note):
        guard let worker = fleet.worker(name), worker.paused,
          worker.pauseReason == note || isPausedByEngineForBudget(name, worker.pauseReason)
        else { continue }
        request(.resume, name, "its budget has room again")
        coverWorker(name)
      case .keep(let hold): writes.append(.budget(.hold(hold)))
      case .forget(let name):
        writes.append(.budget(.forgetHold(name)))
        withdrawBudgetQuestion(of: name)
      case .ask(let hold, let node): askForBudget(hold, node)
      case .tell(let notice): tell(notice)
      }
    }
  }

  /// The engine may see an empty budget a moment before the budget's own pause: then its words stand, and it is as much
  /// the budget's pause. Whoever paused later has other words.
  private func isPausedByEngineForBudget(_ name: WorkerName, _ reason: String?) -> Bool {
    engine.paused[name] == .budget && reason?.hasPrefix("decision ") == true
  }

  private func pauseForBudget(_ name: WorkerName, _ note: String) {
    guard let worker = fleet.worker(name) else { return }
    let cannotFreeze = lives.of(name).contains { $0.freezeRefusal != nil }
    if cannotFreeze, worker.wanted {
      // Without a group to freeze there is only the stop; it stays down, as a stop does.
      return request(.stop(timeout: nil), name, note + " (this host cannot freeze it)")
    }
    guard !worker.paused else { return }
    request(.pause, name, note)
  }

  private func request(_ action: Request.Action, _ name: WorkerName, _ note: String) {
    post(
      .requested(
        Request(
          action, [.worker(name)], actor: Self.budgetActor, reason: .budget, note: note)))
  }

  func tell(_ notice: BudgetNotice) {
    tickSoon()
    history.record(
      EventRecord(
        at: Clock.now().wall, type: notice.type, severity: notice.severity, worker: notice.worker,
        actor: "budget", message: notice.message, details: notice.details))
  }
}

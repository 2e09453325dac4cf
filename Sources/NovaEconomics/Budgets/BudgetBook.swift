// The book of limits: what may be spent, what was, and what is set aside for what is about to be. Money is set aside
// before it is spent, on every limit from the fleet to the run or on none of them, so that
// `settled + reserved <= limit` holds however many ask at once (economics of reservations: docs/economics.md).
// Must never admit a reservation that does not fit, and never hide spending that nobody reserved.

package import NovaModel

/// Limits, accounts and reservations.
package struct BudgetBook: Sendable, Hashable {
  /// The limits in force; a rule without one is not kept.
  package internal(set) var limits: [BudgetRule: Money] = [:]
  /// Limits that hold twice the usual amount instead of the bound.
  package internal(set) var soft: Set<BudgetRule> = []
  /// What one run of a worker may cost.
  package internal(set) var runLimits: [WorkerName: Money] = [:]
  package internal(set) var accounts: [BudgetNode: BudgetAccount] = [:]
  /// The calendar day that daily limits are about now.
  package internal(set) var day: CalendarDay
  /// Open and unreconciled ones, and the last finished ones so that a repeated call gets its old answer.
  package internal(set) var reservations: [Int64: BudgetReservation] = [:]
  /// Estimates that turned out too low, by worker and route.
  package internal(set) var routes: [BudgetRoute: RouteHistory] = [:]

  var reserved: [BudgetNode: Money] = [:]
  var keys: [String: Int64] = [:]
  var leases: [Int64: Instant] = [:]
  /// For compute: renewed every interval, in memory only.
  var standing: Set<Int64> = []
  var finished: [Int64] = []
  var nextID: Int64
  var changed = Changed()

  struct Changed: Sendable, Hashable {
    var accounts: Set<BudgetNode> = []
    var reservations: Set<Int64> = []
    var routes: Set<BudgetRoute> = []
  }

  // A repeated call comes within seconds; 4,096 finished reservations are some 1 MiB.
  static let keptFinished = 4096

  /// An empty book. `nextID` is above every number ever given.
  package init(day: CalendarDay, nextID: Int64 = 1) {
    self.day = day
    self.nextID = nextID
  }

  /// What is left of a limit: nil where there is none, and never below zero.
  package func left(_ node: BudgetNode) -> Money? {
    guard let limit = limit(of: node) else { return nil }
    return max(.zero, limit - settled(node) - reserved(node))
  }

  /// What was spent against a limit.
  package func settled(_ node: BudgetNode) -> Money { accounts[node]?.settled ?? .zero }

  /// What is set aside against a limit.
  package func reserved(_ node: BudgetNode) -> Money { reserved[node] ?? .zero }

  /// By how much a limit was exceeded; only spending that nobody reserved can do that.
  package func overrun(_ node: BudgetNode) -> Money {
    guard let limit = limit(of: node) else { return .zero }
    return max(.zero, settled(node) - limit)
  }

  /// The limit that holds for an account: what is set, and what was granted on top of it.
  package func limit(of node: BudgetNode) -> Money? {
    if node.scope == .run, let worker = node.subject.split(separator: "/").first {
      return WorkerName(String(worker)).flatMap { runLimits[$0] }
    }
    return limits[node.rule].map { $0 + (accounts[node]?.granted ?? .zero) }
  }

  /// What is left of a worker's own budgets, of the smaller one, and whether one of them is spent; nil: it has none.
  package func own(_ worker: WorkerName) -> (left: Money?, isExceeded: Bool) {
    guard !limits.isEmpty else { return (nil, false) }
    var (left, isExceeded): (Money?, Bool) = (nil, false)
    func look(daily: Bool) {
      let rule = BudgetRule(.worker, worker.text, daily: daily)
      guard limits[rule] != nil else { return }
      let node = rule.node(on: day.days)
      guard let limit = limit(of: node), let rest = self.left(node) else { return }
      left = min(left ?? rest, rest)
      if settled(node) >= limit { isExceeded = true }
    }
    look(daily: true)
    look(daily: false)
    return (left, isExceeded)
  }

  /// The accounts that spending of a worker counts against, root first. Those without a limit are left out, except
  /// the fleet's. `on`: of an earlier day than the present one.
  package func path(
    worker: WorkerName?, run: String? = nil, provider: String? = nil, on earlier: Int64? = nil
  ) -> [BudgetNode] {
    let day = earlier ?? day.days
    var path = [BudgetNode(.fleet, day: day)]
    func add(_ rule: BudgetRule) {
      if limits[rule] != nil { path.append(rule.node(on: day)) }
    }
    if let worker {
      add(BudgetRule(.worker, worker.text, daily: true))
      add(BudgetRule(.worker, worker.text, daily: false))
      if let run, runLimits[worker] != nil {
        path.append(BudgetNode(.run, "\(worker.text)/\(run)"))
      }
    }
    if let provider { add(BudgetRule(.provider, provider, daily: true)) }
    return path
  }

  /// Sets money aside on every limit of the path, or on none of them.
  ///
  /// The same key again answers with the same reservation. With `least`, as much as fits is given, down to that.
  package mutating func reserve(_ wish: BudgetWish, at now: Moment) throws(BudgetRefusal)
    -> BudgetReservation
  {
    if let id = keys[wish.key], let earlier = reservations[id] {
      guard earlier.worker == wish.worker, earlier.run == wish.run,
        earlier.provider == wish.provider
      else { throw .keyTaken(wish.key) }
      return earlier
    }
    let route = BudgetRoute(worker: wish.worker, name: wish.route)
    let history = routes[route] ?? RouteHistory()
    let bound = history.bound(of: wish.amount)
    let usual = history.usual(of: bound)
    let path = path(worker: wish.worker, run: wish.run, provider: wish.provider)
    var granted = bound
    for node in path {
      guard let left = left(node) else { continue }
      let asked = soft.contains(node.rule) ? usual : bound
      let spare = wish.least == nil ? left : left - (wish.keeps[node.scope] ?? .zero)
      guard spare < asked else { continue }
      guard let least = wish.least, left >= least else {
        throw .doesNotFit(node, asked: asked, left: left)
      }
      granted = min(granted, max(least, spare))
    }
    let id = nextID
    nextID += 1
    let reservation = BudgetReservation(
      id: id, key: wish.key, worker: wish.worker, run: wish.run, provider: wish.provider,
      route: wish.route, path: path, amount: granted, softAmount: min(usual, granted),
      opened: now.wall)
    add(reservation)
    leases[id] = now.instant + wish.lease
    changed.reservations.insert(id)
    return reservation
  }

  /// Puts an open reservation into the sums.
  mutating func add(_ reservation: BudgetReservation) {
    reservations[reservation.id] = reservation
    keys[reservation.key] = reservation.id
    for node in reservation.path {
      reserved[node, default: .zero] = reserved(node) + held(by: reservation, on: node)
    }
  }

  /// What a reservation still holds of a limit.
  func held(by reservation: BudgetReservation, on node: BudgetNode) -> Money {
    let whole = soft.contains(node.rule) ? reservation.softAmount : reservation.amount
    return max(.zero, whole - reservation.drawn)
  }
}

/// What somebody wants to set aside.
package struct BudgetWish: Sendable, Hashable {
  /// The caller's own key: a repeated call does not reserve twice.
  package var key: String
  package var worker: WorkerName?
  package var run: String?
  package var provider: String?
  /// What kind of call it is for.
  package var route = ""
  /// The highest it can cost.
  package var amount: Money
  /// What is still of use when `amount` does not fit; nil: all or nothing.
  package var least: Money?
  /// What is left alone of a limit of that scope beyond `least`: who calls computes as well, and is held when that has no room.
  package var keeps: [BudgetScope: Money] = [:]
  /// How long until it counts as spent.
  package var lease: Span

  /// A wish for an amount.
  package init(key: String, worker: WorkerName?, amount: Money, lease: Span) {
    self.key = key
    self.worker = worker
    self.amount = amount
    self.lease = lease
  }
}

/// Why money was not set aside or not taken.
package enum BudgetRefusal: Error, Sendable, Hashable {
  /// A limit has less left than was asked.
  case doesNotFit(BudgetNode, asked: Money, left: Money)
  /// The key belongs to a reservation of somebody else.
  case keyTaken(String)
  /// There is no such reservation, or it was finished long ago.
  case unknown(Int64)
  /// It was finished with another amount.
  case finished(Int64, BudgetReservation.State, spent: Money)
  /// Less than what was already taken of it.
  case belowDrawn(Int64, drawn: Money)
}

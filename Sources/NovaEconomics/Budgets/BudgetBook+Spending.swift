// How reserved money is spent: in parts or at once, given back, or counted in full when nobody says what became of it.
// And spending that nobody reserved, which is always booked. Must never make an account smaller, except by what an
// unreconciled reservation turns out not to have cost.

package import NovaModel

/// What became of a settlement.
package struct BudgetSettlement: Sendable, Hashable {
  /// The reservation as it is now.
  package var reservation: BudgetReservation
  /// By how much it cost more than its bound; zero when the bound held.
  package var overrun: Money
  /// False: it was so already.
  package var isNew: Bool
}

extension BudgetBook {
  /// Says what a reservation has cost in all so far. `final` ends it and gives the rest back.
  package mutating func settle(_ id: Int64, spent: Money, final: Bool = true, at now: Moment)
    throws(BudgetRefusal) -> BudgetSettlement
  {
    guard var reservation = reservations[id], !standing.contains(id) else { throw .unknown(id) }
    switch reservation.state {
    case .settled, .released:
      guard reservation.drawn == spent else {
        throw .finished(id, reservation.state, spent: reservation.drawn)
      }
      return BudgetSettlement(reservation: reservation, overrun: .zero, isNew: false)
    case .open, .unreconciled: break
    }
    guard spent >= reservation.drawn else { throw .belowDrawn(id, drawn: reservation.drawn) }
    if reservation.state == .unreconciled { takeBack(reservation) }
    if reservation.state == .open { letGo(reservation) }
    let more = spent - reservation.drawn
    for node in reservation.path {
      let covered = min(more, held(by: reservation, on: node))
      add(more, unreserved: more - covered, to: node, at: now.wall)
    }
    reservation.drawn = spent
    if final {
      reservation.state = .settled
      learn(from: reservation)
      finish(reservation)
    } else {
      reservation.state = .open
      add(reservation)
      changed.reservations.insert(id)
    }
    return BudgetSettlement(
      reservation: reservation, overrun: max(.zero, spent - reservation.amount), isNew: true)
  }

  /// Gives back what has not been spent of a reservation.
  package mutating func release(_ id: Int64, at now: Moment) throws(BudgetRefusal)
    -> BudgetSettlement
  {
    guard var reservation = reservations[id], !standing.contains(id) else { throw .unknown(id) }
    switch reservation.state {
    case .settled, .released:
      return BudgetSettlement(reservation: reservation, overrun: .zero, isNew: false)
    case .unreconciled: takeBack(reservation)
    case .open: letGo(reservation)
    }
    reservation.state = .released
    finish(reservation)
    return BudgetSettlement(reservation: reservation, overrun: .zero, isNew: true)
  }

  /// Prolongs a lease; one that lasts longer stays as it is.
  package mutating func renewLease(_ id: Int64, until: Instant) {
    if reservations[id]?.state == .open { leases[id] = max(leases[id] ?? until, until) }
  }

  /// Counts reservations whose lease is over as spent in full.
  package mutating func expire(at now: Moment) -> [BudgetReservation] {
    let due = leases.filter { $0.value <= now.instant }.keys.sorted()
    return due.compactMap { presumeSpent($0, at: now.wall) }
  }

  /// After a crash nobody knows what became of open reservations: they count as spent in full until somebody says.
  package mutating func recover(at now: WallTime) -> [BudgetReservation] {
    let open = reservations.values.filter { $0.state == .open }.map(\.id).sorted()
    return open.compactMap { presumeSpent($0, at: now) }
  }

  /// The end of the first lease.
  package var nextExpiry: Instant? { leases.values.min() }

  private mutating func presumeSpent(_ id: Int64, at now: WallTime) -> BudgetReservation? {
    leases[id] = nil
    guard var reservation = reservations[id], reservation.state == .open else { return nil }
    for node in reservation.path {
      let rest = held(by: reservation, on: node)
      add(rest, unreserved: .zero, to: node, at: now)
      let before = accounts[node]?.unreconciled ?? .zero
      accounts[node]?.unreconciled = before + rest
    }
    letGo(reservation)
    reservation.state = .unreconciled
    reservations[id] = reservation
    changed.reservations.insert(id)
    return reservation
  }

  /// Takes what was presumed of an unreconciled reservation out of the accounts again.
  private mutating func takeBack(_ reservation: BudgetReservation) {
    for node in reservation.path {
      let rest = held(by: reservation, on: node)
      guard var account = accounts[node] else { continue }
      account.settled = account.settled - rest
      account.unreconciled = account.unreconciled - rest
      accounts[node] = account
      changed.accounts.insert(node)
    }
  }

  /// Takes an open reservation out of the sums.
  mutating func letGo(_ reservation: BudgetReservation) {
    for node in reservation.path {
      reserved[node] = reserved(node) - held(by: reservation, on: node)
      if reserved[node] == .zero { reserved[node] = nil }
    }
  }

  private mutating func finish(_ reservation: BudgetReservation) {
    reservations[reservation.id] = reservation
    leases[reservation.id] = nil
    changed.reservations.insert(reservation.id)
    finished.append(reservation.id)
    guard finished.count > Self.keptFinished else { return }
    for id in finished.prefix(Self.keptFinished / 4) { forget(id) }
    finished.removeFirst(Self.keptFinished / 4)
  }

  mutating func forget(_ id: Int64) {
    guard !changed.reservations.contains(id), let gone = reservations.removeValue(forKey: id)
    else { return }
    if keys[gone.key] == id { keys[gone.key] = nil }
  }

  private mutating func learn(from reservation: BudgetReservation) {
    let route = BudgetRoute(worker: reservation.worker, name: reservation.route)
    let isLow = routes[route, default: RouteHistory()].take(
      reservation.drawn, bound: reservation.amount)
    if isLow { changed.routes.insert(route) }
  }

  /// Books spending that nobody reserved, or what standing reservations cover of it.
  package mutating func charge(
    _ amount: Money, to nodes: [BudgetNode], drawing ids: [Int64] = [], at now: Moment
  ) {
    guard amount > .zero else { return }
    let sources = ids.compactMap { reservations[$0] }
    for source in sources { letGo(source) }
    for node in nodes {
      let source = sources.first { $0.path.contains(node) }
      let covered = source.map { min(amount, held(by: $0, on: node)) } ?? .zero
      add(amount, unreserved: amount - covered, to: node, at: now.wall)
    }
    for var source in sources {
      source.drawn = source.drawn + amount
      add(source)
    }
  }

  /// Books what turned out not to have been spent: the reversing entry of an earlier charge.
  package mutating func credit(_ amount: Money, to nodes: [BudgetNode]) {
    for node in nodes {
      guard var account = accounts[node] else { continue }
      account.settled = max(.zero, account.settled - amount)
      account.unreserved = min(account.unreserved, account.settled)
      accounts[node] = account
      changed.accounts.insert(node)
    }
  }

  private mutating func add(
    _ amount: Money, unreserved: Money, to node: BudgetNode, at now: WallTime
  ) {
    var account = accounts[node] ?? BudgetAccount()
    if node.day == day.days {
      let hour = Int(clamping: (now - day.start).wholeSeconds / 3600)
      // A day has at most 25 hours; a clock that went far ahead ends the day before that.
      while account.hours.count < min(hour, 25) { account.hours.append(account.settled.microUSD) }
    }
    account.settled = account.settled + amount
    account.unreserved = account.unreserved + unreserved
    accounts[node] = account
    changed.accounts.insert(node)
  }
}

// The turn of the day, limits that come and go, and the way to the disk and back. Must never forget an account that an
// open reservation still counts against: what was admitted on a day stays on that day.

package import NovaModel

extension BudgetBook {
  /// Takes what was remembered: before anything else, and once.
  package mutating func restore(
    accounts: [BudgetNode: BudgetAccount], reservations: [BudgetReservation],
    routes: [BudgetRoute: Int64]
  ) {
    self.accounts = accounts
    self.routes = routes.mapValues { RouteHistory(factorPPM: $0) }
    for reservation in reservations.sorted(by: { $0.id < $1.id }) {
      nextID = max(nextID, reservation.id + 1)
      if reservation.state == .open {
        add(reservation)
      } else {
        self.reservations[reservation.id] = reservation
        keys[reservation.key] = reservation.id
        if reservation.state != .unreconciled { finished.append(reservation.id) }
      }
    }
  }

  /// Takes what has to be written, accounts first.
  package mutating func takeChanges() -> [BudgetChange] {
    guard changed != Changed() else { return [] }
    let accounts = changed.accounts.sorted().compactMap { node in
      self.accounts[node].map { BudgetChange.account(node, $0) }
    }
    let reservations = changed.reservations.sorted().compactMap { id in
      self.reservations[id].map { BudgetChange.reservation($0) }
    }
    let routes = changed.routes.compactMap { route in
      self.routes[route].map { BudgetChange.route(route, factorPPM: $0.factorPPM) }
    }
    changed = Changed()
    return accounts + reservations + routes
  }

  /// Another day began: daily limits begin anew. Accounts of days before stay while `keep` says so or something of
  /// theirs is open.
  package mutating func turn(to day: CalendarDay, keep: (BudgetNode) -> Bool) {
    self.day = day
    let busy = Set(
      reservations.values.filter { $0.state == .open || $0.state == .unreconciled }.flatMap(\.path))
    for node in accounts.keys {
      let isOver = node.day.map { $0 != day.days } ?? (node.scope == .run)
      if isOver, !busy.contains(node), !changed.accounts.contains(node), !keep(node) {
        accounts[node] = nil
      }
    }
  }

  /// Sets or lifts a limit. `spent` is asked for what was spent before, where no account was kept.
  package mutating func set(
    _ rule: BudgetRule, limit: Money?, soft isSoft: Bool = false, spent: () -> Money
  ) {
    let node = rule.node(on: day.days)
    // Soft or hard decides what open reservations hold: they are taken out before and put back after.
    let open = reservations.values.filter { $0.state == .open }
    for reservation in open { letGo(reservation) }
    let isNew = limits[rule] == nil && limit != nil
    limits[rule] = limit
    if isSoft, limit != nil { soft.insert(rule) } else { soft.remove(rule) }
    if isNew, accounts[node] == nil {
      let before = spent()
      if before > .zero {
        var account = BudgetAccount()
        account.settled = before
        account.unreserved = before
        accounts[node] = account
        changed.accounts.insert(node)
      }
    }
    for var reservation in open {
      let belongs = path(
        worker: reservation.worker, run: reservation.run, provider: reservation.provider
      ).contains(node)
      if isNew, belongs, !standing.contains(reservation.id), !reservation.path.contains(node) {
        reservation.path.append(node)
        changed.reservations.insert(reservation.id)
      }
      add(reservation)
    }
  }

  /// Grants more on top of a limit, until its account ends: the day, or for a limit for life never.
  package mutating func grant(_ amount: Money, to node: BudgetNode) {
    guard amount > .zero else { return }
    var account = accounts[node] ?? BudgetAccount()
    account.granted = account.granted + amount
    // What was told was told of a smaller limit.
    account.told = 0
    accounts[node] = account
    changed.accounts.insert(node)
  }

  /// Sets or lifts the limit of every run of a worker.
  package mutating func set(runLimit: Money?, of worker: WorkerName) {
    runLimits[worker] = runLimit
  }

  /// Says that a threshold was told, so that it is told once.
  package mutating func told(_ percent: Int, _ node: BudgetNode) {
    accounts[node, default: BudgetAccount()].told = percent
    changed.accounts.insert(node)
  }

  /// The highest of 75, 90 and 100 % that an account has reached and nobody was told of; nil when there is none.
  package func untoldThreshold(_ node: BudgetNode) -> Int? {
    guard let account = accounts[node], let limit = limit(of: node) else { return nil }
    let spent = Int128(account.settled.microUSD) * 100
    let reached = [100, 90, 75].first {
      spent >= Int128($0) * Int128(limit.microUSD) && account.settled > .zero
    }
    guard let reached, reached > account.told else { return nil }
    return reached
  }
}

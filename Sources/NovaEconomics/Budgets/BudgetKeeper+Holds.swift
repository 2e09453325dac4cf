// What an empty budget does: pause at once or after the run, stop, or ask; and when it is over. And what people are
// told on the way: three quarters, nine tenths, all of it.

package import NovaModel

extension BudgetKeeper {
  /// Takes the limits of a configuration and of those set by hand. `fleetLimit` makes of the fleet's what holds today.
  package mutating func configure(
    fleet: Money, workers: [WorkerName: WorkerBudget], providers: [String: Money] = [:],
    overrides: [BudgetOverride],
    fleetLimit: (Money) -> Money = { $0 }, spent: (BudgetRule) -> Money
  ) {
    policies = workers
    var wanted: [BudgetRule: (limit: Money?, soft: Bool)] = [
      BudgetRule(.fleet, daily: true): (fleet, false)
    ]
    for (name, budget) in workers {
      wanted[BudgetRule(.worker, name.text, daily: true)] = (budget.daily, budget.soft)
      wanted[BudgetRule(.worker, name.text, daily: false)] = (budget.total, budget.soft)
      book.set(runLimit: budget.perRun, of: name)
    }
    for (name, limit) in providers {
      wanted[BudgetRule(.provider, name, daily: true)] = (limit, false)
    }
    for override in overrides where Self.holds(override, in: wanted[override.rule]?.limit) {
      wanted[override.rule] = (override.limit, wanted[override.rule]?.soft ?? false)
    }
    let whole = BudgetRule(.fleet, daily: true)
    if let limit = wanted[whole]?.limit { wanted[whole] = (fleetLimit(limit), false) }
    for rule in book.limits.keys where wanted[rule] == nil {
      book.set(rule, limit: nil, spent: { .zero })
    }
    for (rule, (limit, soft)) in wanted.sorted(by: { $0.key < $1.key })
    where limit != book.limits[rule] || soft != book.soft.contains(rule) {
      book.set(rule, limit: limit, soft: soft, spent: { spent(rule) })
    }
    for name in book.runLimits.keys where workers[name] == nil { book.set(runLimit: nil, of: name) }
  }

  /// A limit set by hand holds until the file says something else than it said then.
  package static func holds(_ override: BudgetOverride, in fileLimit: Money?) -> Bool {
    override.fileLimit == fileLimit
  }

  /// A limit of this worker is empty. `isBusy`: a run is under way that `after_run` waits for. `needed`: the smallest call that
  /// it asked for and that does not fit.
  package mutating func exhausted(
    _ node: BudgetNode, by worker: WorkerName, isBusy: Bool, needed: Money? = nil, at now: Moment
  ) -> [BudgetOrder] {
    let policy = policies[worker] ?? WorkerBudget()
    if var hold = holds[worker] {
      // It goes on although it is held: the order is repeated, the story is not.
      guard !hold.isPending || !isBusy else { return [] }
      hold.isPending = false
      holds[worker] = hold
      return [order(for: hold), .keep(hold)]
    }
    let waits = policy.onExceeded != .stop && policy.pauseMode == .afterRun && isBusy
    var hold = BudgetHold(
      worker: worker, rule: node.rule, action: policy.onExceeded, isPending: waits, since: now.wall,
      note: note(node))
    hold.needed = needed
    holds[worker] = hold
    var orders: [BudgetOrder] = waits ? [] : [order(for: hold)]
    orders.append(.keep(hold))
    if hold.action == .ask { orders.append(.ask(hold, of: node)) }
    // Whoever is to answer is told how, also where the limit was overshot and that was told before.
    if book.accounts[node]?.told ?? 0 < 100 || node.scope == .fleet || hold.action == .ask {
      book.told(100, node)
      orders.append(.tell(exhaustedNotice(hold, node)))
    }
    return orders
  }

  /// The run that a pause waited for has ended.
  package mutating func runEnded(of worker: WorkerName) -> [BudgetOrder] {
    guard var hold = holds[worker], hold.isPending else { return [] }
    hold.isPending = false
    holds[worker] = hold
    return [order(for: hold), .keep(hold)]
  }

  /// Lets those go on whose limits have room again: after the turn of the day, a higher limit, or money given back.
  ///
  /// Room is enough for a whole interval at the worker's highest rate, or a tenth of the limit where that is less: so a
  /// worker is not let go to be held again a second later.
  package mutating func review(rate: (WorkerName) -> ComputeRate, interval: Span) -> [BudgetOrder] {
    var orders: [BudgetOrder] = []
    for hold in holds.values.sorted(by: { $0.worker < $1.worker })
    where emptyNode(for: hold.worker, rate: rate(hold.worker), interval: interval) == nil
      && shortNode(of: hold.worker) == nil
    {
      holds[hold.worker] = nil
      orders.append(.forget(hold.worker))
      if hold.action != .stop, !hold.isPending {
        orders.append(.resume(hold.worker, note: hold.note))
      }
    }
    return orders
  }

  /// The limit on which a held worker's smallest call still does not fit.
  package func shortNode(of worker: WorkerName) -> BudgetNode? {
    guard let hold = holds[worker], let needed = hold.needed else { return nil }
    let node = hold.rule.node(on: book.day.days)
    return book.left(node).map { $0 < needed } == true ? node : nil
  }

  /// The limit that keeps a worker from going on; nil when there is room on all.
  package func emptyNode(for worker: WorkerName, rate: ComputeRate, interval: Span) -> BudgetNode? {
    let least = rate.cost(over: Self.margin + Self.shortest)
    let whole = rate.cost(over: interval + Self.margin)
    return book.path(worker: worker).first { node in
      guard let limit = book.limit(of: node), let left = book.left(node) else { return false }
      return left < min(whole, max(least, Money(microUSD: limit.microUSD / 10)))
    }
  }

  /// Forgets what was done to a worker that left the fleet.
  package mutating func forget(_ worker: WorkerName) -> [BudgetOrder] {
    uncover(.worker(worker))
    return holds.removeValue(forKey: worker) == nil ? [] : [.forget(worker)]
  }

  /// Thresholds reached since the last call, each told once a day.
  package mutating func takeNotices() -> [BudgetNotice] {
    var notices: [BudgetNotice] = []
    for node in book.changed.accounts.sorted() {
      guard let percent = book.untoldThreshold(node), let limit = book.limit(of: node) else {
        continue
      }
      book.told(percent, node)
      let spent = book.settled(node)
      let over = book.overrun(node)
      notices.append(
        BudgetNotice(
          type: percent == 100 ? "budget.exhausted" : "budget.warning",
          severity: percent == 100 ? .critical : .warning, worker: node.worker,
          message: "\(node.owner) spent \(spent.dollars) of \(limit.dollars) \(node.period)"
            + (over > .zero
              ? ", \(over.dollars) more than the limit, which nobody had reserved"
              : percent == 100 ? "" : ": more than \(percent) %"),
          details: details(node, percent)))
    }
    return notices
  }

  private func order(for hold: BudgetHold) -> BudgetOrder {
    hold.action == .stop
      ? .stop(hold.worker, note: hold.note) : .pause(hold.worker, note: hold.note)
  }

  private func note(_ node: BudgetNode) -> String {
    let limit = book.limit(of: node)?.dollars ?? "?"
    let whose = node.scope == .fleet ? "the fleet's " : ""
    return "budget: \(whose)\(limit) \(node.period) is spent"
      + (node.day == nil ? "" : ", new money at \(book.day.end.rfc3339)")
  }

  private func exhaustedNotice(_ hold: BudgetHold, _ node: BudgetNode) -> BudgetNotice {
    let what =
      switch (hold.action, hold.isPending) {
      case (.stop, _): "stopped"
      case (.pause, true): "paused after its present run"
      case (.pause, false): "paused"
      case (.ask, _):
        "paused; to let it go on: approve it (novasup decisions --state pending), or novasup budget set "
          + (node.scope == .fleet ? "" : "\(hold.worker) ")
          + (node.day == nil ? "--total" : "--daily") + " AMOUNT"
      }
    return BudgetNotice(
      type: "budget.exhausted", severity: .critical, worker: hold.worker,
      message: "\(hold.worker) is \(what): \(hold.note)", details: details(node, 100))
  }

  private func details(_ node: BudgetNode, _ percent: Int) -> [String: String] {
    [
      "budget": node.description, "percent": String(percent),
      "limit_usd": book.limit(of: node)?.decimal ?? "",
      "spent_usd": book.settled(node).decimal, "reserved_usd": book.reserved(node).decimal,
      "overrun_usd": book.overrun(node).decimal,
    ]
  }
}

extension BudgetNode {
  /// The worker it is about, if it is about one.
  package var worker: WorkerName? {
    switch scope {
    case .worker: WorkerName(subject)
    case .run: subject.split(separator: "/").first.flatMap { WorkerName(String($0)) }
    case .fleet, .provider: nil
    }
  }

  /// For sentences: `outreach has`, `the fleet has`.
  var owner: String {
    switch scope {
    case .fleet: "the fleet has"
    case .worker: "\(subject) has"
    case .run: "run \(subject) has"
    case .provider: "provider \(subject) has"
    }
  }

  /// For sentences: `a day`, `in all`.
  var period: String { day == nil ? (scope == .run ? "a run" : "in all") : "a day" }
}

extension Money {
  /// For people: `$7.50`, `$0.0531`; at least two places, at most six.
  package var dollars: String {
    var text = Substring(decimal)
    while text.hasSuffix("0"), text.suffix(3).first != "." { text.removeLast() }
    return microUSD < 0 ? "-$" + text.dropFirst() : "$" + text
  }
}

// The keeper of the budgets: sets compute aside one booking interval ahead, decides what an empty budget does to whom,
// and when that is over. Facts and the time come in as arguments, orders go out.
// Must never lift what it did not do: a pause with other words is somebody else's.

package import NovaModel

/// What is to be done because of a budget.
package enum BudgetOrder: Sendable, Hashable {
  /// Freeze it, or keep it from starting, with these words.
  case pause(WorkerName, note: String)
  /// Stop it for good, with these words.
  case stop(WorkerName, note: String)
  /// Let it go on: unless its pause has other words by now.
  case resume(WorkerName, note: String)
  /// Store or forget what was done.
  case keep(BudgetHold)
  case forget(WorkerName)
  /// Ask somebody whether it may go on beyond that limit; once a hold.
  case ask(BudgetHold, of: BudgetNode)
  /// Tell people.
  case tell(BudgetNotice)
}

/// Something that an owner should know.
package struct BudgetNotice: Sendable, Hashable {
  package var type: String
  package var severity: EventRecord.Severity
  package var worker: WorkerName?
  package var message: String
  package var details: [String: String]

  /// Puts a notice together.
  package init(
    type: String, severity: EventRecord.Severity, worker: WorkerName? = nil, message: String,
    details: [String: String] = [:]
  ) {
    self.type = type
    self.severity = severity
    self.worker = worker
    self.message = message
    self.details = details
  }
}

/// Limits, and who is held because of them.
package struct BudgetKeeper: Sendable, Hashable {
  package var book: BudgetBook
  /// What was done to whom.
  package internal(set) var holds: [WorkerName: BudgetHold] = [:]
  var policies: [WorkerName: WorkerBudget] = [:]
  var covers: [ComputeSubject: Cover] = [:]

  struct Cover: Sendable, Hashable {
    var reservation: Int64
    var until: Instant
  }

  // A second for the reading and the order that follow, and a second of work: for less it is not worth going on.
  static let margin = Span.seconds(1)
  static let shortest = Span.seconds(1)

  /// A keeper of an empty book.
  package init(book: BudgetBook) { self.book = book }

  /// Takes what was done before.
  package mutating func restore(holds: [BudgetHold]) {
    self.holds = Dictionary(holds.map { ($0.worker, $0) }) { first, _ in first }
  }

  /// Sets the compute of a subject aside until `interval` from now, or less long when the money is short.
  ///
  /// Call it when everything used so far is charged. What an earlier call set aside is given back in the same step.
  package mutating func cover(
    _ subject: ComputeSubject, rate: ComputeRate, interval: Span, at now: Moment
  ) -> ComputeGrant {
    let nodes = nodes(of: subject)
    let needed = rate.cost(over: Self.margin + Self.shortest)
    let wanted = rate.cost(over: interval + Self.margin)
    switch book.renewStanding(
      covers[subject]?.reservation, nodes: nodes, wanted: wanted, needed: needed, at: now)
    {
    case .failure(let empty):
      covers[subject] = nil
      return .exhausted(empty.node)
    case .success(let reservation):
      let span = min(interval, rate.span(for: reservation.amount) - Self.margin)
      let until = now.instant + max(Self.shortest, span)
      covers[subject] = Cover(reservation: reservation.id, until: until)
      return .covered(until: until)
    }
  }

  /// What the next cover of a subject takes at that rate.
  package static func cover(at rate: ComputeRate, interval: Span) -> Money {
    rate.cost(over: interval + margin)
  }

  /// Gives back what is set aside for a subject that does not compute any more.
  package mutating func uncover(_ subject: ComputeSubject) {
    guard let cover = covers.removeValue(forKey: subject) else { return }
    book.dropStanding(cover.reservation)
  }

  /// Until when a subject is covered; nil when it is not.
  package func coveredUntil(_ subject: ComputeSubject) -> Instant? { covers[subject]?.until }

  /// Whom the book covers at present.
  package var covered: [ComputeSubject] { Array(covers.keys) }

  /// Whether a worker has a limit of its own.
  package func isLimited(_ worker: WorkerName) -> Bool { !nodes(of: .worker(worker)).isEmpty }

  /// Books what a worker's computing cost.
  package mutating func chargeCompute(_ amount: Money, of worker: WorkerName, at now: Moment) {
    let ids = [covers[.host], covers[.worker(worker)]].compactMap { $0?.reservation }
    book.charge(amount, to: book.path(worker: worker), drawing: ids, at: now)
  }

  func nodes(of subject: ComputeSubject) -> [BudgetNode] {
    switch subject {
    case .host: [BudgetNode(.fleet, day: book.day.days)]
    case .worker(let name): book.path(worker: name).filter { $0.scope == .worker }
    }
  }
}

extension BudgetBook {
  /// The route of what is set aside for computing.
  package static let computeRoute = "compute"

  struct Empty: Error { let node: BudgetNode }

  /// Replaces a standing reservation in one step; as much as fits, down to `needed`.
  mutating func renewStanding(
    _ old: Int64?, nodes: [BudgetNode], wanted: Money, needed: Money, at now: Moment
  ) -> Result<BudgetReservation, Empty> {
    if let old { dropStanding(old) }
    var granted = wanted
    for node in nodes {
      guard let left = left(node), left < wanted else { continue }
      guard left >= needed else { return .failure(Empty(node: node)) }
      granted = min(granted, left)
    }
    let id = nextID
    nextID += 1
    let reservation = BudgetReservation(
      id: id, key: "compute \(id)", worker: nil, run: nil, provider: nil, route: Self.computeRoute,
      path: nodes, amount: granted, softAmount: granted, opened: now.wall)
    standing.insert(id)
    add(reservation)
    return .success(reservation)
  }

  /// Gives a standing reservation back.
  mutating func dropStanding(_ id: Int64) {
    guard standing.remove(id) != nil, let reservation = reservations.removeValue(forKey: id) else {
      return
    }
    letGo(reservation)
    keys[reservation.key] = nil
  }
}

// Calls that are over, against the budgets: what each adds to the accounts, drawn from its reservation as far as that
// goes, and what a closed reservation gives back. Must never charge a call to another worker's reservation, nor book less
// than it cost.

package import NovaModel

/// What the calls of each worker have left over below a micro-dollar.
package struct CallCharges: Sendable, Hashable {
  /// By worker.
  package private(set) var carries: [WorkerName: CostCarry]

  /// Goes on where others ended.
  package init(remainders: [WorkerName: Int64] = [:]) {
    carries = remainders.mapValues { CostCarry(remainderPico: $0) }
  }

  /// What became of a call.
  package struct Charge: Sendable, Hashable {
    /// What is booked of it.
    package var amount: Money
    /// By how much its reservation is now overdrawn, were it not before.
    package var newOverrun: Money
  }

  /// Charges a call once; whether it is new is for the caller to know.
  package mutating func take(_ call: ModelCall, in book: inout BudgetBook, at now: Moment) -> Charge
  {
    let amount = carries[call.worker, default: CostCarry()].take(call.cost)
    guard amount > .zero else { return Charge(amount: .zero, newOverrun: .zero) }
    if let id = call.reservation, let reservation = book.reservations[id],
      reservation.worker == call.worker,
      reservation.state == .open || reservation.state == .unreconciled,
      let settlement = try? book.settle(
        id, spent: reservation.drawn + amount, final: false, at: now)
    {
      if reservation.provider != call.provider {
        // Another provider has answered: it is paid on its own limit, and the one that was asked is not.
        book.credit(amount, to: reservation.path.filter { $0.scope == .provider })
        let paid = book.path(worker: nil, provider: call.provider).filter { $0.scope == .provider }
        book.charge(amount, to: paid, at: now)
      }
      let before = max(.zero, reservation.drawn - reservation.amount)
      // The gateway is alive and tells: what is open goes on for as long as a lease of its own.
      book.renewLease(id, until: now.instant + Self.lease)
      return Charge(
        amount: amount, newOverrun: before == .zero ? settlement.overrun : .zero)
    }
    book.charge(
      amount, to: book.path(worker: call.worker, run: call.run, provider: call.provider), at: now)
    return Charge(amount: amount, newOverrun: .zero)
  }

  /// After a report of a part of it a reservation is open for so long.
  package static let lease = Span.seconds(120)

  /// Ends a reservation at what was drawn; nil where it is over already, or none of that number is known.
  package static func close(_ id: Int64, in book: inout BudgetBook, at now: Moment)
    -> BudgetSettlement?
  {
    guard let reservation = book.reservations[id], reservation.route != BudgetBook.computeRoute,
      reservation.state == .open || reservation.state == .unreconciled
    else { return nil }
    // What came to nothing says nothing about what such calls cost.
    guard reservation.drawn > .zero else { return try? book.release(id, at: now) }
    return try? book.settle(id, spent: reservation.drawn, final: true, at: now)
  }
}

// The running totals in memory: what the rows of `ps` and the decisions read. Must never be changed but by what the
// ledger says is on the disk, so that they equal its own totals at every moment.

package import NovaEconomics
package import NovaModel

/// Balances and runs of the whole fleet.
package struct Books: Sendable {
  /// By worker and instance; instance 0 is what names none, no worker is what is nobody's.
  package private(set) var balances: [BalanceKey: Balance] = [:]
  /// By worker, over all its instances.
  package private(set) var workers: [WorkerName: Balance] = [:]
  package private(set) var runs: [WorkerName: RunTotals] = [:]
  /// Everything, nobody's included.
  package private(set) var total = Balance()

  /// Empty books.
  package init() {}

  /// Books as the ledger left them.
  package init(balances: [BalanceKey: Balance], runs: [WorkerName: RunTotals]) {
    self.balances = balances
    self.runs = runs
    for (key, balance) in balances {
      if let worker = key.worker { workers[worker, default: Balance()].add(balance) }
      total.add(balance)
    }
  }

  /// Takes an entry in.
  package mutating func take(_ entry: Entry) {
    balances[BalanceKey(entry), default: Balance()].add(entry)
    if let worker = entry.worker { workers[worker, default: Balance()].add(entry) }
    total.add(entry)
  }

  /// Takes a finished run in.
  package mutating func take(_ run: RunRecord) {
    runs[run.worker, default: RunTotals()].add(run)
  }

  /// A life has ended.
  package mutating func endLife(of worker: WorkerName, crashed: Bool) {
    runs[worker, default: RunTotals()].lives += 1
    if crashed { runs[worker, default: RunTotals()].crashedLives += 1 }
  }

  /// Whether anybody has ever said what the worker earns, were it nothing.
  package func knowsRevenue(of worker: WorkerName) -> Bool { standing(of: worker).revenueIsKnown }

  /// Return of a worker since its first entry.
  package func returns(of worker: WorkerName) -> ReturnOnCost { standing(of: worker).returns }

  /// Both, by one look at the books.
  package func standing(of worker: WorkerName) -> (revenueIsKnown: Bool, returns: ReturnOnCost) {
    let balance = workers[worker] ?? Balance()
    let isKnown =
      balance.revenue != .zero || balance.contra != .zero
      || (runs[worker]?.withRevenue ?? 0) > 0
    return (
      isKnown,
      ReturnOnCost(
        netRevenue: balance.netRevenue, cost: balance.cost, revenueIsKnown: isKnown)
    )
  }
}

// The whole fleet's money as decisions need it: finished runs ripen, are evaluated once each, and change the evidence of
// their worker. A value type that is told facts; it never looks back and never reads the ledger.

package import NovaModel

/// A run by its worker and the worker's own id.
package struct RunKey: Sendable, Hashable {
  package let worker: WorkerName
  package let run: String
  /// Names a run.
  package init(worker: WorkerName, run: String) {
    self.worker = worker
    self.run = run
  }
}

/// Accounts, and runs on their way to be evaluated.
package struct Economy: Sendable {
  /// By worker.
  package private(set) var accounts: [WorkerName: Account] = [:]
  /// The last evaluation there is.
  package private(set) var lastSequence: Int64 = 0

  private var runs: [RunKey: Sums] = [:]
  private var queue = Heap<Due>([]) { $0.at != $1.at ? $0.at < $1.at : $0.order < $1.order }
  private var order: Int64 = 0
  /// Money that names a run which has not been reported.
  private var early: [RunKey: Sums] = [:]
  /// Workers of which nothing is evaluated at present, and their runs that became due meanwhile.
  private var frozen: [WorkerName: [RunKey]] = [:]
  /// Whose arm a worker is, who the arms of a worker are, and what was found of each arm.
  var bases: [WorkerName: WorkerName] = [:]
  var followers: [WorkerName: [WorkerName]] = [:]
  var arms: [WorkerName: ArmEvidence] = [:]
  /// The engine's hours pass so many times faster than those of the clock: for demonstrations.
  package var speed: Int64 = 1

  /// More of them are not kept in memory: beyond it delays are not learnt and early money counts as stray.
  static let mostKept = 200_000

  fileprivate struct Sums: Sendable {
    var started = WallTime(microseconds: 0)
    var isOK = true
    var cost = Money.zero
    var revenue = Money.zero
    /// Hours from the start to each conversion.
    var delays: [Double] = []
    var isEvaluated = false
  }

  private struct Due: Sendable {
    let at: WallTime
    let order: Int64
    let key: RunKey
  }

  /// What the tests are made for.
  package private(set) var factors: TestFactors

  /// Nothing known; evaluations are numbered from the one after the last that is replayed.
  package init(factors: TestFactors = TestFactors(SupervisorSettings.Thresholds())) {
    self.factors = factors
  }

  // MARK: accounts

  /// Opens an account, or begins another epoch of it.
  package mutating func begin(_ epoch: EpochRecord, maturation: @autoclosure () -> Maturation) {
    if accounts[epoch.worker] == nil {
      accounts[epoch.worker] = Account(epoch: epoch, factors: factors, maturation: maturation())
    } else {
      accounts[epoch.worker]?.begin(epoch, factors)
    }
    beginArms(of: epoch.worker)
  }

  /// Other thresholds: every test begins anew, and all stored evaluations have to be replayed.
  package mutating func retune(_ factors: TestFactors) {
    self.factors = factors
    for (name, account) in accounts {
      accounts[name]?.begin(account.epoch, factors)
      beginArms(of: name)
    }
  }

  /// How a worker's revenue is declared to arrive; what was learnt under the same declaration stays.
  package mutating func declare(_ maturation: Maturation, of worker: WorkerName) {
    guard let known = accounts[worker]?.maturation,
      known.priorMedianHours != maturation.priorMedianHours
        || known.horizonHours != maturation.horizonHours
    else { return }
    accounts[worker]?.maturation = maturation
  }

  /// Changes an account's present epoch in place: tranches, say.
  package mutating func amend(_ epoch: EpochRecord) { accounts[epoch.worker]?.epoch = epoch }

  /// Forgets a worker that was removed.
  package mutating func forget(_ worker: WorkerName) { accounts[worker] = nil }

  /// What epochs with other counts have told of a worker's returns to scale.
  package mutating func learn(_ returns: ScalingReturns, of worker: WorkerName) {
    accounts[worker]?.returns = returns
  }

  /// The drift of a worker is looked for anew.
  package mutating func resetDrift(of worker: WorkerName) { accounts[worker]?.resetDrift() }

  /// What the last supervisor left that belongs to no run.
  package mutating func restore(stray: Money, of worker: WorkerName) {
    accounts[worker]?.stray = stray
  }

  /// What an allocation gives, tick by tick; answers for how many in a row it was low.
  mutating func allocate(_ instances: Double, to worker: WorkerName, count: Int) -> Int {
    accounts[worker]?.allocate(instances, count: count) ?? 0
  }

  // MARK: facts

  /// A run has finished. Its entries may have been told before.
  package mutating func take(_ run: RunRecord) {
    take(run, cost: .zero, revenue: .zero)
  }

  /// A run that the last supervisor left, with what was booked for it.
  package mutating func take(_ run: RunRecord, cost: Money, revenue: Money) {
    guard let account = accounts[run.worker] else { return }
    let key = RunKey(worker: run.worker, run: run.id)
    var sums = early.removeValue(forKey: key) ?? Sums()
    sums.started = run.started
    sums.isOK = run.outcome == .ok
    sums.cost = sums.cost + cost + (run.computeCost ?? .zero)
    sums.revenue = sums.revenue + revenue
    if revenue > .zero { sums.delays.append(0) }
    runs[key] = sums
    accounts[run.worker]?.inFlight = account.inFlight + sums.cost
    let ripe = run.started + hours(account.maturation.evaluationHours)
    enqueue(max(run.finished, ripe), key)
  }

  /// Money was booked.
  package mutating func take(_ entry: Entry) {
    guard !entry.isPending, let worker = entry.worker, let account = accounts[worker] else {
      return
    }
    let isIncome = entry.kind.side != .cost
    guard let run = entry.run else {
      if isIncome { accounts[worker]?.stray = account.stray + entry.amount }
      return
    }
    let key = RunKey(worker: worker, run: run)
    guard var sums = runs[key] else {
      if entry.kind.side == .contra || early.count >= Self.mostKept {
        // What it takes back was counted with a run that is evaluated.
        if isIncome { accounts[worker]?.stray = account.stray + entry.amount }
        return
      }
      early[key, default: Sums()].add(entry)
      return
    }
    if sums.isEvaluated {
      // Late revenue is what the bound G allows for; late refunds are news.
      if entry.kind.side == .contra { accounts[worker]?.stray = account.stray + entry.amount }
    } else {
      sums.add(entry)
      if entry.kind.side == .cost { accounts[worker]?.inFlight = account.inFlight + entry.cost }
    }
    if entry.kind.side == .revenue, entry.amount > .zero, sums.delays.count < 8 {
      sums.delays.append(max(0, age(entry.event - sums.started)))
    }
    runs[key] = sums
  }

  /// So many of the engine's hours on the clock.
  private func hours(_ count: Int) -> Span {
    .milliseconds(Int64(count) * 3_600_000 / max(1, speed))
  }

  /// A span of the clock in the engine's hours.
  private func age(_ span: Span) -> Double {
    Double((span.wholeMilliseconds * speed) / 1000) / 3600
  }

  // MARK: freezing

  /// Of these workers nothing is evaluated until they are no longer named: a source of their revenue does not answer.
  package mutating func freeze(_ workers: Set<WorkerName>, at now: WallTime) {
    for (worker, runs) in frozen where !workers.contains(worker) {
      frozen[worker] = nil
      for key in runs { enqueue(now, key) }
    }
    for worker in workers where frozen[worker] == nil { frozen[worker] = [] }
  }

  /// Whether a worker is frozen.
  package func isFrozen(_ worker: WorkerName) -> Bool { frozen[worker] != nil }

  private mutating func enqueue(_ at: WallTime, _ key: RunKey) {
    order += 1
    queue.insert(Due(at: at, order: order, key: key))
  }

  /// When the next run is due; nil while none is on its way.
  package var nextDue: WallTime? { queue.first?.at }

  // MARK: evaluation

  /// Evaluates at most `limit` runs that are due, takes them into the evidence, and returns them to be stored.
  package mutating func ripen(at now: WallTime, limit: Int) -> [Evaluation] {
    var found: [Evaluation] = []
    while found.count < limit, let due = queue.first, due.at <= now {
      queue.removeFirst()
      guard frozen[due.key.worker] == nil else {
        frozen[due.key.worker]?.append(due.key)
        continue
      }
      guard let sums = runs[due.key], var account = accounts[due.key.worker] else {
        runs[due.key] = nil
        continue
      }
      guard !sums.isEvaluated else {
        // Older than the horizon: its delays can be learnt without bias.
        for delay in sums.delays { accounts[due.key.worker]?.maturation.take(delayHours: delay) }
        runs[due.key] = nil
        continue
      }
      lastSequence += 1
      let share = account.maturation.share(ageHours: age(now - sums.started))
      let evaluation = Evaluation(
        sequence: lastSequence, worker: due.key.worker,
        epoch: sums.started >= account.epoch.since
          ? account.epoch.number : account.epoch.number - 1,
        run: due.key.run, at: now, cost: sums.cost, revenue: sums.revenue + account.stray,
        stray: account.stray, maturationPPM: Int(share * 1_000_000), isOK: sums.isOK)
      account.stray = .zero
      account.inFlight = max(.zero, account.inFlight - sums.cost)
      if evaluation.epoch == account.epoch.number { account.evidence.take(evaluation) }
      found.append(evaluation)
      keepForLearning(due.key, sums, account.maturation)
      accounts[due.key.worker] = account
      if evaluation.epoch == account.epoch.number { pair(evaluation) }
    }
    return found
  }

  private mutating func keepForLearning(_ key: RunKey, _ sums: Sums, _ maturation: Maturation) {
    // Revenue that is declared to be there at once has no delays to learn.
    guard maturation.priorMedianHours > 0, runs.count < Self.mostKept else {
      runs[key] = nil
      return
    }
    var kept = sums
    kept.isEvaluated = true
    runs[key] = kept
    enqueue(sums.started + hours(maturation.horizonHours), key)
  }

  /// Takes a stored evaluation, in the order of their sequence: at the start, and to make a decision again.
  package mutating func replay(_ evaluation: Evaluation) {
    lastSequence = max(lastSequence, evaluation.sequence)
    guard let account = accounts[evaluation.worker], account.epoch.number == evaluation.epoch else {
      return
    }
    accounts[evaluation.worker]?.evidence.take(evaluation)
    pair(evaluation)
  }
}

extension Economy.Sums {
  fileprivate mutating func add(_ entry: Entry) {
    if entry.kind.side == .cost {
      cost = cost + entry.cost
    } else {
      revenue = revenue + entry.amount
    }
  }
}

// From accounts and books to the facts of a decision, and what concerns the fleet as a whole: who is selected among all
// that are tested, and how the day's money is handed out.

package import NovaModel

extension Economy {
  /// Fills in what the account and the books say of a worker.
  ///
  /// - Parameters:
  ///   - facts: with what is wanted of it already in place.
  ///   - balance: its running totals.
  ///   - runs: its runs in numbers.
  ///   - now: the civil time.
  ///   - settings: what the owner has set.
  /// - Returns: whether there is an account of it.
  @discardableResult
  package func fill(
    _ facts: inout WorkerFacts, balance: Balance, runs: RunTotals, at now: WallTime,
    settings: EngineSettings
  ) -> Bool {
    guard let account = accounts[facts.worker] else { return false }
    let epoch = account.epoch
    facts.revenue = balance.netRevenue - epoch.baseRevenue
    facts.cost = balance.cost - epoch.baseCost
    facts.runs = Int(runs.finished - epoch.baseFinished)
    facts.okRuns = Int(runs.ok - epoch.baseOK)
    facts.starts = Int(runs.lives - epoch.baseLives)
    facts.crashes = Int(runs.crashedLives - epoch.baseCrashed)
    facts.epochSeconds = seconds(from: epoch.since, to: now)
    facts.epoch = epoch.number
    facts.take(account.evidence, intervalAlpha: settings.intervalAlpha)
    facts.maturationPPM = Int(
      account.maturation.share(ageHours: Double(account.maturation.evaluationHours)) * 1_000_000)
    facts.inFlight = account.inFlight
    facts.loss = facts.cost - account.inFlight - account.evidence.revenue
    facts.tranches = epoch.tranches
    facts.scaleUps = epoch.scaleUps
    facts.beta = account.returns.beta
    facts.changedSeconds = epoch.changed.map { seconds(from: $0, to: now) }
    facts.isSourceStale = isFrozen(facts.worker)
    if let arm = arm(facts.worker) {
      facts.take(arm)
      facts.armBaseEpoch = bases[facts.worker].flatMap { accounts[$0]?.epoch.number }
    }
    facts.allocation = account.allocation
    facts.allocationLowTicks = account.allocationLowTicks
    return true
  }

  /// The count that the present epoch of a worker is of; nil: it has none.
  package func epochCount(of worker: WorkerName) -> Int? { accounts[worker]?.epoch.instances }

  /// Whole seconds of the engine's time between two moments of the clock.
  private func seconds(from: WallTime, to: WallTime) -> Int64 {
    max(0, (to - from).wholeMilliseconds * speed / 1000)
  }

  /// Who may be killed together, among all workers with evidence: e-BH over their kill tests.
  package func selected() -> Set<WorkerName> {
    // Sorted without their evidence, which is large, and without those who cannot be chosen: most of a fleet.
    var tested: [(name: WorkerName, lnValue: Double)] = []
    var count = 0
    for (name, account) in accounts where account.evidence.runs > 0 {
      count += 1
      let value = account.evidence.kill.course.lnNow
      if FleetControl.mayBeSelected(lnValue: value) { tested.append((name, value)) }
    }
    tested.sort { $0.name < $1.name }
    let chosen = FleetControl.selected(lnValues: tested.map(\.lnValue), of: count)
    return Set(chosen.map { tested[$0].name })
  }

  /// Hands the day's money out among workers whose runs and costs are known; keeps for each what it was given.
  package mutating func allocate(_ inputs: inout [DecisionInputs], money: Money) {
    var claims: [Claim] = []
    var places: [Int] = []
    for index in inputs.indices {
      let facts = inputs[index].worker
      guard let cost = facts.runCost, let perDay = facts.runsPerDay, facts.isWanted, !facts.isPaused
      else { continue }
      claims.append(
        Claim(
          worker: facts.worker, yield: facts.firstYield, runCost: cost, runsPerDay: perDay,
          isUnproven: facts.evaluatedRuns < WaterFilling.provenRuns,
          returns: ScalingReturns(beta: facts.beta), mostInstances: Double(facts.maxInstances)))
      places.append(index)
    }
    let shares = WaterFilling().shares(claims, money: money.usd)
    for (index, share) in shares.enumerated() {
      let place = places[index]
      let low = allocate(
        share, to: claims[index].worker, count: inputs[place].worker.instances)
      inputs[place].worker.allocation = share
      inputs[place].worker.allocationLowTicks = low
    }
  }
}

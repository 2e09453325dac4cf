// The engine's place in the loop: what it is told of, how it is rebuilt after a start, and when epochs begin.
// Must never read the ledger at length in one turn: stored runs come in slices.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Evaluations a turn: some 4 ms of work each thousand in a release build.
  private static let slice = 2000

  /// At the start and after trouble with the disk: everything but the stored evaluations, which follow in slices.
  func restoreEngine() {
    do throws(LedgerError) {
      let now = Clock.now().wall
      let state = try ledger.engineState(now: now)
      engine.restore(
        state, settings: engineSettings, speed: configuration?.settings.decisionSpeed ?? 1, now: now
      )
      noticeWorkers()
      for ripening in state.ripening {
        noticeWorker(ripening.run.worker)
        engine.economy.take(ripening.run, cost: ripening.cost, revenue: ripening.revenue)
      }
      for (worker, money) in state.strays { engine.economy.restore(stray: money, of: worker) }
      for epoch in state.epochs.values where epoch.number > 1 { learnReturns(of: epoch) }
      freezeStale()
    } catch {
      trouble("cannot read what decisions rest on: \(error); nothing is decided")
      engine.isReadable = false
    }
  }

  /// Evaluates what is ripe and stores it; before that, takes the next slice of what is stored already.
  func evaluate() {
    guard engine.isReadable else { return }
    engine.economy.speed = Int64(configuration?.settings.decisionSpeed ?? 1)
    guard !engine.isRebuilding else { return rebuild() }
    let now = Clock.now().wall
    for evaluation in engine.economy.ripen(at: now, limit: Self.slice) {
      writes.append(.engine(.evaluation(evaluation)))
    }
  }

  private func rebuild() {
    guard
      let found = try? ledger.evaluations(after: engine.rebuiltThrough, limit: Self.slice)
    else { return }
    for evaluation in found {
      engine.economy.replay(evaluation)
      engine.rebuiltThrough = evaluation.sequence
    }
    if found.count < Self.slice { engine.isRebuilding = false }
  }

  /// Whether `evaluate` has something to do at once.
  var hasEvaluations: Bool {
    guard engine.isReadable else { return false }
    if engine.isRebuilding { return true }
    return engine.economy.nextDue.map { $0 <= Clock.now().wall } ?? false
  }

  /// The settings of the engine as the configuration has them now.
  var engineSettings: EngineSettings {
    configuration.map { EngineSettings($0.settings) } ?? EngineSettings()
  }

  /// An entry is in the books.
  func engineTakes(_ entry: Entry) {
    if let worker = entry.worker, engine.economy.accounts[worker] == nil { noticeWorker(worker) }
    engine.economy.take(entry)
    engine.recent.take(entry)
    if entry.kind.side != .cost { heard(entry) }
    if entry.kind.side == .revenue, let worker = entry.worker,
      engine.earners[entry.source]?.insert(worker).inserted == true
    {
      freezeStale()
    }
  }

  /// A run has finished.
  func engineTakes(_ run: RunRecord) {
    if engine.economy.accounts[run.worker] == nil { noticeWorker(run.worker) }
    engine.economy.take(run)
  }

  // MARK: epochs

  /// Sees to it that every configured worker has its epoch; after a reload also that it is still the right one.
  func noticeWorkers() {
    let isReloaded = engine.seenGeneration != configurationGeneration
    engine.seenGeneration = configurationGeneration
    let factors = TestFactors(engineSettings.thresholds)
    if engine.economy.factors != factors {
      // The tests are made for thresholds: with others every stored run is taken again.
      engine.economy.retune(factors)
      engine.rebuiltThrough = 0
      engine.isRebuilding = true
    }
    for glance in fleet.glances
    where isReloaded || engine.economy.epochCount(of: glance.name) != glance.count {
      noticeWorker(glance.name)
    }
    if isReloaded {
      var arms: [WorkerName: WorkerName] = [:]
      for name in fleet.workerNames {
        if let base = fleet.worker(name)?.spec.economics.armOf { arms[name] = base }
      }
      engine.economy.declare(arms: arms)
      freezeStale()
      for name in engine.economy.accounts.keys where fleet.worker(name) == nil {
        engine.economy.forget(name)
      }
    }
  }

  /// Begins an epoch where the worker's configuration or count is not that of the present one.
  func noticeWorker(_ name: WorkerName) {
    guard let worker = fleet.worker(name) else { return }
    let economics = worker.spec.economics
    let maturation = Maturation(
      medianHours: Double(economics.conversionLag.wholeSeconds) / 3600,
      horizonHours: max(1, Int((economics.revenueWindow.wholeSeconds + 3599) / 3600)))
    engine.economy.declare(maturation, of: name)
    let fingerprint = Self.epochFingerprint(worker)
    let old = engine.economy.accounts[name]?.epoch
    let reason: String
    if let old {
      guard old.fingerprint != fingerprint || old.instances != worker.count else { return }
      reason = old.fingerprint != fingerprint ? "configuration" : "count"
    } else {
      reason = "first"
    }
    let epoch = newEpoch(worker, fingerprint, reason, after: old)
    if let old {
      history.record(
        EventRecord(
          at: epoch.since, type: "engine.epoch", worker: name, actor: "engine",
          message: "\(name) is judged anew from here: its \(reason) changed",
          details: ["epoch": String(epoch.number), "before": String(old.number)]))
    }
    writes.append(.engine(.epoch(epoch)))
    engine.economy.begin(epoch, maturation: maturation)
    if let old { learnReturns(of: epoch, after: old) }
  }

  /// What its epochs with other counts tell of its returns to scale: when one of them ends, and at a start.
  private func learnReturns(of epoch: EpochRecord, after old: EpochRecord? = nil) {
    var epochs = ((try? ledger.epochs(of: epoch.worker)) ?? []).filter { $0.number < epoch.number }
    // What was begun in this very moment may not be stored yet.
    if let old, !epochs.contains(where: { $0.number == old.number }) { epochs.append(old) }
    engine.economy.learn(ScalingReturns.learnt(from: epochs + [epoch]), of: epoch.worker)
  }

  /// What a change of makes another epoch: whatever needs another process, and whose arm it is, so that both sides of a
  /// comparison can be read back from the ledger.
  private static func epochFingerprint(_ worker: WorkerView) -> UInt64 {
    guard let base = worker.spec.economics.armOf else { return worker.fingerprint }
    return FNV1a<UInt64>("\(worker.fingerprint) arm of \(base)").value
  }

  private func newEpoch(
    _ worker: WorkerView, _ fingerprint: UInt64, _ reason: String, after old: EpochRecord?
  ) -> EpochRecord {
    let name = worker.spec.name
    let now = Clock.now().wall
    let balance = books.workers[name] ?? Balance()
    // Asked of the disk only for who has sold: a thousand new workers were a thousand questions.
    let sales =
      balance.revenue == .zero ? SalesSummary() : (try? ledger.sales(of: name)) ?? SalesSummary()
    var epoch = EpochRecord(
      worker: name, number: (old?.number ?? 0) + 1, since: now, reason: reason,
      fingerprint: fingerprint, instances: worker.count,
      cap: worker.spec.economics.revenueCapPerRun ?? sales.highSale ?? EngineSettings().usualCap,
      reservePPM: Int(
        RefundReserve.share(refunds: Int(sales.refunds), sales: Int(sales.sales)) * 1_000_000))
    let runs = books.runs[name] ?? RunTotals()
    epoch.baseRevenue = balance.netRevenue
    epoch.baseCost = balance.cost
    epoch.baseFinished = runs.finished
    epoch.baseOK = runs.ok
    epoch.baseLives = runs.lives
    epoch.baseCrashed = runs.crashedLives
    epoch.changed = reason == "count" ? now : old?.changed
    if reason == "count", let old {
      epoch.scaleUps = worker.count > old.instances ? old.scaleUps + 1 : old.scaleUps
    }
    return epoch
  }
}

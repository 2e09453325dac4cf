// What others may ask the fleet. Must never change it.

package import NovaModel

extension Fleet {
  /// All workers, sorted; one that was removed from the file stays until nothing of it lives.
  package var workerNames: [WorkerName] { names }

  /// A worker, nil when there is none of that name.
  package func worker(_ name: WorkerName) -> WorkerView? {
    guard let worker = workers[name] else { return nil }
    return WorkerView(
      spec: worker.spec, fingerprint: worker.fingerprint, wanted: worker.isWanted,
      paused: worker.record.paused,
      pauseReason: worker.record.pauseReason, count: worker.removed ? 0 : worker.count,
      fileCount: worker.spec.instances, pinned: worker.record.pinned)
  }

  /// The instances of a worker, ascending.
  package func instances(of name: WorkerName) -> [InstanceView] {
    guard let worker = workers[name] else { return [] }
    return worker.numbers.compactMap { worker.lives[$0].map { view($0, worker) } }
  }

  /// Every instance of a target, ascending, with its worker's configuration: one look at the worker for all of them.
  package func forEachInstance(
    of target: Request.Target, _ body: (InstanceView, WorkerSpec) -> Void
  ) {
    switch target {
    case .worker(let name):
      guard let worker = workers[name] else { return }
      for number in worker.numbers {
        if let life = worker.lives[number] { body(view(life, worker), worker.spec) }
      }
    case .instance(let id):
      guard let worker = workers[id.worker], let life = worker.lives[id.number] else { return }
      body(view(life, worker), worker.spec)
    }
  }

  /// How many instances are in each state: all of them, and those that should be up.
  package var tally: (all: [State: Int], wanted: [State: Int]) {
    var all: [State: Int] = [:]
    var wanted: [State: Int] = [:]
    for worker in workers.values {
      let isWanted = worker.isWanted
      for life in worker.lives.values {
        all[life.state, default: 0] += 1
        if isWanted, !life.held, !life.retiring { wanted[life.state, default: 0] += 1 }
      }
    }
    return (all, wanted)
  }

  /// One instance.
  package func instance(_ id: InstanceID) -> InstanceView? {
    guard let worker = workers[id.worker], let life = worker.lives[id.number] else { return nil }
    return view(life, worker)
  }

  private func pauseNote(_ worker: FleetWorker) -> String? {
    worker.record.pauseReason.flatMap {
      $0 == EventText.reason(worker.pauseReason) ? nil : $0
    }
  }

  private func view(_ life: InstanceLife, _ worker: FleetWorker) -> InstanceView {
    let limit = worker.spec.crashLimit
    let process = life.process.flatMap { $0.decided || $0.lost ? nil : $0 }
    let isAlive = process?.exit == nil
    return InstanceView(
      id: life.id, state: life.state, reason: life.reason, since: life.since,
      incarnation: life.process?.incarnation ?? life.lastIncarnation,
      pid: isAlive ? process?.pid : nil, startedAt: isAlive ? process?.startedAt : nil,
      crashesInWindow: life.crashes.count(at: lastInstant, window: limit.window),
      maxCrashes: limit.maxCrashes, cooldowns: life.cooldowns, due: life.due,
      restartsTotal: life.restartsTotal, lastExit: life.lastExit,
      wanted: worker.isWanted && !life.held && !life.retiring,
      needsSettle: !life.unsettled.isEmpty || life.process?.decided == true,
      frozen: life.process?.frozen ?? false, waitingFor: life.waitingFor,
      paused: worker.record.paused || life.pauseHold, pauseNote: pauseNote(worker),
      crashWindow: life.crashes, crashSpan: limit.window)
  }

  /// What a spawn now would use; nil for what is not in the configuration.
  package func spec(for id: InstanceID) -> WorkerSpec? {
    guard let worker = workers[id.worker], !worker.removed else { return nil }
    return worker.spec
  }

  /// The durable memory of an instance.
  package func record(of id: InstanceID, at now: Moment) -> InstanceRecord? {
    workers[id.worker]?.lives[id.number]?.record(boot, at: now)
  }

  /// The durable memory of a worker.
  package func record(of name: WorkerName) -> WorkerRecord? { workers[name]?.record }

  /// Turns what a person typed into targets, all or nothing: `name`, `name@2`, globs, `--all` and `*`.
  package func resolve(_ patterns: [String]) -> Result<[Request.Target], UnknownTarget> {
    TargetResolution(
      workers: names.map { ($0, workers[$0]?.numbers ?? []) }
    ).resolve(patterns)
  }

  /// Those of `names` and everybody who requires them, in the order in which a stop ends them.
  package func stopOrder(of names: [WorkerName]) -> [WorkerName] { order.stopping(names) }

  /// Everybody who requires `name`, directly or not, sorted: a stop of it stops them too.
  package func dependents(of name: WorkerName) -> [WorkerName] {
    order.stopping([name]).filter { $0 != name }.sorted()
  }

  /// Whom a start of these targets also starts, because they are required and not up, in start order.
  package func pulled(by targets: [Request.Target]) -> [WorkerName] {
    let named = Set(targets.map(\.worker))
    let required = Set(named.flatMap(required(by:))).subtracting(named)
    return order.names.filter { required.contains($0) && needsStart($0) }
  }

  /// Everybody, first to start first.
  package var startOrder: [WorkerName] { order.names.filter { workers[$0] != nil } }
}

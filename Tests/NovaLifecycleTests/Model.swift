// A fleet on a fake kernel that is pushed about by moves; invariants after every fact. A move is a number: all that is
// random in it comes from that number alone, so that any choice of moves can be played again (Shrinker).
// Must never depend on anything but its moves.

import NovaModel
import Testing

@testable import NovaLifecycle

/// A world and what was last known of it.
struct Model {
  var world: World
  var random: SplitMix64
  /// The last facts, oldest first; text is made of them only when something is wrong.
  var recent: [FleetEvent] = []
  var trail: String {
    recent.suffix(12).map { String("\($0)".prefix(160)) }.joined(separator: "\n")
  }
  private var known: [InstanceID: State] = [:]
  private var crashes: [InstanceID: CrashWindow] = [:]
  private var rolling: Set<WorkerName> = []
  var handled = 0
  private var broken: String?
  private(set) var isDraining = false

  /// `swallows`: a planted fault, orders that never reach the kernel.
  init(swallows: ((Effect) -> Bool)? = nil) {
    random = SplitMix64(seed: 0)
    let specs = [
      worker("redis") { $0.instances = 1 },
      worker("app") {
        $0.instances = 3
        $0.requires = [named("redis")]
        $0.ready = .notify
        $0.startTimeout = .seconds(5)
      },
      worker("edge") {
        $0.requires = [named("app")]
        $0.after = [named("redis"), named("task")]
        $0.watchdog = .seconds(4)
        $0.restart = .onFailure
      },
      worker("job") {
        $0.mode = .interval(.seconds(20))
        $0.instances = 2
      },
      worker("task") {
        $0.mode = .once
        $0.restart = .onFailure
      },
      worker("probe") {
        $0.ready = .tcp("80")
        $0.health = [WorkerSpec.HealthCheck(name: "h", probe: .tcp("80"))]
        $0.restart = .never
        $0.crashLimit.maxCooldowns = 0
      },
    ]
    world = World(specs, start: false)
    world.swallows = swallows
    world.isHolding = true
    for (name, count) in [("redis", 1), ("app", 2)] { world.kernel.children[named(name)] = count }
    run(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    run(.adoptionCompleted)
  }

  /// Hands one fact in and compares what changed with what was ordered.
  mutating func run(_ event: FleetEvent) {
    handled += 1
    recent.append(event)
    if recent.count > 40 { recent.removeFirst(20) }
    world.handle(event)
    inspect(event)
  }

  /// What changed was said and stored, and timers, states and the kernel agree: for those that the fact and its orders
  /// speak of each time, for everybody each eighth time, since a look at everybody costs ten times the fact.
  private mutating func inspect(_ event: FleetEvent) {
    var touched: Set<InstanceID> = []
    var said: [InstanceID: (lines: Int, stored: Int)] = [:]
    if case .instance(let id, _) = event { touched.insert(id) }
    for effect in world.last {
      switch effect {
      case .record(let record):
        guard let name = record.worker, let number = record.instance else { continue }
        let id = InstanceID(worker: name, number: number)
        said[id, default: (0, 0)].lines += 1
        touched.insert(id)
      case .persistInstance(let id):
        said[id, default: (0, 0)].stored += 1
        touched.insert(id)
      case .arm(let id, _, _, _), .disarm(let id, _), .spawn(let id, _), .settle(let id, _),
        .forget(let id):
        touched.insert(id)
      default: break
      }
    }
    var isFull = handled % 8 == 0
    switch event {
    // A wish may clear a counter without a word about it.
    case .requested, .configured: isFull = true
    default: break
    }
    guard isFull else {
      for id in touched {
        guard let worker = world.fleet.workers[id.worker], let life = worker.lives[id.number]
        else {
          known[id] = nil
          crashes[id] = nil
          continue
        }
        inspect(life, worker, said[id] ?? (0, 0), event)
      }
      return noteRolling()
    }
    var armed = 0
    var present: Set<InstanceID> = []
    for (_, worker) in world.fleet.workers {
      for (_, life) in worker.lives {
        armed += life.timers.count
        present.insert(life.id)
        inspect(life, worker, said[life.id] ?? (0, 0), event)
      }
    }
    for id in known.keys where !present.contains(id) {
      known[id] = nil
      crashes[id] = nil
    }
    if armed != world.kernel.timers.count {
      broken = "\(world.kernel.timers.count) timers are armed, \(armed) are known"
    }
    if world.fleet.names != world.fleet.workers.keys.sorted() {
      broken = "the sorted names are not those of the workers"
    }
    noteRolling()
  }

  private mutating func noteRolling() {
    rolling = []
    for (name, worker) in world.fleet.workers where worker.record.rolling != nil {
      rolling.insert(name)
    }
  }

  private mutating func inspect(
    _ life: InstanceLife, _ worker: FleetWorker, _ said: (lines: Int, stored: Int),
    _ event: FleetEvent
  ) {
    if let before = known.updateValue(life.state, forKey: life.id), before != life.state {
      if said.lines == 0 { broken = "\(life.id) went to \(life.state) without a line of history" }
      if said.stored != 1 {
        broken = "\(life.id) went to \(life.state), stored \(said.stored) times"
      }
      if Self.steps[before]?.contains(life.state) != true {
        broken = "\(life.id) went from \(before) to \(life.state), which no cell says"
      }
    }
    if let trouble = countsCrashes(life, worker.spec.crashLimit.window, event) { broken = trouble }
    for (kind, timer) in life.timers
    where world.kernel.timers[FakeKernel.TimerKey(id: life.id, kind: kind)]?.epoch != timer.epoch {
      broken = "\(life.id) counts on a timer \(kind) that is not armed"
    }
    if let trouble = trouble(life, world.kernel.lives[life.id]) { broken = trouble }
  }

  /// Within the window a counter only rises, by one at a time, unless somebody clears it.
  private mutating func countsCrashes(
    _ life: InstanceLife, _ window: Span, _ event: FleetEvent
  ) -> String? {
    if life.crashes.times.isEmpty, crashes[life.id]?.times.isEmpty != false { return nil }
    guard let before = crashes.updateValue(life.crashes, forKey: life.id),
      before.times.count != life.crashes.times.count
    else { return nil }
    switch event {
    case .requested, .configured: return nil
    // A cooldown that is over, and a turn in a rolling restart, begin with a clean sheet.
    case .instance(life.id, .timerFired(.cooldown, _)): return nil
    default: if rolling.contains(life.id.worker) { return nil }
    }
    let now = world.now.instant
    let (old, new) = (
      before.count(at: now, window: window), life.crashes.count(at: now, window: window)
    )
    return new == old || new == old + 1
      ? nil : "\(life.id) had \(old) crashes in its window and now has \(new)"
  }

  private func states() -> [InstanceID: State] {
    var states: [InstanceID: State] = [:]
    for name in world.fleet.workerNames {
      for view in world.fleet.instances(of: name) { states[view.id] = view.state }
    }
    return states
  }

  /// Makes a move.
  mutating func play(_ move: UInt64) {
    random = SplitMix64(seed: move)
    switch Int.random(in: 0..<1000, using: &random) {
    case 0..<500: deliver()
    case 500..<620: pass(Span.milliseconds(Int64.random(in: 0...4000, using: &random)))
    case 620..<840: happen()
    case 840..<978: ask()
    case 978..<980: stopForGood()
    case 980..<990: reload()
    default: outage()
    }
  }

  /// A stop always ends, and leaves no timer behind, once the kernel lets go of what cannot be killed.
  private mutating func stopForGood() {
    guard let name = world.fleet.workerNames.randomElement(using: &random) else { return }
    let undead = world.kernel.undead
    world.kernel.undead = []
    run(.requested(Request(.stop(timeout: nil), [.worker(name)], actor: Actor("uid:0"))))
    func isDown() -> Bool {
      world.fleet.workers[name]?.lives.values.allSatisfy { !$0.isOccupied } ?? true
    }
    for _ in 0..<10_000 where !isDown() && broken == nil {
      if !world.kernel.pending.isEmpty { deliver() } else { pass(.milliseconds(500)) }
    }
    if !isDown() { broken = broken ?? "\(name) was stopped and never went down" }
    if let left = world.kernel.timers.keys.first(where: { $0.id.worker == name }) {
      broken = broken ?? "\(left.id) is down and has a timer \(left.kind)"
    }
    world.kernel.undead = undead
  }

  /// Facts of different instances overtake each other, those of one instance do not.
  private mutating func deliver() {
    guard !world.kernel.pending.isEmpty else {
      return world.kernel.lives.count < 3 ? revive() : happen()
    }
    let picked = Int.random(in: 0..<world.kernel.pending.count, using: &random)
    guard case .instance(let id, let fact) = world.kernel.pending[picked] else { return }
    // The disk has its own pace.
    if case .settled = fact { return run(world.kernel.pending.remove(at: picked)) }
    let index =
      world.kernel.pending.firstIndex {
        if case .instance(id, .settled) = $0 { false } else { $0.isAbout(id) }
      } ?? picked
    run(world.kernel.pending.remove(at: index))
  }

  /// Where hardly anybody lives, little happens: everybody is wanted again.
  private mutating func revive() {
    let all = world.fleet.workerNames.map { Request.Target.worker($0) }
    let action: Request.Action = Bool.random(using: &random) ? .start : .resume
    run(.requested(Request(action, all, actor: Actor("uid:0"))))
  }

  private mutating func pass(_ span: Span) {
    let end = world.now.instant + span
    while let next = world.kernel.timers.min(by: { a, b in
      // Ties are broken without a string: this runs for every timer of every move.
      a.value.at != b.value.at
        ? a.value.at < b.value.at
        : (a.key.id, a.key.kind.rawValue) < (b.key.id, b.key.kind.rawValue)
    }), next.value.at <= end {
      world.move(to: max(world.now.instant, next.value.at))
      world.kernel.timers[next.key] = nil
      run(.instance(next.key.id, .timerFired(next.key.kind, epoch: next.value.epoch)))
    }
    world.move(to: end)
  }

  /// One of those that are so. A fixed list and not the order of a dictionary, which differs from run to run.
  private mutating func anyone(where holds: (World, InstanceID) -> Bool) -> InstanceID? {
    Self.slots.filter { holds(world, $0) }.randomElement(using: &random)
  }

  private static let slots: [InstanceID] = ["app", "edge", "job", "probe", "redis", "task"].flatMap
  {
    name in (1...4).map { InstanceID(worker: named(name), number: $0) }
  }

  private mutating func happen() {
    guard let id = anyone(where: { $0.kernel.lives[$1] != nil }), let life = world.kernel.lives[id]
    else { return pass(.seconds(1)) }
    let incarnation = life.incarnation
    switch Int.random(in: 0..<14, using: &random) {
    case 0: world.kernel.end(id, .exited(0), withChildren: Bool.random(using: &random))
    case 1, 2: world.kernel.end(id, .exited(1), withChildren: true)
    case 3: world.kernel.end(id, .signaled(11, coreDumped: true), withChildren: false)
    case 4, 5: if life.isMainAlive { run(.instance(id, .becameReady(incarnation))) }
    case 6, 7: if life.isMainAlive { run(.instance(id, .heartbeat(incarnation))) }
    case 8: run(.instance(id, .healthFailed(incarnation, check: "h")))
    case 9: run(.instance(id, .healthRecovered(incarnation)))
    case 10: if life.isMainAlive { run(.instance(id, .announcedStopping(incarnation))) }
    case 11: if life.isMainAlive { run(.instance(id, .memoryExceeded(incarnation))) }
    case 12:
      // A fact of another life, and a stale timer.
      run(.instance(id, .becameReady(Incarnation(incarnation.serial &- 1))))
      run(.instance(id, .exited(Incarnation(9_999_999), .exited(1), oom: false)))
      run(
        .instance(
          id, .timerFired(TimerKind.allCases.randomElement(using: &random) ?? .stable, epoch: 0)))
    default: run(.instance(id, .timeoutExtended(incarnation, .seconds(2))))
    }
  }

  private mutating func ask() {
    guard let id = anyone(where: { $0.fleet.workers[$1.worker]?.lives[$1.number] != nil })
    else { return }
    let target: Request.Target = Bool.random(using: &random) ? .worker(id.worker) : .instance(id)
    let actions: [Request.Action] = [
      .start, .start, .start, .stop(timeout: nil), .stop(timeout: .seconds(1)),
      .restart(rolling: false), .restart(rolling: true), .pause, .resume, .resume, .reset,
      .kill(signal: nil, allProcesses: true, restart: true),
      .kill(signal: nil, allProcesses: true, restart: false),
      .kill(signal: 15, allProcesses: false, restart: true),
      .kill(signal: 9, allProcesses: true, restart: false),
      .scale(to: Int.random(in: 0...4, using: &random), pin: false),
    ]
    guard let action = actions.randomElement(using: &random) else { return }
    run(.requested(Request(action, [target], actor: Actor("uid:0"))))
    let name = id.worker
    // The moods of workers change too.
    switch Int.random(in: 0..<12, using: &random) {
    case 0: world.kernel.stubborn.formSymmetricDifference([name])
    case 1: world.kernel.unspawnable[name] = world.kernel.unspawnable[name] == nil ? 2 : nil
    case 2: world.kernel.undead.formSymmetricDifference([name])
    default: break
    }
  }

  private mutating func reload() {
    guard let name = world.specs.keys.sorted().randomElement(using: &random),
      var spec = world.specs[name]
    else { return }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: spec.environment["X"] = String(Int.random(in: 0...3, using: &random))
    case 1: spec.instances = Int.random(in: 0...3, using: &random)
    case 2: spec.limits.memoryBytes = UInt64.random(in: 1...9, using: &random) << 20
    case 3: spec.stopTimeout = .seconds(Int64.random(in: 0...9, using: &random))
    case 4: spec.watchdog = .seconds(Int64.random(in: 0...5, using: &random))
    default: spec.ready = Bool.random(using: &random) ? .none : .notify
    }
    world.specs[name] = spec
    var specs = world.specs
    // Sometimes a worker that nobody requires is taken out for a while.
    if Int.random(in: 0..<3, using: &random) == 0 { specs[named("probe")] = nil }
    run(
      .configured(
        Configuration(settings: SupervisorSettings(), workers: specs, zones: [:]), by: .supervisor))
  }

  private mutating func outage() {
    switch Int.random(in: 0..<3, using: &random) {
    case 0, 1:
      // What leaves has no record any more and comes back without a past; all other counters go on.
      for worker in world.fleet.workers.values {
        for life in worker.lives.values where life.retiring { crashes[life.id] = nil }
      }
      world.restartBrain()
      recent.append(.adoptionCompleted)
      known = states()
    default:
      // The shim dies: nobody reports an exit any more, the groups are killed.
      for id in world.kernel.lives.keys { world.kernel.lives[id]?.isSpawning = false }
      world.kernel.pending.removeAll {
        guard case .instance(_, let fact) = $0 else { return false }
        switch fact {
        case .spawned, .spawnFailed, .exited: return true
        default: return false
        }
      }
      run(.shimLost)
      run(.adoptionCompleted)
    }
  }

  /// What is wrong now, nil when nothing is.
  func trouble() -> String? { broken ?? world.kernel.violations.first }

  /// Everything must end.
  mutating func drain() -> String? {
    world.kernel.undead = []
    isDraining = true
    run(.drainRequested)
    for _ in 0..<100_000 where !world.kernel.isDrained {
      if !world.kernel.pending.isEmpty { deliver() } else { pass(.seconds(1)) }
      if let trouble = trouble() { return trouble }
    }
    guard world.kernel.isDrained else {
      return "never drained: \(states().filter { ![.stopped].contains($0.value) })"
    }
    return world.kernel.timers.isEmpty
      ? nil : "all is stopped and timers are left: \(world.kernel.timers.keys)"
  }
}

// Random facts and wishes, in random order, against the fake kernel; invariants after every one. A failure names its
// seed and the step. Must never depend on anything but the seed.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct ModelTests {
  @Test(
    "random events keep the invariants, and a drain ends everything",
    arguments: [1, 2, 3, 5, 8, 13, 21, 34, 55, 203] as [UInt64])
  func random(seed: UInt64) {
    var model = Model(seed: seed)
    var step = 0
    while model.handled < 10_500, step < 100_000 {
      step += 1
      model.step()
      if let trouble = model.trouble() {
        Issue.record("seed \(seed), step \(step): \(trouble)\n\(model.trail)")
        return
      }
    }
    #expect(model.handled >= 10_500)
    if let trouble = model.drain() { Issue.record("seed \(seed), drain: \(trouble)") }
  }
}

/// A world driven by a generator.
private struct Model {
  var world: World
  var random: SplitMix64
  /// The last facts, oldest first; text is made of them only when something is wrong.
  var recent: [FleetEvent] = []
  var trail: String {
    recent.suffix(12).map { String("\($0)".prefix(160)) }.joined(separator: "\n")
  }
  private var known: [InstanceID: State] = [:]
  var handled = 0
  private var broken: String?
  private var isDraining = false

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
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

  /// One pass over everything: what changed was said and stored, and timers, states and the kernel agree.
  private mutating func inspect(_ event: FleetEvent) {
    var said: [InstanceID: (lines: Int, stored: Int)] = [:]
    for effect in world.last {
      switch effect {
      case .record(let record):
        guard let name = record.worker, let number = record.instance else { continue }
        said[InstanceID(worker: name, number: number), default: (0, 0)].lines += 1
      case .persistInstance(let id): said[id, default: (0, 0)].stored += 1
      default: break
      }
    }
    var armed = 0
    var present: [InstanceID: State] = [:]
    for (_, worker) in world.fleet.workers {
      for (_, life) in worker.lives {
        if let before = known[life.id], before != life.state {
          let (lines, stored) = said[life.id] ?? (0, 0)
          if lines == 0 { broken = "\(life.id) went to \(life.state) without a line of history" }
          if stored != 1 { broken = "\(life.id) went to \(life.state), stored \(stored) times" }
        }
        present[life.id] = life.state
        armed += life.timers.count
        for (kind, timer) in life.timers
        where world.kernel.timers[FakeKernel.TimerKey(id: life.id, kind: kind)]?.epoch
          != timer.epoch
        {
          broken = "\(life.id) counts on a timer \(kind) that is not armed"
        }
        if let trouble = trouble(life, world.kernel.lives[life.id]) { broken = trouble }
      }
    }
    known = present
    if armed != world.kernel.timers.count {
      broken = "\(world.kernel.timers.count) timers are armed, \(armed) are known"
    }
  }

  private func states() -> [InstanceID: State] {
    var states: [InstanceID: State] = [:]
    for name in world.fleet.workerNames {
      for view in world.fleet.instances(of: name) { states[view.id] = view.state }
    }
    return states
  }

  mutating func step() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<50: deliver()
    case 50..<62: pass(Span.milliseconds(Int64.random(in: 0...4000, using: &random)))
    case 62..<84: happen()
    case 84..<98: ask()
    case 98: reload()
    default: outage()
    }
  }

  /// Facts of different instances overtake each other, those of one instance do not.
  private mutating func deliver() {
    guard !world.kernel.pending.isEmpty else { return happen() }
    let picked = Int.random(in: 0..<world.kernel.pending.count, using: &random)
    guard case .instance(let id, _) = world.kernel.pending[picked] else { return }
    let index =
      world.kernel.pending.firstIndex {
        if case .instance(id, _) = $0 { true } else { false }
      } ?? picked
    run(world.kernel.pending.remove(at: index))
  }

  private mutating func pass(_ span: Span) {
    let end = world.now.instant + span
    while let next = world.kernel.timers.min(by: {
      ($0.value.at, $0.key.id, $0.key.kind.rawValue)
        < ($1.value.at, $1.key.id, $1.key.kind.rawValue)
    }), next.value.at <= end {
      world.move(to: max(world.now.instant, next.value.at))
      world.kernel.timers[next.key] = nil
      run(.instance(next.key.id, .timerFired(next.key.kind, epoch: next.value.epoch)))
    }
    world.move(to: end)
  }

  private mutating func happen() {
    guard let id = world.kernel.lives.keys.sorted().randomElement(using: &random),
      let life = world.kernel.lives[id]
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
    let all = world.fleet.workerNames.flatMap { world.fleet.instances(of: $0).map(\.id) }
    guard let id = all.randomElement(using: &random) else { return }
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
      world.restartBrain()
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

  private func trouble(_ life: InstanceLife, _ process: FakeKernel.Life?) -> String? {
    var timers = Set(life.timers.keys)
    // A remnant of before a restart is killed again until its group is empty, whatever the slot does.
    if life.process?.decided == true { timers.remove(.killRepeat) }
    let allowed: Set<TimerKind>
    switch life.state {
    case .stopped, .completed, .failed, .paused: allowed = []
    case .backoff: allowed = [.backoff]
    case .cooldown: allowed = [.cooldown]
    case .waiting: allowed = [.nextRun]
    case .starting: allowed = [.startTimeout]
    case .running, .ready: allowed = [.stable, .watchdog]
    case .stopping: allowed = [.stopTimeout]
    case .killing, .lost: allowed = [.killRepeat]
    }
    if !timers.isSubset(of: allowed) { return "\(life.id) is \(life.state) with timers \(timers)" }
    let isConfirmed = life.process?.confirmed != false
    switch life.state {
    // A drain takes the timers and leaves the states, which are the record.
    case .backoff where timers.isEmpty && !isDraining,
      .cooldown where timers.isEmpty && !isDraining,
      .stopping where timers.isEmpty && isConfirmed,
      .killing where timers.isEmpty && isConfirmed:
      return "\(life.id) is \(life.state) and waits for nothing"
    case .stopped, .completed, .failed, .backoff, .cooldown, .waiting:
      if let process, !process.isEmpty {
        return "\(life.id) is \(life.state) and its group is not empty"
      }
    default: break
    }
    return nil
  }

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
    return nil
  }
}

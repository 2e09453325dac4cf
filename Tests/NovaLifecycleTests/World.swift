// A fleet on a fake kernel and virtual time: the test's hands. Facts are delivered in order unless a test holds them
// back. Must never wait for anything.

import NovaModel
import Testing

@testable import NovaLifecycle

struct World {
  var fleet: Fleet
  var kernel = FakeKernel()
  var now = Moment(
    instant: Instant(nanoseconds: 1_000_000_000_000),
    wall: WallTime(microseconds: 1_700_000_000_000_000))
  var boot = BootInfo(id: "boot-a", boottimeOffset: 5_000_000_000)
  /// The state database.
  var instanceRecords: [InstanceID: InstanceRecord] = [:]
  var workerRecords: [WorkerName: WorkerRecord] = [:]
  var history: [EventRecord] = []
  /// The orders of the last fact.
  var last: [Effect] = []
  var specs: [WorkerName: WorkerSpec] = [:]
  /// Facts wait until `deliver()`.
  var isHolding = false
  /// A planted fault: orders that never reach the kernel.
  var swallows: ((Effect) -> Bool)?

  init(_ specs: [WorkerSpec] = [], start: Bool = true) {
    fleet = Fleet(boot: boot, seed: 42)
    for spec in specs { self.specs[spec.name] = spec }
    guard start else { return }
    send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    configure()
    send(.adoptionCompleted)
  }

  /// One worker of one instance, up and running.
  init(one change: (inout WorkerSpec) -> Void) {
    var spec = worker("w")
    change(&spec)
    self.init([spec])
  }

  mutating func configure(zones: [String: TimeZoneRules] = [:]) {
    send(
      .configured(
        Configuration(settings: SupervisorSettings(), workers: specs, zones: zones),
        by: .supervisor))
  }

  mutating func change(_ text: String, _ body: (inout WorkerSpec) -> Void) {
    guard let name = WorkerName(text), var spec = specs[name] else { return }
    body(&spec)
    specs[name] = spec
    configure()
  }

  /// Hands a fact in, performs the orders, and delivers what follows from them.
  mutating func send(_ event: FleetEvent) {
    handle(event)
    if !isHolding { deliver() }
  }

  mutating func send(_ id: InstanceID, _ make: (Incarnation) -> InstanceEvent) {
    guard let incarnation = fleet.instance(id)?.incarnation else {
      Issue.record("\(id) has no life")
      return
    }
    send(.instance(id, make(incarnation)))
  }

  mutating func deliver() {
    var rounds = 0
    while !kernel.pending.isEmpty, rounds < 10_000 {
      rounds += 1
      handle(kernel.pending.removeFirst())
    }
    #expect(rounds < 10_000, "facts and orders go round in circles")
  }

  mutating func handle(_ event: FleetEvent) {
    kernel.delivered(event)
    last = fleet.handle(event, at: now)
    for effect in last {
      if swallows?(effect) != true { kernel.perform(effect) }
      switch effect {
      case .persistInstance(let id):
        instanceRecords[id] = fleet.record(of: id, at: now) ?? instanceRecords[id]
      case .persistWorker(let name):
        workerRecords[name] = fleet.record(of: name) ?? workerRecords[name]
      case .forget(let id): instanceRecords[id] = nil
      case .forgetWorker(let name): workerRecords[name] = nil
      case .record(let record): history.append(record)
      default: break
      }
    }
  }

  mutating func ask(
    _ action: Request.Action, _ targets: String..., reason: Reason = .operator
  ) {
    guard case .success(let found) = fleet.resolve(targets) else {
      Issue.record("unknown target in \(targets)")
      return
    }
    send(.requested(Request(action, found, actor: Actor("uid:0"), reason: reason)))
  }

  /// Lets time pass; timers fire on their way.
  mutating func pass(_ span: Span) {
    let end = now.instant + span
    var fired = 0
    while let next = kernel.timers.min(by: {
      ($0.value.at, $0.key.id, $0.key.kind.rawValue) < (
        $1.value.at, $1.key.id, $1.key.kind.rawValue
      )
    }),
      next.value.at <= end, fired < 100_000
    {
      fired += 1
      move(to: max(now.instant, next.value.at))
      kernel.timers[next.key] = nil
      send(.instance(next.key.id, .timerFired(next.key.kind, epoch: next.value.epoch)))
    }
    #expect(fired < 100_000, "timers go round in circles")
    move(to: end)
  }

  mutating func move(to instant: Instant) {
    now = Moment(instant: instant, wall: now.wall + (instant - now.instant))
  }

  /// The main process ends by itself.
  mutating func exit(_ text: String, _ status: EndStatus) {
    guard let id = InstanceID(text) else { return }
    kernel.end(id, status, withChildren: false)
    if !isHolding { deliver() }
  }

  mutating func crash(_ text: String) { exit(text, .exited(1)) }

  /// The supervisor dies and comes back over the same state database, kernel and shim.
  mutating func restartBrain(sameBoot: Bool = true) {
    fleet = Fleet(boot: boot, seed: 43)
    kernel.timers = [:]
    kernel.pending = []
    let wasHolding = isHolding
    isHolding = true
    handle(
      .restored(
        workers: workerRecords.values.sorted { $0.name < $1.name },
        instances: instanceRecords.values.sorted { $0.id < $1.id },
        nextIncarnation: Incarnation(1)))
    configure()
    let found = kernel.lives.map { (id: $0.key, life: $0.value) } + kernel.unbooked.values
    kernel.lives = [:]
    kernel.unbooked = [:]
    for (id, old) in found.sorted(by: { $0.life.incarnation < $1.life.incarnation }) {
      // What an older life left behind is taken before a newer one is adopted.
      while let index = kernel.pending.firstIndex(where: { $0.isAbout(id) }) {
        handle(kernel.pending.remove(at: index))
      }
      var life = old
      if life.isSpawning {
        life.isSpawning = false
        life.isMainAlive = true
      }
      life.isSettling = false
      // The shim reports an exit again until it is acknowledged.
      life.wasExitDelivered = false
      kernel.found(id, life)
      handle(.instance(id, .adopted(life.incarnation, pid: life.pid, frozen: life.isFrozen)))
      if let status = life.status {
        kernel.post(id, .exited(life.incarnation, status, oom: false))
      }
      if life.isEmpty { kernel.post(id, .emptied(life.incarnation)) }
    }
    handle(.adoptionCompleted)
    isHolding = wasHolding
    if !isHolding { deliver() }
  }

  func view(_ text: String) -> InstanceView? { InstanceID(text).flatMap { fleet.instance($0) } }
  func state(_ text: String) -> State? { view(text)?.state }
  func reason(_ text: String) -> Reason? { view(text)?.reason }
  func pid(_ text: String) -> Int32? { view(text)?.pid }
  func starts(_ text: String) -> Int { kernel.spawns.filter { $0.description == text }.count }
  func types(_ type: String) -> [EventRecord] { history.filter { $0.type == type } }
  func armed(_ text: String) -> Set<TimerKind> {
    Set(kernel.timers.keys.filter { $0.id.description == text }.map(\.kind))
  }
  func left(_ text: String) -> Span? { view(text)?.due.map { $0 - now.instant } }
}

extension FleetEvent {
  /// A fact about that instance.
  func isAbout(_ id: InstanceID) -> Bool {
    if case .instance(id, _) = self { true } else { false }
  }
}

/// A worker whose backoff has no jitter, for exact times.
func worker(_ name: String, _ change: (inout WorkerSpec) -> Void = { _ in }) -> WorkerSpec {
  guard let name = WorkerName(name) else { preconditionFailure("bad name in a test: \(name)") }
  var spec = WorkerSpec(name: name, command: .arguments(["/bin/\(name)"]))
  spec.backoff.jitterPercent = 0
  change(&spec)
  return spec
}

func named(_ text: String) -> WorkerName {
  guard let name = WorkerName(text) else { preconditionFailure("bad name in a test: \(text)") }
  return name
}

func slot(_ text: String) -> InstanceID {
  guard let id = InstanceID(text) else { preconditionFailure("bad id in a test: \(text)") }
  return id
}

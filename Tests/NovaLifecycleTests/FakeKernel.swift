// The outside world as far as the fleet touches it: groups, a shim and timers, on virtual time. It refuses what a kernel
// would refuse and remembers it as a violation. Must never be kinder than the real one.

import NovaModel

@testable import NovaLifecycle

/// Groups with processes in them; facts wait in `pending` until somebody delivers them.
struct FakeKernel {
  struct Life {
    let incarnation: Incarnation
    let pid: Int32
    var isSpawning = true
    var isMainAlive = false
    var children = 0
    var isFrozen = false
    var status: ExitStatus?
    var wasExitDelivered = false
    var wasEmptied = false
    var isSettling = false
    var isEmpty: Bool { !isSpawning && !isMainAlive && children == 0 }
  }

  struct TimerKey: Hashable {
    let id: InstanceID
    let kind: TimerKind
  }

  var lives: [InstanceID: Life] = [:]
  /// Ended, empty and not booked yet: their groups and their exits are still there.
  var unbooked: [Incarnation: (id: InstanceID, life: Life)] = [:]
  var pending: [FleetEvent] = []
  var timers: [TimerKey: (at: Instant, epoch: UInt64)] = [:]
  var violations: [String] = []
  /// Workers that ignore the stop signal, fail to exec, or cannot be killed (D state).
  var stubborn: Set<WorkerName> = []
  var unspawnable: [WorkerName: Int32] = [:]
  var undead: Set<WorkerName> = []
  /// Children that outlive the main process.
  var children: [WorkerName: Int] = [:]
  var spawns: [InstanceID] = []
  var signals: [(id: InstanceID, signal: Int32, whole: Bool)] = []
  var kills: [InstanceID] = []
  var isDrained = false
  private var lastPid: Int32 = 100

  mutating func post(_ id: InstanceID, _ event: InstanceEvent) {
    pending.append(.instance(id, event))
  }

  mutating func perform(_ effect: Effect) {
    switch effect {
    case .spawn(let id, let incarnation): spawn(id, incarnation)
    case .signal(let id, let incarnation, let signal, let whole),
      .askToEnd(let id, let incarnation, let signal, let whole):
      signals.append((id, signal, whole))
      guard let life = lives[id], life.incarnation == incarnation else {
        violations.append("signal \(signal) to \(id), life \(incarnation), which is not there")
        return
      }
      if !whole, life.wasExitDelivered {
        violations.append("signal \(signal) to the dead main process of \(id)")
      }
      if [1, 2, 6, 9, 15].contains(signal), !stubborn.contains(id.worker) || signal == 9 {
        end(id, .signaled(signal, coreDumped: false), withChildren: whole)
      }
    case .killGroup(let id, let incarnation):
      kills.append(id)
      guard let life = lives[id], life.incarnation == incarnation else {
        return post(id, .emptied(incarnation))
      }
      if life.isSpawning || undead.contains(id.worker) { return }
      end(id, .signaled(9, coreDumped: false), withChildren: true)
    case .freeze(let id, let incarnation): freeze(id, incarnation, true)
    case .thaw(let id, let incarnation): freeze(id, incarnation, false)
    case .settle(let id, let incarnation):
      if var life = lives[id], life.incarnation == incarnation {
        if !life.isEmpty { violations.append("settled \(id) while it lives") }
        life.isSettling = true
        unbooked[incarnation] = (id, life)
        lives[id] = nil
      } else if let old = unbooked[incarnation] {
        if old.life.isSettling { violations.append("settled \(id) twice") }
        unbooked[incarnation]?.life.isSettling = true
      }
      post(id, .settled(incarnation))
    case .arm(let id, let kind, let at, let epoch):
      timers[TimerKey(id: id, kind: kind)] = (at, epoch)
    case .disarm(let id, let kind): timers[TimerKey(id: id, kind: kind)] = nil
    case .drained:
      isDrained = true
      if lives.values.contains(where: { !$0.isEmpty }) { violations.append("drained while alive") }
    case .applyLimits(let id, let incarnation):
      // A spawn that has failed already, though nobody knows yet, has no group; that is harmless.
      if let life = lives[id], life.incarnation != incarnation {
        violations.append("\(effect) of another life")
      }
    case .watchHealth(let id, let incarnation),
      .watchReadiness(let id, let incarnation):
      if lives[id]?.incarnation != incarnation { violations.append("\(effect) of nobody") }
    case .endReadiness, .endHealth, .persistInstance, .persistWorker, .forget, .forgetWorker,
      .record:
      break
    }
  }

  private mutating func spawn(_ id: InstanceID, _ incarnation: Incarnation) {
    if let old = lives[id] {
      violations.append("spawned \(id) life \(incarnation) over life \(old.incarnation)")
    }
    if unbooked.values.count(where: { $0.id == id }) > 1 {
      violations.append("spawned \(id) life \(incarnation) with two lives not booked")
    }
    spawns.append(id)
    if let number = unspawnable[id.worker] {
      return post(id, .spawnFailed(incarnation, .exec, errno: number))
    }
    lastPid += 1
    lives[id] = Life(incarnation: incarnation, pid: lastPid)
    post(id, .spawned(incarnation, pid: lastPid))
  }

  /// A life that the shim has for a supervisor that came back.
  mutating func found(_ id: InstanceID, _ life: Life) {
    if let other = lives[id] {
      violations.append("\(id) has life \(other.incarnation) still when \(life.incarnation) comes")
    }
    lives[id] = life
  }

  /// The main process ends; so do the children unless they stay.
  mutating func end(_ id: InstanceID, _ status: ExitStatus, withChildren: Bool) {
    guard var life = lives[id], !life.isSpawning else { return }
    if life.isMainAlive {
      life.isMainAlive = false
      life.status = status
      post(id, .exited(life.incarnation, status, oom: false))
    }
    if withChildren { life.children = 0 }
    if life.isEmpty, !life.wasEmptied {
      life.wasEmptied = true
      post(id, .emptied(life.incarnation))
    }
    lives[id] = life
  }

  private mutating func freeze(_ id: InstanceID, _ incarnation: Incarnation, _ frozen: Bool) {
    guard let life = lives[id], life.incarnation == incarnation else {
      violations.append("freeze \(frozen) of \(id), which is not there")
      return
    }
    guard !life.isEmpty, life.isFrozen != frozen else { return }
    lives[id]?.isFrozen = frozen
    post(id, frozen ? .froze(incarnation) : .thawed(incarnation))
  }

  /// What changes here when a fact is delivered.
  mutating func delivered(_ event: FleetEvent) {
    guard case .instance(let id, let fact) = event else { return }
    switch fact {
    case .spawned(let incarnation, _) where lives[id]?.incarnation == incarnation:
      lives[id]?.isSpawning = false
      lives[id]?.isMainAlive = true
      lives[id]?.children = children[id.worker] ?? 0
    case .exited(let incarnation, _, _) where lives[id]?.incarnation == incarnation:
      lives[id]?.wasExitDelivered = true
    case .settled(let incarnation): unbooked[incarnation] = nil
    default: break
    }
  }
}

/// `Testing` has an ExitStatus of its own.
typealias EndStatus = NovaModel.ExitStatus

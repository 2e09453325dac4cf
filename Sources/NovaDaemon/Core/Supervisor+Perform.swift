// The orders of the fleet, carried out. Each case does one thing to the world; what can fail answers with a fact.
// Must never decide: an order that no longer makes sense is simply not possible and says so.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Carries out one order.
  func perform(_ effect: Effect) {
    switch effect {
    case .spawn(let id, let incarnation): spawn(id, incarnation)
    case .signal(let id, let incarnation, let number, let wholeGroup):
      signal(id, incarnation, number, wholeGroup: wholeGroup)
    case .askToEnd(let id, let incarnation, let number, let wholeGroup):
      signal(id, incarnation, number, wholeGroup: wholeGroup)
      // Pending signals of a process that SIGSTOP holds are delivered only when it goes on.
      if number != SIGCONT { signal(id, incarnation, SIGCONT, wholeGroup: wholeGroup) }
    case .killGroup(let id, let incarnation): killGroup(id, incarnation)
    case .freeze(let id, let incarnation): freeze(id, incarnation, true)
    case .thaw(let id, let incarnation): freeze(id, incarnation, false)
    case .applyLimits(let id, let incarnation): applyLimits(id, incarnation)
    case .settle(let id, let incarnation): beginSettling(id, incarnation)
    case .arm(let id, let kind, let at, let epoch): timers.arm(id, kind, at: at, epoch: epoch)
    case .disarm(let id, let kind): timers.disarm(id, kind)
    case .watchReadiness(let id, let incarnation): watchReadiness(id, incarnation)
    case .endReadiness(let id):
      for watch in lives[id]?.readiness ?? [] { watch.cancel() }
      lives[id]?.readiness = []
    case .watchHealth(let id, let incarnation): watchHealth(id, incarnation)
    case .endHealth(let id):
      lives[id]?.health?.suspend()
    case .persistInstance(let id):
      // Its states of one turn are one record: the last.
      if changed.insert(id).inserted { changedInOrder.append(id) }
    case .persistWorker(let name):
      if let record = fleet.record(of: name) { writes.append(.worker(record)) }
    case .forget(let id):
      storeChanged()
      writes.append(.forgetInstance(id))
      failures[id] = nil
      credentials.remove(for: id)
    case .forgetWorker(let name):
      writes.append(.forgetWorker(name))
      notifySockets[name] = nil
      shim?.send(.closeNotify(worker: name.text))
    case .record(let event):
      history.record(event)
      noteTrouble(event)
    case .drained: finish = 0
    }
  }

  /// The life that an order is about, when it is still that one.
  func life(_ id: InstanceID, _ incarnation: Incarnation) -> Life? {
    guard let life = lives[id], life.incarnation == incarnation else { return nil }
    return life
  }

  private func signal(
    _ id: InstanceID, _ incarnation: Incarnation, _ number: Int32, wholeGroup: Bool
  ) {
    guard let life = life(id, incarnation) else { return }
    if life.exit == nil, !wholeGroup {
      shim?.send(
        .signal(slot: id.description, incarnation: incarnation.serial, signal: number))
    } else if !life.saidEmpty {
      // The main process is gone or everybody is meant: the group's members are signalled one by one, where there are any.
      do {
        try life.group?.signalAll(number)
      } catch {
        trouble("\(id): \(error.message)", worker: id)
      }
    }
  }

  private func killGroup(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let life = life(id, incarnation) ?? lostLife(id, incarnation) else {
      post(id, .emptied(incarnation))
      return
    }
    do {
      try life.group?.kill()
    } catch {
      trouble("\(id): \(error.message)", worker: id)
    }
    lookForEmptiness(life)
  }

  private func freeze(_ id: InstanceID, _ incarnation: Incarnation, _ frozen: Bool) {
    guard let life = life(id, incarnation) else { return }
    life.freezeRefusal = nil
    do {
      if frozen { try life.group?.freeze() } else { try life.group?.thaw() }
      lookForFreeze(life)
    } catch {
      life.freezeRefusal = error.message
      post(id, .freezeFailed(incarnation, errno: error.number))
    }
  }

  private func applyLimits(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let life = life(id, incarnation), let spec = fleet.spec(for: id) else { return }
    life.spec = spec
    life.saidMemory = false
    life.unenforced = life.group?.apply(spec.limits) ?? []
  }

  /// Asks the group itself whether it is empty; the notification may come later or never.
  func lookForEmptiness(_ life: Life) {
    // Before its first process is there a group is empty and means nothing by it.
    guard !life.saidEmpty, life.pid != nil || life.exit != nil else { return }
    do {
      if try life.group?.populated() ?? (life.pid != nil && life.exit == nil) { return }
    } catch  where error.number == ENOENT || error.number == ENODEV {
      // Somebody removed the group: nothing can be in it.
    } catch {
      trouble("\(life.id): \(error.message)", worker: life.id)
      return
    }
    life.saidEmpty = true
    post(life.id, .emptied(life.incarnation))
  }

  /// Says froze or thawed when the kernel says so.
  func lookForFreeze(_ life: Life) {
    guard let frozen = try? life.group?.frozen(), frozen != life.saidFrozen else { return }
    life.saidFrozen = frozen
    post(life.id, frozen ? .froze(life.incarnation) : .thawed(life.incarnation))
  }

  /// Something of ours that an owner should know of; supervision goes on.
  func trouble(_ sentence: String, worker: InstanceID? = nil) {
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "supervisor.trouble", severity: .warning,
        worker: worker?.worker, instance: worker?.number, message: sentence))
  }
}

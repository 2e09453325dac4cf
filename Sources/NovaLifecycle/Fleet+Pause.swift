// What holds work up besides a wish to be down: a pause that the kernel refused, and jobs whose last runs are not judged.
// Must never leave a refused pause as a wish on record: the next start would be held by what was answered with a failure.

import NovaModel

extension Fleet {
  /// Whose next runs wait, all of them: who is not named any more is scheduled again.
  mutating func ripening(_ names: Set<WorkerName>, _ orders: inout Orders) {
    let changed = order.names.filter {
      workers[$0].map { $0.isRipening != names.contains($0.spec.name) } ?? false
    }
    for name in changed { workers[name]?.isRipening = names.contains(name) }
    reconcile(changed, &orders)
  }

  /// The wish to pause this instance goes; its siblings, which may be frozen, keep theirs as their own.
  mutating func pauseRefused(
    _ id: InstanceID, _ incarnation: Incarnation, _ orders: inout Orders
  ) {
    guard let worker = workers[id.worker], let process = worker.lives[id.number]?.process,
      process.incarnation == incarnation, process.freezeOrdered, !process.frozen
    else { return }
    if worker.record.paused {
      workers[id.worker]?.record.paused = false
      workers[id.worker]?.record.pauseReason = nil
      orders.emit(.persistWorker(id.worker))
      for number in worker.numbers where number != id.number {
        workers[id.worker]?.lives[number]?.pauseHold = true
        orders.persist(InstanceID(worker: id.worker, number: number))
      }
    }
    workers[id.worker]?.lives[id.number]?.pauseHold = false
    orders.persist(id)
  }
}

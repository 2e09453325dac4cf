// A pause that the kernel refused. Must never stay a wish on record: the next start would be held by a pause that was
// answered with a failure.

import NovaModel

extension Fleet {
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

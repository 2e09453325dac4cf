// The first minutes: what the state database remembers, what the shim still has, and what is lost.
// Must never start anything before the shim's list is complete: it may be alive.

import NovaModel

extension Fleet {
  mutating func restored(
    _ workerRecords: [WorkerRecord], _ instances: [InstanceRecord], _ next: Incarnation,
    _ orders: inout Orders
  ) {
    for record in workerRecords { remembered.workers[record.name] = record }
    for record in instances {
      remembered.instances[record.id] = record
      if let incarnation = record.incarnation { saw(incarnation, &orders) }
    }
    orders.nextIncarnation = max(orders.nextIncarnation, next.serial)
  }

  private func saw(_ incarnation: Incarnation, _ orders: inout Orders) {
    if incarnation.serial < .max {
      orders.nextIncarnation = max(orders.nextIncarnation, incarnation.serial + 1)
    }
  }

  /// An instance comes back from its record.
  mutating func restore(
    _ record: InstanceRecord, _ around: InstanceLife.Circumstances, _ orders: inout Orders
  ) {
    let life = InstanceLife(record, around, boot: boot, now: orders.now)
    if life.isOccupied { occupied += 1 }
    workers[record.id.worker]?.lives[record.id.number] = life
  }

  /// Records of what is no longer configured: what may be alive is brought down in order, the rest is forgotten.
  mutating func restoreOrphans(_ orders: inout Orders) {
    for id in remembered.instances.keys.sorted() {
      guard let record = remembered.instances.removeValue(forKey: id) else { continue }
      makeWorker(id.worker)
      guard let worker = workers[id.worker] else { continue }
      restore(record, circumstances(of: worker), &orders)
      workers[id.worker]?.lives[id.number]?.retiring = true
    }
    for name in remembered.workers.keys.sorted() where workers[name] == nil {
      orders.emit(.forgetWorker(name))
    }
    remembered = Memory()
    order = StartOrder(workers.mapValues(\.spec))
  }

  /// A worker that only its remains know of.
  private mutating func makeWorker(_ name: WorkerName) {
    guard workers[name] == nil else { return }
    var worker = FleetWorker(
      spec: WorkerSpec(name: name, command: .arguments([])),
      record: remembered.workers.removeValue(forKey: name) ?? WorkerRecord(name: name))
    worker.removed = true
    put(worker)
  }

  /// The shim has something that nothing here knows: it gets a place, from which it leaves again.
  mutating func makeRoom(for id: InstanceID, _ orders: inout Orders) {
    if workers[id.worker]?.lives[id.number] == nil {
      makeWorker(id.worker)
      var life = InstanceLife(id: id, since: orders.now)
      life.retiring = true
      workers[id.worker]?.lives[id.number] = life
      if order.rank[id.worker] == nil { order = StartOrder(workers.mapValues(\.spec)) }
    }
    // It runs, and nobody said that it should not: a restart of the supervisor stops nothing.
    guard let worker = workers[id.worker] else { return }
    if worker.record.wanted == nil, !worker.removed { workers[id.worker]?.carried = true }
  }

  mutating func adoptionCompleted(_ orders: inout Orders) {
    isAdopted = true
    var queue = WorkQueue()
    for name in order.names {
      for number in workers[name]?.numbers ?? []
      where workers[name]?.lives[number]?.process?.confirmed == false {
        advance(InstanceID(worker: name, number: number), &queue, &orders) { life, around, orders in
          life.lose(around, &orders)
        }
      }
    }
    for name in order.names { queue.add(.worker(name)) }
    work(&queue, &orders)
  }
}

// The work that follows a fact: instances take their next step, and whoever waited for them is looked at again.
// A queue, never recursion: a chain of ten thousand dependencies is as deep as one.

import NovaModel

/// Workers and instances to be looked at, each at most once at a time.
struct WorkQueue {
  enum Item: Hashable {
    case worker(WorkerName)
    case instance(InstanceID)
  }

  private var items: [Item] = []
  private var first = 0
  private var queued: Set<Item> = []

  mutating func add(_ item: Item) {
    if queued.insert(item).inserted { items.append(item) }
  }

  mutating func take() -> Item? {
    guard first < items.count else { return nil }
    defer { first += 1 }
    queued.remove(items[first])
    return items[first]
  }
}

extension Fleet {
  /// Looks at workers in the given order, and at whoever they concern.
  mutating func reconcile(_ names: some Sequence<WorkerName>, _ orders: inout Orders) {
    var queue = WorkQueue()
    for name in names { queue.add(.worker(name)) }
    work(&queue, &orders)
  }

  mutating func work(_ queue: inout WorkQueue, _ orders: inout Orders) {
    while let item = queue.take() {
      switch item {
      case .instance(let id): advance(id, &queue, &orders) { _, _, _ in }
      case .worker(let name):
        // Highest numbers go down first, lowest come up first.
        let numbers = workers[name]?.numbers ?? []
        for number in numbers.reversed() where workers[name]?.lives[number]?.isLive == true {
          advance(InstanceID(worker: name, number: number), &queue, &orders) { _, _, _ in }
        }
        for number in numbers where workers[name]?.lives[number]?.isLive == false {
          advance(InstanceID(worker: name, number: number), &queue, &orders) { _, _, _ in }
        }
        if workers[name]?.record.rolling != nil { roll(name, &queue, &orders) }
        forgetIfGone(name, &orders)
      }
    }
  }

  /// Lets `body` change an instance, reconciles it, and queues those whom the change concerns.
  mutating func advance(
    _ id: InstanceID, _ queue: inout WorkQueue, _ orders: inout Orders,
    _ body: (inout InstanceLife, InstanceLife.Circumstances, inout Orders) -> Void
  ) {
    // No copy of the worker may live on while it is written to: it would copy all of its instances.
    guard let before = workers[id.worker]?.lives[id.number],
      let plain = workers[id.worker].map(circumstances(of:))
    else { return }
    var life = before
    body(&life, plain, &orders)
    var around = plain
    // The gates look at other workers: only where they can matter.
    if life.isWanted(plain) {
      if !life.isLive || life.process?.decided == true {
        around.blockers = blockers(of: plain.spec)
      }
    } else if life.isLive, life.ending == nil {
      around.stopBlocked = isStopBlocked(id.worker)
    }
    life.reconcile(around, &orders)
    occupied += (life.isOccupied ? 1 : 0) - (before.isOccupied ? 1 : 0)
    if life.retiring, !life.isOccupied {
      workers[id.worker]?.lives[id.number] = nil
      orders.emit(.forget(id))
      queue.add(.worker(id.worker))
    } else {
      workers[id.worker]?.lives[id.number] = life
    }
    guard life.state != before.state || life.isLive != before.isLive else { return }
    for name in order.followedBy[id.worker] ?? [] { queue.add(.worker(name)) }
    for name in order.follows[id.worker] ?? [] { queue.add(.worker(name)) }
    if workers[id.worker]?.record.rolling != nil { queue.add(.worker(id.worker)) }
  }

  func circumstances(of worker: FleetWorker) -> InstanceLife.Circumstances {
    var around = InstanceLife.Circumstances(
      spec: worker.spec, zone: worker.zone, fingerprint: worker.fingerprint)
    around.wanted = worker.isWanted
    around.downReason = worker.removed ? .configuration : worker.downReason
    around.paused = worker.record.paused
    around.pauseReason = worker.pauseReason
    around.ripening = worker.isRipening
    around.draining = isDraining
    around.adopted = isAdopted
    return around
  }

  /// Who must come up before `spec` may start. `requires` needs them up; `after` only waits while they come up.
  private func blockers(of spec: WorkerSpec) -> [WorkerName] {
    var names: [WorkerName] = []
    for name in spec.requires where name != spec.name {
      if workers[name]?.satisfies != true, !names.contains(name) { names.append(name) }
    }
    let own = order.rank[spec.name] ?? .max
    for name in spec.after where !names.contains(name) {
      // The rank breaks a cycle that no file should hold.
      if let other = workers[name], other.isComingUp, order.rank[name] ?? .max < own {
        names.append(name)
      }
    }
    return names
  }

  /// Somebody who started after it, and is going down too, is not gone yet.
  private func isStopBlocked(_ name: WorkerName) -> Bool {
    let own = order.rank[name] ?? -1
    for follower in order.followedBy[name] ?? [] {
      guard let worker = workers[follower], order.rank[follower] ?? -1 > own else { continue }
      let around = circumstances(of: worker)
      if worker.lives.values.contains(where: {
        $0.isLive && $0.process?.decided != true && !$0.isWanted(around)
      }) {
        return true
      }
    }
    return false
  }

  /// A worker that was taken out of the file leaves with its last instance.
  func isGone(_ name: WorkerName) -> Bool {
    guard let worker = workers[name] else { return false }
    return worker.removed && worker.lives.isEmpty
  }

  mutating func forgetIfGone(_ name: WorkerName, _ orders: inout Orders) {
    guard isGone(name) else { return }
    drop(name)
    // The start order keeps its name until the next configuration; it means nothing there.
    orders.emit(.forgetWorker(name))
  }
}

extension InstanceLife {
  /// The slot has a process or a life that is not booked.
  var isOccupied: Bool { process != nil || !unsettled.isEmpty }
}

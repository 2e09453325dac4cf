// Every worker and instance there should be. One door in, orders out: facts and wishes change what is remembered, and
// `reconcile` takes the steps that follow (Fleet+Reconcile), in start order, until nothing is left to do.
// Must never do input or output, read a clock or draw a random number of its own.

package import NovaModel

/// The fleet: what is wanted, what is, and what should happen next.
package struct Fleet: Sendable {
  /// This boot; the shell refreshes it, since a suspend moves the offset.
  package var boot: BootInfo

  /// A name comes by `put` and goes by `drop`.
  var workers: [WorkerName: FleetWorker] = [:]
  /// The names of `workers`, sorted: whoever lists ten thousand of them does not sort them first.
  private(set) var names: [WorkerName] = []
  var order = StartOrder()
  /// What the state database remembered of workers and instances that have not been configured yet.
  var remembered = Memory()
  var isConfigured = false
  /// The shim's list is complete: what is not known to live does not.
  var isAdopted = false
  var isDraining = false
  /// Slots with a process, or with a life that is not booked.
  var occupied = 0
  var saidDrained = false
  var random: SplitMix64
  var nextIncarnation: UInt64 = 1
  var lastInstant = Instant(nanoseconds: 0)

  struct Memory: Sendable {
    var workers: [WorkerName: WorkerRecord] = [:]
    var instances: [InstanceID: InstanceRecord] = [:]
  }

  /// An empty fleet. `seed` feeds the jitter of the backoff.
  package init(boot: BootInfo, seed: UInt64) {
    self.boot = boot
    random = SplitMix64(seed: seed)
  }

  /// Takes one fact and answers with orders, to be performed in sequence before the next fact.
  package mutating func handle(_ event: FleetEvent, at now: Moment) -> [Effect] {
    var orders = Orders(now: now, boot: boot, random: random, nextIncarnation: nextIncarnation)
    lastInstant = now.instant
    switch event {
    case .restored(let workers, let instances, let next):
      restored(workers, instances, next, &orders)
    case .configured(let configuration, let actor):
      orders.actor = actor
      configured(configuration, &orders)
    case .adoptionCompleted: adoptionCompleted(&orders)
    case .requested(let request):
      orders.actor = request.actor
      requested(request, &orders)
    case .instance(let id, let fact): happened(id, fact, &orders)
    case .ripening(let names): ripening(names, &orders)
    case .shimLost: shimLost(&orders)
    case .drainRequested: drainRequested(&orders)
    }
    random = orders.random
    nextIncarnation = orders.nextIncarnation
    if isDrained, !saidDrained {
      saidDrained = true
      orders.emit(.drained)
    }
    return orders.effects
  }

  private mutating func happened(
    _ id: InstanceID, _ fact: InstanceEvent, _ orders: inout Orders
  ) {
    if case .adopted = fact { makeRoom(for: id, &orders) }
    if case .freezeFailed(let incarnation, _) = fact { pauseRefused(id, incarnation, &orders) }
    var queue = WorkQueue()
    advance(id, &queue, &orders) { life, around, orders in life.take(fact, around, &orders) }
    work(&queue, &orders)
  }

  private mutating func drainRequested(_ orders: inout Orders) {
    guard !isDraining else { return }
    isDraining = true
    orders.record("supervisor.draining", worker: nil, "stopping every worker, last started first")
    for name in workerNames { roll(name, as: nil, &orders) }
    reconcile(order.names.reversed(), &orders)
  }

  private mutating func shimLost(_ orders: inout Orders) {
    isAdopted = false
    orders.record(
      "shim.lost", worker: nil, "nova-shim died: its workers are being ended and started again",
      severity: .warning)
    var queue = WorkQueue()
    for name in order.names {
      for number in workers[name]?.numbers ?? [] {
        advance(InstanceID(worker: name, number: number), &queue, &orders) { life, around, orders in
          life.lose(around, &orders)
        }
      }
    }
    work(&queue, &orders)
  }

  /// A worker comes, or is replaced.
  mutating func put(_ worker: FleetWorker) {
    let name = worker.spec.name
    if workers.updateValue(worker, forKey: name) == nil { names.insert(name, at: place(of: name)) }
  }

  /// A worker goes.
  mutating func drop(_ name: WorkerName) {
    if workers.removeValue(forKey: name) != nil { names.remove(at: place(of: name)) }
  }

  /// Where a name stands, or would.
  private func place(of name: WorkerName) -> Int {
    // Most come in order: at the end.
    if names.last.map({ $0 < name }) ?? true { return names.count }
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      if names[middle] < name { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// A drain was asked for and nothing lives or waits for its booking any more.
  package var isDrained: Bool { isDraining && occupied == 0 }
}

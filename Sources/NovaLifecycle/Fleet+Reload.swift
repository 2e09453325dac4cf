// A new configuration as a difference: only what changed is touched, and a process is replaced only for fields that are
// baked into it (Fingerprint). Must never touch a worker whose file did not change.

package import NovaModel

extension Fleet {
  /// What `configured(next)` would do, by name; one worker may have two lines (changed and rescaled).
  package func plan(for next: Configuration) -> [Change] {
    var changes: [Change] = []
    let present = workers.filter { !$0.value.removed }
    for name in Set(present.keys).union(next.workers.keys).sorted() {
      switch (present[name], next.workers[name]) {
      case (nil, .some): changes.append(Change(worker: name, kind: .added))
      case (.some, nil): changes.append(Change(worker: name, kind: .removed))
      case (let old?, let new?): changes += difference(old, new)
      case (nil, nil): break
      }
    }
    return changes
  }

  private func difference(_ old: FleetWorker, _ new: WorkerSpec) -> [Change] {
    var changes: [Change] = []
    let hard = old.spec.processChanges(to: new)
    let soft = old.spec.softChanges(to: new)
    if !hard.isEmpty {
      changes.append(Change(worker: new.name, kind: .restarted(fields: hard + soft)))
    } else if !soft.isEmpty {
      changes.append(Change(worker: new.name, kind: .updated(fields: soft)))
    }
    let count = FleetWorker.count(old.record, new)
    if count != old.count {
      changes.append(Change(worker: new.name, kind: .rescaled(from: old.count, to: count)))
    }
    return changes
  }

  mutating func configured(_ next: Configuration, _ orders: inout Orders) {
    let changes = isConfigured ? plan(for: next) : []
    let isFirst = !isConfigured
    isConfigured = true
    // The order of old and new together: what leaves is still stopped in its place.
    for name in names where next.workers[name] == nil { remove(name) }
    for name in next.workers.keys.sorted() {
      guard let spec = next.workers[name] else { continue }
      let zone = Self.zone(of: spec, next)
      if workers[name] == nil { add(spec, zone, &orders) } else { replace(spec, zone, &orders) }
    }
    order = StartOrder(workers.mapValues(\.spec))
    carryRequired()
    for name in next.workers.keys.sorted() { fitInstances(of: name, &orders) }
    if isFirst { restoreOrphans(&orders) }
    for change in changes { say(change, &orders) }
    // Those who leave or restart go in stop order; those who come, in start order. `work` does the gates.
    reconcile(order.names.reversed(), &orders)
    reconcile(order.names, &orders)
  }

  private static func zone(of spec: WorkerSpec, _ next: Configuration) -> TimeZoneRules {
    guard case .schedule(_, let name) = spec.mode else { return .utc }
    return next.zones[name] ?? .utc
  }

  private func say(_ change: Change, _ orders: inout Orders) {
    let name = change.worker
    switch change.kind {
    case .added: orders.record("worker.added", worker: name, "\(name) was added")
    case .removed:
      orders.record("worker.removed", worker: name, "\(name) was removed from the configuration")
    case .restarted(let fields):
      orders.record(
        "worker.changed", worker: name,
        "\(name) changed and restarts: \(fields.joined(separator: ", "))",
        details: ["fields": fields.joined(separator: " "), "restart": "true"])
    case .updated(let fields):
      orders.record(
        "worker.changed", worker: name,
        "\(name) changed without a restart: \(fields.joined(separator: ", "))",
        details: ["fields": fields.joined(separator: " "), "restart": "false"])
    case .rescaled(let from, let to):
      orders.record(
        "worker.scaled", worker: name, "\(name) scaled from \(from) to \(to) by the configuration",
        details: ["from": String(from), "to": String(to)])
    }
  }

  private mutating func remove(_ name: WorkerName) {
    workers[name]?.removed = true
    workers[name]?.record.rolling = nil
    for number in workers[name]?.numbers ?? [] { workers[name]?.lives[number]?.retiring = true }
  }

  private mutating func add(_ spec: WorkerSpec, _ zone: TimeZoneRules, _ orders: inout Orders) {
    let known = remembered.workers.removeValue(forKey: spec.name)
    var worker = FleetWorker(spec: spec, record: known ?? WorkerRecord(name: spec.name))
    worker.zone = zone
    dropStaleCount(&worker)
    put(worker)
    if known == nil || known != worker.record { orders.emit(.persistWorker(spec.name)) }
  }

  private mutating func replace(
    _ spec: WorkerSpec, _ zone: TimeZoneRules, _ orders: inout Orders
  ) {
    guard var worker = workers[spec.name] else { return }
    let old = worker.spec
    let wasWanted = worker.isWanted
    let record = worker.record
    let wasRemoved = worker.removed
    let before = worker.fingerprint
    worker.spec = spec
    worker.zone = zone
    worker.removed = false
    worker.fingerprint = Fingerprint.of(spec).value
    // `autostart` speaks of starts: taking it away stops nobody.
    if wasWanted, !worker.isWanted { worker.carried = true }
    dropStaleCount(&worker)
    put(worker)
    if record != worker.record || wasRemoved { orders.emit(.persistWorker(spec.name)) }
    guard old != spec else { return }
    let around = circumstances(of: worker)
    for number in worker.numbers {
      guard var life = worker.lives[number] else { continue }
      life.retune(from: old, around, &orders)
      if before != worker.fingerprint, life.process == nil, life.isWanted(around),
        [.failed, .completed, .backoff, .cooldown, .lost].contains(life.state)
      {
        // The file was mended: what failed before says nothing about it.
        life.clearTroubles(&orders)
        life.wake(&orders)
      }
      workers[spec.name]?.lives[number] = life
    }
  }

  private func dropStaleCount(_ worker: inout FleetWorker) {
    guard worker.record.count != nil, worker.record.countFileValue != worker.spec.instances
    else { return }
    worker.record.count = nil
    worker.record.countFileValue = nil
    worker.record.pinned = false
  }

  /// What a wanted worker requires comes up with it, unless somebody stopped it.
  private mutating func carryRequired() {
    for name in order.names.reversed() where workers[name]?.isWanted == true {
      for other in workers[name]?.spec.requires ?? [] where workers[other]?.isWanted == false {
        if workers[other]?.record.wanted == nil { workers[other]?.carried = true }
      }
    }
  }

  /// As many instances as there should be: new numbers come, the highest leave.
  mutating func fitInstances(of name: WorkerName, _ orders: inout Orders) {
    guard let worker = workers[name], !worker.removed else { return }
    let count = worker.count
    let around = circumstances(of: worker)
    for number in worker.numbers { workers[name]?.lives[number]?.retiring = number > count }
    guard count > 0 else { return }
    for number in 1...count where worker.lives[number] == nil {
      let id = InstanceID(worker: name, number: number)
      if let record = remembered.instances.removeValue(forKey: id) {
        restore(record, around, &orders)
      } else {
        workers[name]?.lives[number] = InstanceLife(id: id, since: orders.now)
      }
    }
  }
}

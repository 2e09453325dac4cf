// Orders of people, of the engine and of budgets. Each changes what is wanted, leaves a line of history, and lets
// `reconcile` do the rest. Must never refuse: what may be asked was decided before.
//
// Decided here: `start` pulls in what it requires, as systemd's Requires= does; `stop` takes those who require the
// worker with it and they stay stopped; `restart` leaves others alone and starts a worker that was stopped; a single
// instance is stopped by a hold, and starting it alone keeps its siblings held.

import NovaModel

extension Fleet {
  mutating func requested(_ request: Request, _ orders: inout Orders) {
    switch request.action {
    case .start: start(request, "start", &orders)
    case .deploy: start(request, "deploy", &orders)
    case .stop(let timeout): stop(request, timeout, &orders)
    case .restart(let rolling, let timeout):
      restart(request, rolling: rolling, timeout, &orders)
    case .kill(let signal, let all, let restart):
      kill(request, signal, allProcesses: all, restart: restart, &orders)
    case .pause: pause(request, true, &orders)
    case .resume: pause(request, false, &orders)
    case .scale(let count, let pin): scale(request, count, pin, &orders)
    case .reset:
      for target in request.targets {
        said("reset", target, request, &orders)
        each(target) { life, _ in life.reset(&orders) }
      }
      reconcile(names(of: request), &orders)
    }
  }

  /// One line of history an order and target.
  private func said(
    _ verb: String, _ target: Request.Target, _ request: Request, _ more: String = "",
    _ orders: inout Orders
  ) {
    let who =
      request.reason == .operator ? "by \(request.actor.text)" : EventText.reason(request.reason)
    let note = request.note.map { ": \($0)" } ?? ""
    switch target {
    case .worker(let name):
      orders.record("operator.\(verb)", worker: name, "\(verb) of \(name) \(who)\(note)\(more)")
    case .instance(let id):
      orders.record(
        "operator.\(verb)", id, "\(verb) of \(id) \(who)\(note)\(more)", severity: .notice)
    }
  }

  private func said(
    _ verb: String, _ target: Request.Target, _ request: Request, _ orders: inout Orders
  ) {
    said(verb, target, request, "", &orders)
  }

  func names(of request: Request) -> [WorkerName] {
    order.closure(of: request.targets.map(\.worker)) { _ in [] }
  }

  /// Every instance of a target, highest number first.
  private mutating func each(
    _ target: Request.Target, _ body: (inout InstanceLife, InstanceLife.Circumstances) -> Void
  ) {
    let name = target.worker
    guard let around = workers[name].map(circumstances(of:)) else { return }
    var numbers = workers[name]?.numbers.reversed() ?? []
    if case .instance(let id) = target { numbers = numbers.filter { $0 == id.number } }
    for number in numbers {
      guard var life = workers[name]?.lives[number] else { continue }
      let before = life.isOccupied
      body(&life, around)
      occupied += (life.isOccupied ? 1 : 0) - (before ? 1 : 0)
      workers[name]?.lives[number] = life
    }
  }

  private mutating func want(
    _ name: WorkerName, _ wanted: Bool, _ why: Reason, _ orders: inout Orders
  ) {
    if !wanted {
      workers[name]?.downReason = why
      workers[name]?.carried = false
      roll(name, as: nil, &orders)
    }
    guard workers[name]?.record.wanted != wanted else { return }
    workers[name]?.record.wanted = wanted
    orders.emit(.persistWorker(name))
  }

  private mutating func start(_ request: Request, _ verb: String, _ orders: inout Orders) {
    let targets = Set(request.targets.map(\.worker))
    for target in request.targets {
      let name = target.worker
      let pulled = required(by: name).filter { needsStart($0) && !targets.contains($0) }
      said(
        verb, target, request,
        pulled.isEmpty ? "" : " (also starts \(EventText.list(pulled)), which it requires)", &orders
      )
      for other in pulled { beginAll(.worker(other), &orders) }
      beginAll(target, &orders)
    }
    let all = targets.union(targets.flatMap(required(by:)))
    reconcile(order.closure(of: all) { _ in [] }, &orders)
  }

  private mutating func beginAll(_ target: Request.Target, _ orders: inout Orders) {
    let name = target.worker
    guard let worker = workers[name], !worker.removed else { return }
    if case .instance(let id) = target, !worker.isWanted {
      // Only this one was asked for; its siblings stay down although the worker is wanted from now on.
      for number in worker.numbers where number != id.number {
        workers[name]?.lives[number]?.hold(worker.downReason)
        orders.persist(InstanceID(worker: name, number: number))
      }
    }
    want(name, true, .none, &orders)
    each(target) { life, _ in life.begin(&orders) }
  }

  /// Everybody whom `name` requires, directly or not, in start order.
  func required(by name: WorkerName) -> [WorkerName] {
    order.closure(of: [name]) { name in
      workers[name]?.spec.requires.filter { workers[$0] != nil } ?? []
    }.filter { $0 != name }
  }

  func needsStart(_ name: WorkerName) -> Bool {
    guard let worker = workers[name], !worker.removed, !worker.satisfies else { return false }
    return !worker.isWanted
      || worker.lives.values.contains {
        [.failed, .cooldown, .completed].contains($0.state) || $0.held
      }
  }

  private mutating func stop(_ request: Request, _ timeout: Span?, _ orders: inout Orders) {
    var whole: [WorkerName] = []
    for target in request.targets {
      guard case .worker(let name) = target else {
        said("stop", target, request, &orders)
        each(target) { life, _ in
          life.hold(request.reason)
          life.stop(timeout: timeout, &orders)
          orders.persist(life.id)
        }
        continue
      }
      whole.append(name)
      let also = dependents(of: name).filter { workers[$0]?.isWanted == true }
      said(
        "stop", target, request,
        also.isEmpty
          ? ""
          : " (also stops \(EventText.list(also)), which \(also.count == 1 ? "requires" : "require") it)",
        &orders)
    }
    let ending = order.stopping(whole)
    for name in ending {
      let isTarget = whole.contains(name)
      guard isTarget || workers[name]?.isWanted == true else { continue }
      want(name, false, isTarget ? request.reason : .dependency, &orders)
      each(.worker(name)) { life, _ in
        life.held = false
        if isTarget { life.stop(timeout: timeout, &orders) }
      }
    }
    reconcile(ending + names(of: request).reversed(), &orders)
  }

  private mutating func restart(
    _ request: Request, rolling: Bool, _ timeout: Span?, _ orders: inout Orders
  ) {
    for target in request.targets {
      let name = target.worker
      guard let worker = workers[name] else { continue }
      said("restart", target, request, &orders)
      roll(name, as: nil, &orders)
      guard worker.isWanted else {
        for other in required(by: name) where needsStart(other) {
          beginAll(.worker(other), &orders)
        }
        beginAll(target, &orders)
        continue
      }
      if rolling, case .worker = target {
        let steps = worker.numbers.map {
          RollingRestart.Step(number: $0, before: worker.lives[$0]?.lastIncarnation)
        }
        roll(name, as: RollingRestart(rest: steps, actor: request.actor.text), &orders)
        workers[name]?.rollingStopTimeout = timeout
        continue
      }
      each(target) { life, around in
        if case .instance = target { life.held = false }
        // A paused one is not ended only to be kept from starting.
        guard life.isWanted(around), !life.isPaused(around) else { return }
        life.stop(timeout: timeout, &orders)
        life.restart(request.reason, around, &orders)
      }
    }
    reconcile(names(of: request), &orders)
  }

  private mutating func kill(
    _ request: Request, _ signal: Int32?, allProcesses: Bool, restart: Bool,
    _ orders: inout Orders
  ) {
    for target in request.targets {
      let what = signal.map { " with signal \($0)" } ?? ""
      said("kill", target, request, what, &orders)
      each(target) { life, around in
        if let signal {
          life.poke(signal, wholeGroup: allProcesses, restart: restart, around, &orders)
        } else {
          life.kill(&orders)
          if !restart, case .instance = target {
            life.hold(request.reason)
            orders.persist(life.id)
          }
        }
      }
      if signal == nil, !restart, case .worker(let name) = target {
        want(name, false, request.reason, &orders)
      }
    }
    reconcile(names(of: request), &orders)
  }

  private mutating func pause(
    _ request: Request, _ paused: Bool, _ orders: inout Orders
  ) {
    for target in request.targets {
      let name = target.worker
      guard let worker = workers[name] else { continue }
      said(paused ? "pause" : "resume", target, request, &orders)
      switch target {
      case .worker:
        workers[name]?.record.paused = paused
        workers[name]?.record.pauseReason =
          paused ? request.note ?? EventText.reason(request.reason) : nil
        workers[name]?.pauseReason = request.reason
        orders.emit(.persistWorker(name))
        each(target) { life, _ in life.pauseHold = false }
      case .instance(let id):
        if !paused, worker.record.paused {
          // Only this one goes on: the others keep a pause of their own.
          workers[name]?.record.paused = false
          workers[name]?.record.pauseReason = nil
          orders.emit(.persistWorker(name))
          for number in worker.numbers where number != id.number {
            workers[name]?.lives[number]?.pauseHold = true
            orders.persist(InstanceID(worker: name, number: number))
          }
        }
        each(target) { life, _ in
          life.pauseHold = paused
          orders.persist(life.id)
        }
        workers[name]?.pauseReason = request.reason
      }
      each(target) { life, _ in life.retryPause(paused) }
    }
    reconcile(names(of: request), &orders)
  }

  private mutating func scale(
    _ request: Request, _ count: Int, _ pin: Bool, _ orders: inout Orders
  ) {
    for name in names(of: request) {
      guard let worker = workers[name], !worker.removed else { continue }
      let from = worker.count
      let to = max(0, count)
      said("scale", .worker(name), request, " from \(from) to \(to)", &orders)
      workers[name]?.record.count = to
      workers[name]?.record.countFileValue = worker.spec.instances
      workers[name]?.record.pinned = pin
      orders.emit(.persistWorker(name))
      if from != to {
        orders.record(
          "worker.scaled", worker: name, "\(name) scaled from \(from) to \(to)",
          details: ["from": String(from), "to": String(to)])
      }
      fitInstances(of: name, &orders)
    }
    reconcile(names(of: request), &orders)
  }
}

extension Request.Target {
  var worker: WorkerName {
    switch self {
    case .worker(let name): name
    case .instance(let id): id.worker
    }
  }
}

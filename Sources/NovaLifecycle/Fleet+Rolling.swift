// A rolling restart: one instance after the other, each up again before the next. It is part of the worker's record, so
// that a supervisor that comes back goes on with it. Must never restart an instance twice for one request.

import NovaModel

extension Fleet {
  /// Begins, changes or (nil) ends it.
  mutating func roll(_ name: WorkerName, as rolling: RollingRestart?, _ orders: inout Orders) {
    guard workers[name]?.record.rolling != rolling else { return }
    workers[name]?.record.rolling = rolling
    orders.emit(.persistWorker(name))
  }

  /// The next step: the next instance when this one is up again.
  mutating func roll(_ name: WorkerName, _ queue: inout WorkQueue, _ orders: inout Orders) {
    // What lives is not known yet.
    guard isAdopted, let worker = workers[name], var rolling = worker.record.rolling else { return }
    if let step = rolling.current, let life = worker.lives[step.number],
      life.isWanted(circumstances(of: worker))
    {
      switch life.state {
      case .failed, .cooldown:
        roll(name, as: nil, &orders)
        orders.record(
          "worker.rolling_stopped", worker: name,
          "the rolling restart of \(name) stopped at \(life.id): it did not come up again",
          severity: .warning)
        return
      default:
        // Once a new life is up, or it is done: a job that waits, a one-shot that completed.
        let isNew = life.lastIncarnation != step.before
        guard isNew, life.isUp(worker.spec) || life.state == .completed else { return }
        // Without readiness a bad version runs for a moment, too: it would end the whole fleet.
        if worker.spec.mode == .service, worker.spec.ready == .none, life.state == .running,
          let started = life.process?.startedAt
        {
          let at = started.instant + InstanceLife.okayDelay
          if orders.now.instant < at {
            if life.timers[.settled] == nil {
              workers[name]?.lives[step.number]?.arm(.settled, at: at, &orders)
            }
            return
          }
        }
      }
    }
    // Whoever came up anew meanwhile (it crashed, or the host was started again) has had its restart.
    rolling.rest.removeAll { worker.lives[$0.number]?.lastIncarnation != $0.before }
    guard let step = rolling.rest.first else {
      roll(name, as: nil, &orders)
      orders.record("worker.rolled", worker: name, "every instance of \(name) was restarted")
      return
    }
    rolling.rest.removeFirst()
    rolling.current = step
    roll(name, as: rolling, &orders)
    orders.actor = Actor(rolling.actor)
    let id = InstanceID(worker: name, number: step.number)
    advance(id, &queue, &orders) { life, around, orders in
      guard life.isWanted(around) else { return }
      life.stop(timeout: worker.rollingStopTimeout, &orders)
      life.restart(.operator, around, &orders)
    }
    queue.add(.worker(name))
  }
}

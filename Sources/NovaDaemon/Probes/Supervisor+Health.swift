// Readiness and health of an instance: which sign to look for, and what a look's outcome means to the fleet.
// Exec checks run in the worker's own group, as its user, through the shim. Must never fork.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// An exec check under way.
struct RunningCheck {
  let completion: (ProbeOutcome) -> Void
  /// Ends it when its time is up; nil when nobody waits for it any more.
  var deadline: NovaLinux.Timer?

  /// Exit 0 is well; everything else says how it ended.
  func outcome(of status: ExitStatus) -> ProbeOutcome {
    switch status {
    case .exited(0): .ok
    case .exited(let code): .failed("exit \(code)")
    case .signaled(let number, _): .failed("killed by \(SignalName.spoken(number))")
    case .unknown: .failed("it is not known how it ended")
    }
  }
}

extension Supervisor {
  /// Looks for the sign that `ready:` names.
  func watchReadiness(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let life = life(id, incarnation), let prober else { return }
    let expand = { (text: String) in
      Specifiers.expanded(text, worker: id.worker, number: id.number)
    }
    do {
      let signs: [ReadinessWatch.Sign]
      switch life.spec.ready {
      case .none, .notify: return
      case .tcp(let port): signs = [.probe(try ProbeTarget.parse(tcp: expand(port)))]
      case .http(let url): signs = [.probe(try ProbeTarget.parse(http: expand(url)))]
      case .log(let text):
        let pattern = try LinePattern(text)
        signs = OutputStream.allCases.map {
          .line(
            pattern, path: logPath(of: id, $0),
            offset: $0 == .stdout ? life.outputStart : life.errorStart)
        }
      }
      life.readiness = try signs.map { sign in
        try ReadinessWatch(loop: loop, prober: prober, sign: sign) { [weak self] in
          self?.post(id, .becameReady(incarnation))
        }
      }
    } catch {
      // It can never become ready: the start timeout ends it, and this says why.
      let sentence = Self.sentence(of: error)
      failures[id] = sentence
      sayOnce("\(id): \(sentence)", worker: id)
    }
  }

  /// Runs the health checks.
  func watchHealth(_ id: InstanceID, _ incarnation: Incarnation) {
    guard let life = life(id, incarnation), let prober, !life.spec.health.isEmpty else { return }
    if let monitor = life.health { return monitor.start() }
    let checks = life.spec.health.map { check in
      var expanded = check
      let expand = { (text: String) in
        Specifiers.expanded(text, worker: id.worker, number: id.number)
      }
      switch check.probe {
      case .http(let url): expanded.probe = .http(expand(url))
      case .tcp(let port): expanded.probe = .tcp(expand(port))
      case .exec: break
      }
      return expanded
    }
    do {
      let monitor = try HealthMonitor(
        loop: loop, prober: prober, checks: checks,
        runner: { [weak self, weak life] command, timeout, completion in
          guard let self, let life else { return {} }
          return run(command, for: life, timeout: timeout, completion)
        },
        report: { [weak self] verdict in
          switch verdict {
          case .failed(let check): self?.post(id, .healthFailed(incarnation, check: check))
          case .recovered: self?.post(id, .healthRecovered(incarnation))
          }
        })
      life.health = monitor
      monitor.start()
    } catch {
      sayOnce("\(id): \(error.message)", worker: id)
    }
  }

  /// Starts an exec check through the shim; answers what cancels it.
  private func run(
    _ command: WorkerSpec.Command, for life: Life, timeout: Span,
    _ completion: @escaping (ProbeOutcome) -> Void
  ) -> () -> Void {
    lastCheck += 1
    let serial = lastCheck
    let slot = "check/\(life.id)"
    let key = "\(slot)/\(serial)"
    do {
      let identity = try identity(of: life.spec)
      var facts = WorkerEnvironment.Facts(apiSocket: options.apiSocket)
      facts.home = identity.home
      facts.user = identity.name
      var order = SpawnOrder(
        slot: key, incarnation: serial,
        arguments: arguments(of: command, life.spec, life.id.number),
        environment: WorkerEnvironment.compose(
          spec: life.spec, number: life.id.number, file: [:], facts: facts))
      order.directory = life.spec.directory.map {
        Specifiers.expanded($0, worker: life.id.worker, number: life.id.number)
      }
      if OwnProcess.isRoot {
        order.uid = identity.uid
        order.gid = identity.gid
        order.groups = identity.groups
      }
      order.cgroup = life.group?.path
      // In a network of its own where the worker has one: what it could change is not to be its way to the host's.
      order.network = life.spec.security.network == .host ? .host : .none
      let null = try Descriptor.null()
      let deadline = try loop.timer { [weak self] in
        guard let self, checks[key] != nil else { return }
        abandonCheck(key, serial)
        completion(.failed(ProbeWords.timedOut(timeout)))
      }
      deadline.arm(at: Clock.now().instant + timeout)
      checks[key] = RunningCheck(completion: completion, deadline: deadline)
      shim?.send(.spawn(order), descriptors: [null, null, null])
    } catch {
      completion(.failed(Self.sentence(of: error)))
      return {}
    }
    return { [weak self] in self?.abandonCheck(key, serial) }
  }

  /// Kills a check. Its end is still reported and acknowledged; nobody is told.
  private func abandonCheck(_ key: String, _ serial: UInt64) {
    guard checks[key] != nil else { return }
    checks[key] = RunningCheck(completion: { _ in })
    shim?.send(.signal(slot: key, incarnation: serial, signal: SIGKILL))
  }

  /// The sentence of any of our errors.
  static func sentence(of error: any Error) -> String {
    switch error {
    case let error as SystemError: error.message
    case let error as ProbeError: error.message
    case let error as PatternError: error.message
    case let error as PreparationFailure: error.sentence
    default: "\(error)"
    }
  }
}

// Stopping, killing, restarting and pausing, on virtual time.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct StopTests {
  @Test("an obedient worker is stopped by its signal: no kill, no crash, no timer")
  func obedient() {
    var world = World { $0.stopSignal = 2 }
    world.ask(.stop(timeout: nil), "w")
    #expect(world.kernel.signals.first?.signal == 2)
    #expect(world.kernel.kills == [])
    #expect(world.state("w@1") == .stopped)
    #expect(world.reason("w@1") == .operator)
    #expect(world.armed("w@1") == [])
    #expect(world.view("w@1")?.crashesInWindow == 0)
    #expect(world.workerRecords[named("w")]?.wanted == false)
    world.pass(.seconds(1000))
    #expect(world.state("w@1") == .stopped)
  }

  @Test(
    "a stubborn worker is killed at exactly stop_timeout, and stopped only when its group is empty")
  func stubborn() {
    var world = World { $0.stopTimeout = .seconds(10) }
    world.kernel.stubborn = [named("w")]
    world.kernel.undead = [named("w")]
    world.ask(.stop(timeout: nil), "w")
    world.pass(.milliseconds(9_999))
    #expect(world.state("w@1") == .stopping)
    #expect(world.kernel.kills == [])
    world.pass(.milliseconds(1))
    #expect(world.state("w@1") == .killing)
    #expect(world.kernel.kills.count == 1)
    // D state: killed again every 5 s, and a start has to wait.
    world.pass(.seconds(12))
    #expect(world.kernel.kills.count == 3)
    world.ask(.start, "w")
    #expect(world.state("w@1") == .killing)
    #expect(world.starts("w@1") == 1)
    world.kernel.undead = []
    world.pass(.seconds(5))
    #expect(world.state("w@1") == .running)
    #expect(world.starts("w@1") == 2)
    #expect(world.kernel.violations == [])
  }

  @Test("children that outlive the main process are told to stop and then killed")
  func children() {
    var world = World([worker("w")], start: false)
    world.kernel.children[named("w")] = 3
    world.kernel.stubborn = [named("w")]
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.send(.adoptionCompleted)
    world.crash("w@1")
    #expect(world.state("w@1") == .stopping)
    #expect(world.reason("w@1") == .exitFailed(1))
    #expect(world.kernel.signals.last?.whole == true)
    world.pass(.seconds(10))
    #expect(world.kernel.kills.count == 1)
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test("start during a slow stop waits, then starts exactly once")
  func startDuringStop() {
    var world = World { $0.stopTimeout = .seconds(3) }
    world.kernel.stubborn = [named("w")]
    world.ask(.stop(timeout: nil), "w")
    world.ask(.start, "w")
    world.ask(.start, "w")
    #expect(world.state("w@1") == .stopping)
    world.pass(.seconds(3))
    #expect(world.state("w@1") == .running)
    #expect(world.starts("w@1") == 2)
    world.pass(.seconds(100))
    #expect(world.starts("w@1") == 2)
  }

  @Test(
    "stop, start, stop: the second stop has its full grace, whatever the first one's timer does")
  func freshGrace() {
    var world = World { $0.stopTimeout = .seconds(10) }
    world.ask(.stop(timeout: nil), "w")
    world.ask(.start, "w")
    let stale = world.kernel.timers
    world.pass(.seconds(8))
    world.kernel.stubborn = [named("w")]
    world.ask(.stop(timeout: nil), "w")
    for epoch in 0...(stale.values.map(\.epoch).max() ?? 0) {
      world.send(.instance(slot("w@1"), .timerFired(.stopTimeout, epoch: epoch)))
    }
    world.pass(.milliseconds(9_999))
    #expect(world.kernel.kills == [])
    world.pass(.milliseconds(1))
    #expect(world.kernel.kills.count == 1)
  }

  @Test("a second stop with a shorter timeout shortens, with a longer one it does not")
  func shorten() {
    var world = World { $0.stopTimeout = .seconds(60) }
    world.kernel.stubborn = [named("w")]
    world.ask(.stop(timeout: nil), "w")
    world.ask(.stop(timeout: .seconds(900)), "w")
    world.ask(.stop(timeout: .seconds(2)), "w")
    world.pass(.seconds(2))
    #expect(world.state("w@1") == .stopped)
  }

  @Test(
    "a stop in backoff, cooldown or wait sends nothing, is done at once, and nothing starts later")
  func stopWaiting() {
    var world = World { $0.crashLimit.maxCrashes = 2 }
    for expected in [State.backoff, .cooldown] {
      world.crash("w@1")
      if expected == .cooldown {
        world.pass(.seconds(1))
        world.crash("w@1")
      }
      #expect(world.state("w@1") == expected)
      let signals = world.kernel.signals.count
      let starts = world.starts("w@1")
      world.ask(.stop(timeout: nil), "w")
      #expect(world.state("w@1") == .stopped)
      #expect(world.armed("w@1") == [])
      #expect(world.kernel.signals.count == signals)
      world.pass(.seconds(10_000))
      #expect(world.starts("w@1") == starts)
      world.ask(.start, "w")
      #expect(world.state("w@1") == .running)
    }
  }

  @Test("start and stop twice are no-ops; restart starts exactly once")
  func idempotent() {
    var world = World { _ in }
    world.ask(.start, "w")
    #expect(world.starts("w@1") == 1)
    world.ask(.restart(rolling: false), "w")
    #expect(world.starts("w@1") == 2)
    world.pass(.seconds(500))
    #expect(world.starts("w@1") == 2)
    #expect(world.workerRecords[named("w")]?.wanted != false)
    world.ask(.stop(timeout: nil), "w")
    let signals = world.kernel.signals.count
    world.ask(.stop(timeout: nil), "w")
    #expect(world.kernel.signals.count == signals)
  }

  @Test("a restart with a stop timeout of its own kills after that one, and only that time")
  func restartTimeout() {
    var world = World { $0.stopTimeout = .seconds(100) }
    world.kernel.stubborn = [named("w")]
    world.ask(.restart(rolling: false, timeout: .seconds(2)), "w")
    world.pass(.seconds(1))
    #expect(world.state("w@1") == .stopping)
    world.pass(.seconds(2))
    #expect(world.starts("w@1") == 2)
    world.ask(.restart(rolling: false), "w")
    world.pass(.seconds(50))
    #expect(world.state("w@1") == .stopping)
  }

  @Test("a stop before the process exists is kept until it does, then it gets its signal")
  func stopBeforeSpawned() {
    var world = World([worker("w")], start: false)
    world.isHolding = true
    world.handle(.restored(workers: [], instances: [], nextIncarnation: Incarnation(7)))
    world.configure()
    world.handle(.adoptionCompleted)
    #expect(world.view("w@1")?.incarnation == Incarnation(7))
    world.ask(.stop(timeout: nil), "w")
    #expect(world.state("w@1") == .stopping)
    #expect(world.kernel.signals.isEmpty)
    world.deliver()
    #expect(world.kernel.signals.first?.signal == 15)
    #expect(world.state("w@1") == .stopped)
    #expect(world.kernel.lives.isEmpty)
  }

  @Test(
    "a kill restarts after exactly the base delay and counts nothing",
    arguments: [nil, 9, 15] as [Int32?])
  func kill(signal: Int32?) {
    var world = World { $0.backoff.delay = .seconds(3) }
    world.crash("w@1")
    world.pass(.seconds(20))
    world.ask(.kill(signal: signal, allProcesses: false, restart: true), "w")
    #expect(world.state("w@1") == .backoff)
    #expect(world.left("w@1") == .seconds(3))
    #expect(world.view("w@1")?.crashesInWindow == 1)
    world.pass(.seconds(3))
    #expect(world.state("w@1") == .running)
  }

  @Test(
    "a kill without restart stays down, for a worker and for an instance", arguments: ["w", "w@1"])
  func killForGood(target: String) {
    var world = World { $0.instances = 2 }
    world.ask(.kill(signal: nil, allProcesses: true, restart: false), target)
    #expect(world.state("w@1") == .stopped)
    #expect(world.state("w@2") == (target == "w" ? .stopped : .running))
    world.restartBrain()
    #expect(world.state("w@1") == .stopped)
  }

  @Test("a signal that ends nothing is forgotten: a later crash counts")
  func harmlessSignal() {
    var world = World { $0.stopTimeout = .seconds(10) }
    world.ask(.kill(signal: 10, allProcesses: false, restart: true), "w")
    #expect(world.state("w@1") == .running)
    world.pass(.seconds(11))
    world.crash("w@1")
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test(
    "a frozen worker accrues no watchdog, no uptime and no health; a thaw goes on with what was left"
  )
  func pause() {
    var world = World {
      $0.watchdog = .seconds(10)
      $0.health = [WorkerSpec.HealthCheck(name: "h", probe: .tcp("1"))]
    }
    world.pass(.seconds(4))
    world.ask(.pause, "w", reason: .budget)
    #expect(world.state("w@1") == .paused)
    #expect(world.reason("w@1") == .budget)
    #expect(world.view("w@1")?.frozen == true)
    #expect(world.armed("w@1") == [])
    world.pass(.seconds(5000))
    #expect(world.state("w@1") == .paused)
    world.ask(.resume, "w")
    #expect(world.state("w@1") == .running)
    #expect(world.armed("w@1") == [.watchdog, .stable])
    world.pass(.milliseconds(5_999))
    #expect(world.state("w@1") == .running)
    world.pass(.milliseconds(1))
    #expect(world.reason("w@1") == .watchdog)
    // Running time was 10 s: the backoff was not reset by the hours it was frozen.
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test("a pause while starting keeps the rest of the start timeout")
  func pauseStarting() {
    var world = World {
      $0.ready = .notify
      $0.startTimeout = .seconds(20)
    }
    world.pass(.seconds(5))
    world.ask(.pause, "w@1")
    world.pass(.seconds(500))
    #expect(world.state("w@1") == .paused)
    world.ask(.resume, "w@1")
    #expect(world.state("w@1") == .starting)
    world.pass(.milliseconds(14_999))
    #expect(world.state("w@1") == .starting)
    world.pass(.milliseconds(1))
    #expect(world.reason("w@1") == .startTimeout)
  }

  @Test("a stop of a frozen worker sends the signal, then thaws")
  func stopFrozen() {
    var world = World { _ in }
    world.ask(.pause, "w")
    world.isHolding = true
    world.ask(.stop(timeout: nil), "w")
    let orders = world.last.filter {
      switch $0 {
      case .askToEnd, .thaw, .killGroup: true
      default: false
      }
    }
    let life = Incarnation(1)
    #expect(
      orders == [.askToEnd(slot("w@1"), life, 15, wholeGroup: false), .thaw(slot("w@1"), life)])
    world.deliver()
    #expect(world.state("w@1") == .stopped)
  }

  @Test("a deadline is extended by the worker and never shortened")
  func extend() {
    var world = World {
      $0.ready = .notify
      $0.startTimeout = .seconds(10)
    }
    world.pass(.seconds(9))
    world.send(slot("w@1")) { .timeoutExtended($0, .seconds(30)) }
    world.send(slot("w@1")) { .timeoutExtended($0, .seconds(1)) }
    world.pass(.seconds(29))
    #expect(world.state("w@1") == .starting)
    world.pass(.seconds(1))
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test("readiness that never comes is a crash with its own reason; readiness in time is not")
  func readiness() {
    var world = World {
      $0.ready = .http("http://x/")
      $0.startTimeout = .seconds(5)
    }
    #expect(world.state("w@1") == .starting)
    world.pass(.seconds(5))
    #expect(world.reason("w@1") == .startTimeout)
    world.pass(.seconds(1))
    world.send(slot("w@1")) { .becameReady($0) }
    #expect(world.state("w@1") == .ready)
    world.pass(.seconds(60))
    #expect(world.state("w@1") == .ready)
  }

  @Test("a worker that announces its stop is not signalled, and its end is judged by policy")
  func announced() {
    var world = World { $0.restart = .onFailure }
    world.send(slot("w@1")) { .announcedStopping($0) }
    #expect(world.state("w@1") == .stopping)
    #expect(world.kernel.signals.isEmpty)
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .completed)
  }

  @Test("reset clears the counters without starting anything")
  func reset() {
    var world = World {
      $0.crashLimit.maxCrashes = 1
      $0.crashLimit.maxCooldowns = 0
    }
    world.crash("w@1")
    #expect(world.state("w@1") == .failed)
    world.ask(.reset, "w")
    #expect(world.state("w@1") == .stopped)
    #expect(world.view("w@1")?.crashesInWindow == 0)
    world.pass(.seconds(1000))
    #expect(world.state("w@1") == .stopped)
    world.ask(.start, "w")
    #expect(world.state("w@1") == .running)
  }
}

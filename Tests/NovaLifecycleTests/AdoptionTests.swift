// The supervisor dies, the shim dies, the host reboots: what continues and what does not.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct AdoptionTests {
  @Test("a supervisor that comes back adopts the same process; start finds it, stop works")
  func adopt() {
    var world = World { $0.watchdog = .seconds(30) }
    let pid = world.pid("w@1")
    world.pass(.seconds(100_000 / 5000))
    world.restartBrain()
    #expect(world.pid("w@1") == pid)
    #expect(world.state("w@1") == .running)
    world.ask(.start, "w")
    #expect(world.starts("w@1") == 1)
    // Deadlines begin anew: the watchdog has its full time.
    world.pass(.milliseconds(29_999))
    #expect(world.state("w@1") == .running)
    world.ask(.stop(timeout: nil), "w")
    #expect(world.state("w@1") == .stopped)
    #expect(world.kernel.violations == [])
  }

  @Test("a worker that died while nobody looked is judged by its real exit, once")
  func diedMeanwhile() {
    var world = World { _ in }
    world.isHolding = true
    world.exit("w@1", .exited(3))
    world.restartBrain()
    world.deliver()
    #expect(world.reason("w@1") == .exitFailed(3))
    #expect(world.view("w@1")?.crashesInWindow == 1)
    world.isHolding = false
    world.pass(.seconds(2))
    #expect(world.state("w@1") == .running)
  }

  @Test("an end that was judged but not booked is booked, and not judged again")
  func remnant() {
    var world = World { $0.backoff.delay = .seconds(20) }
    world.isHolding = true
    world.exit("w@1", .exited(1))
    while case .instance(_, let fact)? = world.kernel.pending.first {
      if case .settled = fact { break }
      world.handle(world.kernel.pending.removeFirst())
    }
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.needsSettle == true)
    world.isHolding = false
    world.restartBrain()
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.needsSettle == false)
    #expect(world.view("w@1")?.crashesInWindow == 1)
    #expect(world.kernel.lives.isEmpty && world.kernel.unbooked.isEmpty)
    world.pass(.seconds(20))
    #expect(world.state("w@1") == .running)
    #expect(world.kernel.violations == [])
  }

  @Test(
    "a life that started while the one before was being booked is adopted; both ends count, once",
    arguments: [true, false])
  func overlapping(isRecordBehind: Bool) {
    var world = World { $0.backoff.delay = .zero }
    let old = world.instanceRecords
    world.isHolding = true
    world.exit("w@1", .exited(1))
    while world.kernel.spawns.count < 2, !world.kernel.pending.isEmpty {
      world.handle(world.kernel.pending.removeFirst())
    }
    #expect(world.kernel.unbooked.count == 1)
    // The supervisor was killed before or after this turn's records were on the disk.
    if isRecordBehind { world.instanceRecords = old }
    world.isHolding = false
    world.restartBrain()
    #expect(world.state("w@1") == .running)
    #expect(world.starts("w@1") == 2)
    #expect(world.view("w@1")?.crashesInWindow == 1)
    #expect(world.view("w@1")?.restartsTotal == 1)
    #expect(world.kernel.unbooked.isEmpty)
    #expect(world.kernel.violations == [])
  }

  @Test("crash count, cooldown deadline and failed persist: exact in the same boot")
  func counters() {
    var world = World {
      $0.crashLimit.maxCrashes = 3; $0.crashLimit.maxCooldowns = 1
    }
    for _ in 0..<2 {
      world.crash("w@1")
      world.pass(.seconds(5))
    }
    world.restartBrain()
    #expect(world.view("w@1")?.crashesInWindow == 2)
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
    world.pass(.seconds(100))
    world.restartBrain()
    #expect(world.state("w@1") == .cooldown)
    #expect(world.left("w@1") == .seconds(200))
    world.pass(.seconds(200))
    #expect(world.state("w@1") == .running)
    for _ in 0..<3 {
      world.crash("w@1")
      if world.state("w@1") == .backoff { world.pass(world.left("w@1") ?? .zero) }
    }
    #expect(world.state("w@1") == .failed)
    world.restartBrain()
    world.pass(.seconds(5000))
    #expect(world.state("w@1") == .failed)
  }

  @Test(
    "after a reboot what is left by the wall clock continues, never more than the whole",
    arguments: [(60, 240), (1000, 0), (-5000, 300)] as [(Int64, Int64)])
  func reboot(wallPassed: Int64, left: Int64) {
    var world = World { $0.crashLimit.maxCrashes = 1 }
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
    world.kernel.lives = [:]
    world.now = Moment(
      instant: Instant(nanoseconds: 7_000_000_000), wall: world.now.wall + .seconds(wallPassed))
    world.boot = BootInfo(id: "boot-b", boottimeOffset: 0)
    world.restartBrain()
    if left == 0 {
      #expect(world.state("w@1") == .running)
    } else {
      #expect(world.state("w@1") == .cooldown)
      #expect(world.left("w@1") == .seconds(left))
    }
  }

  @Test("a suspend counts for a deadline that was stored: boot time goes on")
  func suspend() {
    var world = World { $0.crashLimit.maxCrashes = 1 }
    world.crash("w@1")
    world.boot.boottimeOffset += 100_000_000_000
    world.restartBrain()
    #expect(world.left("w@1") == .seconds(200))
  }

  @Test(
    "what the records thought alive and the shim does not know is lost, booked and started again, no crash"
  )
  func lost() {
    var world = World([worker("w"), worker("n") { $0.restart = .never }])
    world.kernel.lives = [:]
    world.restartBrain()
    #expect(world.types("instance.lost").count == 2)
    #expect(world.state("w@1") == .running)
    #expect(world.state("n@1") == .lost)
    #expect(world.view("w@1")?.crashesInWindow == 0)
    #expect(world.view("w@1")?.restartsTotal == 1)
    world.restartBrain()
    #expect(world.types("instance.lost").count == 2)
    #expect(world.state("n@1") == .lost)
    world.ask(.start, "n")
    #expect(world.state("n@1") == .running)
  }

  @Test("the shim dies: everything is lost, and nothing starts before the next list is complete")
  func shimLost() {
    var world = World { $0.instances = 2 }
    world.send(.shimLost)
    #expect(world.kernel.lives.isEmpty)
    #expect(world.kernel.spawns.count == 2)
    world.pass(.seconds(100))
    #expect(world.kernel.spawns.count == 2)
    world.send(.adoptionCompleted)
    #expect(world.kernel.spawns.count == 4)
    #expect(world.state("w@1") == .running)
    #expect(world.view("w@1")?.crashesInWindow == 0)
  }

  @Test("nothing is spawned before adoption is complete")
  func adoptionGate() {
    var world = World([worker("w")], start: false)
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.ask(.start, "w")
    world.pass(.seconds(60))
    #expect(world.kernel.spawns.isEmpty)
    world.send(.adoptionCompleted)
    #expect(world.kernel.spawns.count == 1)
  }

  @Test("stopped, scaled and paused are durable")
  func durable() {
    var world = World([worker("a"), worker("b"), worker("c")])
    world.ask(.stop(timeout: nil), "a")
    world.ask(.scale(to: 3, pin: false), "b")
    world.ask(.pause, "c")
    for _ in 0..<2 {
      world.restartBrain()
      #expect(world.state("a@1") == .stopped)
      #expect(world.state("b@3") == .running)
      #expect(world.state("c@1") == .paused)
    }
    world.ask(.resume, "c")
    #expect(world.state("c@1") == .running)
  }

  @Test("an adopted worker that should be frozen is frozen")
  func refreeze() {
    var world = World { _ in }
    world.ask(.pause, "w")
    world.kernel.lives[slot("w@1")]?.isFrozen = false
    world.restartBrain()
    #expect(world.state("w@1") == .paused)
    #expect(world.kernel.lives[slot("w@1")]?.isFrozen == true)
  }

  @Test("a stop that was under way goes on; a restart that was under way still starts again")
  func ladderGoesOn() {
    for action in [Request.Action.stop(timeout: nil), .restart(rolling: false)] {
      var world = World { _ in }
      world.kernel.stubborn = [named("w")]
      world.ask(action, "w")
      world.pass(.seconds(5))
      world.restartBrain()
      #expect(world.state("w@1") == .stopping)
      world.pass(.seconds(10))
      #expect(world.state("w@1") == (action == .stop(timeout: nil) ? .stopped : .running))
      #expect(world.kernel.violations == [])
    }
  }

  @Test("a worker that left the file meanwhile is stopped and forgotten")
  func orphan() {
    var world = World([worker("w"), worker("gone")])
    world.specs[named("gone")] = nil
    world.restartBrain()
    #expect(world.fleet.workerNames == [named("w")])
    #expect(world.kernel.lives.keys.sorted() == [slot("w@1")])
    #expect(world.instanceRecords.keys.sorted() == [slot("w@1")])
    #expect(world.workerRecords[named("gone")] == nil)
  }

  @Test("a process started with an older configuration is replaced after adoption")
  func stale() {
    var world = World { _ in }
    world.specs[named("w")]?.environment["A"] = "1"
    world.restartBrain()
    #expect(world.starts("w@1") == 2)
    #expect(world.state("w@1") == .running)
  }

  @Test("a process whose start the state database had not heard of runs on")
  func recordBehind() {
    var world = World([worker("w"), worker("gone")])
    world.instanceRecords = [:]
    world.specs[named("gone")] = nil
    world.isHolding = true
    world.restartBrain()
    #expect(world.state("w@1") == .running)
    #expect(world.armed("w@1") == [.stable])
    #expect(world.state("gone@1") == .stopping)
    world.deliver()
    #expect(world.kernel.lives.keys.sorted() == [slot("w@1")])
    #expect(world.kernel.spawns.count == 2)
  }

  @Test("a start that waits for readiness is watched anew, with its whole timeout")
  func starting() {
    var world = World {
      $0.ready = .tcp("80"); $0.startTimeout = .seconds(10)
    }
    world.pass(.seconds(9))
    world.restartBrain()
    world.pass(.milliseconds(9_999))
    #expect(world.state("w@1") == .starting)
    world.send(slot("w@1")) { .becameReady($0) }
    #expect(world.state("w@1") == .ready)
  }
}

// Crashes, backoff, limits and cooldown, on virtual time.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct CrashTests {
  @Test("a crash restarts after the backoff, with a sentence that says so")
  func backoff() {
    var world = World { $0.backoff.delay = .milliseconds(2100) }
    #expect(world.state("w@1") == .running)
    world.crash("w@1")
    #expect(world.state("w@1") == .backoff)
    #expect(world.reason("w@1") == .exitFailed(1))
    #expect(world.history.last?.message == "w@1 crashed (exit 1), crash 1/5, restarting in 2.1s")
    world.pass(.milliseconds(2099))
    #expect(world.state("w@1") == .backoff)
    world.pass(.milliseconds(1))
    #expect(world.state("w@1") == .running)
    #expect(world.view("w@1")?.restartsTotal == 1)
    #expect(world.kernel.violations == [])
  }

  @Test("the next life starts while the last one is being booked, the one after that waits")
  func bookingsInFlight() {
    var world = World {
      $0.backoff.delay = .zero
      $0.crashLimit.maxCrashes = 100
    }
    world.isHolding = true
    func ended(_ world: inout World) {
      world.exit("w@1", .exited(1))
      while let index = world.kernel.pending.firstIndex(where: {
        if case .instance(_, .settled) = $0 { false } else { true }
      }) {
        world.handle(world.kernel.pending.remove(at: index))
      }
    }
    ended(&world)
    #expect(world.state("w@1") == .running)
    #expect(world.starts("w@1") == 2)
    ended(&world)
    #expect(world.state("w@1") == .starting)
    #expect(world.starts("w@1") == 2)
    #expect(world.history.last?.message == "w@1 waits until its last lives are booked")
    world.isHolding = false
    world.deliver()
    #expect(world.state("w@1") == .running)
    #expect(world.starts("w@1") == 3)
    #expect(world.kernel.unbooked.isEmpty)
    #expect(world.kernel.violations == [])
  }

  @Test(
    "the crash limit leads to cooldown, and the worker comes back by itself with a clean window")
  func cooldown() {
    var world = World { $0.crashLimit.maxCrashes = 3 }
    for _ in 0..<2 {
      world.crash("w@1")
      world.pass(.seconds(30))
    }
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
    #expect(world.left("w@1") == .seconds(300))
    #expect(world.view("w@1")?.crashesInWindow(at: world.now.instant) == 3)
    #expect(world.armed("w@1") == [.cooldown])
    world.pass(.seconds(300))
    #expect(world.state("w@1") == .running)
    #expect(world.view("w@1")?.crashesInWindow(at: world.now.instant) == 0)
    #expect(world.view("w@1")?.cooldowns == 1)
  }

  @Test(
    "max_cooldowns rounds end in failed with one critical event and no timer", arguments: [0, 1, 3])
  func failed(rounds: Int) {
    var world = World {
      $0.crashLimit.maxCrashes = 2
      $0.crashLimit.maxCooldowns = rounds
    }
    for _ in 0..<(2 * (rounds + 1)) {
      #expect(world.state("w@1") == .running)
      world.crash("w@1")
      if world.state("w@1") != .failed { world.pass(.seconds(300)) }
    }
    #expect(world.state("w@1") == .failed)
    #expect(world.history.filter { $0.severity == .critical }.count == 1)
    #expect(world.armed("w@1") == [])
    #expect(world.types("instance.cooldown").count == rounds)
    world.pass(.seconds(100_000))
    #expect(world.state("w@1") == .failed)
  }

  @Test("max_cooldowns -1 goes on for ever")
  func forEver() {
    var world = World {
      $0.crashLimit.maxCrashes = 1
      $0.crashLimit.maxCooldowns = -1
    }
    for _ in 0..<50 {
      world.crash("w@1")
      #expect(world.state("w@1") == .cooldown)
      world.pass(.seconds(300))
    }
    #expect(world.state("w@1") == .running)
  }

  @Test("a manual start after the limit clears the counter: full allowance again")
  func manualStart() {
    var world = World {
      $0.crashLimit.maxCrashes = 2
      $0.crashLimit.maxCooldowns = 0
    }
    world.crash("w@1")
    world.pass(.seconds(5))
    world.crash("w@1")
    #expect(world.state("w@1") == .failed)
    world.ask(.start, "w")
    #expect(world.state("w@1") == .running)
    world.crash("w@1")
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test("crashes outside the window do not count, but a slow loop inside it does")
  func window() {
    var world = World {
      $0.crashLimit.maxCrashes = 3
      $0.crashLimit.window = .seconds(600)
    }
    for _ in 0..<6 {
      world.crash("w@1")
      #expect(world.state("w@1") == .backoff)
      world.pass(.seconds(400))
    }
    world.crash("w@1")
    world.pass(.seconds(100))
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
  }

  @Test("a stable period forgives the cooldown rounds")
  func stable() {
    var world = World {
      $0.crashLimit.maxCrashes = 1
      $0.crashLimit.maxCooldowns = 1
    }
    world.crash("w@1")
    world.pass(.seconds(300))
    world.pass(.seconds(600))
    #expect(world.view("w@1")?.cooldowns == 0)
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
  }

  @Test("the backoff grows to its cap and is reset by a life longer than max(backoff.max, 10 s)")
  func growth() {
    var world = World { $0.crashLimit.maxCrashes = 100 }
    var delays: [Int64] = []
    for _ in 0..<7 {
      world.crash("w@1")
      delays.append(world.left("w@1")?.wholeSeconds ?? -1)
      world.pass(.seconds(30))
    }
    #expect(delays == [1, 2, 4, 8, 16, 30, 30])
    world.pass(.seconds(31))
    world.crash("w@1")
    #expect(world.left("w@1") == .seconds(1))
  }

  @Test("jitter lies between 0 and its percentage and never exceeds max")
  func jitter() {
    var backoff = WorkerSpec.Backoff()
    var random = SplitMix64(seed: 7)
    var seen: Set<Int64> = []
    for _ in 0..<1000 {
      for (step, base) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (70, 30)] {
        let delay = backoff.delay(step: step, random: &random)
        #expect(delay >= .seconds(Int64(base)))
        #expect(delay.nanoseconds <= min(30_000_000_000, Int64(base) * 1_100_000_000))
        seen.insert(delay.nanoseconds)
      }
    }
    #expect(seen.count > 1000)
    backoff.max = Span(nanoseconds: .max)
    backoff.factorMilli = .max
    #expect(backoff.base(step: 64).nanoseconds == .max)
    backoff.delay = .seconds(-1)
    #expect(backoff.base(step: 3) == .zero)
  }

  @Test("an exec that fails waits, counts and heals by itself", arguments: [2, 13, 8])
  func execFailure(errno: Int32) {
    var world = World([worker("w")], start: false)
    world.kernel.unspawnable[named("w")] = errno
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.send(.adoptionCompleted)
    #expect(world.state("w@1") == .backoff)
    #expect(world.reason("w@1") == .execFailed(.exec, errno))
    #expect(world.view("w@1")?.crashesInWindow == 1)
    world.pass(.seconds(40))
    #expect(world.state("w@1") == .cooldown)
    #expect(world.starts("w@1") == 5)
    world.kernel.unspawnable = [:]
    world.pass(.seconds(300))
    #expect(world.state("w@1") == .running)
  }

  @Test(
    "a host that is short of processes or files is not the worker's crash",
    arguments: [11, 12, 23, 24])
  func hostShort(errno: Int32) {
    var world = World([worker("w")], start: false)
    world.kernel.unspawnable[named("w")] = errno
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.send(.adoptionCompleted)
    world.pass(.seconds(3600))
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.crashesInWindow == 0)
    // Bounded: the delay grows to 30 s, so an hour is about 120 tries.
    #expect(world.starts("w@1") < 130)
  }

  @Test(
    "on a host in need a worker without a delay is tried at most ten times a second",
    arguments: [11, 24])
  func hostShortWithoutDelay(errno: Int32) {
    var world = World(
      [worker("w") { $0.backoff.delay = .zero }], start: false)
    world.kernel.unspawnable[named("w")] = errno
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.send(.adoptionCompleted)
    world.pass(.seconds(10))
    #expect((90...101).contains(world.starts("w@1")))
    #expect(world.view("w@1")?.crashesInWindow == 0)
  }

  @Test(
    "which ends are clean, by policy",
    arguments: [
      (WorkerSpec.RestartPolicy.onFailure, EndStatus.exited(0), State.completed),
      (.onFailure, .exited(1), .backoff), (.onFailure, .exited(130), .backoff),
      (.onFailure, .signaled(15, coreDumped: false), .completed),
      (.onFailure, .signaled(1, coreDumped: false), .completed),
      (.onFailure, .signaled(2, coreDumped: false), .completed),
      (.onFailure, .signaled(13, coreDumped: false), .completed),
      (.onFailure, .signaled(3, coreDumped: true), .backoff),
      (.onFailure, .signaled(9, coreDumped: false), .backoff),
      (.onFailure, .signaled(11, coreDumped: true), .backoff),
      (.onFailure, .unknown, .backoff), (.always, .exited(0), .backoff),
      (.never, .exited(0), .completed), (.never, .exited(1), .failed),
      (.never, .signaled(9, coreDumped: false), .failed),
    ])
  func policy(policy: WorkerSpec.RestartPolicy, status: EndStatus, expected: State) {
    var world = World { $0.restart = policy }
    world.pass(.seconds(2))
    world.exit("w@1", status)
    #expect(world.state("w@1") == expected)
    world.pass(.seconds(10))
    #expect(world.state("w@1") == (expected == .backoff ? .running : expected))
  }

  @Test("success_exit_codes decide what is clean")
  func successCodes() {
    var world = World {
      $0.restart = .onFailure
      $0.successExitCodes = [130]
    }
    world.pass(.seconds(2))
    world.exit("w@1", .exited(130))
    #expect(world.state("w@1") == .completed)
    world.ask(.start, "w")
    world.pass(.seconds(2))
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .backoff)
  }

  @Test("under always a clean exit is no crash, but a loop of exits within 1 s meets the limit")
  func cleanLoop() {
    var world = World { _ in }
    for _ in 0..<10 {
      world.pass(.seconds(60))
      world.exit("w@1", .exited(0))
      #expect(world.state("w@1") == .backoff)
      #expect(world.view("w@1")?.crashesInWindow == 0)
      world.pass(.seconds(30))
    }
    world.exit("w@1", .exited(0))
    world.pass(world.left("w@1") ?? .zero)
    for _ in 0..<4 {
      world.exit("w@1", .exited(0))
      #expect(world.state("w@1") == .backoff)
      world.pass(world.left("w@1") ?? .zero)
    }
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .cooldown)
  }

  @Test("a worker that lives 30 ms ends failed: 2 rounds of 3 crashes")
  func infiniteLoop() {
    var world = World {
      $0.crashLimit.maxCrashes = 3
      $0.crashLimit.maxCooldowns = 1
    }
    for _ in 0..<6 {
      world.pass(.milliseconds(30))
      world.crash("w@1")
      world.pass(world.left("w@1") ?? .zero)
    }
    #expect(world.state("w@1") == .failed)
    #expect(world.starts("w@1") == 6)
  }

  @Test("an out-of-memory kill has its own reason")
  func oom() {
    var world = World { _ in }
    world.send(slot("w@1")) { .exited($0, .signaled(9, coreDumped: false), oom: true) }
    world.send(slot("w@1")) { .emptied($0) }
    #expect(world.reason("w@1") == .oom)
    #expect(world.view("w@1")?.lastExit?.oom == true)
  }

  @Test("memory over a limit that the kernel does not hold is killed and is a crash")
  func memory() {
    var world = World { _ in }
    world.send(slot("w@1")) { .memoryExceeded($0) }
    #expect(world.kernel.kills == [slot("w@1")])
    #expect(world.state("w@1") == .backoff)
    #expect(world.reason("w@1") == .memoryLimit)
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }

  @Test("a failing health check restarts once an outage, and not in backoff")
  func health() {
    var world = World {
      $0.health = [WorkerSpec.HealthCheck(name: "api", probe: .tcp("80"))]
    }
    #expect(world.last.isEmpty == false)
    world.send(slot("w@1")) { .healthFailed($0, check: "api") }
    #expect(world.state("w@1") == .backoff)
    #expect(world.reason("w@1") == .healthFailed)
    world.send(slot("w@1")) { .healthFailed($0, check: "api") }
    #expect(world.view("w@1")?.crashesInWindow == 1)
    world.pass(.seconds(1))
    world.send(slot("w@1")) { .healthFailed($0, check: "api") }
    #expect(world.state("w@1") == .running)
    world.send(slot("w@1")) { .healthRecovered($0) }
    world.send(slot("w@1")) { .healthFailed($0, check: "api") }
    #expect(world.state("w@1") == .backoff)
    #expect(world.view("w@1")?.crashesInWindow == 2)
  }

  @Test("a missed heartbeat is an abort and a crash; a heartbeat in time is neither")
  func watchdog() {
    var world = World { $0.watchdog = .seconds(3) }
    for _ in 0..<5 {
      world.pass(.seconds(2))
      world.send(slot("w@1")) { .heartbeat($0) }
    }
    #expect(world.state("w@1") == .running)
    world.pass(.seconds(3))
    #expect(world.kernel.signals.first?.signal == 6)
    #expect(world.reason("w@1") == .watchdog)
    #expect(world.view("w@1")?.crashesInWindow == 1)
  }
}

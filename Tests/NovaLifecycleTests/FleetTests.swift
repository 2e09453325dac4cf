// Several workers: order, dependencies, scaling, reload, rolling restarts and the drain.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct FleetTests {
  /// db <- app <- web
  private func chain(_ change: (inout WorkerSpec) -> Void = { _ in }) -> [WorkerSpec] {
    [
      worker("app") {
        $0.requires = [named("db")]
        change(&$0)
      },
      worker("db") { change(&$0) },
      worker("web") {
        $0.requires = [named("app")]
        change(&$0)
      },
    ]
  }

  @Test("starts wait for what they require to be ready, and say what they wait for")
  func requires() {
    var world = World(chain { $0.ready = .notify })
    #expect(world.kernel.spawns == [slot("db@1")])
    #expect(world.state("app@1") == .starting)
    #expect(world.reason("app@1") == .dependency)
    #expect(world.view("app@1")?.waitingFor == [named("db")])
    #expect(world.pid("app@1") == nil)
    world.send(slot("db@1")) { .becameReady($0) }
    #expect(world.view("app@1")?.waitingFor == [])
    #expect(world.kernel.spawns == [slot("db@1"), slot("app@1")])
    #expect(world.state("web@1") == .starting)
    world.send(slot("app@1")) { .becameReady($0) }
    #expect(world.kernel.spawns.last == slot("web@1"))
  }

  @Test(
    "who says that it is ready before it is known to run is ready as soon as it is, and not before")
  func readyEarly() {
    var world = World([worker("early") { $0.ready = .notify }], start: false)
    world.send(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.isHolding = true
    world.configure()
    world.send(.adoptionCompleted)
    #expect(world.kernel.spawns == [slot("early@1")])
    world.send(slot("early@1")) { .becameReady($0) }
    #expect(world.state("early@1") == .starting)
    world.deliver()
    #expect(world.state("early@1") == .ready)
    // It was one life's word: the next one has to say it again.
    world.isHolding = false
    world.ask(.restart(rolling: false), "early")
    #expect(world.state("early@1") == .starting)
  }

  @Test("restart and stop while waiting for a dependency: no second life, released at once")
  func pendingRestart() {
    var world = World(chain { $0.ready = .notify })
    world.ask(.restart(rolling: false), "app")
    #expect(world.state("app@1") == .starting)
    #expect(world.starts("app@1") == 0)
    world.ask(.stop(timeout: nil), "app")
    #expect(world.state("app@1") == .stopped)
    #expect(world.state("web@1") == .stopped)
    world.send(slot("db@1")) { .becameReady($0) }
    world.pass(.seconds(1000))
    #expect(world.starts("app@1") == 0)
    #expect(world.kernel.violations == [])
  }

  @Test("a stop takes dependents with it: they go first, the required one only when they are gone")
  func stopOrder() {
    var world = World(chain())
    world.kernel.stubborn = [named("web")]
    #expect(world.fleet.dependents(of: named("db")) == [named("app"), named("web")])
    #expect(world.fleet.stopOrder(of: [named("db")]).map(\.text) == ["web", "app", "db"])
    world.ask(.stop(timeout: nil), "db")
    #expect(world.state("web@1") == .stopping)
    #expect(world.state("app@1") == .running)
    #expect(world.state("db@1") == .running)
    #expect(world.types("operator.stop").first?.message.contains("also stops app and web") == true)
    world.pass(.seconds(10))
    #expect(["web@1", "app@1", "db@1"].map { world.state($0) } == [.stopped, .stopped, .stopped])
    #expect(world.reason("db@1") == .operator)
    #expect(world.reason("app@1") == .dependency)
    // They were stopped, not suspended: the required one alone comes back.
    world.ask(.start, "db")
    #expect(world.state("app@1") == .stopped)
    world.ask(.start, "web")
    #expect(["web@1", "app@1"].map { world.state($0) } == [.running, .running])
    #expect(world.types("operator.start").last?.message.contains("also starts app") == true)
  }

  @Test("after orders, requires nothing: a worker that fails or is not wanted holds up nobody")
  func after() {
    let specs = [
      worker("one") { $0.ready = .notify },
      worker("two") {
        $0.after = [named("one"), named("off")]
        $0.ready = .notify
      },
      worker("three") { $0.after = [named("two")] },
      worker("off") { $0.autostart = false },
    ]
    var world = World(specs)
    #expect(world.kernel.spawns == [slot("one@1")])
    #expect(world.view("two@1")?.waitingFor == [named("one")])
    world.crash("one@1")
    #expect(world.state("one@1") == .backoff)
    #expect(world.kernel.spawns.last == slot("two@1"))
    #expect(world.fleet.startOrder.map(\.text) == ["off", "one", "two", "three"])
    world.send(slot("two@1")) { .becameReady($0) }
    #expect(world.kernel.spawns.last == slot("three@1"))
  }

  @Test("a wanted worker pulls up what it requires although that has no autostart")
  func pull() {
    var specs = chain()
    specs[1].autostart = false
    let world = World(specs)
    #expect(world.state("web@1") == .running)
    #expect(world.fleet.worker(named("db"))?.wanted == true)
  }

  @Test("a one-shot satisfies who requires it when it has completed")
  func oneShot() {
    var world = World([
      worker("app") { $0.requires = [named("migrate")] },
      worker("migrate") {
        $0.mode = .once
        $0.restart = .onFailure
      },
    ])
    #expect(world.state("app@1") == .starting)
    world.exit("migrate@1", .exited(0))
    #expect(world.state("migrate@1") == .completed)
    #expect(world.state("app@1") == .running)
    world.restartBrain()
    #expect(world.state("migrate@1") == .completed)
    #expect(world.starts("migrate@1") == 1)
  }

  @Test("a cycle that slipped through gets an order, and a drain of it ends")
  func cycle() {
    var world = World([
      worker("a") { $0.requires = [named("b")] }, worker("b") { $0.requires = [named("a")] },
      worker("c") { $0.after = [named("d")] }, worker("d") { $0.after = [named("c")] },
    ])
    #expect(world.state("c@1") == .running)
    #expect(world.state("d@1") == .running)
    world.send(.drainRequested)
    #expect(world.kernel.isDrained)
  }

  @Test("scale 2, 10, 1: the highest numbers go, nobody else is touched, the count is durable")
  func scale() {
    var world = World { $0.instances = 2 }
    let first = world.view("w@1")?.incarnation
    world.ask(.scale(to: 10, pin: true), "w")
    #expect(world.fleet.instances(of: named("w")).filter { $0.state == .running }.count == 10)
    world.ask(.scale(to: 10, pin: true), "w")
    #expect(world.kernel.spawns.count == 10)
    world.ask(.scale(to: 1, pin: false), "w")
    #expect(world.fleet.instances(of: named("w")).map(\.id) == [slot("w@1")])
    #expect(world.view("w@1")?.incarnation == first)
    #expect(world.instanceRecords.keys.sorted() == [slot("w@1")])
    world.restartBrain()
    #expect(world.fleet.worker(named("w"))?.count == 1)
    #expect(world.fleet.worker(named("w"))?.fileCount == 2)
    // It holds until `instances` in the file changes.
    world.change("w") { $0.environment["A"] = "1" }
    #expect(world.fleet.worker(named("w"))?.count == 1)
    world.change("w") { $0.instances = 3 }
    #expect(world.fleet.worker(named("w"))?.count == 3)
    #expect(world.view("w@3")?.state == .running)
    world.ask(.scale(to: 0, pin: false), "w")
    #expect(world.fleet.instances(of: named("w")).isEmpty)
  }

  @Test("scaling a stopped worker stores the count only; up again while going down starts it anew")
  func scaleStopped() {
    var world = World { $0.instances = 1 }
    world.ask(.stop(timeout: nil), "w")
    world.ask(.scale(to: 3, pin: false), "w")
    #expect(world.kernel.spawns.count == 1)
    world.ask(.start, "w")
    #expect(world.kernel.spawns.count == 4)
    world.kernel.stubborn = [named("w")]
    world.ask(.scale(to: 2, pin: false), "w")
    #expect(world.state("w@3") == .stopping)
    world.ask(.scale(to: 3, pin: false), "w")
    world.pass(.seconds(10))
    #expect(world.state("w@3") == .running)
    #expect(world.starts("w@3") == 2)
  }

  @Test("one instance is stopped, stays stopped, and comes back alone")
  func holds() {
    var world = World { $0.instances = 3 }
    world.ask(.stop(timeout: nil), "w@2")
    #expect(world.state("w@2") == .stopped)
    #expect(world.view("w@2")?.wanted == false)
    world.restartBrain()
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.running, .stopped, .running])
    world.ask(.start, "w@2")
    #expect(world.state("w@2") == .running)
    world.ask(.stop(timeout: nil), "w")
    world.ask(.start, "w@2")
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.stopped, .running, .stopped])
    world.restartBrain()
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.stopped, .running, .stopped])
    world.ask(.start, "w")
    #expect(world.state("w@3") == .running)
  }

  @Test("a reload restarts what changed, leaves the rest, and a count of instances restarts nobody")
  func reload() {
    var world = World([worker("a"), worker("b"), worker("c") { $0.instances = 1 }])
    let before = world.kernel.spawns.count
    world.specs[named("a")]?.environment["X"] = "1"
    world.specs[named("b")]?.stopTimeout = .seconds(99)
    world.specs[named("b")]?.limits.memoryBytes = 1 << 20
    world.specs[named("c")]?.instances = 2
    world.specs[named("d")] = worker("d")
    let next = Configuration(settings: SupervisorSettings(), workers: world.specs, zones: [:])
    #expect(
      world.fleet.plan(for: next) == [
        Change(worker: named("a"), kind: .restarted(fields: ["environment"])),
        Change(worker: named("b"), kind: .updated(fields: ["stop_timeout", "limits"])),
        Change(worker: named("c"), kind: .rescaled(from: 1, to: 2)),
        Change(worker: named("d"), kind: .added),
      ])
    world.isHolding = true
    world.configure()
    #expect(
      world.last.contains(
        .applyLimits(slot("b@1"), world.view("b@1")?.incarnation ?? Incarnation(0))))
    world.deliver()
    #expect(
      Array(world.kernel.spawns.dropFirst(before)).map(\.description).sorted() == [
        "a@1", "c@2", "d@1",
      ])
    #expect(world.fleet.plan(for: next) == [])
    #expect(world.view("a@1")?.restartsTotal == 0)
    world.isHolding = false
    world.specs[named("d")] = nil
    world.configure()
    #expect(world.fleet.worker(named("d")) == nil)
    #expect(world.workerRecords[named("d")] == nil)
    #expect(world.types("worker.removed").count == 1)
    #expect(world.kernel.violations == [])
  }

  @Test("a mended file starts what had failed")
  func mended() {
    var world = World { $0.restart = .never }
    world.crash("w@1")
    #expect(world.state("w@1") == .failed)
    world.change("w") { $0.stopTimeout = .seconds(3) }
    #expect(world.state("w@1") == .failed)
    world.change("w") { $0.command = .arguments(["/bin/mended"]) }
    #expect(world.state("w@1") == .running)
  }

  @Test("autostart speaks of starts: taking it away stops nobody")
  func autostart() {
    var world = World([worker("w")])
    world.change("w") { $0.autostart = false }
    #expect(world.state("w@1") == .running)
    world.restartBrain()
    #expect(world.state("w@1") == .running)
  }

  @Test("a start names whom it pulls in: those required that are not up, first to start first")
  func pulled() {
    var world = World(chain())
    world.ask(.stop(timeout: nil), "db")
    let web = [Request.Target.worker(named("web"))]
    #expect(world.fleet.pulled(by: web).map(\.text) == ["db", "app"])
    world.ask(.start, "app")
    #expect(world.fleet.pulled(by: web) == [])
  }

  @Test("a rolling restart goes one at a time and waits for readiness")
  func rolling() {
    var world = World {
      $0.instances = 3; $0.ready = .notify
    }
    for number in 1...3 { world.send(slot("w@\(number)")) { .becameReady($0) } }
    world.ask(.restart(rolling: true), "w")
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.starting, .ready, .ready])
    world.send(slot("w@1")) { .becameReady($0) }
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.ready, .starting, .ready])
    world.send(slot("w@2")) { .becameReady($0) }
    world.send(slot("w@3")) { .becameReady($0) }
    #expect(world.kernel.spawns.count == 6)
    #expect(world.types("worker.rolled").count == 1)
  }

  @Test("a rolling restart goes on after a restart of the supervisor, and restarts nobody twice")
  func rollingSurvives() {
    var world = World {
      $0.instances = 3; $0.ready = .notify
    }
    for number in 1...3 { world.send(slot("w@\(number)")) { .becameReady($0) } }
    world.ask(.restart(rolling: true), "w")
    world.restartBrain()
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.starting, .ready, .ready])
    // The third dies meanwhile and comes back by itself: that was its restart.
    world.crash("w@3")
    world.pass(.seconds(2))
    world.send(slot("w@3")) { .becameReady($0) }
    world.send(slot("w@1")) { .becameReady($0) }
    world.restartBrain()
    #expect(["w@1", "w@2", "w@3"].map { world.state($0) } == [.ready, .starting, .ready])
    world.send(slot("w@2")) { .becameReady($0) }
    #expect(["w@1", "w@2", "w@3"].map { world.starts($0) } == [2, 2, 2])
    #expect(world.types("worker.rolled").count == 1)
    world.restartBrain()
    #expect(["w@1", "w@2", "w@3"].map { world.starts($0) } == [2, 2, 2])
  }

  @Test("a rolling restart stops when an instance does not come up again")
  func rollingStops() {
    var world = World {
      $0.instances = 2; $0.crashLimit.maxCrashes = 1
    }
    world.kernel.unspawnable[named("w")] = 2
    world.ask(.restart(rolling: true), "w")
    #expect(world.state("w@1") == .cooldown)
    #expect(world.state("w@2") == .running)
    #expect(world.types("worker.rolling_stopped").count == 1)
  }

  @Test("a drain stops in reverse order, independent ones at once, and keeps what was wanted")
  func drain() {
    var world = World(
      chain() + [worker("lone"), worker("sick") { $0.backoff.delay = .seconds(30) }])
    world.crash("sick@1")
    world.kernel.stubborn = [named("web")]
    world.send(.drainRequested)
    #expect(world.state("lone@1") == .stopped)
    #expect(world.state("web@1") == .stopping)
    #expect(world.state("db@1") == .running)
    #expect(world.state("sick@1") == .backoff)
    world.pass(.seconds(10))
    #expect(world.kernel.isDrained)
    #expect(world.fleet.isDrained)
    #expect(world.kernel.timers.isEmpty)
    let order = world.types("instance.stopped").compactMap(\.worker?.text)
    #expect(order.filter { $0 != "lone" } == ["web", "app", "db"])
    world.ask(.start, "lone")
    #expect(world.state("lone@1") == .stopped)
    world.restartBrain()
    #expect(["web@1", "app@1", "db@1", "lone@1"].allSatisfy { world.state($0) == .running })
    #expect(world.state("sick@1") == .backoff)
  }

  @Test("targets are resolved all or nothing, with a near name when there is one")
  func resolution() {
    let world = World([
      worker("agent-a") { $0.instances = 3 }, worker("agent-b"), worker("outreach"),
    ])
    let fleet = world.fleet
    func targets(_ patterns: String...) -> [Request.Target]? { try? fleet.resolve(patterns).get() }
    #expect(targets("agent-*") == [.worker(named("agent-a")), .worker(named("agent-b"))])
    #expect(targets("--all")?.count == 3)
    #expect(targets("*")?.count == 3)
    #expect(targets("agent-a@2") == [.instance(slot("agent-a@2"))])
    #expect(targets("agent-a@2", "agent-a", "agent-a@9") == nil)
    #expect(targets("agent-a@2", "agent-a") == [.worker(named("agent-a"))])
    #expect(targets("outreach", "nobody") == nil)
    #expect(targets("agent-?@1")?.count == 2)
    #expect(targets("") == nil)
    #expect(targets("@") == nil)
    for (typed, near) in [
      ("outrech", "outreach"), ("otureach", "outreach"), ("agent-a@7", "agent-a@3"), ("zzz", nil),
    ] {
      guard case .failure(let problem) = fleet.resolve([typed]) else {
        Issue.record("\(typed) was found")
        continue
      }
      #expect(problem.suggestion == near)
    }
    #expect(
      Glob.matches(Array("aaaaaaaaaaaaaaaaaaaaab".utf8), pattern: Array("*a*a*a*a*a*c".utf8))
        == false)
  }
}

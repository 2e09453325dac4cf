// Ten thousand workers: the fleet's work must grow with what changed, not with what there is.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct ScaleTests {
  @Test("ten thousand workers that require one start once each, and drain")
  func star() {
    var specs = [worker("hub") { $0.ready = .notify }]
    for number in 0..<10_000 { specs.append(worker("w\(number)") { $0.requires = [named("hub")] }) }
    var world = World(specs)
    #expect(world.kernel.spawns.count == 1)
    world.isHolding = true
    world.send(slot("hub@1")) { .becameReady($0) }
    #expect(world.kernel.spawns.count == 10_001)
    // One fact about one worker has a handful of orders, however many there are.
    let first = world.kernel.pending[0]
    world.handle(first)
    #expect(world.last.count < 10)
    world.handle(.drainRequested)
    #expect(world.fleet.instances(of: named("hub")).first?.state == .ready)
  }

  @Test("the tally says of each state what the views say one by one")
  func tally() {
    var specs = [worker("a") { $0.instances = 3 }, worker("b") { $0.autostart = false }]
    specs.append(worker("c") { $0.ready = .notify })
    var world = World(specs)
    world.ask(.stop(timeout: nil), "a@2")
    world.exit("a@2", .signaled(15, coreDumped: false))
    let views = world.fleet.workerNames.flatMap { world.fleet.instances(of: $0) }
    let tally = world.fleet.tally
    #expect(tally.all == Dictionary(grouping: views, by: \.state).mapValues(\.count))
    #expect(
      tally.wanted
        == Dictionary(grouping: views.filter(\.wanted), by: \.state).mapValues(\.count))
    #expect(tally.all[.stopped] == 2 && tally.wanted[.stopped] == nil)
  }

  @Test("a chain of two thousand dependencies starts and stops in order without recursion")
  func chain() {
    var specs: [WorkerSpec] = []
    for number in 0..<2000 {
      specs.append(
        worker("w\(number)") { if number > 0 { $0.requires = [named("w\(number - 1)")] } })
    }
    let order = StartOrder(Dictionary(uniqueKeysWithValues: specs.map { ($0.name, $0) }))
    #expect(order.names.map(\.text) == (0..<2000).map { "w\($0)" })
    #expect(order.stopping([named("w0")]).first == named("w1999"))
    var world = World(specs, start: false)
    world.isHolding = true
    world.handle(.restored(workers: [], instances: [], nextIncarnation: Incarnation(1)))
    world.configure()
    world.handle(.adoptionCompleted)
    #expect(world.state("w1999@1") == .starting)
    world.deliver()
    #expect(world.state("w1999@1") == .running)
    world.ask(.stop(timeout: nil), "w0")
    #expect(world.state("w1999@1") == .stopping)
    #expect(world.state("w1998@1") == .running)
  }

  @Test(
    "fingerprints tell field boundaries apart, ignore order that means nothing, and never change between runs"
  )
  func fingerprints() {
    let one = worker("w") { $0.command = .arguments(["a", "bc"]) }
    let two = worker("w") { $0.command = .arguments(["ab", "c"]) }
    let shell = worker("w") { $0.command = .shell("a") }
    #expect(Fingerprint.of(one) != Fingerprint.of(two))
    #expect(
      Fingerprint.of(shell) != Fingerprint.of(worker("w") { $0.command = .arguments(["a"]) }))
    let many = worker("w") { for n in 0..<50 { $0.environment["K\(n)"] = "v" } }
    #expect(Fingerprint.of(many) == Fingerprint.of(many))
    let calling = worker("w") { $0.gateway.providers = ["anthropic"] }
    #expect(Fingerprint.of(calling) != Fingerprint.of(worker("w")))
    // Stored in state databases: a change of this number restarts every worker at an upgrade.
    #expect(Fingerprint.of(worker("w")).value == 3_430_491_256_810_011_153)
    #expect(
      Fingerprint.of(worker("w")) == Fingerprint.of(worker("w") { $0.stopTimeout = .seconds(1) }))
    #expect(
      Fingerprint.of(worker("w")) != Fingerprint.of(worker("w") { $0.limits.files = 1 }))
  }
}

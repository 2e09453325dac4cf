// Pauses that last, that the kernel refuses and that somebody else made, on virtual time.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct PauseTests {
  @Test(
    "a paused worker that is down stays down until it is resumed, across a restart of the supervisor"
  )
  func pausedDown() {
    var world = World { _ in }
    world.crash("w@1")
    world.ask(.pause, "w")
    #expect(world.state("w@1") == .paused)
    world.pass(.seconds(100))
    world.restartBrain()
    #expect(world.state("w@1") == .paused)
    #expect(world.types("instance.lost").isEmpty)
    world.ask(.resume, "w")
    #expect(world.state("w@1") == .running)
  }

  @Test("a freeze that the kernel refuses is said and changes nothing")
  func freezeRefused() {
    var world = World { _ in }
    world.isHolding = true
    world.ask(.pause, "w")
    world.kernel.pending = []
    world.kernel.lives[slot("w@1")]?.isFrozen = false
    world.send(slot("w@1")) { .freezeFailed($0, errno: 95) }
    #expect(world.state("w@1") == .running)
    #expect(world.types("instance.freeze_failed").count == 1)
    #expect(!world.last.contains { if case .freeze = $0 { true } else { false } })
    // Nothing is left of the wish: the next life starts as if nobody had asked.
    world.isHolding = false
    world.crash("w@1")
    world.pass(.seconds(5))
    #expect(world.state("w@1") == .running)
    world.restartBrain()
    #expect(world.state("w@1") == .running)
  }

  @Test("a freeze refused for one instance leaves the pause of the others")
  func freezeRefusedForOne() {
    var world = World { $0.instances = 2 }
    world.isHolding = true
    world.ask(.pause, "w")
    world.kernel.pending = []
    world.kernel.lives[slot("w@1")]?.isFrozen = false
    world.send(slot("w@1")) { .freezeFailed($0, errno: 95) }
    world.send(slot("w@2")) { .froze($0) }
    #expect(world.state("w@1") == .running)
    #expect(world.state("w@2") == .paused)
    world.isHolding = false
    world.restartBrain()
    #expect(world.state("w@1") == .running)
    #expect(world.state("w@2") == .paused)
  }

  @Test("somebody else's freeze is said and undone; somebody else's thaw is frozen again")
  func foreignFreeze() {
    var world = World { _ in }
    world.kernel.lives[slot("w@1")]?.isFrozen = true
    world.send(slot("w@1")) { .froze($0) }
    #expect(world.state("w@1") == .running)
    #expect(world.types("instance.paused").count == 1)
    world.ask(.pause, "w")
    world.kernel.lives[slot("w@1")]?.isFrozen = false
    world.send(slot("w@1")) { .thawed($0) }
    #expect(world.state("w@1") == .paused)
  }
}

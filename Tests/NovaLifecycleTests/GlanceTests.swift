// What a tick of the engine sees of everybody: the same as the pages show, and only the trouble of those that should be up.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct GlanceTests {
  @Test("everybody by name, as the views have it")
  func same() throws {
    var job = worker("b")
    job.mode = .interval(.seconds(60))
    var candidate = worker("c")
    candidate.autostart = false
    candidate.economics.expectedROIPercent = 200
    var world = World([candidate, worker("a") { $0.instances = 2 }, job])
    world.ask(.pause, "a")
    world.ask(.scale(to: 3, pin: true), "b")
    let glances = world.fleet.glances
    #expect(glances.map(\.name.text) == ["a", "b", "c"])
    for glance in glances {
      let view = try #require(world.fleet.worker(glance.name))
      #expect(glance.wanted == view.wanted && glance.paused == view.paused)
      #expect(glance.pinned == view.pinned && glance.count == view.count)
      #expect(glance.autostart == view.spec.autostart && glance.economics == view.spec.economics)
      #expect(glance.minInstances == view.spec.minInstances)
      #expect(glance.maxInstances == view.spec.maxInstances)
      #expect(glance.isJob == (glance.name.text == "b"))
      #expect(glance.failed.isEmpty && glance.lost.isEmpty)
      #expect(world.fleet.glance(glance.name) == glance)
    }
    #expect(world.fleet.glance(named("z")) == nil)
  }

  @Test("what has failed is named while it should be up, and no longer when it was stopped")
  func trouble() {
    var world = World { $0.restart = .never }
    world.crash("w@1")
    #expect(world.state("w@1") == .failed)
    #expect(world.fleet.glance(named("w"))?.failed.map(\.description) == ["w@1"])
    world.ask(.stop(timeout: nil), "w")
    #expect(world.fleet.glance(named("w"))?.failed == [])
  }
}

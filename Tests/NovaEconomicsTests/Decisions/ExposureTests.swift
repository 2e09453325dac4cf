// What is out in runs that are not judged yet: when a job waits with its next run, when it counts as lost, and that the
// short cuts of a tick never decide anything else than the long way.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Exposure")
struct ExposureTests {
  private static func inputs(
    out micro: Int64, loss: Int64, _ change: (inout DecisionInputs) -> Void = { _ in }
  ) throws -> DecisionInputs {
    try DeciderTests.inputs {
      $0.settings.mode = .evidence
      $0.worker.inFlight = Money(microUSD: micro)
      $0.worker.loss = Money(microUSD: loss)
      change(&$0)
    }
  }

  @Test(
    "at most a stop-loss for each instance is out; by thresholds, and while a source is silent, nobody is held"
  )
  func full() throws {
    let none = try Self.inputs(out: 0, loss: 0)
    let limit = try #require(Stake.stopLoss(none.worker, none.settings)).microUSD
    func isFull(_ micro: Int64, _ change: (inout DecisionInputs) -> Void = { _ in }) throws -> Bool
    {
      let inputs = try Self.inputs(out: micro, loss: 0, change)
      return Exposure.isFull(inputs.worker, inputs.settings)
    }
    #expect(try !isFull(0))
    #expect(try !isFull(limit))
    #expect(try isFull(limit + 1))
    #expect(try !isFull(limit * 3) { $0.worker.instances = 3 })
    #expect(try isFull(limit * 3 + 1) { $0.worker.instances = 3 })
    #expect(try !isFull(limit * 9) { $0.settings.mode = .threshold })
    #expect(try !isFull(limit * 9) { $0.worker.isSourceStale = true })
    // What a run costs is not known: nothing can be said.
    #expect(try !isFull(limit * 9) { $0.worker.runs = 0 })
  }

  @Test(
    "what is out beyond that counts as lost, and is said; a worker that earns may have more out")
  func beyond() throws {
    let none = try Self.inputs(out: 0, loss: 0)
    let limit = try #require(Stake.stopLoss(none.worker, none.settings)).microUSD
    #expect(Decider.verdict(try Self.inputs(out: limit, loss: 0)).action == .none)
    #expect(Decider.verdict(try Self.inputs(out: 2 * limit - 1, loss: 0)).action == .none)
    let paused = Decider.verdict(try Self.inputs(out: 2 * limit, loss: 0))
    #expect((paused.action, paused.rule) == (.pause, .stopLoss))
    #expect(paused.reason.contains("beyond what may be out unjudged"))
    #expect(Decider.verdict(try Self.inputs(out: 2 * limit, loss: -limit)).action == .none)
    #expect(
      Decider.verdict(try Self.inputs(out: 2 * limit, loss: 0) { $0.worker.tranches = 2 }).action
        == .none)
  }

  @Test(
    "a tick that only asks whether anything is due says the same as the verdict with its reasons")
  func isDue() throws {
    var random = SeededGenerator(seed: 5)
    var due = 0
    for _ in 0..<4000 {
      let inputs = try DeciderTests.inputs(
        runs: Int(random.uniform() * 60), roiPercent: Int64(random.uniform() * 900) - 100
      ) {
        $0.settings.mode = random.happens(0.8) ? .evidence : .threshold
        $0.worker.isSelected = random.happens(0.9)
        $0.worker.acceptsObservedSuccess = random.happens(0.8)
        $0.worker.isPaused = random.happens(0.1)
        $0.worker.instances = 1 + Int(random.uniform() * 4)
        $0.worker.tranches = 1 + Int(random.uniform() * 3)
        $0.worker.lnKill = random.uniform() * 5
        $0.worker.lnScale = random.uniform() * 6
        $0.worker.drift = random.uniform() * 1100
        $0.worker.loss = Money(microUSD: Int64(random.uniform() * 8_000_000) - 3_000_000)
        $0.worker.inFlight = Money(
          microUSD: max(0, Int64(random.uniform() * 9_000_000) - 3_000_000))
      }
      let verdict = Decider.verdict(inputs)
      #expect(Decider.isDue(inputs) == (verdict.action != .none), "\(verdict.reason)")
      if verdict.rule == .stopLoss { due += 1 }
    }
    #expect(due > 100, "the stop-loss was met often enough to be looked at: \(due)")
  }
}

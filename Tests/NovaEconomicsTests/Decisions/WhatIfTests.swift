// The past under other settings: which actions would have followed from the stored runs, and what they would have changed
// of the money.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("What if")
struct WhatIfTests {
  /// Runs of one worker, one a minute, of 0.01 USD each that bring so many micro-dollars.
  private static func replay(
    _ settings: EngineSettings, cap: Int64? = nil, minutes: Int64 = 1, _ revenues: [Int64]
  ) throws -> WhatIf {
    var past = WhatIf(settings, dayLimit: Money(microUSD: 1_000_000_000))
    for (index, revenue) in revenues.enumerated() {
      past.take(
        Evaluation(
          sequence: Int64(index) + 1, worker: try #require(WorkerName("a")), epoch: 1,
          run: "r\(index)", at: WallTime(microseconds: Int64(index) * minutes * 60_000_000),
          cost: Money(microUSD: 10_000), revenue: Money(microUSD: revenue), stray: .zero,
          maturationPPM: 1_000_000, isOK: true),
        cap: cap.map { Money(microUSD: $0) })
    }
    return past
  }

  private static func settings(
    _ mode: DecisionMode, _ change: (inout SupervisorSettings.Thresholds) -> Void = { _ in }
  ) -> EngineSettings {
    var settings = EngineSettings()
    settings.mode = mode
    change(&settings.thresholds)
    return settings
  }

  @Test("a loser would have been killed at its twentieth run, and the runs after that left out")
  func killed() throws {
    let past = try Self.replay(Self.settings(.threshold), Array(repeating: 0, count: 50))
    #expect(past.steps.map(\.action) == [.kill])
    #expect(past.steps.first?.at == WallTime(microseconds: 19 * 60_000_000))
    #expect((past.cost - 0.20).magnitude < 1e-9 && past.runs == 20 && past.revenue == 0)
    // One that may lose more runs on.
    let patient = try Self.replay(
      Self.settings(.threshold) { $0.minRuns = 51 }, Array(repeating: 0, count: 50))
    #expect(patient.steps.isEmpty && (patient.cost - 0.50).magnitude < 1e-9)
  }

  @Test(
    "another threshold scales what the present one does not; more instances cost in full and bring less"
  )
  func scaled() throws {
    // A return of +280 %.
    let runs = Array(repeating: Int64(38_000), count: 39)
    #expect(try Self.replay(Self.settings(.threshold), runs).steps.isEmpty)
    let past = try Self.replay(Self.settings(.threshold) { $0.scaleROIPercent = 250 }, runs)
    #expect(past.steps.map(\.action) == [.scaleUp])
    #expect(past.steps.first.map { [$0.from, $0.to] } == [1, 2])
    // 20 runs alone, 19 as two.
    #expect((past.cost - (0.20 + 0.38)).magnitude < 1e-9)
    #expect((past.revenue - 0.038 * (20 + 19 * Real.power(2, 0.7))).magnitude < 1e-9)
  }

  @Test(
    "with proof the cap of that time counts: a loss that it proves is not proven by the usual one")
  func caps() throws {
    let runs = Array(repeating: Int64(0), count: 60)
    // The stop-loss of so small a cap is met before; only proof is looked for here.
    var settings = Self.settings(.evidence)
    settings.pilotAlpha = 1e-12
    #expect(try Self.replay(settings, cap: 20_000, runs).steps.map(\.action) == [.kill])
    #expect(try Self.replay(settings, runs).steps.isEmpty)
  }

  @Test("a cooldown passes: what has earned on is scaled again, and not before")
  func cooldown() throws {
    let runs = Array(repeating: Int64(100_000), count: 200)
    var settings = Self.settings(.evidence)
    settings.cooldownSeconds = 86_400
    let hasty = try Self.replay(settings, cap: 100_000, minutes: 1, runs)
    #expect(hasty.steps.map(\.action) == [.scaleUp], "200 minutes are no day")
    let past = try Self.replay(settings, cap: 100_000, minutes: 30, runs)
    #expect(past.steps.map(\.action).prefix(2) == [.scaleUp, .scaleUp])
    let gap = try #require(past.steps.dropFirst().first).at - past.steps[0].at
    #expect(gap >= .seconds(86_400))
  }
}

// How far from the edge: after exactly so many runs or dollars the decision falls, and not one earlier.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Outlook")
struct OutlookTests {
  private static func distance(
    _ action: DecisionAction, _ inputs: DecisionInputs, _ evidence: WorkerEvidence? = nil
  ) throws -> Distance {
    try #require(Outlook.of(inputs, evidence: evidence).first { $0.action == action })
  }

  @Test(
    "by thresholds a worker is killed after exactly so many runs without a sale, and they cost so much"
  )
  func killByThresholds() throws {
    var random = SeededGenerator(seed: 31)
    for _ in 0..<500 {
      let inputs = try DeciderTests.inputs(
        runs: 1 + Int(random.uniform() * 60), roiPercent: Int64(random.uniform() * 400) - 100
      ) { $0.settings.thresholds.killROIPercent = Int(random.uniform() * 80) - 50 }
      let way = try Self.distance(.kill, inputs)
      let runs = try #require(way.runs)
      func action(after more: Int) -> DecisionAction {
        var later = inputs
        later.worker.runs += more
        later.worker.okRuns += more
        later.worker.cost = Money(microUSD: inputs.worker.cost.microUSD + Int64(more) * 10_000)
        return Decider.verdict(later).action
      }
      #expect(action(after: runs) == .kill, "\(runs) of \(inputs.worker)")
      if runs > 0 { #expect(action(after: runs - 1) != .kill, "\(runs) of \(inputs.worker)") }
      #expect(try #require(way.amount).microUSD - Int64(runs) * 10_000 <= 1)
    }
  }

  @Test("by thresholds so many dollars of revenue are missing to be scaled, and not one less")
  func scaleByThresholds() throws {
    var random = SeededGenerator(seed: 32)
    for _ in 0..<500 {
      let inputs = try DeciderTests.inputs(
        runs: 20 + Int(random.uniform() * 60), roiPercent: Int64(random.uniform() * 300))
      let missing = try #require(try Self.distance(.scaleUp, inputs).amount)
      func action(_ more: Int64) -> DecisionAction {
        var later = inputs
        later.worker.revenue = Money(microUSD: inputs.worker.revenue.microUSD + more)
        return Decider.verdict(later).action
      }
      #expect(action(missing.microUSD + 1) == .scaleUp)
      #expect(action(missing.microUSD - 1) != .scaleUp)
    }
    let young = try Self.distance(.scaleUp, try DeciderTests.inputs(runs: 12, roiPercent: 900))
    #expect((young.runs, young.amount) == (8, .zero))
  }

  @Test(
    "with proof a loss is proven after exactly so many runs without a sale, a gain after so many that sell"
  )
  func proof() throws {
    let name = try #require(WorkerName("outreach"))
    var random = SeededGenerator(seed: 33)
    func run(_ sequence: Int, _ revenue: Int64) -> Evaluation {
      Evaluation(
        sequence: Int64(sequence), worker: name, epoch: 1, run: "r\(sequence)",
        at: WallTime(microseconds: 0), cost: Money(microUSD: 10_000),
        revenue: Money(microUSD: revenue), stray: .zero, maturationPPM: 1_000_000, isOK: true)
    }
    for _ in 0..<20 {
      var evidence = WorkerEvidence(
        EvidenceTerms(
          killFactor: 1, scaleFactor: 4, cap: Money(microUSD: 100_000), reservePPM: 50_000))
      let taken = 1 + Int(random.uniform() * 80)
      for index in 1...taken { evidence.take(run(index, random.happens(0.2) ? 50_000 : 0)) }
      var inputs = try DeciderTests.inputs(runs: 400, roiPercent: -50)
      inputs.settings.mode = .evidence
      let kill = try #require(try Self.distance(.kill, inputs, evidence).runs)
      var dying = evidence
      let wanted = -Real.ln(inputs.settings.killAlpha)
      for index in 0..<kill {
        #expect(dying.kill.course.lnNow < wanted)
        dying.take(run(taken + 1 + index, 0))
      }
      #expect(dying.kill.course.lnNow >= wanted)
      guard let scale = try Self.distance(.scaleUp, inputs, evidence).runs else { continue }
      var rising = evidence
      let gain = -Real.ln(inputs.settings.scaleAlpha(number: 1))
      for index in 0..<scale {
        #expect(rising.scale.course.lnNow < gain)
        rising.take(run(taken + 1 + index, 50_000))
      }
      #expect(rising.scale.course.lnNow >= gain)
    }
  }

  @Test("pause: what is left of the budget, or of the stop-loss where that is nearer")
  func pause() throws {
    var inputs = try DeciderTests.inputs { $0.worker.budgetLeft = Money(microUSD: 95_000) }
    let budget = try Self.distance(.pause, inputs)
    #expect((budget.runs, budget.amount) == (10, Money(microUSD: 95_000)))
    #expect(budget.meaning == "until its budget is spent")
    inputs.settings.mode = .evidence
    let limit = try #require(Stake.stopLoss(inputs.worker, inputs.settings))
    inputs.worker.loss = Money(microUSD: limit.microUSD - 30_000)
    let loss = try Self.distance(.pause, inputs)
    #expect((loss.runs, loss.amount) == (3, Money(microUSD: 30_000)))
    inputs.worker.loss = limit
    #expect(Decider.verdict(inputs).action == .pause)
    inputs.settings.mode = .threshold
    inputs.worker.budgetLeft = nil
    #expect(try Self.distance(.pause, inputs).amount == nil)
  }

  @Test(
    "nothing is promised of what is beyond sight: tiny costs, huge budgets, a threshold that nothing misses"
  )
  func beyond() throws {
    var inputs = try DeciderTests.inputs(runs: 1_000_000) {
      $0.worker.cost = Money(microUSD: 1)
      $0.worker.revenue = Money(microUSD: 9_000_000_000_000_000_000)
      $0.worker.budgetLeft = Money(microUSD: 9_000_000_000_000_000_000)
    }
    for mode in DecisionMode.allCases {
      inputs.settings.mode = mode
      #expect(try Self.distance(.kill, inputs).runs == nil)
    }
    inputs.settings.mode = .threshold
    #expect(try Self.distance(.pause, inputs).runs == nil)
    // A cap so large that two tranches of its stop-loss are no amount.
    inputs = try DeciderTests.inputs {
      $0.settings.mode = .evidence
      $0.worker.cap = Money(microUSD: 5_000_000_000_000_000_000)
      $0.worker.loss = Money(microUSD: 1_000_000)
      $0.worker.tranches = 3
    }
    #expect(Decider.verdict(inputs).action == .none)
    #expect(try Self.distance(.pause, inputs).amount != nil)
    inputs = try DeciderTests.inputs { $0.settings.thresholds.killROIPercent = -100 }
    #expect(try Self.distance(.kill, inputs).runs == nil)
  }
}

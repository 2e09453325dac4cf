// Two arms of one job: the comparison is a fair game while they are alike, finds the better one, pairs runs the same way
// when they are taken from the ledger again, and what follows from it.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Arms of a job")
struct ArmTests {
  @Test("over all outcomes of six pairs of like runs the expected value is 1 on both sides")
  func martingale() {
    var (up, down) = (0.0, 0.0)
    for bits in 0..<(1 << 12) {
      var evidence = ArmEvidence(cap: 20)
      var chance = 1.0
      for run in 0..<12 {
        let sold = bits >> run & 1 == 1
        chance *= sold ? 0.1 : 0.9
        evidence.take(profit: sold ? 19.5 : -0.5, isBase: run.isMultiple(of: 2))
      }
      #expect(evidence.pairs == 6)
      up += chance * Real.exp(evidence.better.lnNow)
      down += chance * Real.exp(evidence.worse.lnNow)
    }
    #expect((up - 1).magnitude < 1e-12)
    #expect((down - 1).magnitude < 1e-12)
  }

  @Test(
    "of 400 pairs of like arms the better is named in at most one of twenty, of unlike ones it is found"
  )
  func power() {
    var random = SeededGenerator(seed: 11)
    func named(_ arm: Double) -> Double {
      var found = 0
      for _ in 0..<200 {
        var evidence = ArmEvidence(cap: 20)
        for _ in 0..<400 {
          evidence.take(profit: random.happens(0.1) ? 19.5 : -0.5, isBase: true)
          evidence.take(profit: random.happens(arm) ? 19.5 : -0.5, isBase: false)
        }
        if evidence.better.reached(alpha: 0.05) { found += 1 }
      }
      return Double(found) / 200
    }
    // 5 % and three standard errors of 200 trials.
    #expect(named(0.1) <= 0.05 + 3 * 0.0154)
    #expect(named(0.3) > 0.9)
  }

  @Test(
    "profits beyond the cap are clipped, and a side that is far ahead keeps its latest runs alone")
  func bounds() {
    var evidence = ArmEvidence(cap: 20)
    evidence.take(profit: -1e9, isBase: true)
    evidence.take(profit: 1e9, isBase: false)
    #expect(Real.exp(evidence.better.lnNow) < 1.9)
    for _ in 0..<3000 { evidence.take(profit: 0, isBase: true) }
    for _ in 0..<3000 { evidence.take(profit: 0, isBase: false) }
    #expect(evidence.pairs == 1 + 1000 + 0)
  }

  private static func economy() throws -> (Economy, base: WorkerName, arm: WorkerName) {
    let base = try #require(WorkerName("a"))
    let arm = try #require(WorkerName("b"))
    var economy = Economy()
    for (name, since) in [(base, Int64(0)), (arm, 50)] {
      economy.begin(
        EpochRecord(
          worker: name, number: 1, since: EconomyTests.at(since), reason: "first", fingerprint: 1,
          instances: 1, cap: Money(microUSD: 20_000_000), reservePPM: 50_000),
        maturation: Maturation(medianHours: 0, horizonHours: 168))
    }
    economy.declare(arms: [arm: base])
    return (economy, base, arm)
  }

  @Test(
    "pairs come from runs judged in both epochs, and are the same when the ledger is read again")
  func replayed() throws {
    var (economy, base, arm) = try Self.economy()
    var stored: [Evaluation] = []
    var random = SeededGenerator(seed: 3)
    for index in 0..<100 {
      // Every other is the arm's; the arm begins at second 50.
      let name = index.isMultiple(of: 2) ? arm : base
      let at = Int64(index) * 2
      economy.take(
        RunRecord(
          worker: name, instance: 1, incarnation: nil, id: "r\(index)", outcome: .ok,
          origin: .report,
          started: EconomyTests.at(max(at, name == arm ? 50 : 0)), finished: EconomyTests.at(at)))
      if random.happens(0.5) {
        var sale = EconomyTests.entry(.sale, 5_000_000, run: "r\(index)", at)
        sale.worker = name
        economy.take(sale)
      }
      stored += economy.ripen(at: EconomyTests.at(at + 1), limit: 10)
    }
    let evidence = try #require(economy.arm(arm))
    // 50 of the arm, and of the base the 38 that were judged from second 50 on.
    #expect(evidence.pairs == 38)
    #expect(economy.arm(base) == nil)
    var (again, _, _) = try Self.economy()
    for evaluation in stored { again.replay(evaluation) }
    #expect(again.arm(arm) == evidence)
    // What a decision keeps is enough to make the comparison from the ledger: two epochs, and between which runs.
    var facts = WorkerFacts(worker: arm)
    economy.fill(
      &facts, balance: Balance(), runs: RunTotals(), at: EconomyTests.at(300),
      settings: EngineSettings())
    #expect(facts.armBaseEpoch == 1)
    var made = ArmEvidence(cap: 20)
    for evaluation in stored
    where (facts.armFirst ?? 0)...(facts.armLast ?? 0) ~= evaluation.sequence {
      made.take(evaluation, isBase: evaluation.worker == base)
    }
    #expect(made == evidence)
    #expect(facts.armFirst != stored.first?.sequence, "runs from before the younger epoch are none")
    // Another epoch of either begins the comparison anew.
    var next = try #require(again.accounts[base]?.epoch)
    next.number = 2
    again.begin(next, maturation: Maturation(medianHours: 0, horizonHours: 168))
    #expect(again.arm(arm)?.pairs == 0)
  }

  @Test("facts without a comparison are written as before there was one, and read back")
  func facts() throws {
    var inputs = try DeciderTests.inputs()
    #expect(!inputs.text.contains("arm_base_epoch") && !inputs.text.contains("arm_last_sequence"))
    #expect(DecisionInputs(text: inputs.text) == inputs)
    inputs.worker.armOf = WorkerName("a")
    (inputs.worker.armBaseEpoch, inputs.worker.armFirst, inputs.worker.armLast) = (3, 40, 90)
    #expect(inputs.text.contains("arm_base_epoch 3\narm_first_sequence 40\narm_last_sequence 90\n"))
    #expect(DecisionInputs(text: inputs.text) == inputs)
    for broken in ["arm_first_sequence ?\n", "arm_first_sequence 4x\n"] {
      let text = inputs.text.replacing("arm_first_sequence 40\n", with: broken)
      #expect(DecisionInputs(text: text) == nil)
    }
  }

  @Test("proven better it takes the place of the other, proven worse it is killed, in both modes")
  func rules() throws {
    for mode in DecisionMode.allCases {
      func verdict(_ change: (inout WorkerFacts) -> Void) throws -> Verdict {
        Decider.verdict(
          try DeciderTests.inputs(roiPercent: 150) {
            $0.settings.mode = mode
            $0.worker.armOf = WorkerName("a")
            $0.worker.armBaseInstances = 3
            $0.worker.armPairs = 40
            change(&$0.worker)
          })
      }
      #expect(try verdict { $0.lnArmBetter = Real.ln(19.9) }.action == .none)
      let better = try verdict { $0.lnArmBetter = Real.ln(20.1) }
      #expect(better.action == .optimise)
      #expect(better.rule == .arm)
      #expect(better.toInstances == 3)
      // Two instances more at 40 runs a day of 0.01 USD.
      #expect((try #require(better.stake).usd - 0.8).magnitude < 0.001)
      #expect(try verdict { $0.lnArmWorse = Real.ln(20.1) }.action == .kill)
      #expect(try verdict { ($0.lnArmBetter, $0.armBaseInstances) = (10, 0) }.action == .none)
      #expect(try verdict { ($0.lnArmBetter, $0.armPairs) = (10, 19) }.action == .none)
      #expect(try verdict { ($0.lnArmWorse, $0.isSourceStale) = (10, true) }.action == .none)
    }
  }
}

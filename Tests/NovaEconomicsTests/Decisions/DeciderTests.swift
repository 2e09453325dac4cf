// Decisions as a table: what each mode does with the same facts, who does it, and that the same inputs give the same bytes.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Decisions")
struct DeciderTests {
  /// A worker with so many runs of 0.01 USD and that return, on an autonomous host with money.
  static func inputs(
    runs: Int = 40, ok: Int? = nil, roiPercent: Int64 = 50,
    _ change: (inout DecisionInputs) -> Void = { _ in }
  ) throws -> DecisionInputs {
    var worker = WorkerFacts(worker: try #require(WorkerName("outreach")))
    worker.runs = runs
    worker.okRuns = ok ?? runs
    worker.cost = Money(microUSD: Int64(runs) * 10_000)
    worker.revenue = Money(microUSD: Int64(runs) * 100 * (100 + roiPercent))
    worker.epochSeconds = 86_400
    worker.cap = Money(microUSD: 1_000_000)
    var fleet = FleetFacts()
    fleet.isAutonomous = true
    fleet.workers = 8
    fleet.dayLimit = Money(microUSD: 100_000_000)
    var inputs = DecisionInputs(settings: EngineSettings(), fleet: fleet, worker: worker)
    change(&inputs)
    return inputs
  }

  @Test(
    "threshold mode is the original rule to the letter",
    arguments: [
      (19, 19, -100, DecisionAction.none), (20, 20, -1, .kill), (20, 20, 0, .none),
      (20, 20, 300, .none),
      (20, 20, 301, .scaleUp), (20, 16, 301, .none), (20, 17, 301, .scaleUp), (19, 19, 900, .none),
    ] as [(Int, Int, Int64, DecisionAction)])
  func threshold(runs: Int, ok: Int, roi: Int64, action: DecisionAction) throws {
    let inputs = try Self.inputs(runs: runs, ok: ok, roiPercent: roi)
    let verdict = Decider.verdict(inputs)
    #expect(verdict.action == action, "\(verdict.reason)")
    #expect(Decider.isDue(inputs) == (action != .none))
    if action != .none { #expect(verdict.confidence == nil) }
  }

  @Test("evidence mode keeps the thresholds as necessary and asks for proof on top")
  func evidence() throws {
    func action(_ roi: Int64, _ change: (inout WorkerFacts) -> Void = { _ in }) throws
      -> DecisionAction
    {
      Decider.verdict(
        try Self.inputs(roiPercent: roi) {
          $0.settings.mode = .evidence
          $0.worker.isSelected = true
          $0.worker.acceptsObservedSuccess = true
          change(&$0.worker)
        }
      ).action
    }
    #expect(try action(-50) == .none)
    #expect(try action(-50) { $0.lnKill = Real.ln(20.1) } == .kill)
    #expect(try action(-50) { $0.lnKill = Real.ln(19.9) } == .none)
    // Proof of a loss does not kill a worker whose books show a gain.
    #expect(try action(10) { $0.lnKill = 10 } == .none)
    #expect(try action(-50) { ($0.lnKill, $0.isSelected) = (10, false) } == .none)
    #expect(try action(-50) { ($0.lnKill, $0.isSourceStale) = (10, true) } == .none)
    #expect(try action(900) == .none)
    // The first scale-up has half of the level: 1/.025 = 40.
    #expect(try action(900) { $0.lnScale = Real.ln(39.9) } == .none)
    #expect(try action(900) { $0.lnScale = Real.ln(40.1) } == .scaleUp)
    #expect(try action(900) { ($0.lnScale, $0.changedSeconds) = (10, 3600) } == .none)
    // What is out and not judged yet is at most a stop-loss for each instance, far below 100 USD here.
    #expect(
      try action(900) {
        ($0.lnScale, $0.inFlight) = (10, Money(microUSD: 100_000_000))
        $0.loss = Money(microUSD: -200_000_000)
      } == .none)
    #expect(try action(50) { ($0.drift, $0.isSourceStale) = (1000, true) } == .none)
    #expect(try action(50) { $0.drift = 1000 } == .pause)
    #expect(try action(50) { ($0.drift, $0.isPaused) = (1000, true) } == .none)
    #expect(try action(-50) { $0.loss = Money(microUSD: 900_000_000) } == .pause)
    #expect(try action(50) { ($0.instances, $0.roiUpper) = (3, 100) } == .scaleDown)
  }

  @Test("a worker of whose revenue nobody has said a word is left alone in both modes")
  func unknownRevenue() throws {
    for mode in DecisionMode.allCases {
      let inputs = try Self.inputs(roiPercent: -100) {
        $0.settings.mode = mode
        $0.worker.isRevenueKnown = false
        $0.worker.lnKill = 10
        $0.worker.isSelected = true
      }
      #expect(Decider.verdict(inputs).action == .none)
    }
  }

  @Test("with proof nothing grows on a host that is nearly full")
  func headroom() throws {
    func action(_ free: Int?) throws -> DecisionAction {
      Decider.verdict(
        try Self.inputs(roiPercent: 900) {
          $0.settings.mode = .evidence
          $0.worker.acceptsObservedSuccess = true
          $0.worker.lnScale = 10
          $0.fleet.hostFreePercent = free
        }
      ).action
    }
    #expect(try action(19) == .none)
    #expect(try action(20) == .scaleUp)
    #expect(try action(nil) == .scaleUp)
  }

  @Test("amounts below ten cents are said to the last place, others to the cent")
  func spoken() {
    #expect(Spoken.dollars(Money(microUSD: 123)) == "$0.000123")
    #expect(Spoken.dollars(Money(microUSD: -1_500)) == "-$0.0015")
    #expect(Spoken.dollars(Money(microUSD: 50_000)) == "$0.05")
    #expect(Spoken.dollars(Money(microUSD: 1_234_567)) == "$1.23")
    #expect(Spoken.dollars(.zero) == "$0.00")
  }

  @Test("a candidate is deployed above the minimum return, and nothing else of it is judged")
  func deploy() throws {
    func verdict(_ expected: Int?) throws -> Verdict {
      Decider.verdict(
        try Self.inputs(runs: 0) {
          $0.worker.isCandidate = true
          $0.worker.isWanted = false
          $0.worker.expectedROIPercent = expected
        })
    }
    #expect(try verdict(151).action == .deploy)
    #expect(try verdict(150).action == .none)
    #expect(try verdict(nil).action == .none)
    // The usual stop-loss of a worker that is not known: 25.82 USD (G7).
    let stake = try #require(try verdict(151).stake)
    #expect((stake.usd - 25.82).magnitude < 0.01)
    #expect(try verdict(151).route == .automatic)
  }

  @Test("a budget pauses whatever else is so, also without autonomy and when pinned")
  func budget() throws {
    for mode in DecisionMode.allCases {
      let verdict = Decider.verdict(
        try Self.inputs(roiPercent: 900) {
          $0.settings.mode = mode
          $0.worker.budgetExceeded = true
          $0.worker.isPinned = true
          $0.fleet.isAutonomous = false
        })
      #expect(verdict.action == .pause)
      #expect(verdict.rule == .budget)
      #expect(verdict.route == .automatic)
    }
  }

  @Test("who does it: pinned, halted, autonomy off, the limits of kills, the approval limit")
  func routes() throws {
    func verdict(_ change: (inout DecisionInputs) -> Void) throws -> Verdict {
      Decider.verdict(try Self.inputs(roiPercent: -50, change))
    }
    #expect(try verdict { _ in }.route == .automatic)
    #expect(try verdict { $0.worker.isPinned = true }.route == .withheld)
    #expect(try verdict { $0.fleet.isHalted = true }.route == .withheld)
    #expect(try verdict { $0.fleet.isAutonomous = false }.route == .approval)
    #expect(try verdict { $0.fleet.killsLastHour = 1 }.route == .withheld)
    #expect(try verdict { $0.fleet.killsLastDay = 2 }.route == .withheld)
    #expect(try verdict { $0.fleet.killsLastDay = 1 }.route == .automatic)
    // One kill a day is always allowed, however small the fleet.
    #expect(try verdict { $0.fleet.workers = 1 }.route == .automatic)
    // A kill whose upper return is +1000 % forgoes 40 runs a day of 0.10 USD for a week: 28 USD.
    let stake = try #require(try verdict { $0.worker.roiUpper = 1000 }.stake)
    #expect((stake.usd - 28).magnitude < 0.001)
    let asked = try verdict {
      $0.worker.roiUpper = 1000
      $0.settings.thresholds.requireApprovalAbove = Money(microUSD: 28_000_000)
    }
    #expect(asked.route == .approval)
    // What is at stake is not known before anything was spent and seen: a person is asked.
    let unknown = Decider.verdict(
      try Self.inputs(roiPercent: 900) {
        $0.worker.cost = .zero
        $0.worker.epochSeconds = 0
      })
    #expect(unknown.action == .scaleUp)
    #expect(unknown.stake == .zero)
  }

  @Test("a scale-up at most doubles, stays below the maximum and within the day's money")
  func steps() throws {
    func target(_ change: (inout DecisionInputs) -> Void) throws -> Int {
      Decider.verdict(try Self.inputs(roiPercent: 900, change)).toInstances
    }
    #expect(try target { _ in } == 2)
    #expect(try target { $0.worker.instances = 3 } == 6)
    #expect(try target { $0.worker.instances = 6 } == 8)
    #expect(try target { $0.worker.instances = 8 } == 8)
    // A day of one more costs up to about 0.5 USD: with 0.60 left one is paid for and half of another.
    #expect(
      try target {
        $0.worker.instances = 4
        $0.fleet.daySpent = Money(microUSD: 99_900_000)
      } < 8)
    #expect(try target { $0.fleet.daySpent = $0.fleet.dayLimit } == 1)
  }

  @Test("risk: what is not known counts as the worst; high risk asks whatever is at stake")
  func risk() throws {
    let day = Money(microUSD: 100_000_000)
    #expect(
      Risk.score(stake: nil, dayLeft: day, confidence: nil, variation: nil, crashShare: 1) == 100)
    #expect(Risk.score(stake: .zero, dayLeft: day, confidence: 1, variation: 0, crashShare: 0) == 0)
    let half = Risk.score(
      stake: Money(microUSD: 50_000_000), dayLeft: day, confidence: 0.5, variation: 1,
      crashShare: 0.5)
    #expect(half == 50)
    #expect(RiskBand(score: 32) == .low && RiskBand(score: 33) == .medium)
    #expect(RiskBand(score: 65) == .medium && RiskBand(score: 66) == .high)
    let verdict = Decider.verdict(
      try Self.inputs(roiPercent: -50) {
        $0.worker.starts = 10
        $0.worker.crashes = 10
        $0.worker.roiUpper = 1000
        $0.fleet.dayLimit = Money(microUSD: 20_000_000)
      })
    #expect(verdict.riskBand == .high, "\(verdict.riskScore)")
    #expect(verdict.route == .approval)
  }

  @Test("inputs and verdicts read back to the bit, and nothing else is accepted")
  func texts() throws {
    let inputs = try Self.inputs(roiPercent: 17) {
      $0.worker.lnKill = 0.1 + 0.2
      $0.worker.variation = 1.0 / 3
      $0.worker.roiUpper = 300
      $0.worker.budgetLeft = Money(microUSD: -5)
    }
    let again = try #require(DecisionInputs(text: inputs.text))
    #expect(again == inputs)
    #expect(again.text == inputs.text)
    let verdict = Decider.verdict(again)
    #expect(verdict.text == Decider.verdict(inputs).text)
    #expect(Verdict(text: verdict.text) == verdict)
    #expect(DecisionInputs(text: inputs.text + "more 1\n") == nil)
    #expect(DecisionInputs(text: String(inputs.text.dropFirst(5))) == nil)
    #expect(DecisionInputs(text: inputs.text.replacing("runs 40\n", with: "runs forty\n")) == nil)
    #expect(Verdict(text: verdict.text.replacing("risk_band", with: "risk_bond")) == nil)
  }

  @Test("an approval still holds when a step has grown, not when it has shrunk or turned")
  func stillOrders() throws {
    var old = Verdict(worker: try #require(WorkerName("a")), mode: .threshold)
    (old.action, old.fromInstances, old.toInstances) = (.scaleUp, 2, 3)
    var fresh = old
    fresh.toInstances = 4
    #expect(fresh.stillOrders(old))
    #expect(!old.stillOrders(fresh))
    fresh.fromInstances = 3
    #expect(!fresh.stillOrders(old))
    fresh = old
    fresh.action = .kill
    #expect(!fresh.stillOrders(old))
  }
}

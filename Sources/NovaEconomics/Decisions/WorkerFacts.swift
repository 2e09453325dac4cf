// All that a decision about one worker may depend on, as values. Whatever is not here cannot move a decision.
// Absent is nil, never zero: a rule that needs an absent fact does not fire.

package import NovaModel

/// One worker as it is seen at one moment.
package struct WorkerFacts: Sendable, Hashable {
  package var worker: WorkerName
  // What is wanted of it.
  /// `autostart: false`, never started, with an expected return.
  package var isCandidate = false
  /// Wanted, whether it runs or not.
  package var isWanted = true
  package var isPaused = false
  /// Paused by the stop-loss.
  package var isStopped = false
  package var isPinned = false
  package var instances = 1
  package var minInstances = 0
  package var maxInstances = 8
  package var expectedROIPercent: Int?
  // The epoch as it was booked.
  package var runs = 0
  package var okRuns = 0
  package var cost = Money.zero
  package var revenue = Money.zero
  /// Somebody has said what it earns, were it nothing. Until then it has no return, and none of its rules fire.
  package var isRevenueKnown = true
  /// How long the epoch has lasted, seconds.
  package var epochSeconds: Int64 = 0
  /// Starts and those that ended in a crash.
  package var starts = 0
  package var crashes = 0
  // The epoch as it was evaluated.
  package var epoch: Int64 = 0
  package var lastSequence: Int64 = 0
  package var evaluatedRuns = 0
  package var evaluatedOK = 0
  package var evaluatedCost = Money.zero
  package var evaluatedRevenue = Money.zero
  package var lnKill = 0.0
  package var lnKillHighest = 0.0
  package var lnScale = 0.0
  package var lnScaleHighest = 0.0
  package var roiLower: Int?
  package var roiUpper: Int?
  package var drift = 0.0
  /// The drift detector looks at later evaluations alone.
  package var driftFrom: Int64 = 0
  package var variation: Double?
  package var deviation: Double?
  package var maturationPPM = 1_000_000
  package var cap = Money.zero
  package var reservePPM = 50_000
  // The pilot.
  /// All costs less what is in flight, minus matured revenue.
  package var loss = Money.zero
  package var inFlight = Money.zero
  /// Tranches granted, 1 at first.
  package var tranches = 1
  // Change.
  /// Scale-ups since the configuration last changed.
  package var scaleUps = 0
  /// Since the count was last changed, seconds; nil: never.
  package var changedSeconds: Int64?
  package var beta = ScalingReturns.priorBeta
  /// Instances that the day's allocation gives it; nil: not allocated.
  package var allocation: Double?
  /// For how many ticks in a row it was below the count less one.
  package var allocationLowTicks = 0
  // Money and trust.
  /// What is left of its own budget; nil: it has none.
  package var budgetLeft: Money?
  package var budgetExceeded = false
  /// A source of its revenue does not answer: no sale may only mean no news.
  package var isSourceStale = false
  /// Chosen by e-BH among all that are tested for a kill.
  package var isSelected = false
  /// `success_evidence: observed`.
  package var acceptsObservedSuccess = false
  // The other arm.
  /// Whose job it does with other parameters, and how many instances of that are wanted; 0: it is stopped.
  package var armOf: WorkerName?
  package var armBaseInstances = 0
  /// Runs that were compared, and what they say.
  package var armPairs = 0
  package var lnArmBetter = 0.0
  package var lnArmWorse = 0.0
  /// The epoch of the other, and between which evaluations, of both, those runs lie; nil: none were compared.
  package var armBaseEpoch: Int64?
  package var armFirst: Int64?
  package var armLast: Int64?

  /// A worker of which nothing is known.
  package init(worker: WorkerName) { self.worker = worker }

  /// Lists every fact, to write or to read them.
  package mutating func walk(_ walk: inout FactWalk) {
    walk.visit("worker", &worker)
    walk.visit("candidate", &isCandidate)
    walk.visit("wanted", &isWanted)
    walk.visit("paused", &isPaused)
    walk.visit("stopped_by_loss", &isStopped)
    walk.visit("pinned", &isPinned)
    walk.visit("instances", &instances)
    walk.visit("min_instances", &minInstances)
    walk.visit("max_instances", &maxInstances)
    walk.visit("expected_roi_percent", &expectedROIPercent)
    walk.visit("runs", &runs)
    walk.visit("ok_runs", &okRuns)
    walk.visit("cost_usd", &cost)
    walk.visit("revenue_usd", &revenue)
    walk.visit("revenue_known", &isRevenueKnown)
    walk.visit("epoch_seconds", &epochSeconds)
    walk.visit("starts", &starts)
    walk.visit("crashes", &crashes)
    walk.visit("epoch", &epoch)
    walk.visit("last_sequence", &lastSequence)
    walkEvidence(&walk)
    walk.visit("loss_usd", &loss)
    walk.visit("in_flight_usd", &inFlight)
    walk.visit("tranches", &tranches)
    walk.visit("scale_ups", &scaleUps)
    walk.visit("changed_seconds", &changedSeconds)
    walk.visit("beta", &beta)
    walk.visit("allocation", &allocation)
    walk.visit("allocation_low_ticks", &allocationLowTicks)
    walk.visit("budget_left_usd", &budgetLeft)
    walk.visit("budget_exceeded", &budgetExceeded)
    walk.visit("source_stale", &isSourceStale)
    walk.visit("selected", &isSelected)
    walk.visit("observed_success", &acceptsObservedSuccess)
    walk.visit("arm_of", &armOf)
    walk.visit("arm_base_instances", &armBaseInstances)
    walk.visit("arm_pairs", &armPairs)
    walk.visit("ln_arm_better", &lnArmBetter)
    walk.visit("ln_arm_worse", &lnArmWorse)
    walk.visitIfKnown("arm_base_epoch", &armBaseEpoch)
    walk.visitIfKnown("arm_first_sequence", &armFirst)
    walk.visitIfKnown("arm_last_sequence", &armLast)
  }

  private mutating func walkEvidence(_ walk: inout FactWalk) {
    walk.visit("evaluated_runs", &evaluatedRuns)
    walk.visit("evaluated_ok", &evaluatedOK)
    walk.visit("evaluated_cost_usd", &evaluatedCost)
    walk.visit("evaluated_revenue_usd", &evaluatedRevenue)
    walk.visit("ln_kill", &lnKill)
    walk.visit("ln_kill_highest", &lnKillHighest)
    walk.visit("ln_scale", &lnScale)
    walk.visit("ln_scale_highest", &lnScaleHighest)
    walk.visit("roi_lower_percent", &roiLower)
    walk.visit("roi_upper_percent", &roiUpper)
    walk.visit("drift", &drift)
    walk.visit("drift_from", &driftFrom)
    walk.visit("variation", &variation)
    walk.visit("deviation_usd", &deviation)
    walk.visit("maturation_ppm", &maturationPPM)
    walk.visit("cap_usd", &cap)
    walk.visit("reserve_ppm", &reservePPM)
  }

  /// Takes over what the evaluated runs say. The one place where evidence becomes facts, also when it is recomputed.
  package mutating func take(_ evidence: WorkerEvidence, intervalAlpha: Double) {
    evaluatedRuns = evidence.runs
    evaluatedOK = evidence.success.hits
    evaluatedCost = evidence.cost
    evaluatedRevenue = evidence.revenue
    lnKill = evidence.kill.course.lnNow
    lnKillHighest = evidence.kill.course.lnHighest
    lnScale = evidence.scale.course.lnNow
    lnScaleHighest = evidence.scale.course.lnHighest
    let interval = evidence.grid.interval(alpha: intervalAlpha)
    roiLower = interval.lower
    roiUpper = interval.upper
    drift = evidence.drift.value
    driftFrom = evidence.terms.driftFrom
    variation = evidence.variation
    deviation = evidence.deviation
    cap = evidence.terms.cap
    reservePPM = evidence.terms.reservePPM
    lastSequence = evidence.lastSequence
  }

  /// Takes over what the runs of both arms say: likewise.
  package mutating func take(_ arm: ArmEvidence) {
    armPairs = arm.pairs
    lnArmBetter = arm.better.lnNow
    lnArmWorse = arm.worse.lnNow
    armFirst = arm.firstSequence
    armLast = arm.lastSequence
  }
}

/// The fleet and the house around it at the same moment.
package struct FleetFacts: Sendable, Hashable {
  package var workers = 1
  /// Kills by itself in the last hour and the last day.
  package var killsLastHour = 0
  package var killsLastDay = 0
  package var isAutonomous = false
  /// The kill-switch file is there.
  package var isHalted = false
  /// The limit of today, also when it was set by hand; `unlimited` where there is none.
  package var dayLimit = Money.zero
  /// Spent and set aside.
  package var daySpent = Money.zero
  /// Revenue of 7 days that nobody can be credited with, millionths of all.
  package var unattributedPPM = 0
  /// Share of processors and memory that is free after reservations, percent; nil: not known.
  package var hostFreePercent: Int?

  /// A fleet of which nothing is known.
  package init() {}

  /// Stands for no limit.
  package static let unlimited = Money(microUSD: 1_000_000_000_000_000)

  /// What is left of today.
  package var dayLeft: Money { max(.zero, dayLimit - daySpent) }

  /// Lists every fact.
  package mutating func walk(_ walk: inout FactWalk) {
    walk.visit("fleet_workers", &workers)
    walk.visit("kills_last_hour", &killsLastHour)
    walk.visit("kills_last_day", &killsLastDay)
    walk.visit("autonomous", &isAutonomous)
    walk.visit("halted", &isHalted)
    walk.visit("day_limit_usd", &dayLimit)
    walk.visit("day_spent_usd", &daySpent)
    walk.visit("unattributed_ppm", &unattributedPPM)
    walk.visit("host_free_percent", &hostFreePercent)
  }
}

extension EngineSettings {
  /// Lists every setting.
  package mutating func walk(_ walk: inout FactWalk) {
    walk.visit("mode", &mode)
    walk.visit("min_roi", &thresholds.minROIPercent)
    walk.visit("warn_roi", &thresholds.warnROIPercent)
    walk.visit("scale_roi", &thresholds.scaleROIPercent)
    walk.visit("kill_roi", &thresholds.killROIPercent)
    walk.visit("scale_success_rate", &thresholds.scaleSuccessRatePercent)
    walk.visit("min_runs", &thresholds.minRuns)
    walk.visit("require_approval_above_usd", &thresholds.requireApprovalAbove)
    walk.visit("kill_alpha", &killAlpha)
    walk.visit("scale_alpha", &scaleAlpha)
    walk.visit("pilot_alpha", &pilotAlpha)
    walk.visit("interval_alpha", &intervalAlpha)
    walk.visit("kills_per_hour", &killsPerHour)
    walk.visit("kills_per_day_percent", &killsPerDayPercent)
    walk.visit("cooldown_seconds", &cooldownSeconds)
    walk.visit("cooldown_runs", &cooldownRuns)
    walk.visit("usual_cap_usd", &usualCap)
  }
}

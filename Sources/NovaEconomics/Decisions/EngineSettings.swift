// What an owner has set for decisions, and the levels behind the proofs. Must never hold what was learnt.

package import NovaModel

/// How decisions are made.
package enum DecisionMode: String, Sendable, Hashable, CaseIterable {
  /// The original rules to the letter.
  case threshold
  /// The same rules as necessary conditions, and proof on top.
  case evidence

  /// The other one, whose verdict is shown beside.
  package var other: DecisionMode { self == .threshold ? .evidence : .threshold }
}

/// The thresholds and levels in force.
package struct EngineSettings: Sendable, Hashable {
  package var mode = DecisionMode.threshold
  package var thresholds = SupervisorSettings.Thresholds()
  /// Chance that a worker that pays for itself is ever killed.
  package var killAlpha = 0.05
  /// Chance that a worker below the scale threshold is scaled; shared out over its scale-ups.
  package var scaleAlpha = 0.05
  /// Chance that a worker worth having meets its stop-loss.
  package var pilotAlpha = 0.05
  /// Level of the interval that is shown.
  package var intervalAlpha = 0.05
  /// At most so many kills an hour without being asked.
  package var killsPerHour = 1
  /// At most this share of the fleet a day, percent; one in any case.
  package var killsPerDayPercent = 25
  /// After a change of count the next waits so long...
  package var cooldownSeconds: Int64 = 86_400
  /// ...and for so many evaluated runs.
  package var cooldownRuns = 20
  /// The revenue cap of a run where neither a declared one nor 30 sales are known, USD.
  package var usualCap = Money(microUSD: 20_000_000)

  /// The defaults.
  package init() {}

  /// As the configuration says.
  package init(_ settings: SupervisorSettings) {
    mode = DecisionMode(rawValue: settings.decisionMode) ?? .threshold
    thresholds = settings.thresholds
    cooldownSeconds = settings.decisionCooldown.wholeSeconds
  }

  /// k of the kill test: below k times the cost a worker is stopped.
  package var killFactor: Double { Self.factor(thresholds.killROIPercent) }
  /// k of the scale test.
  package var scaleFactor: Double { Self.factor(thresholds.scaleROIPercent) }

  /// The level of the n-th scale-up (from 1) of a configuration: they sum up to `scaleAlpha`.
  package func scaleAlpha(number n: Int) -> Double {
    let j = Double(max(1, n))
    return scaleAlpha / (j * (j + 1))
  }

  /// ROI in percent as a factor of the cost; a threshold of -100 % can never be missed and keeps a tiny factor.
  static func factor(_ percent: Int) -> Double { max(1e-9, 1 + Double(percent) / 100) }
}

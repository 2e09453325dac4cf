// The money keys of a worker and of the supervisor, typed. They are checked and kept here from the first day;
// which of them act yet is said in docs/reference/configuration.md.

/// `budget:` of a worker.
package struct WorkerBudget: Sendable, Hashable {
  package var daily: Money?
  package var total: Money?
  /// What one run may cost.
  package var perRun: Money?
  package var onExceeded: OnExceeded = .pause
  package var pauseMode: PauseMode = .freeze
  package var soft = false
  package init() {}
  /// What an exhausted budget does.
  package enum OnExceeded: String, Sendable, Hashable, CaseIterable { case pause, stop, ask }
  /// How a budget pause is carried out.
  package enum PauseMode: String, Sendable, Hashable, CaseIterable {
    case freeze
    case afterRun = "after_run"
  }
}

/// `economics:` of a worker.
package struct EconomicsSpec: Sendable, Hashable {
  package var revenueWindow: Span = .seconds(7 * 86_400)
  package var conversionLag: Span = .seconds(86_400)
  package var trustReportedRevenue = true
  package var expectedROIPercent: Int?
  package var revenueCapPerRun: Money?
  package var reserveCPUPercent = 0
  package var reserveMemoryBytes: UInt64 = 0
  package var reserveGPUs = 0
  package var creditCycles = 12
  package var successEvidence = "test"
  /// `SOURCE:PRODUCT`: sales of these are this worker's.
  package var products: [String] = []
  /// It does the job of that one with other parameters: they are compared run by run.
  package var armOf: WorkerName?
  package init() {}
}

/// `supervisor.yaml`.
package struct SupervisorSettings: Sendable, Hashable {
  package var autonomous = false
  package var decisionMode = "threshold"
  /// How often everybody is looked at.
  package var decisionInterval: Span = .seconds(60)
  /// With proof: after a change of count the next waits so long.
  package var decisionCooldown: Span = .seconds(86_400)
  /// The engine's hours and days pass so many times faster than the clock's: for demonstrations.
  package var decisionSpeed = 1
  /// How long a figure must stay bad before it is an alert.
  package var decisionAlertDelay: Span = .seconds(900)
  package var dailyBudget = Money(microUSD: 100_000_000)
  /// How much of the matured profit of the last week raises the daily budget, percent; 0: none.
  package var reinvestPercent = 0
  /// Above it the daily budget never grows by itself; nil: twice the daily budget.
  package var hardCap: Money?
  /// How those who touched a customer share what it pays: `lastTouch`, `linear` or `timeDecay`.
  package var attribution = AttributionRule.lastTouch
  package var timezone = "UTC"
  package var thresholds = Thresholds()
  package var prices = HostPrices()
  package var accounting = Accounting()
  package var backups = Backups()
  package var edgeListen: String?
  package var edgeTokenFile: String?
  package var alerts = AlertSettings()
  package var gateway = GatewaySettings()
  package init() {}

  /// `thresholds:`.
  package struct Thresholds: Sendable, Hashable {
    package var minROIPercent = 150
    package var warnROIPercent = 100
    package var scaleROIPercent = 300
    package var killROIPercent = 0
    package var scaleSuccessRatePercent = 80
    package var minRuns = 20
    package var requireApprovalAbove = Money(microUSD: 50_000_000)
    package init() {}
  }

  /// `accounting:`.
  package struct Accounting: Sendable, Hashable {
    package var sampleInterval: Span = .seconds(1)
    package var bookingInterval: Span = .seconds(60)
    package var retention: Span = .seconds(400 * 86_400)
    package init() {}
  }
}

extension SupervisorSettings {
  /// `backups:` of the state database.
  package struct Backups: Sendable, Hashable {
    /// Between two automatic ones; zero: none.
    package var interval: Span = .seconds(86_400)
    /// How many are kept.
    package var keep = 7
    package init() {}
  }
}

/// `prices:` what the host costs.
package struct HostPrices: Sendable, Hashable {
  package var cpuHour = Price(picoUSD: 31_611_000_000)
  package var memoryGiBHour = Price(picoUSD: 4_237_000_000)
  package var gpuHour = Price(picoUSD: 950_000_000_000)
  package var hostHour: Price?
  package var shareIdle: ShareIdle = .none
  package init() {}
  /// Who pays for the unused part of the host.
  package enum ShareIdle: String, Sendable, Hashable, CaseIterable { case none, even, proportional }
}

/// A whole accepted configuration.
package struct Configuration: Sendable, Hashable {
  package var settings: SupervisorSettings
  package var workers: [WorkerName: WorkerSpec]
  /// Rules of every zone that a schedule or the budget names.
  package var zones: [String: TimeZoneRules]
  package init(
    settings: SupervisorSettings, workers: [WorkerName: WorkerSpec], zones: [String: TimeZoneRules]
  ) {
    self.settings = settings
    self.workers = workers
    self.zones = zones
  }
}

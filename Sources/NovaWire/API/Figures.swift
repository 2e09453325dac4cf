// The history of a worker's figures and its last runs. Must never tell what is not known as 0.

package import NovaModel

/// `GET /v1/workers/NAME/history`, and each element of `GET /v1/history`.
package struct HistorySeries: Codable, Sendable, Hashable {
  package var worker: String
  /// When the first point begins, RFC 3339, a multiple of the step.
  package var start: String
  /// How long each point is.
  package var stepSeconds: Int64
  /// What the points are made of: 1, 60 or 3600.
  package var resolutionSeconds: Int64
  /// In order of time, without a gap.
  package var points: [HistoryPoint]

  /// A grid as a series; `revenue` where anybody ever said what the worker earns.
  package init(worker: String, grid: FigureGrid, resolution: Int64, knowsRevenue: Bool) {
    self.worker = worker
    start = WallTime(microseconds: grid.start * 1_000_000).rfc3339
    stepSeconds = grid.step
    resolutionSeconds = resolution
    points = grid.sums.enumerated().map { index, sum in
      HistoryPoint(
        at: WallTime(microseconds: (grid.start + Int64(index) * grid.step) * 1_000_000).rfc3339,
        sum: sum, knowsRevenue: knowsRevenue)
    }
  }
}

/// A step of time: everything is null where nothing ran or nobody looked.
package struct HistoryPoint: Codable, Sendable, Hashable {
  /// When it begins, RFC 3339.
  package var at: String
  /// The mean; 100 is one whole CPU.
  package var cpuPercent: Double?
  /// The highest.
  package var memoryBytes: UInt64?
  /// The most.
  package var tasks: UInt64?
  /// Spent in it.
  package var costUSD: String?
  /// Earned in it, less what was given back.
  package var revenueUSD: String?

  /// What is known of a step.
  package init(at: String, sum: FigureSum, knowsRevenue: Bool) {
    self.at = at
    guard sum.isSeen else { return }
    let sample = sum.sample
    cpuPercent = sample.cpu.map { Double($0) / 100 }
    memoryBytes = sample.memory.map { $0 << 10 }
    tasks = sample.tasks
    costUSD = Money(microUSD: sample.cost).decimal
    if knowsRevenue { revenueUSD = Money(microUSD: sample.revenue).decimal }
  }
}

/// `GET /v1/workers/NAME/runs`: one finished run.
package struct RunRow: Codable, Sendable, Hashable {
  package var id: String
  package var instance: Int
  package var ok: Bool
  /// `ok`, `failed` or `crashed`.
  package var outcome: String
  /// Who said so: `report`, `notify` or `exit`.
  package var origin: String
  /// RFC 3339.
  package var startedAt: String
  package var endedAt: String
  /// What the worker said and what it used of the host, together.
  package var costUSD: String?
  /// What the worker said; null: it said nothing.
  package var revenueUSD: String?
  package var source: String?

  /// A run as a row.
  package init(_ run: RunRecord) {
    id = run.id
    instance = run.instance
    ok = run.outcome == .ok
    outcome = run.outcome.rawValue
    origin = run.origin.rawValue
    startedAt = run.started.rfc3339
    endedAt = run.finished.rfc3339
    if run.reportedCost != nil || run.computeCost != nil {
      costUSD = ((run.reportedCost ?? .zero) + (run.computeCost ?? .zero)).decimal
    }
    revenueUSD = run.reportedRevenue?.decimal
    source = run.source
  }
}

/// The query of a history.
package struct HistoryQuery: Sendable, Hashable {
  /// At most so many points are told at once.
  package static let most: Int64 = 4000
  /// Empty for one worker's page.
  package var targets: [String]
  /// How far back, seconds.
  package var span: Int64
  /// How long each point is, seconds.
  package var step: Int64
  /// The end, RFC 3339; nil: now.
  package var until: WallTime?

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["target", "span", "step", "until"], repeatable: ["target"])
    targets = parameters.all("target")
    let text = parameters.first("span") ?? "1h"
    guard let span = DurationText.parse(text)?.wholeSeconds, (1...34_560_000).contains(span) else {
      throw APIError(.badRequest, "span must be a duration from 1s to 400d", field: "span")
    }
    self.span = span
    step = try parameters.number("step", 1...Int64(86_400)) ?? Self.step(of: span)
    guard span / step <= Self.most else {
      throw APIError(
        .badRequest, "step must be at least \((span + Self.most - 1) / Self.most) s for that span",
        field: "step")
    }
    if let text = parameters.first("until") {
      guard let time = WallTime(rfc3339: text) else {
        throw APIError(
          .badRequest, "until must be a time such as 2026-01-31T12:00:00Z", field: "until")
      }
      until = time
    }
  }

  /// The finest of some even steps that gives at most 720 points.
  private static func step(of span: Int64) -> Int64 {
    [1, 5, 10, 60, 300, 900, 3600, 10_800, 21_600].first { span / $0 <= 720 } ?? 86_400
  }
}

/// The query of the last runs.
package struct RunsQuery: Sendable, Hashable {
  /// At most so many.
  package var limit: Int

  /// Reads a request.
  package init(_ parameters: QueryParameters) throws(APIError) {
    try parameters.check(known: ["limit"])
    limit = try parameters.number("limit", 0...1000) ?? 20
  }
}

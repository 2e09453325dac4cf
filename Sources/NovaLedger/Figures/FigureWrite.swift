// What is kept of the figures of workers over time, and for how long. Every write can be applied twice with the effect of
// once. Must never hold SQL.

package import NovaModel

/// One change of the history of figures.
package enum FigureWrite: Sendable, Hashable {
  /// Stores the seconds of a minute (since 1970) of one shard.
  case seconds(minute: Int64, shard: Int, sheet: [UInt8])
  /// Makes the minutes and the hour of each worker of a shard out of an hour's (since 1970) seconds.
  case fold(hour: Int64, shard: Int)
  /// Gives up what is older than it is kept, counted from a second.
  case expire(now: Int64)

  var estimatedBytes: Int {
    if case .seconds(_, _, let sheet) = self { 320 + sheet.count } else { 320 }
  }
}

/// How long each step is kept.
package enum FigureRetention {
  /// An hour, what an hour takes to be over, and some: none is given up before its minutes are made.
  package static let seconds: Int64 = 130 * 60
  /// Minutes: 30 days.
  package static let minutes: Int64 = 30 * 86_400
  /// Hours: 400 days.
  package static let hours: Int64 = 400 * 86_400
}

/// Figures of workers on a grid of equal steps; whole multiples of a minute are made of minutes, of an hour of hours.
package struct FigureQuestion: Sendable, Hashable {
  package var workers: [WorkerName]
  /// Empty; what is known is added to it.
  package var grid: FigureGrid

  /// Asks.
  package init(workers: [WorkerName], grid: FigureGrid) {
    self.workers = workers
    self.grid = grid
  }

  /// From which samples a grid of such steps is made: 1, 60 or 3600 seconds.
  package static func source(of step: Int64) -> Int64 {
    step.isMultiple(of: 3600) ? 3600 : step.isMultiple(of: 60) ? 60 : 1
  }
}

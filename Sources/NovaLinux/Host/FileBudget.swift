// How many open files there may be, and what the supervisor does with them. Must never keep so many for readings that
// a start or a caller finds none.

/// Descriptors by RLIMIT_NOFILE.
package struct FileBudget: Sendable, Hashable {
  /// The hard limit, to which the soft one is raised at the start.
  package let limit: UInt64
  /// Workers, each with a notify socket of its own.
  package let workers: Int

  /// Listeners, the database, 256 callers, starts under way and log files being read.
  static let reserve: UInt64 = 512

  /// A budget for that many workers.
  package init(limit: UInt64, workers: Int) {
    self.limit = limit
    self.workers = workers
  }

  /// How many instances may keep the files of their readings open; the others open and close them at each reading.
  package var readers: Int {
    let taken = Self.reserve + UInt64(clamping: workers)
    guard limit > taken else { return 0 }
    return Int(clamping: (limit - taken) / UInt64(GroupReader.descriptorsKept))
  }

  /// How many workers fit at all.
  package var mostWorkers: Int { Int(clamping: limit - min(limit, Self.reserve)) }

  /// For people: what a fleet of 10,000 gets of it.
  package static func sentence(limit: UInt64) -> String {
    if limit == .max { return "unlimited" }
    let kept = FileBudget(limit: limit, workers: 10_000).readers
    let all = FileBudget(limit: limit, workers: 0).readers
    return "\(limit): readings keep the files of \(all) instances open,"
      + " of \(kept) beside 10,000 workers"
  }
}

// Questions about the history of figures. Minutes and hours that were not made yet are made of their seconds.
// Must never take samples that cannot be read for nought: they are left out.

internal import NovaModel

extension Reader {
  /// What is known of each worker, in their order.
  borrowing func figures(_ question: FigureQuestion) throws(LedgerError) -> [FigureGrid] {
    let source = FigureQuestion.source(of: question.grid.step)
    var grids: [FigureGrid] = []
    for worker in question.workers {
      var grid = question.grid
      var known: Set<Int64> = []
      if source > 1 { known = try made(worker, source, &grid) }
      try seconds(worker, source, without: known, &grid)
      grids.append(grid)
    }
    return grids
  }

  /// Adds minutes or hours that are made; the hours (since 1970) that they are of.
  private borrowing func made(_ worker: WorkerName, _ source: Int64, _ grid: inout FigureGrid)
    throws(LedgerError) -> Set<Int64>
  {
    let length = source == 60 ? Int64(3600) : 86_400
    var statement = try connection.prepare(
      "SELECT samples FROM figure WHERE step = ? AND start = ? AND worker = ?")
    var known: Set<Int64> = []
    // Two questions: SQLite answers either end from the key, both at once by reading all of it.
    let ends = try all(
      """
      SELECT (SELECT min(start) FROM figure WHERE step = ?), (SELECT max(start) FROM figure WHERE step = ?)
      """, [.integer(source), .integer(source)]
    ) { ($0.optionalInteger(0), $0.optionalInteger(1)) }
    guard case (let oldest?, let newest?)? = ends.first else { return [] }
    var start = max(grid.start / length * length, oldest)
    while start < min(grid.end, newest + 1) {
      var found: [FigureSample]?
      try statement.query([.integer(source), .integer(start), .text(worker.text)]) { row in
        found = FigureDecoder.samples(row.blob(0)[...])
      }
      for (index, sample) in (found ?? []).enumerated() {
        let second = start + Int64(index) * source
        grid.add(sample, at: second)
        if source == 60 || !sample.isAbsent { known.insert(second / 3600) }
      }
      start += length
    }
    return known
  }

  /// Adds what is kept by the second, as samples of `source`.
  private borrowing func seconds(
    _ worker: WorkerName, _ source: Int64, without known: Set<Int64>, _ grid: inout FigureGrid
  ) throws(LedgerError) {
    // An hour that the grid begins in the middle of is whole all the same.
    let from = grid.start / source * source / 60
    var statement = try connection.prepare(
      "SELECT minute, sheet FROM figure_second WHERE minute >= ? AND minute < ? AND shard = ?")
    var sums: [Int64: FigureSum] = [:]
    var exact: [(Int64, FigureSample)] = []
    try statement.query([
      .integer(from), .integer((grid.end + 59) / 60),
      .integer(Int64(FigureSheet.shard(of: worker))),
    ]) { row in
      let minute = row.integer(0)
      guard !known.contains(minute / 60),
        let samples = FigureSheet.samples(of: worker, in: row.blob(1))
      else { return }
      for (index, sample) in samples.enumerated() {
        let second = minute * 60 + Int64(index)
        if source == 1 {
          exact.append((second, sample))
        } else {
          sums[second / source, default: FigureSum()].add(sample)
        }
      }
    }
    for (second, sample) in exact { grid.add(sample, at: second) }
    for (number, sum) in sums { grid.add(sum.sample, at: number * source) }
  }

  /// The newest runs of a worker, newest first.
  borrowing func lastRuns(of worker: WorkerName, limit: Int) throws(LedgerError) -> [RunRecord] {
    try all(
      RunRecord.selection + " WHERE worker = ? ORDER BY finished_usec DESC LIMIT ?",
      [.text(worker.text), .integer(Int64(limit))]
    ) { RunRecord($0) }
  }
}

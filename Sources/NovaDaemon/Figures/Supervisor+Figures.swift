// The history of figures: fed by the rounds of readings and by booked money, told by the API. Must never hold the loop
// for a question: what is on the disk is read on the thread of questions.

import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Adds a reading of a life that was just taken.
  func figure(_ life: Life, _ reading: Reading) {
    let isFirst = life.track == nil
    let track = life.track ?? figures.track(of: life.id.worker)
    life.track = track
    track.add(
      cpu: life.cpuHundredths, memoryBytes: reading.memoryBytes, tasks: reading.tasks)
    let cost = priced(life, at: reading.at).cost
    // What an adopted life has cost since its last booking was told by the supervisor before.
    if isFirst, case .sinceBooking = life.basis { life.figured = cost }
    figureCost(life, cost, track)
  }

  /// Adds what a life has cost since it was looked at last.
  func figureCost(_ life: Life, _ cost: Money, _ track: FigureTrack) {
    track.add(cost: cost - life.figured)
    life.figured = cost
  }

  /// Ends the second that the last round of readings belongs to.
  func closeFigures() {
    let now = Clock.now().wall.microseconds / 1_000_000
    let interval = (configuration?.settings.accounting.sampleInterval ?? .seconds(1)).wholeSeconds
    let due = figures.close(now, interval: max(1, interval)) { fleet.worker($0) != nil }
    // History of readings is not worth memory that bookings need while the disk takes nothing.
    if ledgerTrouble == nil { writes += due.map { .figures($0) } }
  }

  /// `GET /v1/workers/NAME/history`.
  func showHistory(_ exchange: Exchange, _ text: String, _ query: HistoryQuery) throws(APIError) {
    guard query.targets.isEmpty else {
      throw APIError(.unknownField, "there is no parameter target", field: "target")
    }
    let name = try knownWorker(text)
    askHistory(exchange, [name], query) { [weak self] in
      if let first = $0.first { self?.answer(exchange, first) }
    }
  }

  /// `GET /v1/history`.
  func showHistories(_ exchange: Exchange, _ query: HistoryQuery) throws(APIError) {
    guard !query.targets.isEmpty else {
      throw APIError(.badRequest, "target is missing", field: "target")
    }
    let names = Set(
      try resolve(query.targets).map { target in
        switch target {
        case .worker(let name): name
        case .instance(let id): id.worker
        }
      }
    ).sorted()
    guard names.count <= 50 else {
      throw APIError(.tooLarge, "more than 50 workers: name fewer", field: "target")
    }
    askHistory(exchange, names, query) { [weak self] in self?.answer(exchange, $0) }
  }

  private func askHistory(
    _ exchange: Exchange, _ names: [WorkerName], _ query: HistoryQuery,
    then: @escaping ([HistorySeries]) -> Void
  ) {
    let now = (query.until ?? Clock.now().wall).microseconds / 1_000_000
    let grid = FigureGrid(until: now, span: query.span, step: query.step)
    let source = FigureQuestion.source(of: query.step)
    if grid.sums.count * names.count > 2000 { grewLarge() }
    ask(.figures(FigureQuestion(workers: names, grid: grid)), exchange) { [weak self] answer in
      guard let self, case .figures(let grids) = answer else { return }
      then(
        zip(names, grids).map { name, grid in
          var grid = grid
          figures.add(name, source: source, to: &grid)
          return HistorySeries(
            worker: name.text, grid: grid, resolution: source,
            knowsRevenue: books.knowsRevenue(of: name))
        })
    }
  }

  /// `GET /v1/workers/NAME/runs`.
  func showRuns(_ exchange: Exchange, _ text: String, _ query: QueryParameters) throws(APIError) {
    let limit = try RunsQuery(query).limit
    let name = try knownWorker(text)
    guard limit > 0 else { return answer(exchange, [RunRow]()) }
    ask(.lastRuns(name, limit: limit), exchange) { [weak self] answer in
      guard let self, case .lastRuns(let runs) = answer else { return }
      self.answer(exchange, runs.map { RunRow($0) })
    }
  }

  private func knownWorker(_ text: String) throws(APIError) -> WorkerName {
    guard let name = WorkerName(text), fleet.worker(name) != nil else { throw unknown(text) }
    return name
  }
}

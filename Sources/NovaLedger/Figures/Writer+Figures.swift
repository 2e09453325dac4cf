// Seconds on their way to the disk, and on to minutes and hours. Must never give up seconds of which no minutes were made,
// but those that are too old to be of use.

internal import NovaModel

/// The statements about figures.
struct FigureStatements: ~Copyable {
  var storeSeconds: Statement, findSeconds: Statement, store: Statement, find: Statement
  var expireSeconds: Statement, expire: Statement

  init(_ connection: borrowing Connection, _ failure: inout LedgerError?) {
    storeSeconds = connection.prepare(
      """
      INSERT INTO figure_second(minute, shard, sheet) VALUES (?, ?, ?)
      ON CONFLICT(minute, shard) DO UPDATE SET sheet = excluded.sheet
      """, &failure)
    findSeconds = connection.prepare(
      "SELECT minute, sheet FROM figure_second WHERE minute >= ? AND minute < ? AND shard = ?",
      &failure)
    store = connection.prepare(
      """
      INSERT INTO figure(step, start, worker, samples) VALUES (?, ?, ?, ?)
      ON CONFLICT(step, start, worker) DO UPDATE SET samples = excluded.samples
      """, &failure)
    find = connection.prepare(
      "SELECT samples FROM figure WHERE step = ? AND start = ? AND worker = ?", &failure)
    expireSeconds = connection.prepare("DELETE FROM figure_second WHERE minute < ?", &failure)
    expire = connection.prepare("DELETE FROM figure WHERE step = ? AND start < ?", &failure)
  }
}

extension Writer {
  /// Applies one write of figures.
  mutating func apply(_ write: FigureWrite) throws(LedgerError) {
    switch write {
    case .seconds(let minute, let shard, let sheet):
      try statements.figures.storeSeconds.run([
        .integer(minute), .integer(Int64(shard)), .blob(sheet),
      ])
    case .fold(let hour, let shard): try fold(hour, shard)
    case .expire(let now):
      try statements.figures.expireSeconds.run([.integer((now - FigureRetention.seconds) / 60)])
      try statements.figures.expire.run([.integer(60), .integer(now - FigureRetention.minutes)])
      try statements.figures.expire.run([.integer(3600), .integer(now - FigureRetention.hours)])
    }
  }

  private mutating func fold(_ hour: Int64, _ shard: Int) throws(LedgerError) {
    var minutes: [String: [FigureSum]] = [:]
    try statements.figures.findSeconds.query([
      .integer(hour * 60), .integer(hour * 60 + 60), .integer(Int64(shard)),
    ]) { row in
      let minute = Int(row.integer(0) - hour * 60)
      FigureSheet.each(in: row.blob(1)) { name, bytes in
        let worker = String(decoding: name, as: UTF8.self)
        for sample in FigureDecoder.samples(bytes) ?? [] {
          minutes[worker, default: Array(repeating: FigureSum(), count: 60)][minute].add(sample)
        }
      }
    }
    for (worker, sums) in minutes {
      let samples = sums.map(\.sample)
      try store(60, hour * 3600, worker, samples)
      var whole = FigureSum()
      for sample in samples { whole.add(sample) }
      let day = hour / 24
      var hours = try stored(3600, day * 86_400, worker) ?? []
      hours += Array(repeating: FigureSample(), count: max(0, 24 - hours.count))
      hours[Int(hour - day * 24)] = whole.sample
      try store(3600, day * 86_400, worker, hours)
    }
  }

  private mutating func store(
    _ step: Int64, _ start: Int64, _ worker: String, _ samples: [FigureSample]
  ) throws(LedgerError) {
    try statements.figures.store.run([
      .integer(step), .integer(start), .text(worker), .blob(FigureEncoder(samples).encoded),
    ])
  }

  private mutating func stored(_ step: Int64, _ start: Int64, _ worker: String)
    throws(LedgerError) -> [FigureSample]?
  {
    var found: [FigureSample]?
    try statements.figures.find.query([.integer(step), .integer(start), .text(worker)]) { row in
      found = FigureDecoder.samples(row.blob(0)[...])
    }
    return found
  }
}

// Applies writes to the database, a batch in one transaction. Lives on the ledger's thread. Every write can be
// applied twice with the effect of once. Must never let one bad write keep the others from the disk.

internal import NovaModel

/// The writing connection and what it knows.
struct Writer: ~Copyable {
  let connection: Connection
  var statements: WriteStatements
  /// The last serial of the blocks set aside.
  private(set) var reserved: UInt64
  /// How many serials to set aside at once.
  private let block: UInt64
  /// The end of the chain of entries.
  var chain: EntryChain
  /// The entry being appended, and its hash: used again for each.
  var row = FlatRow()
  var digest = [UInt8](repeating: 0, count: 32)
  /// What the present transaction has appended.
  var appended = Appended()

  /// Takes the connection over and sets a block of serials aside; the new supervisor begins after `reserved`
  /// as it was, returned in `first`.
  init(_ connection: consuming Connection, block: UInt64, first: inout Incarnation)
    throws(LedgerError)
  {
    let old = UInt64(
      clamping: try connection.integer(
        "SELECT value FROM meta WHERE name = 'incarnations_reserved'") ?? 0)
    let chain = try EntryChain.end(of: connection)
    var statements = try WriteStatements.prepared(on: connection)
    try statements.reserve.run([.counter(old + block)])
    reserved = old + block
    self.block = block
    first = Incarnation(old + 1)
    self.chain = chain
    self.statements = statements
    self.connection = connection
  }

  /// A batch of so many writes is a storm.
  private static let storm = 1000
  private var isStorm = false

  /// Takes the memory that a large batch needs.
  private mutating func brace(for batch: [Submission]) {
    guard !isStorm, batch.size.writes >= Self.storm else { return }
    isStorm = true
    // Slower without, and nothing else: an error here shows itself at the next statement.
    try? connection.execute("PRAGMA cache_size = \(LedgerFile.stormCacheSize)")
  }

  /// Nothing waits any more: gives that memory back.
  mutating func relax() {
    guard isStorm else { return }
    isStorm = false
    try? connection.execute(
      "PRAGMA cache_size = \(LedgerFile.cacheSize); PRAGMA shrink_memory")
  }

  /// A write that was refused for good.
  struct Rejection {
    var ticket: UInt64?
    var error: LedgerError
  }

  /// What a commit did.
  struct Outcome {
    var rejections: [Rejection] = []
    /// Tickets whose money was there already, or cannot be booked.
    var verdicts: [(ticket: UInt64?, verdict: Verdict)] = []
    var appended = Appended()
  }

  /// Makes everything durable in one transaction, or nothing and throws.
  mutating func commit(_ batch: [Submission]) throws(LedgerError) -> Outcome {
    brace(for: batch)
    do throws(LedgerError) {
      return try transaction(batch, isolating: false)
    } catch {
      guard error.kind == .rejected else { throw error }
      // Again, each write by itself: only the bad ones stay out.
      return try transaction(batch, isolating: true)
    }
  }

  private mutating func transaction(_ batch: [Submission], isolating: Bool) throws(LedgerError)
    -> Outcome
  {
    let reservedBefore = reserved
    let chainBefore = chain
    var outcome = Outcome()
    appended = Appended()
    // Left open only when the roll-back itself failed: no write may ever join half of an old batch.
    if !connection.isIdle { try statements.rollback.run() }
    try statements.begin.run()
    do throws(LedgerError) {
      for submission in batch {
        for write in submission.writes {
          var verdict = Verdict.done
          if isolating {
            if let error = try isolated(write, &verdict) {
              outcome.rejections.append(Rejection(ticket: submission.ticket, error: error))
            }
          } else {
            verdict = try apply(write)
          }
          switch verdict {
          case .done: continue
          // After a commit whose answer was an error nobody was told that it was new.
          case .repeated where submission.wasTried: continue
          case .repeated, .conflict: outcome.verdicts.append((submission.ticket, verdict))
          }
        }
      }
      try settleTotals()
      try statements.commit.run()
    } catch {
      // A full disk or an I/O error may have rolled back already; a second error says nothing new.
      if !connection.isIdle { try? statements.rollback.run() }
      reserved = reservedBefore
      chain = chainBefore
      appended = Appended()
      // SQLite counts COMMIT among the statements that only read.
      var told = error
      told.doing = "write the state database"
      throw told
    }
    outcome.appended = appended
    appended = Appended()
    return outcome
  }

  /// Applies one write inside a savepoint; returns the error of a refused one, throws any other.
  private mutating func isolated(_ write: LedgerWrite, _ verdict: inout Verdict)
    throws(LedgerError) -> LedgerError?
  {
    let chainBefore = chain
    let before = (appended.entries.count, appended.runs.count, appended.lives.count)
    try statements.savepoint.run()
    do throws(LedgerError) {
      verdict = try apply(write)
    } catch {
      guard error.kind == .rejected else { throw error }
      try statements.rollbackToSavepoint.run()
      try statements.release.run()
      chain = chainBefore
      appended.entries.removeLast(appended.entries.count - before.0)
      appended.runs.removeLast(appended.runs.count - before.1)
      appended.lives.removeLast(appended.lives.count - before.2)
      return error
    }
    try statements.release.run()
    return nil
  }

  private mutating func apply(_ write: LedgerWrite) throws(LedgerError) -> Verdict {
    switch write {
    case .worker(let record): try statements.storeWorker.run(record.columns)
    case .forgetWorker(let name): try statements.forgetWorker.run([.text(name.text)])
    case .instance(let record): try statements.storeInstance.run(record.columns)
    case .forgetInstance(let id):
      try statements.forgetInstance.run([.text(id.worker.text), .integer(Int64(id.number))])
    case .book(let record, let at, let price):
      try reserve(beyond: record.incarnation)
      try book(record, at: at, price: price)
    case .event(let event): try append(event)
    case .price(let version): try store(version)
    case .configuration(let files, let at): try store(files, at: at)
    case .entry(let entry): return try book(entry)
    case .run(let run, let entries): return try store(run, entries)
    case .revenue(let fact): return try book(fact)
    case .contra(let fact): return try book(fact)
    case .rate(let rate): return try store(rate)
    case .touch(let touch): try store(touch)
    case .hostAccount(let account):
      try statements.money.storeHostAccount.run([
        .integer(account.number), .text(account.bootID), .counter(account.boottime),
        .integer(account.remainderPico), .integer(account.early.microUSD),
      ])
    case .budget(let change): try store(change)
    case .engine(let write): try apply(write)
    case .figures(let write): try apply(write)
    case .gateway(let write): try apply(write)
    case .retain(let from): try retain(from: from)
    }
    return .done
  }

  /// Keeps at least half a block between what is used and what is set aside.
  private mutating func reserve(beyond incarnation: Incarnation) throws(LedgerError) {
    let (needed, over) = incarnation.serial.addingReportingOverflow(block / 2)
    guard !over, needed > reserved else { return }
    let next = incarnation.serial.addingReportingOverflow(block).partialValue
    try statements.reserve.run([.counter(next)])
    reserved = next
  }

  /// What a write breaks, in words, for invariants that SQL cannot see.
  static func refusal(_ message: String) -> LedgerError {
    LedgerError(
      .rejected, doing: "write the state database", message: message,
      remedy: LedgerError.remedy(.rejected))
  }
}

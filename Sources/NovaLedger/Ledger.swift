// The state database: one thread that writes, one connection that reads, one lock against a second supervisor.
// Belongs to the loop's thread. Must never wait for the disk in `submit`, and never end the process over an error.

package import NovaModel

/// An open ledger.
package final class Ledger {
  private let reader: Reader
  private let mailbox: Mailbox
  private var thread: WriterThread?
  private let firstIncarnation: Incarnation
  /// The lock; given back by `close`.
  private var file: LedgerFile?
  private let path: String
  /// Answers long questions; started by the first.
  private var inquiries: InquiryThread?

  /// Opens, checks and migrates the database at `path`, whose directory must be there, and sets serials aside.
  ///
  /// Throws a sentence when it is full, read-only, damaged, not ours, of a newer release or open elsewhere.
  package init(path: String, now: WallTime, options: LedgerOptions = LedgerOptions())
    throws(LedgerError)
  {
    let file = try LedgerFile(path: path)
    self.path = path
    let connection = try file.openWriter(options, now: now)
    var first = Incarnation(1)
    let writer = try Writer(connection, block: options.incarnationBlock, first: &first)
    let reader = Reader(try file.openReader())
    let mailbox = try Mailbox(options, reservedThrough: Incarnation(writer.reserved))
    self.thread = try WriterThread(writer, mailbox, options)
    self.mailbox = mailbox
    self.reader = reader
    self.firstIncarnation = first
    self.file = consume file
  }

  deinit { close() }

  // MARK: writing

  /// Hands writes over, in order; they become durable together with all that is queued by then.
  ///
  /// Never waits. With a ticket, `.durable(ticket:)` or `.rejected(ticket:)` answers once.
  package func submit(_ writes: [LedgerWrite], ticket: UInt64? = nil) {
    guard !writes.isEmpty || ticket != nil else { return }
    mailbox.submit(Submission(writes, ticket: ticket))
  }

  /// Readable when `drainCompletions` has something to give. An eventfd(2) that belongs to the ledger.
  package var completionDescriptor: CInt { mailbox.answers }

  /// What was answered since the last call, in order.
  package func drainCompletions() -> [LedgerCompletion] { mailbox.drainCompletions() }

  /// How it is.
  package var condition: LedgerCondition { mailbox.condition }

  /// Writes what is queued, once more where there was trouble, ends the thread and gives the lock back; returns
  /// what was left unwritten. Reading still works; what is submitted later is lost.
  @discardableResult
  package func close() -> LedgerPending {
    if let running = thread.take() {
      mailbox.beginClosing()
      running.join()
      file = nil
      inquiries?.close()
      inquiries = nil
    }
    return mailbox.condition.pending
  }

  /// Sets SQLite's bound on the size of the file before the next commit: a full disk without one, for tests.
  package func limitPages(to pages: Int64) { mailbox.limitPages(to: pages) }

  /// Copies the database to `destination`, which must not exist, on a thread of its own; `.backedUp(ticket:)` answers.
  package func backUp(to destination: String, ticket: UInt64) {
    BackupThread.start(from: path, to: destination, ticket: ticket, answering: mailbox)
  }

  // MARK: reading

  /// What the last supervisor left. Ask before the first `submit`.
  package func load() throws(LedgerError) -> DurableState {
    try reader.durableState(next: firstIncarnation)
  }

  /// Events as asked for, ascending; at most `query.limit`.
  package func events(_ query: EventQuery) throws(LedgerError) -> [EventRecord] {
    try reader.events(query)
  }

  /// What every instance used in all its lives, with what was booked at or after `since` as `recentCost`.
  package func usage(since: WallTime) throws(LedgerError) -> [InstanceID: UsageSummary] {
    try reader.usage(since: since)
  }

  /// The same by worker.
  package func usageByWorker(since: WallTime) throws(LedgerError) -> [WorkerName: UsageSummary] {
    var result: [WorkerName: UsageSummary] = [:]
    for (id, usage) in try reader.usage(since: since) {
      result[id.worker, default: UsageSummary()].add(usage)
    }
    return result
  }

  /// What was booked in `from ..< to` (nil: until now), by instance; those with no booking are left out.
  package func cost(from: WallTime, to: WallTime? = nil) throws(LedgerError) -> [InstanceID: Money]
  {
    try reader.cost(from: from, to: to)
  }

  /// The lives of an instance with usage and cost, newest first.
  package func incarnations(of id: InstanceID, limit: Int = 100) throws(LedgerError)
    -> [IncarnationRecord]
  {
    try reader.incarnations(of: id, limit: limit)
  }

  /// Asks something whose answer may take long; `.answered(ticket:)` brings it. False: too many wait already.
  package func ask(_ question: LedgerQuestion, ticket: UInt64) -> Bool {
    do throws(LedgerError) {
      if inquiries == nil {
        let mailbox = mailbox
        inquiries = try InquiryThread(Reader(try LedgerFile.openReader(path: path))) {
          mailbox.answered($0, $1)
        }
      }
      return inquiries?.ask(question, ticket: ticket) ?? false
    } catch {
      mailbox.answered(ticket, .failed(error))
      return true
    }
  }

  /// The sums of all entries booked in a span of at most some days.
  package func sums(from: WallTime, to: WallTime) throws(LedgerError) -> Balance {
    try reader.sums(SumsQuestion(bounds: [from, to])).values.first ?? Balance()
  }

  /// The same divided by what a question names; of at most some days.
  package func sums(_ question: SumsQuestion) throws(LedgerError) -> [SumKey: Balance] {
    try reader.sums(question)
  }

  /// Computes every hash and total again; takes about a second a million entries.
  package func verify(against anchor: AuditAnchor? = nil) throws(LedgerError) -> AuditReport {
    try reader.audit(against: anchor)
  }

  /// The external id under which the ledger books what a worker reports of a run.
  package static func reportID(_ worker: WorkerName, _ run: String) -> String {
    Writer.reportID(worker, run)
  }

  /// The running totals of money. Whoever keeps them takes every `.booked` after this in.
  package func balances() throws(LedgerError) -> [BalanceKey: Balance] { try reader.balances() }

  /// The runs of every worker in numbers; every `.ran` comes on top.
  package func runTotals() throws(LedgerError) -> [WorkerName: RunTotals] {
    try reader.runTotals()
  }

  /// A worker's newest runs, newest first.
  package func runs(of worker: WorkerName, limit: Int = 100) throws(LedgerError) -> [RunRecord] {
    try reader.runs(of: worker, limit: limit)
  }

  /// Entries with a greater id, oldest first, at most `limit`.
  package func entries(after: Int64 = 0, limit: Int = 1000) throws(LedgerError) -> [Entry] {
    try reader.entries(after: after, limit: limit)
  }

  /// Those of some calls of models that are on the disk.
  package func knownCalls(_ ids: [String]) throws(LedgerError) -> Set<String> {
    try reader.knownCalls(ids)
  }

  /// Sums of calls; of at most some days.
  package func callSums(_ question: CallSumsQuestion) throws(LedgerError)
    -> [CallSumKey: CallTotal]
  {
    try reader.callSums(question)
  }

  // MARK: decisions

  /// What the engine goes on with. Ask before the first `submit` of this turn.
  package func engineState(now: WallTime) throws(LedgerError) -> EngineState {
    try reader.engineState(now: now)
  }

  /// Evaluated runs after a sequence, oldest first, at most `limit`; of one worker and epoch, or of all.
  package func evaluations(
    after: Int64, worker: WorkerName? = nil, epoch: Int64? = nil, limit: Int
  ) throws(LedgerError) -> [Evaluation] {
    try reader.evaluations(after: after, worker: worker, epoch: epoch, limit: limit)
  }

  /// The epochs of a worker, newest first.
  package func epochs(of worker: WorkerName) throws(LedgerError) -> [EpochRecord] {
    try reader.epochs(of: worker)
  }

  /// Decisions as asked for, newest first.
  package func decisions(_ query: DecisionQuery) throws(LedgerError) -> [DecisionRecord] {
    try reader.decisions(query)
  }

  /// One decision; nil: there is none of that number.
  package func decision(_ id: Int64) throws(LedgerError) -> DecisionRecord? {
    try reader.decision(id)
  }

  /// Alerts, newest first; only those that last, or all; of an id below `before`.
  package func alerts(
    lasting: Bool, before: Int64 = .max, limit: Int
  ) throws(LedgerError) -> [AlertRecord] {
    try reader.alerts(lasting: lasting, before: before, limit: limit)
  }

  /// How a worker sells.
  package func sales(of worker: WorkerName) throws(LedgerError) -> SalesSummary {
    try reader.sales(of: worker)
  }

  /// Who has ever earned from a source.
  package func earners(from source: String) throws(LedgerError) -> Set<WorkerName> {
    try reader.earners(from: source)
  }

  /// What each worker has cost in a span.
  package func costs(from: WallTime, to: WallTime) throws(LedgerError) -> [WorkerName: Money] {
    var question = SumsQuestion(bounds: [from, to])
    question.byWorker = true
    var found: [WorkerName: Money] = [:]
    for (key, sums) in try reader.sums(question) {
      if let worker = key.worker { found[worker] = sums.cost }
    }
    return found
  }

  /// The newest `limit` bookings of a life, oldest first.
  package func bookings(of incarnation: Incarnation, limit: Int = 1000) throws(LedgerError)
    -> [UsageBooking]
  {
    try reader.bookings(of: incarnation, limit: limit)
  }
}

extension UsageSummary {
  /// Adds another instance's.
  mutating func add(_ other: UsageSummary) {
    totals = totals.adding(other.totals)
    cost = cost + other.cost
    incarnations += other.incarnations
    recentCost = recentCost + other.recentCost
  }
}

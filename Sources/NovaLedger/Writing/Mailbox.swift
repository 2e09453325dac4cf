// What the loop's thread and the ledger's thread share: writes one way, completions the other, an eventfd each way.
// Must never hold its lock while the disk is touched, so that neither thread waits for the other's work.

internal import CSQLite
internal import Glibc
internal import NovaModel
internal import Synchronization

/// The bounded queue between the two threads.
final class Mailbox: Sendable {
  private struct State {
    var queue: [Submission] = []
    var size = (writes: 0, bytes: 0)
    var inFlight = (writes: 0, bytes: 0)
    /// The size after the last merge: the next one waits until a quarter more has come.
    var merged = (writes: 0, bytes: 0)
    var closing = false
    var pageLimit: Int64?
    var completions: [LedgerCompletion] = []
    var condition: LedgerCondition
  }

  private let state: Mutex<State>
  private let maxWrites: Int
  private let maxBytes: Int
  /// Readable when the ledger's thread has something to do.
  let wake: CInt
  /// Readable when the loop has completions to drain.
  let answers: CInt

  init(_ options: LedgerOptions, reservedThrough: Incarnation) throws(LedgerError) {
    wake = nova_ledger_eventfd()
    answers = nova_ledger_eventfd()
    maxWrites = options.maxPendingWrites
    maxBytes = options.maxPendingBytes
    state = Mutex(State(condition: LedgerCondition(reservedThrough: reservedThrough)))
    guard wake >= 0, answers >= 0 else {
      throw LedgerError(
        .other, doing: "start the ledger's thread", message: "no eventfd can be had",
        remedy: "raise the limit of open files")
    }
  }

  deinit {
    if wake >= 0 { close(wake) }
    if answers >= 0 { close(answers) }
  }

  // MARK: the loop's side

  /// Queues writes; never waits for the disk.
  func submit(_ submission: Submission) {
    state.withLock { state in
      state.queue.append(submission)
      state.size.writes += submission.writes.count
      state.size.bytes += submission.bytes
      bound(&state)
      account(&state)
    }
    ring(wake)
  }

  /// Takes what was answered since the last call.
  func drainCompletions() -> [LedgerCompletion] {
    silence(answers)
    return state.withLock { state in
      defer { state.completions = [] }
      return state.completions
    }
  }

  var condition: LedgerCondition { state.withLock { $0.condition } }

  func beginClosing() {
    state.withLock { $0.closing = true }
    ring(wake)
  }

  func limitPages(to pages: Int64) {
    state.withLock { $0.pageLimit = pages }
    ring(wake)
  }

  /// An answer from elsewhere than the ledger's thread.
  func answer(_ completion: LedgerCompletion) {
    state.withLock { $0.completions.append(completion) }
    ring(answers)
  }

  // MARK: the ledger's side

  /// What there is to do.
  struct Work {
    var batch: [Submission]
    var closing: Bool
    var pageLimit: Int64?
  }

  /// One transaction's worth of writes: the next are handed over while it is written, and its answers do not wait for
  /// all of a storm.
  private static let most = 8192

  /// Takes what is queued, from the oldest on; whole submissions, as many as make one transaction.
  func take() -> Work {
    state.withLock { state in
      var (count, writes, bytes) = (0, 0, 0)
      while count < state.queue.count, writes < Self.most {
        writes += state.queue[count].writes.count
        bytes += state.queue[count].bytes
        count += 1
      }
      let work = Work(
        batch: Array(state.queue.prefix(count)), closing: state.closing,
        pageLimit: state.pageLimit)
      state.queue.removeFirst(count)
      state.inFlight = (writes, bytes)
      state.size = (state.size.writes - writes, state.size.bytes - bytes)
      state.merged = (
        min(state.merged.writes, state.size.writes), min(state.merged.bytes, state.size.bytes)
      )
      state.pageLimit = nil
      return work
    }
  }

  /// True when waiting for the next try is to end at once.
  var isUrgent: Bool { state.withLock { $0.closing || $0.pageLimit != nil } }

  /// The batch is on the disk but for what the outcome leaves out.
  func succeeded(_ batch: [Submission], _ outcome: Writer.Outcome, reserved: UInt64) {
    state.withLock { state in
      state.inFlight = (0, 0)
      state.condition.commits += 1
      state.condition.isOverfull = exceeds(state)
      state.condition.reservedThrough = Incarnation(reserved)
      if !outcome.appended.entries.isEmpty {
        state.completions.append(.booked(outcome.appended.entries))
      }
      if !outcome.appended.runs.isEmpty { state.completions.append(.ran(outcome.appended.runs)) }
      var answered: Set<UInt64> = []
      for rejection in outcome.rejections {
        state.completions.append(.rejected(ticket: rejection.ticket, rejection.error))
        if let ticket = rejection.ticket { answered.insert(ticket) }
      }
      // A conflict weighs more than a repetition beside it.
      for (ticket, verdict) in outcome.verdicts {
        guard case .conflict(let sentence) = verdict else { continue }
        if let ticket, !answered.insert(ticket).inserted { continue }
        state.completions.append(.conflicted(ticket: ticket, sentence))
      }
      for (ticket, verdict) in outcome.verdicts {
        guard case .repeated = verdict, let ticket, answered.insert(ticket).inserted else {
          continue
        }
        state.completions.append(.repeated(ticket: ticket))
      }
      for submission in batch {
        guard let ticket = submission.ticket, !answered.contains(ticket) else { continue }
        state.completions.append(.durable(ticket: ticket))
      }
      if state.condition.trouble != nil {
        state.condition.trouble = nil
        state.condition.pending.droppedEvents = 0
        state.completions.append(.recovered)
      }
      account(&state)
      if !state.completions.isEmpty { ring(answers) }
    }
  }

  /// A question was answered on its own thread.
  func answered(_ ticket: UInt64, _ answer: LedgerAnswer) {
    state.withLock { $0.completions.append(.answered(ticket: ticket, answer)) }
    ring(answers)
  }

  /// The batch could not be written: it goes back to the head of the queue.
  func failed(_ batch: [Submission], _ error: LedgerError) {
    state.withLock { state in
      var again = batch
      for index in again.indices { again[index].wasTried = true }
      state.queue = again + state.queue
      state.size = state.queue.size
      state.inFlight = (0, 0)
      let droppedBefore = state.condition.pending.droppedEvents
      bound(&state)
      account(&state)
      let isNew = state.condition.trouble?.extendedCode != error.extendedCode
      state.condition.trouble = error
      if isNew || state.condition.pending.droppedEvents != droppedBefore {
        state.completions.append(.degraded(error, state.condition.pending))
        ring(answers)
      }
    }
  }

  /// Merges, then gives up events, when more is queued than the bound allows.
  private func bound(_ state: inout State) {
    let merged = state.merged
    guard
      state.size.writes > max(maxWrites, merged.writes + merged.writes / 4)
        || state.size.bytes > max(maxBytes, merged.bytes + merged.bytes / 4)
    else { return }
    state.queue.merge()
    state.size = state.queue.size
    if exceeds(state) {
      // Three quarters, so that the next event does not begin it all again.
      let dropped = state.queue.dropEvents(
        toWrites: maxWrites / 4 * 3, bytes: maxBytes / 4 * 3)
      state.condition.pending.droppedEvents += dropped
      state.size = state.queue.size
      if let trouble = state.condition.trouble, dropped > 0 {
        account(&state)
        state.completions.append(.degraded(trouble, state.condition.pending))
        ring(answers)
      }
    }
    state.merged = state.size
    state.condition.isOverfull = exceeds(state)
  }

  private func exceeds(_ state: State) -> Bool {
    state.size.writes > maxWrites || state.size.bytes > maxBytes
  }

  private func account(_ state: inout State) {
    state.condition.pending.writes = state.size.writes + state.inFlight.writes
    state.condition.pending.bytes = state.size.bytes + state.inFlight.bytes
  }

  // MARK: eventfd(2)

  private func ring(_ descriptor: CInt) {
    var one: UInt64 = 1
    // EAGAIN means the counter is full, so it is readable, which is all that is wanted.
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Makes it unreadable until the next ring.
  func silence(_ descriptor: CInt) {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}

// The thread that answers long questions, one after the other. Must never touch the fleet or the writing connection.

internal import CSQLite
internal import Glibc
internal import NovaModel
internal import Synchronization

/// A running thread of questions; it lasts until it is closed.
final class InquiryThread: Sendable {
  private struct State {
    var queue: [(ticket: UInt64, question: LedgerQuestion)] = []
    var closing = false
  }

  // 64 questions wait at most: each is a client of the API that has a time-out of its own.
  private static let longestQueue = 64
  private let state = Mutex(State())
  private let wake: Wake

  /// Starts it; `reader` belongs to it from now on. `answered` is called on the thread.
  init(
    _ reader: consuming Reader, answered: @escaping @Sendable (UInt64, LedgerAnswer) -> Void
  ) throws(LedgerError) {
    wake = try Wake()
    let thread = try OwnThread(
      Cargo(reader, answered, self), doing: "start a thread for questions")
    // Nobody waits for it: a question under way when the supervisor ends has no one left to hear its answer.
    thread.detach()
  }

  /// Queues a question; false when too many wait.
  func ask(_ question: LedgerQuestion, ticket: UInt64) -> Bool {
    let taken = state.withLock { state in
      guard state.queue.count < Self.longestQueue else { return false }
      state.queue.append((ticket, question))
      return true
    }
    wake.ring()
    return taken
  }

  /// Ends the thread after the question it is at.
  func close() {
    state.withLock { $0.closing = true }
    wake.ring()
  }

  /// The next question; nil: it is over.
  fileprivate func next() -> (ticket: UInt64, question: LedgerQuestion)? {
    while true {
      let (found, closing) = state.withLock { state in
        (state.queue.isEmpty ? nil : state.queue.removeFirst(), state.closing)
      }
      if closing { return nil }
      if let found { return found }
      wake.wait()
    }
  }
}

/// What the thread owns.
private final class Cargo: Errand {
  private let reader: Reader
  private let answered: @Sendable (UInt64, LedgerAnswer) -> Void
  private let thread: InquiryThread

  init(
    _ reader: consuming Reader, _ answered: @escaping @Sendable (UInt64, LedgerAnswer) -> Void,
    _ thread: InquiryThread
  ) {
    self.reader = reader
    self.answered = answered
    self.thread = thread
  }

  func run() {
    while let (ticket, question) = thread.next() { answered(ticket, reader.answer(question)) }
  }
}

/// An eventfd(2) that one side rings and the other waits for.
private struct Wake: ~Copyable, Sendable {
  private let descriptor: CInt

  init() throws(LedgerError) {
    descriptor = nova_ledger_eventfd()
    guard descriptor >= 0 else {
      throw LedgerError(
        .other, doing: "start a thread for questions", message: "no eventfd can be had",
        remedy: "raise the limit of open files")
    }
  }

  deinit { Glibc.close(descriptor) }

  func ring() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  func wait() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, -1)
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}

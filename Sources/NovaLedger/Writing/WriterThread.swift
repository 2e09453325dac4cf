// The thread that waits for the disk: takes all that is queued, commits it as one transaction, tells what became
// durable, and on trouble keeps it and tries again. Must never end before it is told to, and never touch the fleet.

internal import Glibc
internal import NovaModel

/// A running ledger thread.
struct WriterThread: ~Copyable {
  private let thread: OwnThread

  /// Starts it; `writer` belongs to it from now on.
  init(_ writer: consuming Writer, _ mailbox: Mailbox, _ options: LedgerOptions)
    throws(LedgerError)
  {
    thread = try OwnThread(Cargo(writer, mailbox, options), doing: "start the ledger's thread")
  }

  /// Waits for its end; it must have been told to close.
  consuming func join() { thread.join() }
}

/// What the thread owns.
private final class Cargo: Errand {
  private var writer: Writer
  private let mailbox: Mailbox
  private let retryDelay: Span
  private let retryMax: Span

  init(_ writer: consuming Writer, _ mailbox: Mailbox, _ options: LedgerOptions) {
    self.writer = writer
    self.mailbox = mailbox
    retryDelay = options.retryDelay
    retryMax = options.retryMax
  }

  func run() {
    var delay = retryDelay
    while true {
      let work = mailbox.take()
      if let pages = work.pageLimit {
        // A refusal shows itself at the next commit.
        _ = try? writer.connection.integer("PRAGMA max_page_count = \(pages)")
      }
      guard !work.batch.isEmpty else {
        if work.closing {
          // The reader is still open, so SQLite would leave the journal for the next start to go through.
          _ = try? writer.connection.integer("PRAGMA wal_checkpoint(TRUNCATE)")
          return
        }
        writer.relax()
        wait(atMost: nil)
        continue
      }
      do throws(LedgerError) {
        let outcome = try writer.commit(work.batch)
        mailbox.succeeded(work.batch, outcome, reserved: writer.reserved)
        delay = retryDelay
      } catch {
        mailbox.failed(work.batch, error)
        // One try after the order to close, then what is left is told to whoever closes.
        if work.closing { return }
        pause(delay)
        delay = min(delay + delay, retryMax)
      }
    }
  }

  /// Waits for the time of the next try; new writes do not shorten it, an order to close does.
  private func pause(_ span: Span) {
    let end = now() + span
    while !mailbox.isUrgent {
      let left = (end - now()).wholeMilliseconds
      guard left > 0 else { return }
      wait(atMost: left)
    }
  }

  /// Waits for a ring. Calls `poll(2)`.
  private func wait(atMost milliseconds: Int64?) {
    var entry = pollfd(fd: mailbox.wake, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, milliseconds.map { CInt(clamping: $0) } ?? -1)
    mailbox.silence(mailbox.wake)
  }

  private func now() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }
}

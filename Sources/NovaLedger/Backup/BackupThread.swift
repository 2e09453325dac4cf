// The thread of one backup: it reads and writes for as long as the disk takes, then answers like the ledger's thread.
// Must never touch the writer's connection.

internal import Glibc

/// Runs one backup.
enum BackupThread {
  private final class Errand {
    let source: String
    let destination: String
    let ticket: UInt64
    let mailbox: Mailbox

    init(_ source: String, _ destination: String, _ ticket: UInt64, _ mailbox: Mailbox) {
      self.source = source
      self.destination = destination
      self.ticket = ticket
      self.mailbox = mailbox
    }

    func run() {
      do throws(LedgerError) {
        let report = try Backup.make(of: source, to: destination)
        mailbox.answer(.backedUp(ticket: ticket, .success(report)))
      } catch {
        mailbox.answer(.backedUp(ticket: ticket, .failure(error)))
      }
    }
  }

  /// Starts it; `mailbox` gets the answer, also when there can be no thread.
  static func start(
    from source: String, to destination: String, ticket: UInt64, answering mailbox: Mailbox
  ) {
    let errand = unsafe Unmanaged.passRetained(Errand(source, destination, ticket, mailbox))
    var thread = pthread_t()
    var all = sigset_t()
    var before = sigset_t()
    // Signals are the loop's.
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        // SAFETY: the pointer made by passRetained above, consumed once; the starting thread keeps no reference.
        if let argument = unsafe argument {
          unsafe Unmanaged<Errand>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, unsafe errand.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code != 0 else {
      pthread_detach(thread)
      return
    }
    unsafe errand.release()
    mailbox.answer(
      .backedUp(
        ticket: ticket,
        .failure(
          LedgerError(
            .other, doing: "back up the state database",
            message: "pthread_create gave error \(code)", remedy: "raise the limit of tasks"))))
  }
}

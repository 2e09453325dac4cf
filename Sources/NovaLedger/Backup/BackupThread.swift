// The thread of one backup: it reads and writes for as long as the disk takes, then answers like the ledger's thread.
// Must never touch the writer's connection.

/// Runs one backup.
enum BackupThread {
  private final class Copy: Errand {
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
    do throws(LedgerError) {
      let thread = try OwnThread(
        Copy(source, destination, ticket, mailbox), doing: "back up the state database")
      thread.detach()
    } catch {
      mailbox.answer(.backedUp(ticket: ticket, .failure(error)))
    }
  }
}

// Backups of the state database: one a day by itself, one whenever somebody asks, and what is said of them.
// Must never wait for one: the ledger copies on a thread of its own and answers.

import Glibc
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// A backup under way.
struct RunningBackup {
  let path: String
  /// Nil: by the calendar.
  let exchange: Exchange?
  let actor: Actor

  /// What the caller is told: of a file that is there, or of a place where none can be made, it is the caller's path.
  func code(of error: LedgerError) -> APIErrorCode {
    switch error.kind {
    case .rejected: .preconditionFailed
    case .cannotOpen: .unusablePath
    default: .failed
    }
  }
}

extension Supervisor {
  var shelf: BackupShelf { BackupShelf(options.backupsDirectory) }

  /// Makes the backup of the day when it is due; called every few minutes.
  func backUpIfDue() {
    let settings = configuration?.settings.backups ?? SupervisorSettings.Backups()
    guard settings.interval > .zero, backup == nil, ledgerTrouble == nil, !draining,
      shelf.isDue(every: settings.interval, now: Clock.now().wall)
    else { return }
    do throws(LedgerError) {
      begin(RunningBackup(path: try shelf.next(), exchange: nil, actor: .supervisor))
    } catch {
      sayBackupFailed(error)
    }
  }

  /// `POST /v1/backups`.
  func backUp(_ exchange: Exchange, _ request: BackupRequest, by actor: Actor) throws(APIError) {
    guard backup == nil else {
      throw APIError(.unavailable, "a backup is being made; try again")
    }
    if let path = request.path {
      guard path.hasPrefix("/"), path.utf8.count < 4000, !path.utf8.contains(0) else {
        throw APIError(.badRequest, "path must be absolute", field: "path")
      }
      return begin(RunningBackup(path: path, exchange: exchange, actor: actor))
    }
    do throws(LedgerError) {
      begin(RunningBackup(path: try shelf.next(), exchange: exchange, actor: actor))
    } catch {
      throw APIError(.failed, "\(error)")
    }
  }

  private func begin(_ running: RunningBackup) {
    backup = running
    lastBackup += 1
    ledger.backUp(to: running.path, ticket: lastBackup)
  }

  /// The ledger's answer.
  func backedUp(_ ticket: UInt64, _ outcome: Result<BackupReport, LedgerError>) {
    guard ticket == lastBackup, let running = backup else { return }
    backup = nil
    switch outcome {
    case .success(let report):
      if running.exchange == nil {
        shelf.keep((configuration?.settings.backups ?? SupervisorSettings.Backups()).keep)
      }
      history.record(
        EventRecord(
          at: Clock.now().wall, type: "backup.made", severity: .info, actor: running.actor.text,
          message: "the state database was backed up to \(running.path)",
          details: ["path": running.path, "bytes": String(report.bytes)]))
      running.exchange?.respond(200, body: APICoding.encode(Self.response(report)))
    case .failure(let error):
      sayBackupFailed(error)
      guard let exchange = running.exchange else { return }
      refuse(
        exchange,
        APIError(running.code(of: error), "\(error)", field: "path")
      )
    }
  }

  /// A copy that is not whole means that the database is not: the next start looks through all of it.
  private func sayBackupFailed(_ error: LedgerError) {
    if error.isDamage { Ledger.suspect(options.database) }
    let advice =
      error.isDamage ? "; restart the supervisor: it then starts from the last good backup" : ""
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "backup.failed",
        severity: error.isDamage ? .critical : .warning,
        message: "\(error)\(advice)"))
  }

  private static func response(_ report: BackupReport) -> BackupResponse {
    BackupResponse(
      path: report.path, bytes: report.bytes, schema: report.schema,
      incarnations: report.incarnations, lastEventID: report.lastEvent?.id,
      lastEventAt: report.lastEvent?.at.rfc3339)
  }

  /// `GET /v1/backups`: those on the shelf, oldest first.
  func backups() -> [BackupRow] {
    shelf.items().map { BackupRow(path: $0.path, madeAt: $0.made.rfc3339, bytes: $0.bytes) }
  }
}

// Copies of the state database by SQLite's online backup: whole, of one moment, while the supervisor writes on.
// Blocks for as long as the disk takes, so never on the loop's thread. Must never leave a file that only looks whole.

internal import CSQLite
internal import Glibc
package import NovaModel

/// What a backup holds, as found by looking through all of it.
package struct BackupReport: Sendable, Hashable {
  /// The file.
  package var path: String
  /// Its size.
  package var bytes: Int64
  /// The schema it was written with.
  package var schema: Int64
  /// Id and time of its last event, nil when it has none.
  package var lastEvent: (id: Int64, at: WallTime)? {
    lastEventID.map { ($0, WallTime(microseconds: lastEventUsec)) }
  }
  /// Lives of instances on record.
  package var incarnations: Int64

  var lastEventID: Int64?
  var lastEventUsec: Int64 = 0
}

/// Making, judging and putting back copies.
package enum Backup {
  /// Copies the database at `source` to `destination`, which must not exist, and looks through the copy.
  ///
  /// The copy is one file without a journal, mode 0600, and appears under its name only when it is whole and on the
  /// disk. Calls `sqlite3_backup_step` once for all pages: in WAL mode neither side waits for the other.
  package static func make(of source: String, to destination: String) throws(LedgerError)
    -> BackupReport
  {
    let doing = "back up the state database to \(destination)"
    let partial = destination + ".partial"
    guard unsafe access(destination, F_OK) != 0 else {
      throw LedgerError(
        .rejected, doing: doing, message: "the file exists", remedy: "give another name")
    }
    unsafe _ = unlink(partial)
    let file = unsafe open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw LedgerFile.failure(doing, errno) }
    close(file)
    do throws(LedgerError) {
      try copy(source, to: partial)
      var report = try verify(partial)
      // Not rename(2): whatever came to stand there meanwhile is not ours to replace.
      guard unsafe link(partial, destination) == 0 else { throw LedgerFile.failure(doing, errno) }
      unsafe _ = unlink(partial)
      LedgerFile.syncDirectory(of: destination)
      report.path = destination
      return report
    } catch {
      unsafe _ = unlink(partial)
      unsafe _ = unlink(partial + "-journal")
      var told = error
      told.doing = doing
      throw told
    }
  }

  private static func copy(_ source: String, to destination: String) throws(LedgerError) {
    let from = try Connection(path: source, access: .readOnly)
    from.setBusyTimeout(milliseconds: 5000)
    let into = try Connection(path: destination, access: .readWrite)
    try from.copy(into: into)
    // The copy says WAL in its header, as its source does; a single file needs none.
    guard try into.text("PRAGMA journal_mode = DELETE") == "delete" else {
      throw LedgerError(
        .other, doing: "back up", message: "the copy cannot be closed",
        remedy: LedgerError.remedy(.other))
    }
  }

  /// Looks through a backup without changing it: ours, of a schema known here, every page and every reference whole.
  package static func verify(_ path: String) throws(LedgerError) -> BackupReport {
    let doing = "verify \(path)"
    do throws(LedgerError) {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { throw LedgerFile.failure(doing, errno) }
      let connection = try Connection(path: path, access: .readOnly)
      let schema = try LedgerSchema.version(of: connection, path: path)
      guard schema > 0 else {
        throw LedgerError(
          .foreign, doing: doing, message: "it is empty", remedy: "give a backup of novasup")
      }
      let answer = try connection.text("PRAGMA integrity_check(1)") ?? "no answer"
      guard answer == "ok" else {
        throw LedgerError(
          .corrupt, doing: doing, message: "it is damaged: \(answer)", remedy: "use an older one")
      }
      guard try connection.text("PRAGMA foreign_key_check") == nil else {
        throw LedgerError(
          .corrupt, doing: doing, message: "it is damaged: a row points to nothing",
          remedy: "use an older one")
      }
      var report = BackupReport(
        path: path, bytes: Int64(status.st_size), schema: schema,
        incarnations: try connection.integer("SELECT count(*) FROM incarnation") ?? 0)
      report.lastEventID = try connection.integer("SELECT max(id) FROM event")
      report.lastEventUsec =
        try connection.integer("SELECT at_usec FROM event ORDER BY id DESC LIMIT 1") ?? 0
      return report
    } catch {
      var told = error
      told.doing = doing
      throw told
    }
  }

  /// Puts a good backup in the place of the database at `path`, which no supervisor has open, and keeps what was there
  /// as `PATH.LABEL` with its journal; returns what the backup holds and that name (nil: there was nothing).
  package static func restore(_ backup: String, over path: String, keepingOldAs label: String)
    throws(LedgerError) -> (report: BackupReport, kept: String?)
  {
    do throws(LedgerError) {
      let lock = try LedgerFile(path: path)
      return try lock.whileHeld { () throws(LedgerError) in
        try replace(path, with: backup, label)
      }
    } catch {
      var told = error
      told.doing = "restore \(path)"
      throw told
    }
  }

  private static func replace(_ path: String, with backup: String, _ label: String)
    throws(LedgerError) -> (report: BackupReport, kept: String?)
  {
    let doing = "restore \(path)"
    let ready = path + ".restoring"
    unsafe _ = unlink(ready)
    let report = try make(of: backup, to: ready)
    try skipSerials(ready)
    var kept: String?
    // The database last: as long as it stands, a crash leaves everything as it was.
    for suffix in ["-wal", "-shm", ""] {
      var status = stat()
      guard unsafe stat(path + suffix, &status) == 0 else { continue }
      if suffix.isEmpty, status.st_size == 0 {
        unsafe _ = unlink(path)
        continue
      }
      guard unsafe rename(path + suffix, "\(path).\(label)\(suffix)") == 0 else {
        throw LedgerFile.failure(doing, errno)
      }
      if suffix.isEmpty { kept = "\(path).\(label)" }
    }
    guard unsafe rename(ready, path) == 0 else { throw LedgerFile.failure(doing, errno) }
    LedgerFile.syncDirectory(of: path)
    return (report, kept)
  }

  /// Finishes a restore that a crash cut short: the database was moved away and its successor stands ready.
  package static func finishRestore(of path: String) {
    let ready = path + ".restoring"
    guard unsafe access(path, F_OK) != 0, unsafe access(ready, F_OK) == 0 else { return }
    unsafe _ = rename(ready, path)
    LedgerFile.syncDirectory(of: path)
  }

  /// Lives that began after the backup may still run: their serials must not be given to others. 2^32 is more
  /// starts than a host makes between two backups, and leaves room for 2^31 restores.
  private static func skipSerials(_ path: String) throws(LedgerError) {
    let connection = try Connection(path: path, access: .readWrite)
    try connection.execute(
      "UPDATE meta SET value = value + \(Int64(1) << 32) WHERE name = 'incarnations_reserved'")
  }
}

extension Connection {
  /// Copies everything into another, empty database. Calls `sqlite3_backup_init`, `_step` and `_finish`.
  borrowing func copy(into other: borrowing Connection) throws(LedgerError) {
    let code = unsafe other.withHandle { into in
      unsafe withHandle { from -> Int32 in
        guard let backup = unsafe sqlite3_backup_init(into, "main", from, "main") else {
          return unsafe sqlite3_errcode(into)
        }
        // All pages in one step: a copy in several would begin again with each commit of the supervisor.
        let step = unsafe sqlite3_backup_step(backup, -1)
        let finish = unsafe sqlite3_backup_finish(backup)
        return step == SQLITE_DONE ? finish : step
      }
    }
    guard code != SQLITE_OK else { return }
    throw unsafe other.withHandle { unsafe Self.error($0, code, doing: "copy the database", nil) }
  }
}

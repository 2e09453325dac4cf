// Opening a database that may be damaged: the last good backup takes its place, the damaged file is kept, and what is
// lost is told. Must never begin an empty history in the place of one that was lost: that is a person's decision.

internal import Glibc
package import NovaModel

/// What a start from a backup means for people.
package struct Recovery: Sendable, Hashable {
  /// One sentence.
  package var sentence: String
  /// For the event's details.
  package var details: [String: String]
}

extension Ledger {
  // A look through 64 MiB takes some 60 ms; beyond that the daily backup looks, and leaves its mark.
  private static let alwaysChecked: Int64 = 64 << 20

  /// Opens the database at `path`; where it is damaged and `shelf` holds a good backup, from that.
  package static func open(
    path: String, shelf: BackupShelf, now: WallTime, options: LedgerOptions = LedgerOptions()
  ) throws(LedgerError) -> (ledger: Ledger, state: DurableState, recovery: Recovery?) {
    Backup.finishRestore(of: path)
    var options = options
    let size = LedgerFile.size(of: path)
    let suspect = path + ".suspect"
    let isSuspect = unsafe access(suspect, F_OK) == 0
    options.quickCheck = options.quickCheck || isSuspect || (size ?? 0) <= alwaysChecked
    do throws(LedgerError) {
      // An empty file is what a lost one looks like: a new one is only made where nothing was saved before.
      if size == 0, !shelf.items().isEmpty {
        throw LedgerError(
          .corrupt, doing: "open the state database \(path)", message: "it is empty",
          remedy: LedgerError.remedy(.corrupt))
      }
      let ledger = try Ledger(path: path, now: now, options: options)
      let state = try ledger.load()
      unsafe _ = unlink(suspect)
      return (ledger, state, nil)
    } catch {
      guard error.isDamage, let good = shelf.newestGood() else { throw error }
      let recovery = try replace(path, by: good, because: error, now: now)
      unsafe _ = unlink(suspect)
      let ledger = try Ledger(path: path, now: now, options: options)
      return (ledger, try ledger.load(), recovery)
    }
  }

  /// Has the next start look through the whole database at `path`, whatever its size.
  package static func suspect(_ path: String) {
    let file = unsafe Glibc.open(path + ".suspect", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    if file >= 0 { Glibc.close(file) }
  }

  private static func replace(
    _ path: String, by good: BackupReport, because error: LedgerError, now: WallTime
  ) throws(LedgerError) -> Recovery {
    let stamp = now.rfc3339.filter { $0 != ":" && $0 != "-" }
    let (report, kept) = try Backup.restore(
      good.path, over: path, keepingOldAs: "damaged-\(stamp)")
    let last = report.lastEvent
    let since = last.map { "\($0.at.rfc3339) (event \($0.id))" } ?? "its beginning"
    let keptAs = kept.map { "; the damaged file is kept as \($0)" } ?? ""
    return Recovery(
      sentence:
        "the state database was damaged (\(error.message)): it was replaced by the backup \(good.path); what was "
        + "stored after \(since) is lost\(keptAs)",
      details: [
        "backup": good.path, "kept": kept ?? "", "why": error.message,
        "last_event": last.map { String($0.id) } ?? "", "last_event_at": last?.at.rfc3339 ?? "",
      ])
  }
}

extension LedgerError {
  /// The file itself is not whole; another copy of it would help.
  package var isDamage: Bool { kind == .corrupt || code == 26 }
}

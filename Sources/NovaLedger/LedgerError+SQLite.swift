// SQLite's result codes as kinds of trouble, with what a person can do about each. Must never call SQLite on a
// connection: it gets what was read from it.

internal import CSQLite
internal import Glibc

extension LedgerError {
  /// The error for a result code. `systemError` is the errno that SQLite last saw, 0 for none.
  static func sqlite(
    code extended: Int32, systemError: Int32, doing: String, text: String, statement: String?
  ) -> LedgerError {
    let primary = extended & 0xff
    // A full disk shows itself as SQLITE_FULL or, where the -shm file is to grow, as an I/O error.
    let kind: Kind =
      (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
        && (systemError == ENOSPC || systemError == EDQUOT)
      ? .full : self.kind(primary)
    return LedgerError(
      kind, code: primary, extendedCode: extended, doing: doing, message: text,
      statement: statement, remedy: remedy(kind))
  }

  private static func kind(_ primary: Int32) -> Kind {
    switch primary {
    case SQLITE_FULL: .full
    case SQLITE_READONLY, SQLITE_PERM: .readOnly
    case SQLITE_IOERR: .io
    case SQLITE_CORRUPT: .corrupt
    case SQLITE_NOTADB: .foreign
    case SQLITE_CANTOPEN, SQLITE_AUTH: .cannotOpen
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .inUse
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG: .rejected
    default: .other
    }
  }

  /// What to do about a kind of trouble.
  static func remedy(_ kind: Kind) -> String {
    switch kind {
    case .full: "free space on its file system"
    case .readOnly: "make the file and its directory writable for the supervisor"
    case .io: "look for storage errors in the kernel's log"
    case .corrupt: "put a copy of the file back, or move it away to begin an empty history"
    case .foreign: "give another state directory, or move the file away"
    case .newer: "install the newer release again, or put back the copy made before it"
    case .inUse: "stop the other program that has it open"
    case .cannotOpen: "look at the path and its permissions"
    case .rejected: "this is a defect of the supervisor; report it with this line"
    case .other: "look at the supervisor's journal"
    }
  }
}

// One SQLite connection with exactly one owner. Used by one thread at a time (SQLITE_OPEN_NOMUTEX): it may move to
// another thread, never be shared. Must never show a bound value in an error.

internal import CSQLite

/// An open database.
@safe struct Connection: ~Copyable {
  private let handle: OpaquePointer

  /// How it is opened.
  enum Access {
    case readWrite
    case readOnly
  }

  /// Once in a process. Refused where somebody else has begun with the library before: slower, and nothing else.
  private static let countsNoMemory = nova_sqlite3_count_no_memory()

  /// Opens an existing file. Calls `sqlite3_open_v2`.
  init(path: String, access: Access) throws(LedgerError) {
    _ = Self.countsNoMemory
    let mode = access == .readWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(
      path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard let connection = unsafe opened else {
      throw LedgerError(
        .other, code: code, doing: "open the state database \(path)",
        message: "out of memory", remedy: "free memory")
    }
    guard code == SQLITE_OK else {
      let error = unsafe Self.error(connection, code, doing: "open the state database \(path)", nil)
      unsafe sqlite3_close_v2(connection)
      throw error
    }
    unsafe handle = connection
  }

  deinit {
    // SAFETY: the only owner; close_v2 waits for statements that are finalized later.
    unsafe sqlite3_close_v2(handle)
  }

  /// Prepares a statement that is kept. Calls `sqlite3_prepare_v3`.
  borrowing func prepare(_ sql: String) throws(LedgerError) -> Statement {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe Self.error(handle, code, doing: "prepare a statement", sql)
    }
    return unsafe Statement(statement, on: handle)
  }

  /// The same for many at once: the first error is kept in `failure`, and its statement throws when it is used.
  borrowing func prepare(_ sql: String, _ failure: inout LedgerError?) -> Statement {
    do throws(LedgerError) {
      return try prepare(sql)
    } catch {
      failure = failure ?? error
      return unsafe Statement(nil, on: handle)
    }
  }

  /// Runs statements without values or rows. Calls `sqlite3_exec`.
  borrowing func execute(_ sql: String) throws(LedgerError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw unsafe Self.error(handle, code, doing: "write the state database", sql)
    }
  }

  /// The first column of the first row, as an integer; nil when there is no row or it is NULL.
  borrowing func integer(_ sql: String) throws(LedgerError) -> Int64? {
    var result: Int64?
    var statement = try prepare(sql)
    try statement.query { row in result = row.optionalInteger(0) }
    return result
  }

  /// The first column of the first row, as text; nil when there is no row or it is NULL.
  borrowing func text(_ sql: String) throws(LedgerError) -> String? {
    var result: String?
    var statement = try prepare(sql)
    try statement.query { row in result = result ?? row.optionalText(0) }
    return result
  }

  /// Sets an on/off option and returns what it is now: 0, 1, or -1 when refused. Calls `sqlite3_db_config`.
  borrowing func setOption(_ option: Int32, _ on: Bool) -> Int32 {
    unsafe nova_sqlite3_set_option(handle, option, on ? 1 : 0)
  }

  /// Lends the handle for calls that concern two connections.
  borrowing func withHandle<T>(_ body: (OpaquePointer) -> T) -> T { unsafe body(handle) }

  /// True while no transaction is open: after some errors SQLite has rolled back by itself.
  var isIdle: Bool { unsafe sqlite3_get_autocommit(handle) != 0 }

  /// Rows the last statement changed.
  var changes: Int64 { unsafe sqlite3_changes64(handle) }

  /// How long to wait for another connection's lock, ms.
  borrowing func setBusyTimeout(milliseconds: Int32) {
    unsafe sqlite3_busy_timeout(handle, milliseconds)
  }

  /// SQLite's account of what just failed on `handle`, without values.
  static func error(_ handle: OpaquePointer, _ code: Int32, doing: String, _ sql: String?)
    -> LedgerError
  {
    // SAFETY: the handle is open; the text is copied before the next call on it.
    let text = unsafe String(cString: sqlite3_errmsg(handle))
    let system = unsafe sqlite3_system_errno(handle)
    return LedgerError.sqlite(
      code: code, systemError: system, doing: doing, text: text, statement: sql)
  }
}

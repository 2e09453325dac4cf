// Where the state database lives: the directory is checked, one supervisor at a time holds its lock, the file is
// made 0600, opened, looked at and brought to the current schema. Must never change a file that is not ours.

internal import CSQLite
internal import Glibc
internal import NovaModel

/// The claim on one database file; held as long as the ledger is open.
struct LedgerFile: ~Copyable {
  /// The database.
  let path: String
  private let lock: CInt

  /// Checks the directory, takes the lock and makes the file if there is none.
  init(path: String) throws(LedgerError) {
    let doing = "open the state database \(path)"
    try Self.checkDirectory(of: path, doing: doing)
    // Beside the database and not on it: closing any descriptor of the database itself would drop SQLite's locks.
    let lock = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw Self.failure(doing, errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      Glibc.close(lock)
      guard number == EWOULDBLOCK else { throw Self.failure(doing, number) }
      throw LedgerError(
        .inUse, doing: doing, message: "another supervisor has it open",
        remedy: "stop that one, or give another state directory")
    }
    // SQLite would make it 0644, and the journal files take the mode of the database.
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      let number = errno
      Glibc.close(lock)
      throw Self.failure(doing, number)
    }
    Glibc.close(file)
    self.path = path
    self.lock = lock
  }

  deinit { Glibc.close(lock) }

  /// Does something that no other supervisor may come between.
  borrowing func whileHeld<T>(_ body: () throws(LedgerError) -> T) throws(LedgerError) -> T {
    try body()
  }

  /// The size of a file, nil when there is none. Calls `stat(2)`.
  static func size(of path: String) -> Int64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// Makes a new name in the directory of `path` survive a power cut; a file system that cannot is left alone.
  static func syncDirectory(of path: String) {
    let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : path[..<$0] } ?? "."
    let descriptor = unsafe open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    Glibc.close(descriptor)
  }

  /// Opens for writing: our file, healthy, with every pragma in force, at the current schema.
  borrowing func openWriter(_ options: LedgerOptions, now: WallTime) throws(LedgerError)
    -> Connection
  {
    let connection = try Connection(path: path, access: .readWrite)
    // The writer's thread may wait: 5 s is longer than any checkpoint seen.
    connection.setBusyTimeout(milliseconds: 5000)
    try Self.harden(connection)
    do throws(LedgerError) {
      let version = try LedgerSchema.version(of: connection, path: path)
      if let pages = options.maxPageCount {
        _ = try connection.integer("PRAGMA max_page_count = \(pages)")
      }
      try Self.setPragmas(connection)
      if options.quickCheck { try check(connection) }
      try LedgerSchema.migrate(connection, from: version, now: now)
    } catch {
      var told = error
      told.doing = "open the state database \(path)"
      throw told
    }
    return connection
  }

  /// Opens for reading only.
  borrowing func openReader() throws(LedgerError) -> Connection { try Self.openReader(path: path) }

  /// The same for a database that this process has open already.
  static func openReader(path: String) throws(LedgerError) -> Connection {
    let connection = try Connection(path: path, access: .readOnly)
    // In WAL mode a reader waits only while the file is opened or recovered; the loop must not stall.
    connection.setBusyTimeout(milliseconds: 50)
    try Self.harden(connection)
    try connection.execute("PRAGMA cache_size = \(Self.cacheSize)")
    return connection
  }

  /// Strict quoting, a schema that is not trusted to call functions, no writing to SQLite's own tables.
  private static func harden(_ connection: borrowing Connection) throws(LedgerError) {
    for (option, wanted) in [
      (SQLITE_DBCONFIG_DQS_DML, false), (SQLITE_DBCONFIG_DQS_DDL, false),
      (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false), (SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
      guard connection.setOption(option, wanted) == (wanted ? 1 : 0) else {
        throw unsupported("its option \(option) cannot be set")
      }
    }
  }

  /// Negative: in KiB.
  static let cacheSize: Int64 = -1024
  /// While a storm is written: what 20,000 entries touch. With less, pages go to the disk and back within a transaction.
  static let stormCacheSize: Int64 = -16_384

  /// Sets each pragma and reads it back: SQLite answers an unknown or refused one with silence.
  private static func setPragmas(_ connection: borrowing Connection) throws(LedgerError) {
    let mode = try connection.text("PRAGMA journal_mode = WAL") ?? ""
    guard mode == "wal" else {
      throw unsupported("journal_mode is \(mode), not wal: its file system has no shared memory")
    }
    for (name, wanted) in [
      // FULL: a commit is answered to a worker as "your money is booked", so it must survive a power cut.
      ("synchronous", Int64(2)),
      ("foreign_keys", 1),
      ("recursive_triggers", 1),
      ("cell_size_check", 1),
      // 4,000 pages: a checkpoint every 16 MB. Each one waits for the disk within a commit, and under a storm of entries
      // the same pages come again and again.
      ("wal_autocheckpoint", 4000),
      // 1 MiB: what a turn touches. The default of 2 MB stays filled after a large start.
      ("cache_size", cacheSize),
      // A WAL that grew while a checkpoint was held up is cut back to 64 MB.
      ("journal_size_limit", 64 << 20),
    ] {
      try connection.execute("PRAGMA \(name) = \(wanted)")
      let now = try connection.integer("PRAGMA \(name)")
      guard now == wanted else {
        throw unsupported("\(name) is \(now.map { String($0) } ?? "unknown"), not \(wanted)")
      }
    }
  }

  private borrowing func check(_ connection: borrowing Connection) throws(LedgerError) {
    let answer = try connection.text("PRAGMA quick_check(1)") ?? "no answer"
    guard answer == "ok" else {
      throw LedgerError(
        .corrupt, doing: "open the state database \(path)", message: "it is damaged: \(answer)",
        remedy: LedgerError.remedy(.corrupt))
    }
  }

  private static func checkDirectory(of path: String, doing: String) throws(LedgerError) {
    let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : path[..<$0] } ?? "."
    var status = stat()
    guard unsafe stat(String(directory), &status) == 0 else {
      let number = errno
      guard number == ENOENT else { throw failure(doing, number) }
      throw LedgerError(
        .cannotOpen, doing: doing, message: "there is no directory \(directory)",
        remedy: "make it: install -d -m 0750 \(directory)")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw LedgerError(
        .cannotOpen, doing: doing, message: "\(directory) is not a directory",
        remedy: LedgerError.remedy(.cannotOpen))
    }
    // Whoever may write there could put another database in its place.
    guard status.st_mode & 0o022 == 0 else {
      throw LedgerError(
        .cannotOpen, doing: doing, message: "other users may write in \(directory)",
        remedy: "chmod 0750 \(directory)")
    }
  }

  static func failure(_ doing: String, _ number: CInt) -> LedgerError {
    let kind: LedgerError.Kind =
      switch number {
      case ENOSPC, EDQUOT: .full
      case EROFS: .readOnly
      case EIO: .io
      default: .cannotOpen
      }
    // SAFETY: strerror's text is copied at once; glibc's is thread-local for numbers it does not know.
    let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    return LedgerError(kind, doing: doing, message: text, remedy: LedgerError.remedy(kind))
  }

  private static func unsupported(_ message: String) -> LedgerError {
    LedgerError(
      .other, doing: "set up the state database", message: message,
      remedy: "use a local file system and SQLite 3.37 or newer")
  }
}

// What is refused at start, and with which sentence; what survives an unclean end.

import Glibc
import NovaModel
import Testing

@testable import NovaLedger

@Suite("Opening")
struct OpeningTests {
  @Test("a file left by a killed supervisor opens with all that was durable")
  func unclean() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([Sample.price, .event(Sample.event(1)), .event(Sample.event(2))])
    // The files as they are on the disk while the ledger lives are what SIGKILL leaves.
    let after = try Workshop()
    for suffix in ["", "-wal"] {
      try after.write(try shop.bytes(of: shop.path + suffix), to: after.path + suffix)
    }
    let survivor = try after.open { $0.quickCheck = true }
    #expect(try survivor.events(EventQuery()).map(\.id) == [1, 2])
    #expect(try survivor.load().nextIncarnation > (try ledger.load().nextIncarnation))
  }

  @Test("a commit that reached the disk only in part never happened")
  func tornCommit() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([.event(Sample.event(1))])
    let before = try shop.bytes(of: shop.path + "-wal").count
    try ledger.store([.event(Sample.event(2)), .event(Sample.event(3))])
    let whole = try shop.bytes(of: shop.path + "-wal")
    let database = try shop.bytes(of: shop.path)
    #expect(whole.count > before)
    for cut in [before, before + 1, before + 24, (before + whole.count) / 2, whole.count - 1] {
      let after = try Workshop()
      try after.write(database, to: after.path)
      try after.write(Array(whole.prefix(cut)), to: after.path + "-wal")
      let survivor = try after.open { $0.quickCheck = true }
      #expect(try survivor.events(EventQuery()).map(\.id) == [1])
      #expect(try survivor.load().nextEventID == 2)
    }
  }

  @Test("the file is the supervisor's alone, and a clean end leaves no journal behind")
  func files() throws {
    let shop = try Workshop()
    do {
      let ledger = try shop.open()
      try ledger.store([.event(Sample.event(1))])
      for suffix in ["", "-wal", "-shm", ".lock"] {
        var status = stat()
        #expect(unsafe stat(shop.path + suffix, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
      }
      ledger.close()
    }
    var status = stat()
    if unsafe stat(shop.path + "-wal", &status) == 0 { #expect(status.st_size == 0) }
  }

  @Test("a second supervisor is refused, and let in when the first has gone")
  func second() throws {
    let shop = try Workshop()
    do {
      let ledger = try shop.open()
      defer { ledger.close() }
      let error = try #require(shop.refusal())
      #expect(error.kind == .inUse)
      #expect(
        error.description
          == "cannot open the state database \(shop.path): another supervisor has it open "
          + "(stop that one, or give another state directory)")
    }
    #expect(shop.refusal() == nil)
  }

  @Test("a database of a newer release is refused and left as it is")
  func newer() throws {
    let shop = try Workshop()
    try shop.open().close()
    do {
      let connection = try Connection(path: shop.path, access: .readWrite)
      try connection.execute("PRAGMA user_version = 99")
    }
    let error = try #require(shop.refusal())
    #expect(error.kind == .newer)
    #expect(
      error.message
        == "it was written by a newer release (schema 99; this one knows \(LedgerSchema.current))")
    let connection = try Connection(path: shop.path, access: .readOnly)
    #expect(try connection.integer("PRAGMA user_version") == 99)
  }

  @Test("another program's database is refused and left as it is")
  func foreign() throws {
    let shop = try Workshop()
    try shop.write([], to: shop.path)
    do {
      let connection = try Connection(path: shop.path, access: .readWrite)
      try connection.execute("CREATE TABLE recipes(name TEXT)")
    }
    let before = try shop.bytes(of: shop.path)
    let error = try #require(shop.refusal())
    #expect(error.kind == .foreign)
    #expect(error.message == "it is a database of another program")
    #expect(try shop.bytes(of: shop.path) == before)
  }

  @Test("a file that is no database is refused and left as it is")
  func noDatabase() throws {
    let shop = try Workshop()
    let text = Array(String(repeating: "no database at all; ", count: 400).utf8)
    try shop.write(text, to: shop.path)
    let error = try #require(shop.refusal())
    #expect(error.kind == .foreign)
    #expect(error.description.hasPrefix("cannot open the state database \(shop.path): "))
    #expect(try shop.bytes(of: shop.path) == text)
  }

  @Test("a damaged file is refused with a sentence")
  func damaged() throws {
    let shop = try Workshop()
    do {
      let ledger = try shop.open()
      try ledger.store((1...500).map { .event(Sample.event($0)) })
      ledger.close()
    }
    var bytes = try shop.bytes(of: shop.path)
    // The page headers of everything after the first page.
    for page in stride(from: 4096, to: bytes.count, by: 4096) {
      for offset in 0..<16 { bytes[page + offset] = 0xA5 }
    }
    try shop.write(bytes, to: shop.path)
    let error = try #require(shop.refusal { $0.quickCheck = true })
    #expect(error.kind == .corrupt)
    #expect(
      error.description.hasSuffix(
        "(put a copy of the file back, or move it away to begin an empty history)"))
  }

  @Test("a full disk at start is told as such, and nothing half-made is left")
  func fullAtStart() throws {
    let shop = try Workshop()
    let error = try #require(shop.refusal { $0.maxPageCount = 3 })
    #expect(error.kind == .full)
    #expect(error.remedy == "free space on its file system")
    #expect(shop.refusal() == nil)
  }

  @Test("a missing directory is told with the command that makes it")
  func noDirectory() throws {
    do throws(LedgerError) {
      _ = try Ledger(path: "/nonexistent/nova/nova.db", now: Sample.at(0))
      Issue.record("it opened")
    } catch {
      #expect(error.kind == .cannotOpen)
      #expect(error.remedy == "make it: install -d -m 0750 /nonexistent/nova")
    }
  }

  @Test("a directory that others may write in is refused")
  func openDirectory() throws {
    let shop = try Workshop()
    unsafe chmod(shop.directory, 0o777)
    #expect(shop.refusal()?.remedy == "chmod 0750 \(shop.directory)")
    #expect(try shop.names() == [])
  }

  @Test("a file system that cannot be written is told as such")
  func readOnly() throws {
    do throws(LedgerError) {
      _ = try Ledger(path: "/proc/self/nova.db", now: Sample.at(0))
      Issue.record("it opened")
    } catch {
      #expect(error.description.hasPrefix("cannot open the state database /proc/self/nova.db: "))
    }
  }

  @Test("a migration that fails leaves the version before it")
  func migration() throws {
    let shop = try Workshop()
    try shop.open().close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    let steps =
      LedgerSchema.migrations + ["CREATE TABLE later(x INTEGER) STRICT; CREATE TABLE bad("]
    #expect(throws: LedgerError.self) {
      try LedgerSchema.migrate(
        connection, from: LedgerSchema.current, now: Sample.at(0), through: steps)
    }
    #expect(try connection.integer("PRAGMA user_version") == LedgerSchema.current)
    #expect(try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0)
    let idle = connection.isIdle
    #expect(idle)
  }
}

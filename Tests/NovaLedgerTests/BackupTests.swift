// Copies of the database: whole while the writer goes on, judged, put back, kept a few at a time; and a start from one
// when the database is damaged. Real files, damaged by hand.

import Glibc
import NovaModel
import Testing

@testable import NovaLedger

@Suite struct BackupTests {
  private func event(_ id: Int64) -> LedgerWrite { .event(Sample.event(id)) }

  @Test("a copy of an open database is whole, one file, and holds what was durable")
  func copies() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([Sample.price, event(1), event(2)])
    let report = try Backup.make(of: shop.path, to: shop.directory + "/copy.db")
    #expect(report.lastEvent?.id == 2)
    #expect(report.schema == LedgerSchema.current)
    try ledger.store([event(3)])
    #expect(try Backup.verify(shop.directory + "/copy.db") == report)
    #expect(try shop.names().filter { $0.hasPrefix("copy") } == ["copy.db"])
  }

  @Test("a copy is made by a thread of its own, and answered")
  func thread() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([event(1)])
    ledger.backUp(to: shop.directory + "/copy.db", ticket: 7)
    let answers = try ledger.completions {
      if case .backedUp(7, .success) = $0 { true } else { false }
    }
    #expect(!answers.isEmpty)
    ledger.backUp(to: shop.directory + "/copy.db", ticket: 8)
    let refusals = try ledger.completions {
      if case .backedUp(8, .failure) = $0 { true } else { false }
    }
    #expect(!refusals.isEmpty, "a file that exists is not overwritten")
  }

  @Test("a copy that cannot be made leaves nothing behind")
  func leavesNothing() throws {
    let shop = try Workshop()
    try shop.write(Array("no database".utf8), to: shop.path)
    #expect(throws: LedgerError.self) {
      try Backup.make(of: shop.path, to: shop.directory + "/copy.db")
    }
    #expect(try shop.names() == ["nova.db"])
  }

  @Test("restoring keeps the old one, and serials that may still be in use are not given again")
  func restores() throws {
    let shop = try Workshop()
    let copy = shop.directory + "/copy.db"
    var next = Incarnation(0)
    do {
      let ledger = try shop.open()
      try ledger.store([event(1)])
      _ = try Backup.make(of: shop.path, to: copy)
      try ledger.store([event(2)])
      #expect(throws: LedgerError.self, "while it is open") {
        try Backup.restore(copy, over: shop.path, keepingOldAs: "old")
      }
      next = try ledger.load().nextIncarnation
      ledger.close()
    }
    let (report, kept) = try Backup.restore(copy, over: shop.path, keepingOldAs: "old")
    #expect(report.lastEvent?.id == 1)
    #expect(kept == shop.path + ".old")
    #expect(try Backup.verify(shop.path + ".old").lastEvent?.id == 2)
    let ledger = try shop.open()
    let state = try ledger.load()
    #expect(state.nextEventID == 2)
    #expect(state.nextIncarnation.serial > next.serial + 65_536)
  }

  @Test("a restore that a crash cut short is finished")
  func finishes() throws {
    let shop = try Workshop()
    do { try shop.open().store([event(1)]) }
    try #require(unsafe rename(shop.path, shop.path + ".restoring") == 0)
    let opened = try Ledger.open(
      path: shop.path, shelf: BackupShelf(shop.directory + "/b"), now: Sample.at(9))
    #expect(opened.state.nextEventID == 2)
  }

  @Test("a shelf numbers its backups, keeps the newest, and leaves other files alone")
  func shelf() throws {
    let shop = try Workshop()
    let shelf = BackupShelf(shop.directory)
    do { try shop.open().store([event(1)]) }
    for _ in 0..<3 { _ = try Backup.make(of: shop.path, to: try shelf.next()) }
    #expect(shelf.items().map(\.number) == [1, 2, 3])
    shelf.keep(2)
    #expect(shelf.items().map(\.number) == [2, 3])
    #expect(try shelf.next().hasSuffix("/nova-000004.db"))
    #expect(try shop.names().contains("nova.db"))
    for name in ["nova.db", "nova-1.db", "nova-00000x.db", "nova-000001.db.partial"] {
      #expect(BackupShelf.number(of: name) == nil, "\(name)")
    }
  }

  @Test("a backup is due after its interval, and when the newest claims to be from the future")
  func due() throws {
    let shop = try Workshop()
    let shelf = BackupShelf(shop.directory)
    #expect(shelf.isDue(every: .seconds(3600), now: Sample.at(0)), "there is none")
    do { try shop.open().store([event(1)]) }
    _ = try Backup.make(of: shop.path, to: try shelf.next())
    let made = try #require(shelf.items().first).made
    #expect(!shelf.isDue(every: .seconds(3600), now: made + .seconds(3599)))
    #expect(shelf.isDue(every: .seconds(3600), now: made + .seconds(3600)))
    #expect(shelf.isDue(every: .seconds(3600), now: made + .seconds(-86_400 * 3650)))
  }

  @Test("a damaged database is replaced by the newest good backup, and what is lost is said")
  func recovers() throws {
    let shop = try Workshop()
    let shelf = BackupShelf(shop.directory)
    do {
      let ledger = try shop.open()
      try ledger.store([event(1)])
      _ = try Backup.make(of: shop.path, to: try shelf.next())
      try ledger.store((2...400).map { event($0) })
      ledger.close()
    }
    try shop.write(Array(repeating: 0xA5, count: 8192), to: shelf.next())
    var bytes = try shop.bytes(of: shop.path)
    for index in 8192..<40_960 { bytes[index] = 0xA5 }
    try shop.write(bytes, to: shop.path)
    let opened = try Ledger.open(path: shop.path, shelf: shelf, now: Sample.at(1_700_000_000))
    let recovery = try #require(opened.recovery)
    #expect(recovery.sentence.contains("nova-000001.db"))
    #expect(recovery.details["last_event"] == "1")
    #expect(opened.state.nextEventID == 2)
    let kept = try #require(recovery.details["kept"])
    #expect(try shop.bytes(of: kept) == bytes)
    opened.ledger.close()
    let again = try Ledger.open(path: shop.path, shelf: shelf, now: Sample.at(1_700_000_001))
    #expect(again.recovery == nil)
  }

  @Test("without a good backup nothing is touched")
  func refuses() throws {
    let shop = try Workshop()
    let bad = [UInt8](repeating: 0xA5, count: 8192)
    try shop.write(bad, to: shop.path)
    #expect(throws: LedgerError.self) {
      try Ledger.open(path: shop.path, shelf: BackupShelf(shop.directory), now: Sample.at(1))
    }
    #expect(try shop.bytes(of: shop.path) == bad)
  }
}

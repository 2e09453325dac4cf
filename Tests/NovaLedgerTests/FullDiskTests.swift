// A file system that is really full: a tmpfs of 2 MiB with ballast in it. Skipped by name where none can be mounted.

import Glibc
import NovaModel
import Testing

@testable import NovaLedger

/// A tmpfs over a workshop's directory.
private final class SmallDisk {
  let shop: Workshop

  init() throws {
    shop = try Workshop()
    let data = Array("size=2m,mode=0700".utf8CString)
    guard unsafe mount("tmpfs", shop.directory, "tmpfs", 0, data) == 0
    else { throw Trouble("mount: errno \(errno)") }
  }

  deinit { unsafe umount2(shop.directory, Int32(MNT_DETACH)) }

  /// Takes every free byte.
  func fill() throws {
    let file = unsafe open(shop.directory + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Trouble("open: errno \(errno)") }
    defer { close(file) }
    let piece = [UInt8](repeating: 1, count: 4096)
    for _ in 0..<1000 where unsafe write(file, piece, piece.count) < 0 {
      #expect(errno == ENOSPC)
      return
    }
    throw Trouble("4 MB do not fill 2 MiB")
  }

  func makeRoom() { unsafe unlink(shop.directory + "/ballast") }

  static let canMount = (try? SmallDisk()) != nil
}

@Suite(
  "A full file system",
  .enabled(if: SmallDisk.canMount, "needs the right to mount a tmpfs"))
struct FullDiskTests {
  @Test("at start it is told as such; with room the same directory opens")
  func atStart() throws {
    let disk = try SmallDisk()
    try disk.fill()
    let error = try #require(disk.shop.refusal())
    #expect(error.kind == .full)
    #expect(error.description.hasPrefix("cannot open the state database \(disk.shop.path): "))
    disk.makeRoom()
    #expect(disk.shop.refusal() == nil)
  }

  @Test("while running it degrades, keeps what comes, and writes all of it when there is room")
  func whileRunning() throws {
    let disk = try SmallDisk()
    let ledger = try disk.shop.open()
    defer { ledger.close() }
    try ledger.store([Sample.price, .event(Sample.event(1))])
    try disk.fill()
    for id in 2...40 as ClosedRange<Int64> {
      var event = Sample.event(id)
      // More than what the migrations have left of room in the journal.
      event.message = String(repeating: "m", count: 10_000)
      ledger.submit([
        .event(event), Sample.book(try Sample.life(1, bookings: Int(id), cpu: UInt64(id))),
      ])
    }
    let answers = try ledger.completions { if case .degraded = $0 { true } else { false } }
    for case .degraded(let error, _) in answers { #expect(error.kind == .full) }
    #expect(try ledger.events(EventQuery()).map(\.id).first == 1)
    disk.makeRoom()
    try ledger.store([], ticket: 7)
    #expect(ledger.condition.trouble == nil)
    #expect(try ledger.events(EventQuery()).map(\.id) == Array(1...40))
    let usage = try #require(try ledger.usage(since: Sample.at(0))[try Sample.id()])
    #expect(usage.totals.cpuUsec == 40)
  }
}

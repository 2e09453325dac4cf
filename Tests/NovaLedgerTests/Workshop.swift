// What the ledger's tests share: a directory of their own, records to write, and waiting for a fact with a deadline.

import Glibc
import NovaModel
import Testing

@testable import NovaLedger

/// A directory that goes away with its last user.
final class Workshop {
  let directory: String
  var path: String { directory + "/nova.db" }

  init() throws {
    var template = Array("/tmp/nova-ledger-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&template) != nil
    guard made else { throw Trouble("mkdtemp: errno \(errno)") }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in (try? names()) ?? [] { unsafe unlink(directory + "/" + name) }
    unsafe rmdir(directory)
  }

  func names() throws -> [String] {
    guard let stream = unsafe opendir(directory) else { throw Trouble("opendir: errno \(errno)") }
    defer { unsafe closedir(stream) }
    var result: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { result.append(name) }
    }
    return result.sorted()
  }

  func bytes(of path: String) throws -> [UInt8] {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Trouble("open \(path): errno \(errno)") }
    defer { close(file) }
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(file, &piece, piece.count)
      guard count >= 0 else { throw Trouble("read \(path): errno \(errno)") }
      guard count > 0 else { return result }
      result += piece.prefix(count)
    }
  }

  func write(_ bytes: [UInt8], to path: String) throws {
    let file = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Trouble("open \(path): errno \(errno)") }
    defer { close(file) }
    guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw Trouble("write \(path): errno \(errno)")
    }
  }

  func open(_ change: (inout LedgerOptions) -> Void = { _ in }) throws(LedgerError) -> Ledger {
    var options = LedgerOptions()
    options.retryDelay = .milliseconds(1)
    options.retryMax = .milliseconds(5)
    change(&options)
    return try Ledger(path: path, now: WallTime(microseconds: 1), options: options)
  }

  /// The error that opening gives; nil when it opens.
  func refusal(_ change: (inout LedgerOptions) -> Void = { _ in }) -> LedgerError? {
    do throws(LedgerError) {
      _ = try open(change)
      return nil
    } catch {
      return error
    }
  }
}

struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Ledger {
  /// Completions until one is as wanted; throws after 20 s.
  func completions(until wanted: (LedgerCompletion) -> Bool) throws -> [LedgerCompletion] {
    var all: [LedgerCompletion] = []
    for _ in 0..<200 {
      let some = drainCompletions()
      all += some
      if some.contains(where: wanted) { return all }
      var entry = pollfd(fd: completionDescriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&entry, 1, 100)
    }
    throw Trouble("20 s went by; there were \(all)")
  }

  /// Submits and waits until it is durable.
  @discardableResult
  func store(_ writes: [LedgerWrite], ticket: UInt64 = 999_999) throws -> [LedgerCompletion] {
    submit(writes, ticket: ticket)
    return try completions { completion in
      switch completion {
      case .durable(ticket), .repeated(ticket), .rejected(ticket, _), .conflicted(ticket, _): true
      default: false
      }
    }
  }
}

/// Values to write.
enum Sample {
  static func name(_ text: String = "outreach") throws -> WorkerName {
    try #require(WorkerName(text))
  }

  static func id(_ number: Int = 1, _ text: String = "outreach") throws -> InstanceID {
    InstanceID(worker: try name(text), number: number)
  }

  static func at(_ seconds: Int64) -> WallTime { WallTime(microseconds: seconds * 1_000_000) }

  static let price = LedgerWrite.price(
    PriceVersion(id: PriceID(1), since: at(0), prices: HostPrices()))

  static func event(_ id: Int64, at seconds: Int64 = 10, type: String = "instance.exited")
    -> EventRecord
  {
    var event = EventRecord(at: at(seconds), type: type, message: "event \(id)")
    event.id = id
    return event
  }

  static func life(
    _ serial: UInt64 = 1, bookings: Int = 0, cpu: UInt64 = 0, memory: UInt64 = 0, cost: Int64 = 0,
    _ worker: String = "outreach"
  ) throws -> IncarnationRecord {
    var record = IncarnationRecord(
      incarnation: Incarnation(serial), id: try id(1, worker), pid: 4711, started: at(5),
      bootID: "3f2c")
    record.bookings = bookings
    record.booked.cpuUsec = cpu
    record.booked.memoryKiBMsec = memory
    record.cost = Money(microUSD: cost)
    return record
  }

  static func book(_ record: IncarnationRecord, at seconds: Int64 = 60) -> LedgerWrite {
    .book(record, at: at(seconds), price: PriceID(1))
  }
}

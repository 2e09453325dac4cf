// How many entries of money a second the ledger makes durable, beside a plain INSERT loop on the same disk in the same
// run. usage: ledger-benchmark DIRECTORY [SECONDS]. Prints one line a contestant and the ratios. Must never be run on a
// tmpfs: there a flush costs nothing and the figure says nothing.

import CSQLite
import Glibc
import NovaLedger
import NovaModel

@main
enum LedgerBenchmark {
  static func main() {
    guard CommandLine.arguments.count >= 2 else {
      say("usage: ledger-benchmark DIRECTORY [SECONDS]")
      exit(2)
    }
    let directory = CommandLine.arguments[1]
    let seconds = CommandLine.arguments.count > 2 ? Double(CommandLine.arguments[2]) ?? 5 : 5
    do {
      let plain = PlainInserts(path: directory + "/plain.db")
      let ours = try GroupCommit(path: directory + "/nova.db")
      var ledgerRate: [Double] = []
      var ledgerCPU: [Double] = []
      var plainRate: [Double] = []
      var bareRate: [Double] = []
      // Interleaved: what else the machine does hits all alike.
      for _ in 0..<3 {
        let before = processor()
        let durable = try ours.round(seconds: seconds / 3)
        ledgerRate.append(durable.rate)
        ledgerCPU.append((processor() - before) / Double(durable.entries))
        plainRate.append(plain.round(seconds: seconds / 3, rowsEach: 1))
        bareRate.append(plain.round(seconds: seconds / 3, rowsEach: 5000))
      }
      let (a, b, c) = (median(ledgerRate), median(plainRate), median(bareRate))
      say(
        "ledger, group commit, hashed, with totals  \(Int64(a)) entries/s durable (\(ours.commits) commits, "
          + "\(tenths(median(ledgerCPU))) us of processor an entry)")
      say("plain INSERT loop, a commit each           \(Int64(b)) rows/s durable")
      say(
        "plain INSERT, 5,000 rows a commit          \(Int64(c)) rows/s durable, without hash and totals"
      )
      say("ledger / plain loop                        \(ratio(a, b))")
      say("ledger / 5,000 rows a commit               \(ratio(a, c))")
      say("at least 50,000 entries/s                  \(a >= 50_000 ? "yes" : "no")")
    } catch {
      say("ledger-benchmark: \(error)")
      exit(1)
    }
  }

  static func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe write(1, bytes, bytes.count)
  }

  static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Microseconds of processor time of this process, its own work and the kernel's for it: what a busy machine does not
  /// change.
  static func processor() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func ratio(_ a: Double, _ b: Double) -> String {
    let hundredths = Int64((a / b * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
  }
}

/// The ledger as the supervisor uses it: submissions with a ticket each, every one waited for.
final class GroupCommit {
  private let ledger: Ledger
  private var next = 0
  private var ticket: UInt64 = 0
  private let process = getpid()
  private let workers = (1...20).compactMap { WorkerName("worker-\($0)") }

  init(path: String) throws { ledger = try Ledger(path: path, now: WallTime(microseconds: 1)) }

  var commits: UInt64 { ledger.condition.commits }

  /// Entries a second that were answered as durable; at most 40,000 are under way at a time, so that the next are made
  /// while the ledger writes the ones before.
  func round(seconds: Double) throws -> (rate: Double, entries: Int) {
    let began = LedgerBenchmark.now()
    var submitted = 0
    var durable = 0
    var open = 0
    while LedgerBenchmark.now() - began < seconds || open > 0 {
      while open < 400, LedgerBenchmark.now() - began < seconds {
        ticket += 1
        ledger.submit((0..<100).map { _ in .entry(entry()) }, ticket: ticket)
        open += 1
        submitted += 100
      }
      var wait = pollfd(fd: ledger.completionDescriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&wait, 1, 1000)
      for completion in ledger.drainCompletions() {
        switch completion {
        case .durable:
          open -= 1
          durable += 100
        case .rejected(_, let error): throw error
        case .degraded(let error, _): throw error
        default: continue
        }
      }
    }
    guard durable == submitted else { throw Miscount() }
    return (Double(durable) / (LedgerBenchmark.now() - began), durable)
  }

  private func entry() -> Entry {
    next += 1
    var entry = Entry(
      event: WallTime(microseconds: 1_790_000_000_000_000 + Int64(next)),
      booked: WallTime(microseconds: 1_790_000_000_000_000 + Int64(next)),
      worker: workers[next % workers.count], kind: .llm, source: "gateway",
      externalID: "request-\(process)-\(next)", amount: Money(microUSD: -Int64(next % 5000)))
    entry.instance = 1
    entry.run = "run-\(next / 10)"
    return entry
  }

  private struct Miscount: Error {}
}

/// What one would write without a ledger: the same columns, one index, the same pragmas.
@safe final class PlainInserts {
  private var connection: OpaquePointer?
  private var insert: OpaquePointer?
  private var next: Int64 = 0
  private let process = getpid()

  init(path: String) {
    unsafe sqlite3_open(path, &connection)
    unsafe sqlite3_exec(
      connection,
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, worker TEXT, run TEXT,
        kind TEXT NOT NULL, source TEXT NOT NULL, external_id TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS entry_once ON entry(source, external_id, kind);
      """, nil, nil, nil)
    unsafe sqlite3_prepare_v2(
      connection,
      "INSERT INTO entry(at, worker, run, kind, source, external_id, amount) VALUES (?, ?, ?, 'llm', 'gateway', ?, ?)",
      -1, &insert, nil)
  }

  func round(seconds: Double, rowsEach: Int) -> Double {
    let began = LedgerBenchmark.now()
    var rows = 0
    while LedgerBenchmark.now() - began < seconds {
      if rowsEach > 1 { unsafe sqlite3_exec(connection, "BEGIN", nil, nil, nil) }
      for _ in 0..<rowsEach {
        next += 1
        unsafe sqlite3_bind_int64(insert, 1, 1_790_000_000_000_000 + next)
        bind(2, "worker-\(next % 20)")
        bind(3, "run-\(next / 10)")
        bind(4, "request-\(process)-\(next)")
        unsafe sqlite3_bind_int64(insert, 5, -(next % 5000))
        unsafe sqlite3_step(insert)
        unsafe sqlite3_reset(insert)
      }
      if rowsEach > 1 { unsafe sqlite3_exec(connection, "COMMIT", nil, nil, nil) }
      rows += rowsEach
    }
    return Double(rows) / (LedgerBenchmark.now() - began)
  }

  private func bind(_ place: Int32, _ text: String) {
    // SAFETY: the binding copies the bytes before it returns.
    unsafe _ = nova_sqlite3_bind_text(insert, place, text, Int64(text.utf8.count))
  }
}

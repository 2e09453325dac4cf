// The short way of writing and reading rows against the generic one: byte for byte, value for value.

import NovaModel
import Testing

@testable import NovaWire

struct WorkerRowBytesTests {
  private static func row(_ seed: UInt64) -> WorkerRow {
    func pick<T>(_ bit: UInt64, _ value: T) -> T? { seed >> bit & 1 == 1 ? value : nil }
    var row = WorkerRow(
      name: "w\(seed)", instance: Int(seed % 7) + 1, state: "running", reason: "none",
      crashes: Int(seed % 5), maxCrashes: 5, restartsTotal: Int(seed))
    row.pid = pick(0, 4711)
    row.startedAt = pick(1, "2026-11-20T11:07:22.315Z")
    row.uptimeSeconds = pick(2, -3)
    row.cooldownRemainingSeconds = pick(3, 192)
    row.cpuPercent = pick(4, Double(seed) / 8)
    row.cpuUsageUsec = pick(5, .max)
    row.memoryBytes = pick(6, 1 << 40)
    row.memoryPeakBytes = pick(7, 1)
    row.tasks = pick(8, 0)
    row.costUSD = pick(9, "0.053100")
    row.costPerHourUSD = pick(10, "0.000007")
    row.revenueUSD = pick(11, "12.000000")
    row.roiPercent = pick(12, -100)
    row.roiStatus = pick(13, "no_cost")
    row.lastExit = pick(14, LastExitRow(code: pick(15, 3), signal: pick(16, 9), oom: true, at: "x"))
    row.statusText = pick(17, "\"quoted\" \u{1b}[31m \n ä 日本")
    row.why = pick(18, "exit 3, cooldown 4s left")
    row.since = pick(19, "2026-11-20T11:07:22.315Z")
    row.mode = pick(20, "service")
    row.wanted = pick(21, seed % 2 == 0)
    row.ready = pick(22, true)
    row.backoffRemainingSeconds = pick(23, 1)
    row.nextRunAt = pick(24, "2026-11-21T03:00:00.000Z")
    row.threads = pick(25, 12)
    row.cpuUserUsec = pick(26, 7)
    row.cpuSystemUsec = pick(27, 8)
    row.ioReadBytes = pick(28, 9)
    row.ioWriteBytes = pick(29, 10)
    row.memoryEstimated = pick(30, false)
    row.pressure = pick(
      31, PressureRow(cpuPercent: pick(32, 0.25), memoryPercent: nil, ioPercent: 100))
    row.incarnation = pick(33, .max)
    return row
  }

  private static let rows: [WorkerRow] = (0..<200).map { index in
    var seed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    if index == 0 { seed = 0 }
    if index == 1 { seed = (1 << 34) - 1 }
    return row(seed & ((1 << 34) - 1))
  }

  @Test("what is written is byte for byte what Codable writes")
  func writing() {
    #expect(WorkerRow.bytes(of: Self.rows) == APICoding.encode(Self.rows))
    #expect(WorkerRow.bytes(of: []) == APICoding.encode([WorkerRow]()))
  }

  @Test("what is read is what Codable reads")
  func reading() throws {
    let bytes = APICoding.encode(Self.rows)
    #expect(try APICoding.decodeRows(from: bytes) == Self.rows)
    #expect(
      try APICoding.decodeRows(from: bytes) == APICoding.decodeAnswer([WorkerRow].self, from: bytes)
    )
  }

  @Test(
    "members in another order, missing, or new ones are read as Codable reads them",
    arguments: [
      #"[{"restarts_total":1,"max_crashes":5,"crashes":0,"reason":"none","state":"ready","instance":1,"name":"a"}]"#,
      #"[{"name":"a","instance":1,"new":{"x":[1]},"state":"ready","reason":"none","crashes":0,"max_crashes":5,"restarts_total":1,"pid":null}]"#,
    ])
  func order(text: String) throws {
    let bytes = Array(text.utf8)
    #expect(
      try APICoding.decodeRows(from: bytes) == APICoding.decodeAnswer([WorkerRow].self, from: bytes)
    )
  }

  @Test(
    "what is no row is refused with the sentence that Codable has",
    arguments: [
      #"[{"name":1}]"#, #"{"name":"a"}"#, "[", "",
      #"[{"name":"a","instance":1,"state":"ready","reason":"none","crashes":0,"max_crashes":5,"restarts_total":1,"pid":"x"}]"#,
    ])
  func refused(text: String) {
    let bytes = Array(text.utf8)
    let generic = #expect(throws: APIError.self) {
      try APICoding.decodeAnswer([WorkerRow].self, from: bytes)
    }
    let short = #expect(throws: APIError.self) { try APICoding.decodeRows(from: bytes) }
    #expect(short == generic)
  }
}

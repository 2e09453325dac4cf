// The short way of writing and reading rows against the generic one: byte for byte, value for value.

import NovaModel
import Testing

@testable import NovaWire

struct RowFactsTests {
  private static func facts(_ seed: UInt64) throws -> RowFacts {
    func pick<T>(_ bit: UInt64, _ value: T) -> T? { seed >> bit & 1 == 1 ? value : nil }
    let reasons: [Reason] = [.none, .operator, .exitFailed(3), .execFailed(.exec, 2), .oom]
    let moment = WallTime(microseconds: 1_763_636_842_315_000 &+ Int64(seed % 1_000_000_007))
    var facts = RowFacts(
      id: try #require(InstanceID("w\(seed)@\(Int(seed % 7) + 1)")),
      state: State.allCases[Int(seed % UInt64(State.allCases.count))],
      reason: reasons[Int(seed % 5)], crashes: Int(seed % 5), maxCrashes: 5,
      restartsTotal: Int(seed), since: moment)
    facts.pid = pick(0, 4711)
    facts.startedAt = pick(1, WallTime(microseconds: 0))
    facts.uptimeSeconds = pick(2, -3)
    facts.cooldownRemainingSeconds = pick(3, 192)
    facts.cpuHundredths = pick(4, [0, 1, 10, 99, 100, 1230, 123_456, seed][Int(seed % 8)])
    facts.cpuUsageUsec = pick(5, .max)
    facts.memoryBytes = pick(6, 1 << 40)
    facts.memoryPeakBytes = pick(7, 1)
    facts.tasks = pick(8, 0)
    facts.cost = pick(9, Money(microUSD: [53_100, 0, -1, .min, .max][Int(seed % 5)]))
    facts.costPerHour = pick(10, Money(microUSD: 7))
    facts.revenue = pick(11, Money(microUSD: Int64(seed)))
    facts.roiPercent = pick(12, -100)
    facts.roiStatus = pick(13, "no_cost")
    let ends: [NovaModel.ExitStatus] = [.exited(3), .signaled(9, coreDumped: true), .unknown]
    facts.lastExit = pick(14, LastExit(status: ends[Int(seed % 3)], oom: true, at: moment))
    facts.statusText = pick(17, "\"quoted\" \u{1b}[31m \\ \n ä 日本")
    facts.why = pick(18, "exit 3, cooldown 4s left")
    facts.mode = pick(20, "service")
    facts.wanted = seed % 2 == 0
    facts.ready = seed % 3 == 0
    facts.backoffRemainingSeconds = pick(23, 1)
    facts.nextRunAt = pick(24, moment)
    facts.threads = pick(25, 12)
    facts.cpuUserUsec = pick(26, 7)
    facts.cpuSystemUsec = pick(27, 8)
    facts.ioReadBytes = pick(28, 9)
    facts.ioWriteBytes = pick(29, 10)
    facts.memoryEstimated = pick(30, false)
    facts.pressure = pick(31, RowFacts.Pressure(cpu: pick(32, 25), memory: nil, io: 10_000))
    facts.incarnation = pick(33, .max)
    return facts
  }

  private static func all() throws -> [RowFacts] {
    try (0..<200).map { index in
      var seed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      if index == 1 { seed = (1 << 34) - 1 }
      return try facts(seed & ((1 << 34) - 1))
    }
  }

  private static func rows() throws -> [WorkerRow] { try all().map { WorkerRow($0) } }

  @Test("what is written is byte for byte what Codable writes of the same row")
  func writing() throws {
    for facts in try Self.all() {
      var bytes: [UInt8] = []
      facts.append(to: &bytes)
      #expect(
        String(decoding: bytes, as: UTF8.self)
          == String(decoding: APICoding.encode(WorkerRow(facts)), as: UTF8.self))
    }
  }

  @Test(
    "hundredths are as short as the number that Codable writes",
    arguments: [
      0, 1, 5, 10, 50, 99, 100, 101, 110, 1000, 123_456, 999_999_999_999_999,
      1_000_000_000_000_000, .max,
    ] as [UInt64])
  func hundredths(value: UInt64) throws {
    var facts = try Self.facts(0)
    facts.cpuHundredths = value
    var bytes: [UInt8] = []
    facts.append(to: &bytes)
    #expect(bytes == APICoding.encode(WorkerRow(facts)))
  }

  @Test("what is read is what Codable reads")
  func reading() throws {
    let rows = try Self.rows()
    let bytes = APICoding.encode(rows)
    #expect(WorkerRow.rows(bytes) == rows)
    #expect(try APICoding.decodeRows(from: bytes) == rows)
    #expect(try APICoding.decodeRows(from: APICoding.encode(rows, pretty: true)) == rows)
    #expect(try APICoding.decodeRows(from: APICoding.encode([WorkerRow]())) == [])
    #expect(
      try APICoding.decodeRows(from: bytes) == APICoding.decodeAnswer([WorkerRow].self, from: bytes)
    )
  }

  @Test("members that a newer supervisor has added behind the others do not make it slower")
  func additions() throws {
    let row = try Self.rows()[1]
    var bytes = APICoding.encode([row])
    bytes.removeLast(2)
    bytes += #","later":{"a":[1,"}]"]},"last":null}]"#.utf8
    #expect(WorkerRow.rows(bytes) == [row])
  }

  @Test(
    "a row that breaks off, or holds what is no number, is none",
    arguments: [
      ("\"pid\":4711", "\"pid\":04711"), ("\"pid\":4711", "\"pid\":4711.5"),
      ("\"pid\":4711", "\"pid\":-"), ("\"pid\":4711", "\"pid\":99999999999"),
      ("\"crashes\":", "\"crashes\":null,\"x\":"), ("\"tasks\":0", "\"tasks\":"),
      ("}]", "}"), ("}]", "}] 1"), ("\"mode\":\"service\"", "\"mode\":\"serv\u{1}ice\""),
    ])
  func odd(old: String, new: String) throws {
    let text = String(decoding: APICoding.encode([try Self.rows()[1]]), as: UTF8.self)
    let parts = text.split(separator: old, omittingEmptySubsequences: false)
    try #require(parts.count >= 2)
    #expect(WorkerRow.rows(Array(parts.joined(separator: new).utf8)) == nil)
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

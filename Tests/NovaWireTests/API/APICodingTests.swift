// The contract of the JSON: keys, their order, null for what is unknown, and what a request may not say.
// Must never compare with what the code under test printed; the literals come from docs/reference.

import NovaModel
import NovaWire
import Testing

@Suite struct APICodingTests {
  private func text(_ value: some Encodable) -> String {
    String(decoding: APICoding.encode(value), as: UTF8.self)
  }

  @Test("a row of ps has the contract's keys in the contract's order and null for what is unknown")
  func rowKeys() throws {
    let row = WorkerRow(
      name: "a", instance: 1, state: "stopped", reason: "operator", crashes: 0, maxCrashes: 5,
      restartsTotal: 0)
    guard case .object(let members) = APICoding.json(row) else {
      Issue.record("a row is no object")
      return
    }
    let contract = [
      "name", "instance", "state", "reason", "pid", "started_at", "uptime_seconds", "crashes",
      "max_crashes", "cooldown_remaining_seconds", "restarts_total", "cpu_percent",
      "cpu_usage_usec", "memory_bytes", "memory_peak_bytes", "tasks", "cost_usd",
      "cost_per_hour_usd", "revenue_usd", "roi_percent", "roi_status", "last_exit", "status_text",
    ]
    #expect(Array(members.map(\.key).prefix(contract.count)) == contract)
    #expect(members.first { $0.key == "pid" }?.value == .null)
    #expect(members.first { $0.key == "crashes" }?.value == .number("0"))
  }

  @Test("an exit inside a row has the four keys of the contract")
  func lastExit() {
    #expect(
      text(LastExitRow(signal: 9, oom: true, at: "2026-11-20T11:07:22.315Z"))
        == #"{"code":null,"signal":9,"oom":true,"at":"2026-11-20T11:07:22.315Z"}"#)
  }

  @Test("an error body is the contract's")
  func errorBody() {
    #expect(
      text(APIError(.noSuchWorker, "there is no worker x", field: "targets[0]").body)
        == #"{"error":{"code":"no_such_worker","message":"there is no worker x","field":"targets[0]"}}"#
    )
  }

  @Test(
    "a whole number is one however it is written, exactly, and nothing else is",
    arguments: [
      ("7", 7), ("7.0", 7), ("7.000", 7), ("-72.0", -72), ("1e3", 1000), ("1.5e1", 15),
      ("1E+18", 1_000_000_000_000_000_000), ("9007199254740993.0", 9_007_199_254_740_993),
      ("9223372036854775807", .max), ("9223372036854775808.0", nil), ("7.5", nil), ("1.5e0", nil),
      ("1e400", nil), ("10e-1", nil),
    ] as [(String, Int64?)])
  func wholeNumbers(text: String, number: Int64?) {
    let body = Array(#"{"seconds":\#(text)}"#.utf8)
    #expect((try? APICoding.decode(SilenceRequest.self, from: body))?.seconds == number)
  }

  @Test("a request without any field takes none")
  func nothing() throws {
    _ = try APICoding.decode(AcknowledgeRequest.self, from: Array("{}".utf8))
    #expect(text(AcknowledgeRequest()) == "{}")
    #expect(throws: APIError(.unknownField, "there is no field x", field: "x")) {
      try APICoding.decode(AcknowledgeRequest.self, from: Array(#"{"x":1}"#.utf8))
    }
  }

  @Test("keys of maps are data and are not renamed")
  func mapKeys() throws {
    let map: JSONMap<Int> = ["b": 1, "aB": 2]
    #expect(text(map) == #"{"aB":2,"b":1}"#)
    #expect(try APICoding.decode(JSONMap<Int>.self, from: APICoding.encode(map)) == map)
  }

  @Test(
    "a request that is not understood whole is refused and the field is named",
    arguments: [
      (#"{"targets":["a"],"action":"start","bogus":1}"#, APIErrorCode.unknownField, "bogus"),
      (#"{"targets":["a"]}"#, .badRequest, "action"),
      (#"{"targets":["a"],"action":"explode"}"#, .badRequest, "action"),
      (#"{"targets":["a",2],"action":"start"}"#, .badRequest, "targets[1]"),
      (#"{"targets":"a","action":"start"}"#, .badRequest, "targets"),
      (#"{"targets":["a"],"action":"scale","count":1.5}"#, .badRequest, "count"),
      (#"{"targets":["a"],"action":"scale","count":9223372036854775808}"#, .badRequest, "count"),
      (#"{"targets":[],"action":"scale","counts":{"a":"x"}}"#, .badRequest, "counts.a"),
    ])
  func strict(body: String, code: APIErrorCode, field: String) {
    let error = #expect(throws: APIError.self) {
      try APICoding.decode(ActionRequest.self, from: Array(body.utf8))
    }
    #expect(error?.code == code)
    #expect(error?.field == field)
  }

  @Test("a client ignores what a newer supervisor added")
  func tolerantAnswer() throws {
    let body = Array(#"{"version":"9","api":2,"pid":1,"new":[{}]}"#.utf8)
    #expect(try APICoding.decodeAnswer(VersionInfo.self, from: body).version == "9")
    #expect(throws: APIError.self) { try APICoding.decode(VersionInfo.self, from: body) }
  }

  @Test("a request comes back as it was sent")
  func roundTrip() throws {
    var request = ActionRequest(targets: ["a", "b@2"], action: .kill)
    request.signal = "TERM"
    request.timeoutSeconds = 2.5
    request.counts = ["w": 3]
    #expect(
      try APICoding.decode(ActionRequest.self, from: APICoding.encode(request)) == request)
  }

  @Test("a body over the limit is refused before it is parsed")
  func tooLarge() {
    let body = [UInt8](repeating: UInt8(ascii: " "), count: APICoding.maximumRequestBytes + 1)
    let error = #expect(throws: APIError.self) {
      try APICoding.decode(ReloadRequest.self, from: body)
    }
    #expect(error?.code == .tooLarge)
  }

  @Test(
    "property names become the keys people know",
    arguments: [
      ("costPerHourUSD", "cost_per_hour_usd"), ("ioReadBytes", "io_read_bytes"),
      ("runID", "run_id"), ("name", "name"), ("cpuUsageUsec", "cpu_usage_usec"),
      ("USDCost", "usd_cost"),
    ])
  func snakeCase(name: String, key: String) { #expect(JSONKey.snakeCase(name) == key) }

  @Test("every error code has an HTTP status of an error and an exit code that is not 0")
  func codes() {
    for code in APIErrorCode.allCases {
      #expect((400...599).contains(code.httpStatus))
      #expect(code.exitCode != .ok)
    }
  }

  @Test("an event is framed so that a browser can resume after it")
  func serverSentEvent() {
    let row = EventRow(
      id: 7, at: "t", type: "instance.exited", severity: "info", actor: "supervisor",
      message: "two\nlines")
    let frame = String(decoding: row.serverSentEvent, as: UTF8.self)
    #expect(frame.hasPrefix("id: 7\nevent: instance.exited\ndata: {\"id\":7,"))
    #expect(frame.hasSuffix("}\n\n"))
    #expect(frame.split(separator: "\n").count == 3)
  }
}

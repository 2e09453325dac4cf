// What the worker library writes and reads: amounts, request bodies, answers. The conversation itself is in
// Tests/system/test_workers.py, against the real supervisor.

import NovaWorker
import Testing

struct USDTests {
  @Test(
    "decimal text with at most six places is an amount",
    arguments: [
      ("0", Int64(0)), ("12", 12_000_000), ("0.05", 50_000), ("0.000001", 1),
      ("999999999999.999999", 999_999_999_999_999_999),
    ])
  func good(text: String, micros: Int64) {
    #expect(USD(text)?.micros == micros)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000001", "1234567890123", "1.2.3", " 1",
      "１", "NaN",
    ])
  func bad(text: String) {
    #expect(USD(text) == nil)
  }

  @Test("an amount is written with six places")
  func description() {
    let literal: USD = "12.5"
    #expect("\(literal)" == "12.500000")
    #expect("\(USD(micros: -1))" == "-0.000001")
    #expect(USD(cents: 5) == "0.05")
    #expect(USD("0.10") + USD("0.20") == "0.30")
    #expect(literal - "0.5" == "12")
    #expect(USD("0.1") < "0.2")
  }

  @Test("no two runs have the same id")
  func ids() {
    let ids = Set((0..<1000).map { _ in Supervisor.newID() })
    #expect(ids.count == 1000)
    #expect(ids.allSatisfy { $0.utf8.count == 32 })
  }
}

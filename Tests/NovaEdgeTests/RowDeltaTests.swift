// The differences a page gets, put together again, are what the supervisor listed. Must never compare with itself.

import NovaModel
import NovaWire
import Testing

@testable import NovaEdge

@Suite struct RowDeltaTests {
  private static func listing(_ text: String) throws -> JSONValue {
    try JSONParser.parse(Array(text.utf8))
  }

  private func change(_ delta: inout RowDelta, _ text: String) throws -> JSONValue? {
    switch delta.take(Array(text.utf8), at: "t") {
    case .some(let bytes): try JSONParser.parse(bytes)
    case .none: nil
    case .unreadable: throw Unreadable()
    }
  }

  @Test("a new row comes whole, a changed one with what changed, a gone one by its name")
  func changes() throws {
    var delta = RowDelta()
    let first = try change(
      &delta, #"[{"name":"a","instance":1,"state":"running","cpu_percent":1,"uptime_seconds":5}]"#)
    #expect(
      first?["changed"]
        == (try Self.listing(
          #"[{"name":"a","instance":1,"state":"running","cpu_percent":1,"uptime_seconds":5}]"#)))
    let second = try change(
      &delta,
      #"[{"name":"a","instance":1,"state":"running","cpu_percent":2,"uptime_seconds":6},{"name":"a","instance":2,"state":"starting","cpu_percent":null,"uptime_seconds":null}]"#
    )
    #expect(
      second?["changed"]
        == (try Self.listing(
          #"[{"name":"a","instance":1,"cpu_percent":2},{"name":"a","instance":2,"state":"starting","cpu_percent":null,"uptime_seconds":null}]"#
        )))
    #expect(second?["gone"]?.elements == [])
    let third = try change(
      &delta,
      #"[{"name":"a","instance":2,"state":"starting","cpu_percent":null,"uptime_seconds":null}]"#)
    #expect(third?["changed"]?.elements == [])
    #expect(third?["gone"]?.elements == [.string("a@1")])
  }

  @Test("what every second changes and no page shows is no difference")
  func counted() throws {
    var delta = RowDelta()
    _ = try change(
      &delta,
      #"[{"name":"a","instance":1,"state":"cooldown","uptime_seconds":1,"cooldown_remaining_seconds":9,"cpu_usage_usec":1}]"#
    )
    #expect(
      try change(
        &delta,
        #"[{"name":"a","instance":1,"state":"cooldown","uptime_seconds":2,"cooldown_remaining_seconds":8,"cpu_usage_usec":2}]"#
      ) == nil)
    let next = try change(
      &delta,
      #"[{"name":"a","instance":1,"state":"backoff","uptime_seconds":2,"cooldown_remaining_seconds":null,"cpu_usage_usec":2}]"#
    )
    #expect(
      next?["changed"]
        == (try Self.listing(
          #"[{"name":"a","instance":1,"state":"backoff","cooldown_remaining_seconds":null}]"#)))
  }

  @Test("a text that holds quotes, brackets and escapes is one value")
  func hostile() throws {
    var delta = RowDelta()
    let first = #"[{"name":"a","instance":1,"status_text":"}],\"x\":[{\\","cpu_percent":1}]"#
    _ = try change(&delta, first)
    #expect(try change(&delta, first) == nil)
    let next = try change(
      &delta, #"[{"name":"a","instance":1,"status_text":"\\\"}","cpu_percent":1}]"#)
    #expect(
      next?["changed"]
        == (try Self.listing(#"[{"name":"a","instance":1,"status_text":"\\\"}"}]"#)))
  }

  @Test(
    "what is no list of rows is not taken, and the last one still counts",
    arguments: [
      "", "[", "[{]", "{}", "[1]", "[{}]", #"[{"name":"a"}]"#, #"[{"name":"a","instance":1}"#,
      #"[{"name":"a","instance":1}] x"#, #"[{"name":"a","instance":1,"why":"\"}]"#,
    ])
  func unreadable(text: String) throws {
    var delta = RowDelta()
    _ = try change(&delta, #"[{"name":"a","instance":1,"cpu_percent":1}]"#)
    #expect(delta.take(Array(text.utf8), at: "t") == .unreadable)
    #expect(try change(&delta, #"[{"name":"a","instance":1,"cpu_percent":1}]"#) == nil)
  }

  @Test("keys in another order, one more and one less are found by their names")
  func order() throws {
    var delta = RowDelta()
    _ = try change(&delta, #"[{"name":"a","instance":1,"tasks":1,"why":"x","cpu_percent":1}]"#)
    #expect(
      try change(&delta, #"[{"cpu_percent":1,"instance":1,"tasks":1,"name":"a","why":"x"}]"#)
        == nil)
    let next = try change(
      &delta, #"[{"name":"a","threads":3,"instance":1,"cpu_percent":2,"why":"x"}]"#)
    #expect(
      next?["changed"]
        == (try Self.listing(#"[{"name":"a","instance":1,"threads":3,"cpu_percent":2}]"#)))
  }

  @Test(
    "differences put together are the listing, whatever happens in whatever order",
    arguments: 0..<20)
  func together(seed: Int) throws {
    var random = Seeded(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    var delta = RowDelta()
    var page: [String: [String: JSONValue]] = [:]
    for _ in 0..<60 {
      var rows: [JSONValue] = []
      for number in 1...6 where Bool.random(using: &random) {
        rows.append(
          .object([
            .init("name", .string("w")), .init("instance", .integer(number)),
            .init("state", .string(["running", "backoff"].randomElement(using: &random) ?? "")),
            .init("cpu_percent", Bool.random(using: &random) ? .null : .integer(number)),
          ]))
      }
      rows.shuffle(using: &random)
      let listing =
        seed % 2 == 0 ? rows : rows.sorted { $0.bytes().lexicographicallyPrecedes($1.bytes()) }
      if case .some(let bytes) = delta.take(JSONValue.array(listing).bytes(), at: "t") {
        let told = try JSONParser.parse(bytes)
        for part in told["changed"]?.elements ?? [] {
          guard case .object(let members) = part else { continue }
          let key =
            "w@\(part["instance"].map { String(decoding: $0.bytes(), as: UTF8.self) } ?? "")"
          for member in members { page[key, default: [:]][member.key] = member.value }
        }
        for key in told["gone"]?.elements ?? [] { page[key.text ?? ""] = nil }
      }
      var expected: [String: [String: JSONValue]] = [:]
      for row in rows {
        guard case .object(let members) = row else { continue }
        expected["w@\(row["instance"].map { String(decoding: $0.bytes(), as: UTF8.self) } ?? "")"] =
          Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
      }
      #expect(page == expected)
    }
  }
}

/// A listing was not understood.
private struct Unreadable: Error {}

/// xorshift64: the same run each time.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

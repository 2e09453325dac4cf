// Enums, deadlines and details as text: what goes in comes out, and what is not understood is refused.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Columns of text")
struct EncodingTests {
  static let reasons: [Reason] =
    [
      .none, .operator, .exitOK, .exitFailed(3), .exitFailed(-1), .signal(9), .oom, .startTimeout,
      .healthFailed, .watchdog, .budget, .decision, .dependency, .shimLost, .memoryLimit,
      .configuration, .ripening,
    ] + SpawnStage.allCases.map { .execFailed($0, 2) }

  @Test("a reason comes back as it was", arguments: reasons)
  func reason(_ reason: Reason) {
    #expect(Reason(columnText: reason.columnText) == reason)
  }

  @Test(
    "text that is no reason is refused",
    arguments: [
      "", "oom ", " oom", "exit_failed", "exit_failed x", "exec_failed 2", "exec_failed fly 2",
      "signal 99999999999", "none none",
    ])
  func notReason(_ text: String) {
    #expect(Reason(columnText: text) == nil)
  }

  @Test(
    "an exit status comes back as it was",
    arguments: [
      .exited(0), .exited(255), .signaled(9, coreDumped: false), .signaled(11, coreDumped: true),
      .unknown,
    ] as [NovaModel.ExitStatus])
  func status(_ status: NovaModel.ExitStatus) {
    #expect(NovaModel.ExitStatus(columnText: status.columnText) == status)
  }

  @Test(
    "text that is no exit status is refused", arguments: ["", "exited", "killed 9", "unknown 1"])
  func notStatus(_ text: String) {
    #expect(NovaModel.ExitStatus(columnText: text) == nil)
  }

  @Test(
    "deadlines come back as they were, whatever the boot id is",
    arguments: ["", "3f2c-11", "a b", "x,y", "100%", "ü\n"])
  func deadlines(_ bootID: String) {
    let one = Deadline(boottime: .max, bootID: bootID, wall: WallTime(microseconds: -5))
    let two = Deadline(boottime: 0, bootID: "b", wall: WallTime(microseconds: .max))
    for list in [[], [one], [one, two]] {
      #expect(Deadline.list(columnText: Deadline.columnText(list)) == list)
    }
  }

  @Test(
    "text that is no deadline is refused", arguments: ["1", "1 2", "x 2 b", "1 2 b c", "1 2 %zz"])
  func notDeadline(_ text: String) {
    #expect(Deadline.list(columnText: text) == nil)
  }

  @Test("details come back as they were")
  func details() {
    let details = [
      "a": "", "": "b", "k&=%": "1=2&3", "line": "a\nb\u{0}c", "wörter": "ü \u{1F680}",
    ]
    #expect(PercentText.pairs(PercentText.encoded(details)) == details)
    #expect(PercentText.pairs("") == [:])
    #expect(PercentText.pairs("a") == nil)
    #expect(PercentText.pairs("a=%4") == nil)
    #expect(PercentText.pairs("a=%FF") == nil)
  }
}

@Suite("Rows in one piece")
struct FlatRowTests {
  @Test("two rows never have the same bytes, however their values are cut")
  func injective() {
    let rows: [[Value]] = [
      [.text("ab"), .text("c")], [.text("a"), .text("bc")], [.text("abc"), .text("")],
      [.text("abc"), .null], [.null, .text("abc")], [.blob(Array("ab".utf8)), .text("c")],
      [.integer(0), .null], [.null, .integer(0)], [.integer(1), .integer(256)],
      [.integer(256), .integer(1)], [.integer(-1), .integer(0)], [.text("\u{0}"), .text("")],
    ]
    var seen: Set<[UInt8]> = []
    for values in rows {
      var row = FlatRow()
      row.append("left from the row before")
      row.clear()
      for value in values { row.append(value) }
      #expect(seen.insert(row.bytes).inserted, "\(values)")
    }
  }

  @Test("what is bound where it lies comes back as it was")
  func lent() throws {
    let shop = try Workshop()
    try shop.open().close()
    let connection = try Connection(path: shop.path, access: .readWrite)
    try connection.execute("CREATE TABLE lent (id INTEGER PRIMARY KEY, a, b, c, d, e, f)")
    var insert = try connection.prepare("INSERT INTO lent VALUES (?, ?, ?, ?, ?, ?, ?)")
    var row = FlatRow()
    for id in Int64(1)...3 {
      row.clear()
      row.append("größer \(id)")
      row.append(id - 2)
      row.appendNull()
      row.append("")
      row.append(.blob([0, 255, UInt8(id)]))
      try insert.run(id, row, [UInt8](repeating: UInt8(id), count: 32))
    }
    var found: [String] = []
    var query = try connection.prepare(
      "SELECT id, a, b, typeof(c), typeof(d) || length(d), hex(e), length(f) FROM lent")
    try query.query { row in
      found.append(
        "\(row.integer(0)) \(row.text(1)) \(row.integer(2)) \(row.text(3)) \(row.text(4)) "
          + "\(row.text(5)) \(row.integer(6))")
    }
    #expect(
      found == (1...3).map { "\($0) größer \($0) \($0 - 2) null text0 00FF0\($0) 32" })
  }
}

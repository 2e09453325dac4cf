// Refusals in the history: a few of each user, the rest as a number. Must never read a clock.

import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct RefusalLogTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func line(_ uid: Int, _ text: String = "no") -> RefusalLog.Line {
    RefusalLog.Line(actor: "uid:\(uid)", worker: nil, message: text)
  }

  @Test("of a million refusals within a minute twenty are written, the rest as one number after it")
  func flood() {
    var log = RefusalLog()
    var lines: [RefusalLog.Line] = []
    for round in 0..<10_000 { lines += log.note(line(7, "no \(round)"), at: start) }
    #expect(lines == (0..<RefusalLog.perWindow).map { line(7, "no \($0)") })
    #expect(log.over(at: start + .seconds(59)).isEmpty)
    #expect(log.due == start + .seconds(60))
    #expect(
      log.over(at: start + .seconds(60))
        == [line(7, "uid:7 was refused 9980 more requests within a minute")])
    #expect(log.due == nil && log.over(at: start + .seconds(999)).isEmpty)
    // A new minute begins with a clean sheet.
    #expect(log.note(line(7, "again"), at: start + .seconds(61)) == [line(7, "again")])
  }

  @Test("one user's flood hides no other user's refusal")
  func others() {
    var log = RefusalLog()
    for _ in 0..<1000 { _ = log.note(line(7), at: start) }
    #expect(log.note(line(8), at: start) == [line(8)])
  }

  @Test("many users together are bounded too")
  func manyUsers() {
    var log = RefusalLog()
    var written = 0
    for uid in 0..<10_000 { written += log.note(line(uid), at: start).count }
    #expect(written == RefusalLog.users + RefusalLog.perWindow)
    #expect(
      log.over(at: start + .seconds(60)).map(\.message)
        == ["others was refused \(10_000 - written) more requests within a minute"])
  }

  @Test("a minute that is over is told before the next refusal")
  func order() {
    var log = RefusalLog()
    for _ in 0..<21 { _ = log.note(line(7), at: start) }
    #expect(
      log.note(line(8, "late"), at: start + .seconds(90)).map(\.message)
        == ["uid:7 was refused 1 more requests within a minute", "late"])
  }
}

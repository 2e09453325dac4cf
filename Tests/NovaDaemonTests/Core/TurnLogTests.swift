// The log of turns on made-up times.

import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct TurnLogTests {
  private func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 0) + .milliseconds(milliseconds)
  }

  @Test("turns are counted, added up and compared with the bounds")
  func counts() {
    var log = TurnLog()
    log.record(from: at(0), to: at(2))
    log.record(from: at(10), to: at(61))
    log.record(from: at(70), to: at(81))
    // A clock that went back is no negative time.
    log.record(from: at(90), to: at(80))
    #expect(log.count == 4)
    #expect(log.busy == .milliseconds(64))
    #expect(log.longest == .milliseconds(51))
    #expect(log.slow == [2, 1, 0])
  }

  @Test("the longest of ten minutes is forgotten after them, the longest of all is not")
  func recent() {
    var log = TurnLog()
    log.record(from: at(0), to: at(400))
    #expect(log.recentLongest(at: at(9 * 60_000)) == .milliseconds(400))
    log.record(from: at(9 * 60_000), to: at(9 * 60_000 + 7))
    #expect(log.recentLongest(at: at(10 * 60_000)) == .milliseconds(7))
    #expect(log.recentLongest(at: at(30 * 60_000)) == .zero)
    #expect(log.longest == .milliseconds(400))
    #expect(log.slow == [1, 1, 1])
  }
}

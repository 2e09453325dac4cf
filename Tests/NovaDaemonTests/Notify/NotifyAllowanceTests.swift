// What one worker's datagrams may cost: a tenth of the time. Must never read a clock.

import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct NotifyAllowanceTests {
  @Test("what took ten milliseconds of a tenth of a second is enough until that is over")
  func window() {
    var allowance = NotifyAllowance()
    let start = Instant(nanoseconds: 5_000_000_000)
    var now = start
    #expect(allowance.open(at: now) == nil)
    for _ in 0..<9 {
      allowance.spend(from: now, to: now + .milliseconds(1))
      now = now + .milliseconds(1)
      #expect(allowance.open(at: now) == nil)
    }
    allowance.spend(from: now, to: now + .milliseconds(1))
    now = now + .milliseconds(1)
    #expect(allowance.open(at: now) == start + .milliseconds(100))
    #expect(allowance.open(at: start + .milliseconds(99)) == start + .milliseconds(100))
    #expect(allowance.open(at: start + .milliseconds(100)) == nil)
  }

  @Test("one that says little is always heard")
  func quiet() {
    var allowance = NotifyAllowance()
    var now = Instant(nanoseconds: 5_000_000_000)
    for _ in 0..<10_000 {
      #expect(allowance.open(at: now) == nil)
      allowance.spend(from: now, to: now + .microseconds(50))
      now = now + .milliseconds(1)
    }
  }
}

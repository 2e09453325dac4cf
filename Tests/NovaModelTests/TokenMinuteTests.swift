// Tokens of the last sixty seconds: counted by the second, forgotten by the second, and never more than a minute of them.

import NovaModel
import Testing

@Suite struct TokenMinuteTests {
  private func at(_ seconds: Int64, _ milliseconds: Int64 = 0) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(seconds * 1000 + milliseconds)
  }

  @Test("a minute later nothing of it is left, a second before all of it is")
  func minute() {
    var minute = TokenMinute()
    minute.add(5, at: at(0))
    minute.add(7, at: at(0, 900))
    minute.add(11, at: at(30))
    #expect(minute.tokens(at: at(30)) == 23)
    #expect(minute.tokens(at: at(59, 999)) == 23)
    #expect(minute.tokens(at: at(60)) == 11)
    #expect(minute.tokens(at: at(89, 999)) == 11)
    #expect(minute.tokens(at: at(90)) == 0)
    #expect(minute.tokens(at: at(100_000)) == 0)
  }

  @Test("against the plain sum of what each second brought, over random hours")
  func random() {
    var random = SystemRandomNumberGenerator()
    var minute = TokenMinute()
    var all: [(second: Int64, tokens: Int64)] = []
    var now: Int64 = 0
    for _ in 0..<5000 {
      now += [0, 0, 1, 1, 2, 7, 61].randomElement(using: &random) ?? 0
      let tokens = Int64.random(in: 0...1000, using: &random)
      minute.add(tokens, at: at(now, .random(in: 0...999, using: &random)))
      all.append((now, tokens))
      let expected = all.suffix(400).filter { $0.second > now - 60 }.reduce(0) { $0 + $1.tokens }
      #expect(minute.tokens(at: at(now)) == expected)
    }
  }

  @Test("what comes late counts as of the last second, what is no tokens counts nothing")
  func odd() {
    var minute = TokenMinute()
    minute.add(3, at: at(50))
    minute.add(4, at: at(20))
    minute.add(0, at: at(70))
    minute.add(-9, at: at(70))
    #expect(minute.tokens(at: at(50)) == 7)
    #expect(minute.tokens(at: at(109)) == 7)
    #expect(minute.tokens(at: at(110)) == 0)
    minute.add(.max, at: at(120))
    minute.add(.max, at: at(121))
    #expect(minute.tokens(at: at(121)) == .max)
  }
}

// What is seen of calls at a glance: each on the day it was asked, its tokens in the minute it was over.

import NovaDaemon
import NovaModel
import Testing

@Suite struct CallFiguresTests {
  private let noon = WallTime(rfc3339: "2026-11-26T12:00:00Z") ?? WallTime(microseconds: 0)
  private let a: WorkerName
  private let b: WorkerName
  private let stranger: WorkerName

  init() throws {
    a = try #require(WorkerName("a"))
    b = try #require(WorkerName("b"))
    stranger = try #require(WorkerName("c"))
  }

  private func figures() -> CallFigures { CallFigures(on: CalendarDay(holding: noon, in: .utc)) }

  private func at(_ seconds: Int64) -> Instant {
    Instant(nanoseconds: 0) + .seconds(1000 + seconds)
  }

  private func call(_ worker: WorkerName, _ provider: String, hours: Int64 = 0) -> ModelCall {
    var call = ModelCall(
      id: "x", worker: worker, provider: provider, model: "m", at: noon + .seconds(hours * 3600),
      outcome: "completed")
    call.tokens.input = 100
    call.tokens.cacheRead = 20
    call.tokens.cacheWrite = 3
    call.tokens.output = 50
    call.tokens.reasoning = 40
    call.amount = Money(microUSD: 7)
    return call
  }

  @Test("by worker and provider; what was thought is part of what was written")
  func sums() {
    var figures = figures()
    figures.take(call(a, "one"), at: at(0))
    figures.take(call(a, "two"), at: at(1))
    figures.take(call(b, "one"), at: at(30))
    #expect(figures.sum(at: at(30)).today.calls == 3)
    #expect(figures.sum(at: at(30)).today.tokens == 519)
    #expect(figures.sum(at: at(30)).today.amount == Money(microUSD: 21))
    #expect(figures.sum(at: at(30)).minuteTokens == 519)
    #expect(figures.sum(at: at(60)).minuteTokens == 346)
    #expect(figures.sum(of: a, at: at(61)).minuteTokens == 0)
    #expect(figures.sum(of: a, at: at(61)).today.calls == 2)
    #expect(figures.sums(of: a, at: at(30)).map(\.provider) == ["one", "two"])
    #expect(figures.sum(of: stranger, at: at(30)) == CallFigures.Sum())
  }

  @Test("a call that was asked yesterday and is over now counts in the minute alone")
  func midnight() {
    var figures = figures()
    figures.take(call(a, "one", hours: -13), at: at(0))
    #expect(figures.sum(at: at(0)).today == CallTotal())
    #expect(figures.sum(at: at(0)).minuteTokens == 173)
  }

  @Test("a new day begins with nothing, and the minute goes on")
  func turn() {
    var figures = figures()
    figures.take(call(a, "one"), at: at(0))
    figures.turn(to: CalendarDay(holding: noon + .seconds(86_400), in: .utc), at: at(1))
    #expect(figures.sum(at: at(1)).today.calls == 0)
    #expect(figures.sum(at: at(1)).minuteTokens == 173)
    #expect(figures.sum(of: a, at: at(1)).minuteTokens == 173)
    #expect(figures.sums(of: a, at: at(61)).isEmpty, "nothing of today, nothing of the minute")
    figures.take(call(a, "one", hours: 24), at: at(1))
    #expect(figures.sum(at: at(1)).today.calls == 1)
  }

  @Test("a refused call is a call without tokens")
  func refused() {
    var figures = figures()
    figures.take(
      ModelCall(id: "r", worker: a, provider: "one", model: "m", at: noon, outcome: "refused"),
      at: at(0))
    #expect(figures.sum(of: a, at: at(0)).today.calls == 1)
    #expect(figures.sum(of: a, at: at(0)).minuteTokens == 0)
  }

  @Test("what the ledger knows of before is taken as it is")
  func restored() {
    var figures = figures()
    var total = CallTotal()
    total.add(call(a, "one"))
    figures.take(total, of: .init(a, "one"))
    figures.take(tokens: 12, of: .init(a, "one"), at: at(-59))
    figures.take(call(a, "one"), at: at(0))
    #expect(figures.sum(at: at(0)).today.calls == 2)
    #expect(figures.sum(at: at(0)).minuteTokens == 185)
    #expect(figures.sum(at: at(1)).minuteTokens == 173)
  }
}

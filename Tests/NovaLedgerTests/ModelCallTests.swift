// Calls of models on a real disk: each once, counted once, with what is left over of it; prices by version; and what is asked.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Calls of models on the disk")
struct ModelCallTests {
  private func call(
    _ id: String, _ worker: String = "outreach", model: String = "m", at: Int64 = 1_000_000
  )
    throws -> ModelCall
  {
    var call = ModelCall(
      id: id, worker: try Sample.name(worker), provider: "anthropic", model: model,
      at: WallTime(microseconds: at), outcome: "completed")
    call.run = "r1"
    call.durationMilliseconds = 812
    call.status = 200
    call.isStreamed = true
    call.tokens.input = 3
    call.tokens.cacheWrite = 12_304
    call.tokens.output = 550
    call.cost = Price(picoUSD: 54_399_000_400)
    call.amount = Money(microUSD: 54_399)
    call.reservation = 7
    call.prices = 2
    return call
  }

  private func entry(_ call: ModelCall) -> Entry {
    Entry(
      event: call.at, booked: call.at, worker: call.worker, kind: .llm, source: call.provider,
      externalID: ModelCall.entryMark + call.id,
      amount: Money(microUSD: -call.amount.microUSD))
  }

  @Test(
    "a call comes back with every field, is counted once and booked once however often it is written"
  )
  func once() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let one = try call("c1")
    let bare = ModelCall(
      id: "c2", worker: one.worker, provider: "anthropic", model: "m", at: one.at,
      outcome: "refused")
    var carry = CostCarry()
    _ = carry.take(one.cost)
    let writes: [LedgerWrite] = [
      .gateway(.call(one)), .entry(entry(one)), .gateway(.call(bare)),
      .gateway(.carry(one.worker, carry)),
    ]
    try ledger.store(writes)
    try ledger.store(writes, ticket: 5)
    #expect(try ledger.knownCalls(["c1", "c2", "c3"]) == ["c1", "c2"])
    ledger.close()
    let again = try shop.open()
    let state = try again.load().gateway
    #expect(state.remainders == [one.worker: 400])
    let key = CallTotalKey(one)
    #expect(state.totals.count == 2)
    #expect(state.totals[key]?.calls == 1)
    #expect(state.totals[key]?.cacheWrite == 12_304)
    #expect(state.totals[key]?.amount == Money(microUSD: 54_399))
    #expect(state.prices == nil)
    #expect(try again.entries().map(\.amount) == [Money(microUSD: -54_399)])
    guard case .calls(let found) = try again.answer(.calls(CallsQuestion())) else {
      Issue.record("no calls")
      return
    }
    var stored = one
    stored.number = 1
    var other = bare
    other.number = 2
    #expect(found == [other, stored])
    #expect(throws: LedgerError.self) {
      try Connection(path: shop.path, access: .readWrite).execute(
        "UPDATE model_call SET cost_pico = 1")
    }
  }

  @Test("calls are listed and summed up by what is asked")
  func questions() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    var calls: [ModelCall] = []
    for number in 1...6 {
      calls.append(
        try call(
          "c\(number)", number % 2 == 0 ? "a" : "b", model: number > 4 ? "big" : "small",
          at: Int64(number) * 1_000_000))
    }
    try ledger.store(calls.map { .gateway(.call($0)) })
    var question = CallsQuestion()
    question.workers = [try Sample.name("a")]
    question.limit = 2
    guard case .calls(let newest) = try ledger.answer(.calls(question)) else { return }
    #expect(newest.map(\.id) == ["c6", "c4"])
    question.before = newest.last?.number
    guard case .calls(let older) = try ledger.answer(.calls(question)) else { return }
    #expect(older.map(\.id) == ["c2"])
    var sums = CallSumsQuestion(
      bounds: [0, 3, 100].map { WallTime(microseconds: $0 * 1_000_000) })
    sums.byModel = true
    guard case .callSums(let found) = try ledger.answer(.callSums(sums)) else { return }
    #expect(
      found.mapValues(\.calls) == [
        CallSumKey(span: 0, worker: nil, provider: nil, model: "small"): 2,
        CallSumKey(span: 1, worker: nil, provider: nil, model: "small"): 2,
        CallSumKey(span: 1, worker: nil, provider: nil, model: "big"): 2,
      ])
  }

  @Test("calls go with their retention, what they add up to stays")
  func retention() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    try ledger.store([
      .gateway(.call(try call("old", at: 1_000_000))),
      .gateway(.call(try call("new", at: 9_000_000))),
    ])
    try ledger.store([.retain(from: WallTime(microseconds: 5_000_000))])
    #expect(try ledger.knownCalls(["old", "new"]) == ["new"])
    #expect(try ledger.load().gateway.totals.values.first?.calls == 2)
  }

  @Test("versions of prices are kept; one of the same number and other words is refused")
  func prices() throws {
    let shop = try Workshop()
    let ledger = try shop.open()
    let first = ModelPricesVersion(
      number: 1, since: Sample.at(1), digest: Digest.sha256(Array("{}".utf8)), actor: "uid:0")
    var second = first
    second.number = 2
    second.since = Sample.at(2)
    for _ in 0..<2 {
      try ledger.store([
        .gateway(.prices(first, table: "{}")), .gateway(.prices(second, table: "{ }")),
      ])
    }
    #expect(try ledger.load().gateway.prices == second)
    #expect(try ledger.answer(.modelPrices(1)) == .modelPrices("{}"))
    #expect(try ledger.answer(.modelPrices(2)) == .modelPrices("{ }"))
    #expect(try ledger.answer(.modelPrices(3)) == .modelPrices(nil))
    second.actor = "uid:1"
    let told = try ledger.store([.gateway(.prices(second, table: "{ }"))])
    #expect(told.contains { if case .rejected = $0 { true } else { false } })
  }

  @Test("SHA-256 of a known text")
  func digest() {
    #expect(
      Digest.hex(Digest.sha256(Array("ab".utf8), Array("c".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}

extension Ledger {
  /// Asks and waits for the answer.
  fileprivate func answer(_ question: LedgerQuestion) throws -> LedgerAnswer {
    #expect(ask(question, ticket: 77))
    for completion in try completions(until: { if case .answered = $0 { true } else { false } }) {
      if case .answered(77, let answer) = completion { return answer }
    }
    throw Trouble("no answer")
  }
}

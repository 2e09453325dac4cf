// Money is neither made nor lost: after any history, crash and repetition the sum of the entries, the balances, the sums by
// time and a replay from the first entry are the same. Must never know how the ledger adds up.

import NovaModel
import Testing

@testable import NovaLedger

@Suite("Conservation")
struct ConservationTests {
  @Test(
    "random histories with splits, refunds, repetitions and crashes", arguments: [UInt64](1...12))
  func history(seed: UInt64) throws {
    var random = SplitMix(seed)
    var shop = try Workshop()
    var ledger = try shop.open()
    var tape = Tape()
    try ledger.store([Sample.price])
    for step in 0..<25 {
      let batch = try (0..<Int(random.below(12))).map { _ in try tape.write(&random) }
      try ledger.store(batch)
      // The outside says everything twice now and then, in any order.
      if random.below(3) == 0 { try ledger.store(batch.reversed()) }
      switch random.below(6) {
      case 0:
        ledger.close()
        ledger = try shop.open()
      case 1:
        // The files as they lie there while the ledger lives are what SIGKILL leaves.
        let after = try Workshop()
        for suffix in ["", "-wal"] {
          try after.write(try shop.bytes(of: shop.path + suffix), to: after.path + suffix)
        }
        ledger.close()
        shop = after
        ledger = try shop.open()
      default: break
      }
      if step % 5 == 4 { try compare(ledger, tape) }
    }
    try compare(ledger, tape)
    #expect(try ledger.entries(limit: 100_000).count > 50)
  }

  private func compare(_ ledger: Ledger, _ tape: Tape) throws {
    let entries = try ledger.entries(limit: 100_000)
    // Replay.
    var replayed: [BalanceKey: Balance] = [:]
    for entry in entries { replayed[BalanceKey(entry), default: Balance()].add(entry) }
    #expect(try ledger.balances() == replayed)
    // By time.
    let sums = try ledger.sums(from: Sample.at(0), to: Sample.at(90_000_000))
    let booked = entries.filter { !$0.isPending }.reduce(Int64(0)) { $0 + $1.amount.microUSD }
    #expect(sums.profit.microUSD == booked)
    #expect(replayed.values.reduce(Int64(0)) { $0 + $1.profit.microUSD } == booked)
    // No payment gave back more than it was, and each part of it no more than the part.
    for entry in entries where entry.kind.side == .revenue && entry.amount > .zero {
      // What was given back of it, less what of that was taken back in turn.
      let back = entries.filter { $0.reverses == entry.id && $0.kind.side == .contra }
        .reduce(Int64(0)) { sum, given in
          entries.filter { $0.reverses == given.id }
            .reduce(sum + given.amount.microUSD) { $0 + $1.amount.microUSD }
        }
      #expect(entry.amount.microUSD + back >= 0)
    }
    for (payment, amount) in tape.payments {
      let parts = entries.filter { $0.externalID == payment && $0.kind == .sale }
      #expect(parts.isEmpty || parts.reduce(Int64(0)) { $0 + $1.amount.microUSD } == amount)
    }
    #expect(try ledger.verify().findings == [])
  }
}

/// What the outside says, remembered so that refunds can name payments.
private struct Tape {
  var payments: [String: Int64] = [:]
  private var count = 0
  private var serial: UInt64 = 0

  mutating func write(_ random: inout SplitMix) throws -> LedgerWrite {
    count += 1
    let worker = ["a", "b", "c"][Int(random.below(3))]
    let seconds = Int64(1000 + random.below(5_000_000))
    switch random.below(10) {
    case 0, 1:
      return .entry(
        try Sample.entry("e\(count)", -Int64(random.below(90_000)), worker: worker, at: seconds))
    case 2:
      serial += 1
      var life = try Sample.life(
        serial, bookings: 1, cpu: 5, cost: Int64(random.below(4000)), worker)
      life.ended = random.below(2) == 0 ? Sample.at(seconds) : nil
      life.crashed = random.below(2) == 0
      return Sample.book(life, at: seconds)
    case 3, 4:
      let run = try Sample.run(
        "r\(random.below(40))", cost: Int64(random.below(500)),
        revenue: random.below(2) == 0 ? Int64(1 + random.below(9000)) : nil, worker: worker)
      return Sample.reported(run, pending: random.below(2) == 0)
    case 5:
      return .touch(
        Touch(
          key: "k\(random.below(4))", worker: try Sample.name(worker), run: nil,
          at: Sample.at(seconds)))
    case 6, 7:
      let id = "ch_\(random.below(30))"
      let amount = payments[id] ?? Int64(1 + random.below(100_000))
      payments[id] = amount
      var fact = try Sample.payment(
        id, amount, worker: random.below(2) == 0 ? worker : nil,
        run: random.below(3) == 0 ? "r\(random.below(40))" : nil, at: seconds)
      if random.below(2) == 0 { fact.named?.rule = .product }
      fact.touches = ["k\(random.below(4))", "k\(random.below(4))"]
      fact.touchRule = [.lastTouch, .linear, .timeDecay][Int(random.below(3))]
      if random.below(3) == 0 { fact.fee = Money(microUSD: amount / 20) }
      if random.below(3) == 0 {
        fact.subscription = "sub \(random.below(5))"
        fact.creditCycles = [try Sample.name("a"): 2, try Sample.name("b"): 3]
      }
      return .revenue(fact)
    default:
      let kinds: [EntryKind] = [.refund, .refund, .dispute, .disputeFee, .chargebackWon]
      return Sample.refund(
        "re_\(count)", of: "ch_\(random.below(30))",
        random.below(4) == 0 ? nil : Int64(1 + random.below(60_000)),
        kind: kinds[Int(random.below(5))])
    }
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers each time.
struct SplitMix {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func below(_ bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (z ^ (z >> 31)) % bound
  }
}

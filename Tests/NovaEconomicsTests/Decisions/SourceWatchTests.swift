// Sources that fall silent by themselves, and revenue of seven days: what counts as silence, whom it concerns, how often
// chance alone raises it, and a window that moves.

import NovaModel
import Testing

@testable import NovaEconomics

@Suite("Sources of revenue")
struct SourceWatchTests {
  private static func at(_ seconds: Int64) -> WallTime {
    WallTime(microseconds: (1_700_000_000 + seconds) * 1_000_000)
  }

  /// A shop that sells every ten minutes, in turn for each of these.
  private static func watch(_ names: [String], pieces: Int64 = 30, every: Int64 = 600)
    -> SourceWatch
  {
    var watch = SourceWatch()
    for piece in 0..<pieces {
      watch.take(
        "shop", of: WorkerName(names[Int(piece) % names.count]), at: at(piece * every))
    }
    return watch
  }

  @Test("silent is who pauses three times longer than ever, an hour at least, after twenty pauses")
  func silence() {
    let last: Int64 = 29 * 600
    var watch = Self.watch(["a", "b"])
    #expect(watch.silent(at: Self.at(last + 3600)).isEmpty)
    let found = watch.silent(at: Self.at(last + 3601))
    #expect(found.map(\.source) == ["shop"])
    #expect(found.first?.since == Self.at(last))
    #expect(found.first?.longestSeconds == 600)
    #expect(found.first?.earners.map(\.text) == ["a", "b"])
    #expect(
      found.first?.sentence == "shop has been silent for 1.0 h, lately never longer than 0.2 h")
    // One longer pause, and its patience is three of those.
    watch.take("shop", of: nil, at: Self.at(last + 3601))
    #expect(watch.silent(at: Self.at(last + 3601 + 10_803)).isEmpty)
    #expect(watch.silent(at: Self.at(last + 3601 + 10_804)).count == 1)
    #expect(Self.watch(["a"], pieces: 20).silent(at: Self.at(1_000_000)).isEmpty, "19 pauses")
    #expect(Self.watch(["a"], pieces: 21).silent(at: Self.at(1_000_000)).count == 1)
  }

  @Test("what comes within a minute is one piece of news; what workers say of themselves is none")
  func bursts() {
    // A platform that hands over a thousand sales once a day.
    var daily = SourceWatch()
    for day in Int64(0)..<25 {
      for sale in Int64(0)..<1000 {
        daily.take("shop", of: WorkerName("a"), at: Self.at(day * 86_400 + sale / 50))
      }
    }
    #expect(daily.silent(at: Self.at(26 * 86_400)).isEmpty)
    #expect(daily.silent(at: Self.at(28 * 86_400)).count == 1)
    var own = SourceWatch()
    for piece in Int64(0)..<100 {
      own.take("worker", of: WorkerName("a"), at: Self.at(piece * 600))
    }
    #expect(own.silent(at: Self.at(9_000_000)).isEmpty)
  }

  @Test(
    "several who still work and fall silent together are not judged, for three days; one alone is")
  func freezing() throws {
    let watch = Self.watch(["a", "b", "c"])
    let (a, b) = (try #require(WorkerName("a")), try #require(WorkerName("b")))
    let last: Int64 = 29 * 600
    let silence = try #require(watch.silent(at: Self.at(last + 7200)).first)
    #expect(silence.freezes(working: [a, b]))
    #expect(!silence.freezes(working: [a]))
    #expect(silence.matters(working: [a]))
    #expect(!silence.matters(working: []), "everybody who earned from it rests")
    let late = try #require(watch.silent(at: Self.at(last + 3600 + 3 * 86_400 + 1)).first)
    #expect(!late.freezes(working: [a, b]))
    #expect(late.matters(working: [a]))
  }

  @Test(
    "a silence that somebody excused, or nobody could hear, begins anew; one that was known goes on"
  )
  func excused() {
    let last: Int64 = 29 * 600
    let now = Self.at(last + 40_000)
    var watch = Self.watch(["a"])
    watch.excuse("other", at: now)
    #expect(watch.silent(at: now).count == 1)
    watch.excuse(at: now, except: ["shop"])
    #expect(watch.silent(at: now).count == 1)
    watch.excuse(at: now)
    #expect(watch.silent(at: now).isEmpty)
    #expect(watch.silent(at: Self.at(last + 40_000 + 3601)).count == 1)
    // The pause that was excused is not remembered as its longest.
    watch.take("shop", of: nil, at: Self.at(last + 40_100))
    #expect(watch.silent(at: Self.at(last + 40_100 + 3601)).count == 1)
  }

  @Test("with a speed of 3600 an hour of silence passes in a second")
  func speed() {
    var watch = SourceWatch()
    watch.speed = 3600
    for piece in Int64(0)..<30 {
      watch.take("shop", of: nil, at: WallTime(microseconds: piece * 100_000))
    }
    // 360 s between pieces: an hour is a second.
    #expect(watch.silent(at: WallTime(microseconds: 2_900_000 + 1_000_000)).isEmpty)
    #expect(watch.silent(at: WallTime(microseconds: 2_900_000 + 1_001_000)).count == 1)
  }

  @Test("by chance alone the pause after 20 is three times their longest once in 1,771")
  func chance() {
    var random = SeededGenerator(seed: 20)
    var found = 0
    let trials = 200_000
    for _ in 0..<trials {
      var longest = 0.0
      for _ in 0..<20 { longest = max(longest, -Real.ln(1 - random.uniform())) }
      if -Real.ln(1 - random.uniform()) > 3 * longest { found += 1 }
    }
    let share = 1.0 / 1771
    let error = (share * (1 - share) / Double(trials)).squareRoot()
    #expect((Double(found) / Double(trials) - share).magnitude < 3 * error, "\(found)")
  }

  @Test("an alert names who is stale and who is silent, and is over when nobody is")
  func alert() throws {
    let silence = try #require(Self.watch(["a"]).silent(at: Self.at(30_000)).first)
    let both = AlertRules.sources(stale: ["pay"], silent: [silence])
    #expect(both.isBad && !both.isGood)
    #expect(
      both.message.contains("no news from pay") && both.message.contains("shop has been silent"))
    let over = AlertRules.sources(stale: [], silent: [])
    #expect(!over.isBad && over.isGood)
  }

  // MARK: seven days

  private static func sale(_ micro: Int64, _ worker: String?, _ seconds: Int64) -> Entry {
    Entry(
      event: at(0), booked: at(seconds), worker: worker.flatMap { WorkerName($0) }, kind: .sale,
      source: "shop", externalID: "\(seconds)", amount: Money(microUSD: micro))
  }

  @Test("nobody's share of revenue is of the last seven days, in quarters of an hour")
  func week() {
    let day: Int64 = 86_400
    var recent = RecentRevenue()
    #expect(recent.unattributedPPM(at: Self.at(0)) == 0)
    recent.take(Self.sale(30, nil, 0))
    recent.take(Self.sale(70, "a", 0))
    #expect(recent.unattributedPPM(at: Self.at(0)) == 300_000)
    recent.take(Self.sale(100, "a", 5 * day))
    #expect(recent.unattributedPPM(at: Self.at(5 * day)) == 150_000)
    #expect(recent.unattributedPPM(at: Self.at(7 * day - 900)) == 150_000)
    // The quarter that it was booked in has passed out of the week.
    #expect(recent.unattributedPPM(at: Self.at(7 * day + 900)) == 0)
    #expect(recent.total == Money(microUSD: 100))
    // What comes late for a quarter that is gone is not counted; a clock that is set back brings nothing back.
    recent.take(Self.sale(900, nil, 0))
    #expect(recent.unattributedPPM(at: Self.at(6 * day)) == 0)
  }

  @Test(
    "what is pending, a cost or a refund is no revenue; what is credited later is nobody's no more")
  func kinds() {
    var recent = RecentRevenue()
    var pending = Self.sale(900, nil, 0)
    pending.isPending = true
    recent.take(pending)
    var refund = Self.sale(-50, nil, 0)
    refund.kind = .refund
    recent.take(refund)
    recent.take(Self.sale(100, nil, 0))
    #expect(recent.unattributedPPM(at: Self.at(0)) == 1_000_000)
    recent.take(Self.sale(-100, nil, 60))
    recent.take(Self.sale(100, "a", 60))
    #expect(recent.unattributedPPM(at: Self.at(60)) == 0)
    #expect(recent.total == Money(microUSD: 100))
  }

  @Test("what the ledger has summed up is the same as the entries one by one")
  func restored() {
    var random = SeededGenerator(seed: 8)
    var (told, restored) = (RecentRevenue(), RecentRevenue())
    var quarters: [Int64: (owned: Int64, nobody: Int64)] = [:]
    for step in Int64(0)..<2000 {
      let seconds = step * 500
      let amount = Int64(random.uniform() * 1000) + 1
      let isOwned = random.happens(0.8)
      told.take(Self.sale(amount, isOwned ? "a" : nil, seconds))
      let quarter = (1_700_000_000 + seconds) / 900
      if isOwned {
        quarters[quarter, default: (0, 0)].owned += amount
      } else {
        quarters[quarter, default: (0, 0)].nobody += amount
      }
    }
    for (quarter, sum) in quarters {
      let at = WallTime(microseconds: quarter * 900_000_000)
      restored.take(RevenueQuarter(at: at, isOwned: true, amount: Money(microUSD: sum.owned)))
      restored.take(RevenueQuarter(at: at, isOwned: false, amount: Money(microUSD: sum.nobody)))
    }
    for seconds in [Int64(0), 600_000, 1_000_000, 1_300_000, 3_000_000] {
      #expect(
        told.unattributedPPM(at: Self.at(seconds)) == restored.unattributedPPM(at: Self.at(seconds))
      )
      #expect(told.total == restored.total)
    }
    #expect(told.total == .zero)
  }
}

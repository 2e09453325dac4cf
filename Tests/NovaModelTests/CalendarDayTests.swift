// Days of the calendar in zones that do everything: 23 and 25 hours, a midnight that does not exist, an hour that
// comes back across midnight, a day that was left out.

import NovaModel
import Testing

struct CalendarDayTests {
  private static func zone(_ initial: Int, _ changes: (String, Int)...) -> TimeZoneRules {
    TimeZoneRules(
      name: "test", initialOffset: initial,
      transitions: changes.map { text, offset in
        .init(
          at: (WallTime(rfc3339: text)?.microseconds ?? 0) / 1_000_000, offset: offset)
      })
  }

  private static func day(_ text: String, _ zone: TimeZoneRules) -> CalendarDay {
    CalendarDay(holding: WallTime(rfc3339: text) ?? WallTime(microseconds: 0), in: zone)
  }

  private static let berlin = zone(
    3600, ("2026-03-29T01:00:00Z", 7200), ("2026-10-25T01:00:00Z", 3600))

  @Test("the day of spring has 23 hours and the day of autumn 25")
  func berlin() {
    let spring = Self.day("2026-03-29T12:00:00Z", Self.berlin)
    #expect(spring.text == "2026-03-29")
    #expect(spring.start.rfc3339 == "2026-03-28T23:00:00.000Z")
    #expect(spring.end.rfc3339 == "2026-03-29T22:00:00.000Z")
    #expect(spring.length == .seconds(23 * 3600))
    let autumn = Self.day("2026-10-25T12:00:00Z", Self.berlin)
    #expect(autumn.length == .seconds(25 * 3600))
    #expect(autumn.elapsedPPM(at: autumn.start + .seconds(25 * 1800)) == 500_000)
    #expect(Self.day("2026-06-01T21:59:59Z", Self.berlin).text == "2026-06-01")
    #expect(Self.day("2026-06-01T22:00:00Z", Self.berlin).text == "2026-06-02")
  }

  @Test("a day whose midnight is skipped begins when the clock goes on")
  func noMidnight() {
    // São Paulo, 2018: at 00:00 the clocks went to 01:00.
    let zone = Self.zone(-10_800, ("2018-11-04T03:00:00Z", -7200))
    let day = Self.day("2018-11-04T12:00:00Z", zone)
    #expect(day.start.rfc3339 == "2018-11-04T03:00:00.000Z")
    #expect(day.length == .seconds(23 * 3600))
  }

  @Test("an hour that comes back across midnight stays with the day that had begun")
  func backAcrossMidnight() {
    // At 00:30 of the second the clocks go back to 23:30 of the first.
    let zone = Self.zone(3600, ("2026-11-01T23:30:00Z", 0))
    let first = Self.day("2026-11-01T12:00:00Z", zone)
    let second = Self.day("2026-11-01T23:45:00Z", zone)
    #expect(first.end.rfc3339 == "2026-11-01T23:00:00.000Z")
    #expect(second.text == "2026-11-02")
    #expect(second.start == first.end)
    #expect(second.length == .seconds(25 * 3600))
  }

  @Test("a day that was left out belongs to nobody")
  func leftOut() {
    // Samoa, 2011: after 29 December came the 31st.
    let zone = Self.zone(-36_000, ("2011-12-30T10:00:00Z", 50_400))
    let before = Self.day("2011-12-30T09:59:59Z", zone)
    let after = Self.day("2011-12-30T10:00:00Z", zone)
    #expect(before.text == "2011-12-29")
    #expect(after.text == "2011-12-31")
    #expect(before.end == after.start)
  }

  @Test("days follow each other without gap or overlap in zones of every kind")
  func partition() {
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 0..<300 {
      var at: Int64 = 1_700_000_000
      var changes: [TimeZoneRules.Transition] = []
      for _ in 0..<6 {
        at += Int64(3600 + next(20 * 86_400))
        changes.append(.init(at: at, offset: (next(105) - 52) * 900))
      }
      let zone = TimeZoneRules(name: "x", initialOffset: 0, transitions: changes)
      var time = WallTime(microseconds: 1_700_000_000_000_000)
      var day = CalendarDay(holding: time, in: zone)
      for _ in 0..<80 {
        #expect(day.start <= time && time < day.end)
        let following = CalendarDay(holding: day.end, in: zone)
        #expect(following.start == day.end)
        #expect(following.days > day.days)
        let inside = day.start + Span(nanoseconds: day.length.nanoseconds / 2)
        #expect(CalendarDay(holding: inside, in: zone) == day)
        time = day.end
        day = following
      }
    }
  }

  @Test("the ends of time do not trap", arguments: [Int64.min, .max, 0])
  func ends(microseconds: Int64) {
    let day = CalendarDay(holding: WallTime(microseconds: microseconds), in: Self.berlin)
    #expect(day.start < day.end)
  }
}

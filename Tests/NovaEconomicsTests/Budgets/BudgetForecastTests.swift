// How the day will end: the worked figure of the specification, uneven days, days of 23 and 25 hours, and the limit
// that grows by what was earned.

import NovaEconomics
import NovaModel
import Testing

struct BudgetForecastTests {
  @Test("limit 100, spent 30, a quarter usually done, 80 on a usual day: 103.636364")
  func golden() {
    let forecast = BudgetForecast(spent: .usd("30"), sharePPM: 250_000, usualDay: .usd("80"))
    #expect(forecast.total.decimal == "103.636364")
    // On an even day 70 more at 98.181818 a day take 0.712963 of it: at 0.962963.
    #expect(forecast.exhaustion(of: .usd("100"), profile: .even) == 962_962)
    #expect(forecast.exhaustion(of: .usd("104"), profile: .even) == nil)
  }

  @Test("at the end of the day the forecast is what was spent; at its start what is usual")
  func ends() {
    let end = BudgetForecast(spent: .usd("7"), sharePPM: 1_000_000, usualDay: .usd("80"))
    #expect(end.total == .usd("7"))
    let start = BudgetForecast(spent: .zero, sharePPM: 0, usualDay: .usd("80"))
    #expect(start.total == .usd("80"))
    #expect(BudgetForecast(spent: .zero, sharePPM: 0, usualDay: .zero).total == .zero)
  }

  @Test("without history a day is even")
  func even() {
    #expect(PaceProfile(days: []) == .even)
    #expect(PaceProfile(days: [[0, 0, 0]]) == .even, "a day without spending says nothing")
    #expect(PaceProfile.even.share(atPPM: 250_000) == 250_000)
    #expect(PaceProfile.even.share(atPPM: 2_000_000) == 1_000_000)
  }

  @Test("a profile is the mean of what past days had spent by each hour")
  func mean() {
    // All in the first hour, and all in the last.
    let early = [Int64](repeating: 10, count: 24)
    let late = [Int64](repeating: 0, count: 23) + [40]
    let profile = PaceProfile(days: [early, late])
    #expect(profile.points[0] == 0)
    #expect(profile.points[1] == 500_000)
    #expect(profile.points[23] == 500_000)
    #expect(profile.share(atPPM: 1_000_000 * 47 / 48) > 740_000)
    #expect(profile.elapsed(atShare: 500_000)! <= 1_000_000 / 24)
    #expect(profile.elapsed(atShare: 1_000_001) == nil)
  }

  @Test("days of 23 and 25 hours have the same shape as one of 24", arguments: [23, 24, 25])
  func odd(hours: Int) {
    let steady = (1...hours).map { Int64($0) * 1000 }
    let profile = PaceProfile(days: [steady])
    for index in 0...24 {
      // Rounding down twice: some millionths.
      #expect(abs(profile.points[index] - PaceProfile.even.points[index]) <= 50)
    }
  }

  @Test("three times the usual for a quarter of an hour is seen, a burst is not")
  func burn() {
    var burn = BurnRate()
    func look(_ minute: Int, _ spent: String) -> Bool {
      burn.isHigh(
        spent: .usd(spent), sharePPM: Int64(minute) * 1_000_000 / 1440, usualDay: .usd("14.4"),
        day: 1, at: Stage.at(minute * 60).instant)
    }
    // A usual minute costs a cent.
    for minute in 0..<20 { #expect(!look(minute, "\(minute / 100).\(minute + 10)")) }
    #expect(!look(20, "0.5"), "twenty cents at once, after a quiet quarter of an hour")
    for minute in 21..<35 { _ = look(minute, "0.\(50 + (minute - 20) * 3)") }
    #expect(look(36, "1.20"))
  }

  @Test("earned money raises tomorrow's limit, at most to twice the base; a loss takes it back")
  func reinvestment() {
    func limit(_ profit: String, cap: String = "1000") -> Money {
      Reinvestment.limit(base: .usd("10"), maturedProfit7Days: .usd(profit), cap: .usd(cap))
    }
    #expect(limit("14") == .usd("11"))
    #expect(limit("1000") == .usd("20"))
    #expect(limit("1000", cap: "15") == .usd("15"))
    #expect(limit("1000", cap: "5") == .usd("10"), "a cap below the base takes nothing from it")
    #expect(limit("-50") == .usd("10"))
    #expect(limit("0.000013") == .usd("10"))
  }
}

// When a calendar expression matches next. Daylight saving follows cron(8) of Debian: an expression with fixed hours
// whose local time is skipped runs at the first minute after the gap (several skipped times: one run), and a local
// time that happens twice runs the first time only. An expression for every hour (`*` in hours) follows the elapsed
// time: nothing is made up for a gap and both passes of a repeated hour run.
// Must never read a clock, and always ends: what has no match in 3,000 days has none.

package import NovaModel

extension CronExpression {
  /// The first match later than `time`, at second 0; nil when there is none (30 February).
  package func next(after time: WallTime, zone: TimeZoneRules) -> WallTime? {
    // 100,000 years either way: far beyond that arithmetic in seconds and days could overflow.
    let bound: Int64 = 3_155_760_000_000
    let after = Self.floorDivide(time.microseconds, 1_000_000)
    guard abs(after) < bound else { return nil }
    let localDay = Self.floorDivide(after + Int64(zone.offset(at: after)), 86_400)
    // 29 February is at most 8 years (2,921 days) away, across a century that has none.
    for day in (localDay - 1)...(localDay + 3000) where matches(day: day) {
      if let found = first(of: day, after: after, zone: zone) {
        return WallTime(microseconds: found * 1_000_000)
      }
    }
    return nil
  }

  private func matches(day: Int64) -> Bool {
    let civil = CivilTime(WallTime(microseconds: day * 86_400_000_000))
    guard months & (1 << UInt64(civil.month)) != 0 else { return false }
    let inMonth = daysOfMonth & (1 << UInt64(civil.day)) != 0
    // Both 0 and 7 are Sunday in crontab(5).
    let inWeek =
      daysOfWeek & (1 << UInt64(civil.weekday)) != 0
      || (civil.weekday == 0 && daysOfWeek & (1 << 7) != 0)
    return dayOfMonthRestricted && dayOfWeekRestricted ? inMonth || inWeek : inMonth && inWeek
  }

  private func first(of day: Int64, after: Int64, zone: TimeZoneRules) -> Int64? {
    let everyHour = hours & 0xFF_FFFF == 0xFF_FFFF
    // Without a change of offset near by, later minutes only come later: the first match is the answer.
    let calm =
      zone.offset(at: day * 86_400 - 180_000) == zone.offset(at: day * 86_400 + 266_400)
    var best: Int64?
    for hour in 0..<24 where hours & (1 << UInt64(hour)) != 0 {
      for minute in 0..<60 where minutes & (1 << UInt64(minute)) != 0 {
        let local = day * 86_400 + Int64(hour) * 3600 + Int64(minute) * 60
        let times: [Int64]
        switch zone.instants(ofLocal: local) {
        case .once(let at): times = [at]
        case .twice(let early, let late): times = everyHour ? [early, late] : [early]
        case .skipped(let end): times = everyHour ? [] : [end]
        }
        for at in times where at > after && at < best ?? .max { best = at }
        if calm, let best { return best }
      }
    }
    return best
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a / b - (a % b < 0 ? 1 : 0)
  }
}

extension TimeZoneRules {
  /// What a local time is in Unix seconds.
  enum LocalInstants: Hashable {
    case once(Int64)
    case twice(Int64, Int64)
    /// Clocks jumped over it; the first whole minute after the jump.
    case skipped(Int64)
  }

  /// Resolves a local time given as seconds since 1970 on the local clock.
  func instants(ofLocal local: Int64) -> LocalInstants {
    // Offsets lie within 26 h of each other, and no zone changes twice within two days.
    let before = offset(at: local - 93_600)
    let after = offset(at: local + 93_600)
    let early = local - Int64(before)
    guard before != after else { return .once(early) }
    let late = local - Int64(after)
    switch (offset(at: early) == before, offset(at: late) == after) {
    case (true, true): return early <= late ? .twice(early, late) : .once(early)
    case (true, false): return .once(early)
    case (false, true): return .once(late)
    case (false, false):
      let jump =
        transitions.first { $0.offset == after && $0.at > local - 93_600 && $0.at < local + 93_600 }
      let at = jump?.at ?? late
      return .skipped((at + 59) / 60 * 60)
    }
  }
}

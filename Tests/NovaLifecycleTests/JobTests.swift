// Jobs and calendars.

import NovaModel
import Testing

@testable import NovaLifecycle

/// Parses the little of crontab(5) that these tests use.
private func cron(_ text: String) -> CronExpression {
  let fields = text.split(separator: " ").map(String.init)
  func bits(_ field: String, _ range: ClosedRange<Int>) -> UInt64 {
    var bits: UInt64 = 0
    for part in field.split(separator: ",") {
      let halves = part.split(separator: "/")
      let step = halves.count == 2 ? Int(halves[1]) ?? 1 : 1
      let ends = halves[0].split(separator: "-").compactMap { Int($0) }
      let low = halves[0] == "*" ? range.lowerBound : ends[0]
      let high = halves[0] == "*" ? range.upperBound : ends[ends.count - 1]
      for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
    }
    return bits
  }
  return CronExpression(
    minutes: bits(fields[0], 0...59), hours: bits(fields[1], 0...23),
    daysOfMonth: bits(fields[2], 1...31), months: bits(fields[3], 1...12),
    daysOfWeek: bits(fields[4], 0...7), dayOfMonthRestricted: fields[2] != "*",
    dayOfWeekRestricted: fields[4] != "*", text: text)
}

private func utc(_ y: Int, _ mo: Int, _ d: Int, _ h: Int = 0, _ mi: Int = 0, _ s: Int = 0)
  -> WallTime
{
  WallTime(
    microseconds: (CivilTime.days(year: y, month: mo, day: d) * 86_400
      + Int64(h * 3600 + mi * 60 + s))
      * 1_000_000)
}

/// Berlin in 2026: +1, +2 from 29 March 01:00 UTC, +1 again from 25 October 01:00 UTC.
private let berlin = TimeZoneRules(
  name: "Europe/Berlin", initialOffset: 3600,
  transitions: [
    .init(at: utc(2026, 3, 29, 1).microseconds / 1_000_000, offset: 7200),
    .init(at: utc(2026, 10, 25, 1).microseconds / 1_000_000, offset: 3600),
  ])

@Suite struct JobTests {
  @Test(
    "the next match in UTC",
    arguments: [
      ("*/5 * * * *", utc(2026, 1, 1, 0, 0), utc(2026, 1, 1, 0, 5)),
      ("*/5 * * * *", utc(2026, 1, 1, 0, 4, 59), utc(2026, 1, 1, 0, 5)),
      ("0 0 * * *", utc(2026, 12, 31, 23, 59, 59), utc(2027, 1, 1)),
      ("30 4 1 * *", utc(2026, 1, 1, 4, 30), utc(2026, 2, 1, 4, 30)),
      ("0 12 * * 1", utc(2026, 11, 20), utc(2026, 11, 23, 12)),
      ("0 12 * * 7", utc(2026, 11, 20), utc(2026, 11, 22, 12)),
      // Both day fields restricted: either will do.
      ("0 0 13 * 5", utc(2026, 11, 20, 1), utc(2026, 11, 27)),
      ("0 0 13 * 5", utc(2026, 12, 11, 1), utc(2026, 12, 13)),
      ("0 0 29 2 *", utc(2026, 1, 1), utc(2028, 2, 29)),
      ("0 0 29 2 *", utc(2096, 3, 1), utc(2104, 2, 29)),
      ("0 0 30 2 *", utc(2026, 1, 1), nil),
      ("0 0 1 1 *", WallTime(microseconds: .max), nil),
      ("0 0 1 1 *", WallTime(microseconds: .min), nil),
    ] as [(String, WallTime, WallTime?)])
  func next(text: String, after: WallTime, expected: WallTime?) {
    #expect(cron(text).next(after: after, zone: .utc) == expected)
  }

  @Test(
    "daylight saving as cron(8): skipped times run after the gap once, repeated times once, every-hour by real time",
    arguments: [
      // 02:30 does not exist on 29 March: 03:00 summer time is 01:00 UTC.
      ("30 2 * * *", utc(2026, 3, 28, 12), utc(2026, 3, 29, 1)),
      ("*/10 2 * * *", utc(2026, 3, 28, 12), utc(2026, 3, 29, 1)),
      ("*/10 2 * * *", utc(2026, 3, 29, 1), utc(2026, 3, 30, 0)),
      // 02:30 happens twice on 25 October: 00:30 UTC, and not 01:30.
      ("30 2 * * *", utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
      ("30 2 * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
      ("30 * * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)),
      ("30 * * * *", utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)),
      ("0 9 * * *", utc(2026, 7, 1), utc(2026, 7, 1, 7)),
      ("0 9 * * *", utc(2026, 1, 10), utc(2026, 1, 10, 8)),
    ] as [(String, WallTime, WallTime)])
  func daylight(text: String, after: WallTime, expected: WallTime) {
    #expect(cron(text).next(after: after, zone: berlin) == expected)
  }

  @Test("every match of a year is ascending, on time, and none is missed")
  func yearOfMatches() {
    var at = utc(2026, 1, 1)
    var count = 0
    let nightly = cron("15 3 * * *")
    while let next = nightly.next(after: at, zone: berlin), next < utc(2027, 1, 1) {
      #expect(next > at)
      at = next
      count += 1
    }
    #expect(count == 365)
  }

  @Test("an interval counts from start to start, never overlaps, and skips what a long run missed")
  func interval() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    #expect(world.state("w@1") == .running)
    world.pass(.seconds(10))
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .waiting)
    #expect(world.left("w@1") == .seconds(50))
    world.pass(.seconds(50))
    #expect(world.starts("w@1") == 2)
    world.pass(.seconds(130))
    #expect(world.starts("w@1") == 2)
    world.exit("w@1", .exited(0))
    #expect(world.left("w@1") == .seconds(50))
    #expect(world.view("w@1")?.restartsTotal == 0)
  }

  @Test("a failed run counts, and the next run is at its schedule; at the limit it cools down")
  func failedRuns() {
    var world = World {
      $0.mode = .interval(.seconds(60))
      $0.crashLimit.maxCrashes = 3
      $0.restart = .never
    }
    for _ in 0..<2 {
      world.crash("w@1")
      #expect(world.state("w@1") == .waiting)
      #expect(world.left("w@1") == .seconds(60))
      world.pass(.seconds(60))
    }
    world.crash("w@1")
    #expect(world.state("w@1") == .cooldown)
    world.pass(.seconds(300))
    #expect(world.state("w@1") == .waiting)
    world.pass(.seconds(60))
    #expect(world.state("w@1") == .running)
  }

  @Test("a schedule waits for its match, even when the wall clock is set meanwhile")
  func schedule() {
    var spec = worker("w")
    spec.mode = .schedule(cron("0 * * * *"), zone: "UTC")
    var world = World([spec])
    #expect(world.state("w@1") == .waiting)
    let due = world.left("w@1") ?? .zero
    #expect(due > .zero && due <= .seconds(3600))
    // Set back by an hour: the timer looks again and waits on.
    world.now = Moment(instant: world.now.instant, wall: world.now.wall + .seconds(-3600))
    world.pass(due)
    #expect(world.starts("w@1") == 0)
    world.pass(.seconds(3600))
    #expect(world.starts("w@1") == 1)
    world.pass(.seconds(7200))
    #expect(world.starts("w@1") == 1)
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .waiting)
  }

  @Test("a stopped job stays unscheduled; a paused one misses its slots; a restart runs now")
  func wishes() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.exit("w@1", .exited(0))
    world.ask(.start, "w")
    #expect(world.starts("w@1") == 1)
    world.ask(.pause, "w")
    #expect(world.state("w@1") == .paused)
    world.pass(.seconds(90))
    world.ask(.resume, "w")
    #expect(world.state("w@1") == .waiting)
    #expect(world.left("w@1") == .seconds(30))
    world.ask(.restart(rolling: false), "w")
    #expect(world.starts("w@1") == 2)
    world.exit("w@1", .exited(0))
    world.ask(.stop(timeout: nil), "w")
    world.pass(.seconds(10_000))
    #expect(world.starts("w@1") == 2)
    #expect(world.state("w@1") == .stopped)
  }

  @Test(
    "a job whose last runs are not judged yet waits with the next one; the slots it misses are not made up for"
  )
  func ripening() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.send(.ripening([named("w")]))
    // The run under way goes on.
    #expect(world.state("w@1") == .running)
    world.pass(.seconds(10))
    world.exit("w@1", .exited(0))
    #expect(world.state("w@1") == .waiting)
    #expect(world.reason("w@1") == .exitOK)
    world.pass(.seconds(50))
    #expect(world.starts("w@1") == 1)
    #expect(world.state("w@1") == .waiting)
    #expect(world.reason("w@1") == .ripening)
    let said = world.history.filter { $0.type == "instance.ripening" }.count
    world.pass(.seconds(3600))
    world.send(.ripening([named("w")]))
    #expect(world.starts("w@1") == 1)
    #expect(said == 1 && world.history.filter { $0.type == "instance.ripening" }.count == 1)
    world.pass(.seconds(10))
    world.send(.ripening([]))
    #expect(world.left("w@1") == .seconds(50))
    #expect(world.reason("w@1") == Reason.none)
    world.pass(.seconds(50))
    #expect(world.starts("w@1") == 2)
    #expect(world.view("w@1")?.restartsTotal == 0)
  }

  @Test(
    "a run that somebody asks for does not wait; a service is not held; a stop and a pause hold as ever"
  )
  func ripeningAndWishes() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.exit("w@1", .exited(0))
    world.send(.ripening([named("w")]))
    world.ask(.restart(rolling: false), "w")
    #expect(world.starts("w@1") == 2)
    world.exit("w@1", .exited(0))
    world.pass(.seconds(60))
    #expect(world.reason("w@1") == .ripening)
    world.ask(.restart(rolling: false), "w")
    #expect(world.starts("w@1") == 3)
    world.exit("w@1", .exited(0))
    world.ask(.pause, "w")
    #expect(world.state("w@1") == .paused)
    world.ask(.resume, "w")
    world.pass(.seconds(600))
    #expect(world.reason("w@1") == .ripening)
    world.ask(.stop(timeout: nil), "w")
    #expect(world.state("w@1") == .stopped)
    world.send(.ripening([]))
    #expect(world.state("w@1") == .stopped)

    var service = World { _ in }
    service.send(.ripening([named("w")]))
    service.crash("w@1")
    service.pass(.seconds(60))
    #expect(service.state("w@1") == .running)
  }

  @Test("a supervisor that comes back schedules such a job anew until it is told again")
  func ripeningRestored() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.exit("w@1", .exited(0))
    world.send(.ripening([named("w")]))
    world.pass(.seconds(60))
    #expect(world.reason("w@1") == .ripening)
    world.restartBrain()
    #expect(world.state("w@1") == .waiting)
    #expect(world.left("w@1") == .seconds(60))
    world.pass(.seconds(60))
    #expect(world.starts("w@1") == 2)
  }

  @Test("slots that passed while the supervisor was away are not made up for")
  func missed() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.exit("w@1", .exited(0))
    world.move(to: world.now.instant + .seconds(150))
    world.restartBrain()
    #expect(world.state("w@1") == .waiting)
    #expect(world.left("w@1") == .seconds(30))
    #expect(world.starts("w@1") == 1)
  }

  @Test("a changed interval moves the wait and does not break off a run")
  func changed() {
    var world = World { $0.mode = .interval(.seconds(60)) }
    world.change("w") { $0.mode = .interval(.seconds(30)) }
    #expect(world.starts("w@1") == 1)
    #expect(world.state("w@1") == .running)
    world.exit("w@1", .exited(0))
    #expect(world.left("w@1") == .seconds(30))
    world.change("w") { $0.mode = .interval(.seconds(10)) }
    #expect(world.left("w@1") == .seconds(10))
  }
}

// Cron expressions to bit sets, and every way to get one wrong.

import NovaModel
import Testing

@testable import NovaWire

struct CronTextTests {
  private func set(_ values: some Sequence<Int>) -> UInt64 {
    values.reduce(0) { $0 | 1 << UInt64($1) }
  }

  @Test("fields, ranges, steps, lists and names become sets")
  func sets() throws {
    let cron = try CronText.parse("*/15 9-17/4,23 1,15 JAN,mar-May MON-FRI")
    #expect(cron.minutes == set([0, 15, 30, 45]))
    #expect(cron.hours == set([9, 13, 17, 23]))
    #expect(cron.daysOfMonth == set([1, 15]))
    #expect(cron.months == set([1, 3, 4, 5]))
    #expect(cron.daysOfWeek == set(1...5))
    #expect(cron.dayOfMonthRestricted && cron.dayOfWeekRestricted)
    #expect(cron.text == "*/15 9-17/4,23 1,15 JAN,mar-May MON-FRI")
  }

  @Test("7 is Sunday, alone and in a range")
  func sunday() throws {
    #expect(try CronText.parse("0 0 * * 7").daysOfWeek == set([0]))
    #expect(try CronText.parse("0 0 * * 5-7").daysOfWeek == set([0, 5, 6]))
    #expect(try CronText.parse("0 0 * * *").daysOfWeek == set(0...6))
    #expect(try CronText.parse("0 0 * * */2").daysOfWeek == set([0, 2, 4, 6]))
  }

  @Test("a day field that starts with a star is not restricted")
  func restricted() throws {
    let cron = try CronText.parse("5/20 * */2 * *")
    #expect(cron.minutes == set([5, 25, 45]))
    #expect(!cron.dayOfMonthRestricted && !cron.dayOfWeekRestricted)
  }

  @Test(
    "a shorthand is its expansion",
    arguments: [
      ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
      ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"),
      ("@ANNUALLY", "0 0 1 1 *"),
    ])
  func shorthands(short: String, long: String) throws {
    var expected = try CronText.parse(long)
    expected.text = short
    #expect(try CronText.parse(short) == expected)
  }

  @Test("29 February and a day that only the weekday saves can match")
  func rare() throws {
    #expect(try CronText.parse("0 0 29 2 *").daysOfMonth == set([29]))
    #expect(try CronText.parse("0 0 31 2 MON").daysOfWeek == set([1]))
    #expect(try CronText.parse("0 0 31 2,3 *").months == set([2, 3]))
  }

  @Test(
    "a wrong expression names the field and what is allowed",
    arguments: [
      ("60 * * * *", "minute: '60' is not 0-59"), ("* 24 * * *", "hour: '24' is not 0-23"),
      ("* * 0 * *", "day of month: '0' is not 1-31"),
      ("* * * 13 *", "month: '13' is not 1-12 or JAN-DEC"),
      ("* * * JANU *", "month: 'JANU' is not 1-12 or JAN-DEC"),
      ("* * * * 8", "day of week: '8' is not 0-7 or SUN-SAT"),
      ("10-5 * * * *", "minute: the range '10-5' runs backwards"),
      ("*/0 * * * *", "minute: the step '0' is not between 1 and 59"),
      ("*/x * * * *", "minute: the step 'x' is not between 1 and 59"),
      ("1,,2 * * * *", "minute: '' is not 0-59"), ("1- * * * *", "minute: '' is not 0-59"),
      ("-1 * * * *", "minute: '' is not 0-59"),
      ("* * * *", "has 4 fields, not the 5 of 'minute hour day-of-month month day-of-week'"),
      ("0 * * * * *", "has 6 fields, not the 5 of 'minute hour day-of-month month day-of-week'"),
      ("", "has 0 fields, not the 5 of 'minute hour day-of-month month day-of-week'"),
      ("@reboot", "'@reboot' is not one of @hourly @daily @weekly @monthly @yearly"),
      ("0 0 31 2 *", "never matches: no month in it has such a day"),
      ("0 0 30 2 *", "never matches: no month in it has such a day"),
      ("0 0 31 4,6,9,11 *", "never matches: no month in it has such a day"),
      (String(repeating: "1,", count: 300), "is longer than 512 bytes"),
    ])
  func refused(text: String, message: String) {
    #expect(throws: CronError(message: message)) { try CronText.parse(text) }
  }
}

// crontab(5) expressions from text to the bit sets of NovaModel. Must never accept one that cannot match: a job that
// silently never runs is worse than an error.

package import NovaModel

/// Why an expression was refused.
package struct CronError: Error, Sendable, Hashable {
  /// Which field, which value, what is allowed.
  package var message: String
}

/// The text form of a `CronExpression`.
package enum CronText {
  private struct Field {
    var name: String
    var range: ClosedRange<Int>
    var names: [String]
  }

  private static let minute = Field(name: "minute", range: 0...59, names: [])
  private static let hour = Field(name: "hour", range: 0...23, names: [])
  private static let dayOfMonth = Field(name: "day of month", range: 1...31, names: [])
  private static let month = Field(
    name: "month", range: 1...12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
  // 7 is Sunday as well, as in crontab(5).
  private static let dayOfWeek = Field(
    name: "day of week", range: 0...7,
    names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

  private static let shorthands: [String: String] = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
  ]

  /// Reads `minute hour day-of-month month day-of-week` with lists, ranges, steps and names, or `@daily` and its kin.
  package static func parse(_ text: String) throws(CronError) -> CronExpression {
    guard text.utf8.count <= 512 else { throw CronError(message: "is longer than 512 bytes") }
    let spaces: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var parts = text.split(whereSeparator: spaces)
    if parts.count == 1, parts[0].hasPrefix("@") {
      guard let expanded = shorthands[parts[0].lowercased()] else {
        throw CronError(
          message: "'\(parts[0])' is not one of @hourly @daily @weekly @monthly @yearly")
      }
      parts = expanded.split(whereSeparator: spaces)
    }
    guard parts.count == 5 else {
      throw CronError(
        message:
          "has \(parts.count) fields, not the 5 of 'minute hour day-of-month month day-of-week'")
    }
    let days = try set(parts[2], dayOfMonth)
    let months = try set(parts[3], month)
    var weekdays = try set(parts[4], dayOfWeek)
    if weekdays & 1 << 7 != 0 { weekdays = weekdays & ~(1 << 7) | 1 }
    let expression = CronExpression(
      minutes: try set(parts[0], minute), hours: try set(parts[1], hour), daysOfMonth: days,
      months: months, daysOfWeek: weekdays,
      // crontab(5): a field is unrestricted when it starts with *, steps or not.
      dayOfMonthRestricted: !parts[2].hasPrefix("*"), dayOfWeekRestricted: !parts[4].hasPrefix("*"),
      text: text)
    guard canMatch(expression) else {
      throw CronError(message: "never matches: no month in it has such a day")
    }
    return expression
  }

  private static func canMatch(_ cron: CronExpression) -> Bool {
    // Restricted both ways, either field may match, and every weekday occurs in every month.
    if cron.dayOfMonthRestricted, cron.dayOfWeekRestricted { return true }
    let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let earliest = cron.daysOfMonth.trailingZeroBitCount
    return longest.enumerated().contains { index, days in
      cron.months & 1 << UInt64(index + 1) != 0 && earliest <= days
    }
  }

  private static func set(_ text: Substring, _ field: Field) throws(CronError) -> UInt64 {
    var bits: UInt64 = 0
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      bits |= try oneRange(item, field)
    }
    return bits
  }

  private static func oneRange(_ item: Substring, _ field: Field) throws(CronError) -> UInt64 {
    let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var low = field.range.lowerBound
    var high = field.range.upperBound
    if halves[0] == "*" {
      if field.range.upperBound == 7 { high = 6 }
    } else {
      let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      low = try value(ends[0], field)
      // `5/10` without a range is from 5 on, as in other crons; a plain `5` is itself.
      high = ends.count == 2 ? try value(ends[1], field) : halves.count == 2 ? high : low
    }
    guard low <= high else {
      throw CronError(message: "\(field.name): the range '\(halves[0])' runs backwards")
    }
    var step = 1
    if halves.count == 2 {
      guard let number = Digits.whole(halves[1]), number >= 1,
        number <= Int64(field.range.upperBound)
      else {
        throw CronError(
          message:
            "\(field.name): the step '\(halves[1])' is not between 1 and \(field.range.upperBound)")
      }
      step = Int(number)
    }
    return Swift.stride(from: low, through: high, by: step).reduce(0) { $0 | 1 << UInt64($1) }
  }

  private static func value(_ text: Substring, _ field: Field) throws(CronError) -> Int {
    if let index = field.names.firstIndex(of: text.lowercased()) {
      return index + (field.range.lowerBound == 1 ? 1 : 0)
    }
    guard let number = Digits.whole(text), number <= 1000, field.range.contains(Int(number)) else {
      let names =
        field.names.isEmpty
        ? ""
        : " or \(field.names[0].uppercased())-\(field.names[field.names.count - 1].uppercased())"
      throw CronError(
        message:
          "\(field.name): '\(text)' is not \(field.range.lowerBound)-\(field.range.upperBound)\(names)"
      )
    }
    return Int(number)
  }
}

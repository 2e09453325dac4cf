// The three forms of RFC 9110, 5.6.7, and what only looks like one of them. Must never read a clock.

import NovaModel
import NovaWire
import Testing

@Suite struct HTTPDateTests {
  /// 1994-11-06T08:49:37Z, the moment of the RFC's examples.
  static let example = WallTime(microseconds: 784_111_777_000_000)
  static let now = WallTime(rfc3339: "1994-11-06T08:49:00Z") ?? WallTime(microseconds: 0)

  @Test(
    "today's form and the two obsolete ones are the same moment",
    arguments: [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
  func forms(text: String) {
    #expect(HTTPDate.parse(text, now: Self.now) == Self.example)
    #expect(HTTPDate.retryAfter(text, now: Self.now) == .seconds(37))
  }

  @Test(
    "ends of months, leap days and leap seconds",
    arguments: [
      ("Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.000Z"),
      ("Fri, 31 Dec 1999 23:59:60 GMT", "2000-01-01T00:00:00.000Z"),
      ("Thu Jan 10 00:00:00 2030", "2030-01-10T00:00:00.000Z"),
      ("Wed, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.000Z"),
    ])
  func calendar(text: String, shown: String) {
    #expect(HTTPDate.parse(text, now: Self.now)?.rfc3339 == shown)
  }

  @Test(
    "a year of two digits is the latest that is not more than 50 years ahead",
    arguments: [
      ("1994-11-06T08:49:37Z", "94", 1994), ("1994-11-06T08:49:37Z", "00", 2000),
      ("1994-11-06T08:49:37Z", "44", 2044), ("1994-11-06T08:49:36Z", "44", 1944),
      ("1994-11-06T08:49:37Z", "45", 1945), ("2026-11-26T00:00:00Z", "76", 2076),
      ("2026-11-26T00:00:00Z", "77", 1977), ("2026-11-26T00:00:00Z", "26", 2026),
      ("2099-01-01T00:00:00Z", "05", 2105), ("2100-01-01T00:00:00Z", "99", 2099),
    ])
  func century(now: String, year: String, full: Int) throws {
    let now = try #require(WallTime(rfc3339: now))
    let found = try #require(HTTPDate.parse("Sunday, 06-Nov-\(year) 08:49:37 GMT", now: now))
    #expect(CivilTime(found).year == full)
  }

  @Test(
    "what only looks like a date is none",
    arguments: [
      "", " ", "Sun", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 +0000", "sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
      "Wed, 31 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
      "Mon, 29 Feb 1999 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 94",
      "Sun Nov  6 08:49:37 1994 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Xyz, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
    ])
  func none(text: String) {
    #expect(HTTPDate.parse(text, now: Self.now) == nil)
    #expect(HTTPDate.retryAfter(text, now: Self.now) == nil)
  }

  @Test(
    "Retry-After is seconds or a date; what is past is now, and no number is too long",
    arguments: [
      ("0", 0), ("7", 7), ("0120", 120), ("99999999999999999999999", 315_360_000),
      ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
      ("Wed, 31 Dec 9999 23:59:59 GMT", 315_360_000),
    ])
  func retryAfter(text: String, seconds: Int64) {
    #expect(HTTPDate.retryAfter(text, now: Self.now) == .seconds(seconds))
  }

  @Test(
    "what is neither a number nor a date says nothing",
    arguments: ["-1", "+7", "1.5", "7 ", "soon"])
  func neither(text: String) { #expect(HTTPDate.retryAfter(text, now: Self.now) == nil) }

  @Test("a part of a second still to wait is a second")
  func fraction() {
    let now = WallTime(microseconds: Self.example.microseconds - 1)
    #expect(HTTPDate.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(1))
  }
}

// Calendar arithmetic and RFC 3339 text, against dates that are known and at the ends of the range.

import NovaModel
import Testing

struct CivilTimeTests {
  @Test(
    "a wall time is shown in UTC and read back",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1000, "1969-12-31T23:59:59.999Z"),
      (951_827_696_000_000, "2000-02-29T12:34:56.000Z"),
      (1_795_172_842_315_000, "2026-11-20T11:07:22.315Z"),
      (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func text(microseconds: Int64, text: String) {
    #expect(WallTime(microseconds: microseconds).rfc3339 == text)
    #expect(WallTime(rfc3339: text) == WallTime(microseconds: microseconds))
  }

  @Test(
    "offsets, fractions and small letters are read",
    arguments: [
      ("2026-11-20T12:07:22+01:00", "2026-11-20T11:07:22.000Z"),
      ("2026-11-20T05:37:22.5-05:30", "2026-11-20T11:07:22.500Z"),
      ("2026-11-20t11:07:22.123456789z", "2026-11-20T11:07:22.123Z"),
    ])
  func forms(text: String, shown: String) { #expect(WallTime(rfc3339: text)?.rfc3339 == shown) }

  @Test(
    "what is no time is none",
    arguments: [
      "", "2026-11-20", "2026-11-20T11:07:22", "2026-13-20T11:07:22Z", "2026-11-32T11:07:22Z",
      "2026-11-20T24:07:22Z", "2026-11-20T11:60:22Z", "2026-11-20T11:07:22.Z",
      "2026-11-20T11:07:22+1:00", "2026-11-20T11:07:22Zx", "x026-11-20T11:07:22Z",
    ])
  func refused(text: String) { #expect(WallTime(rfc3339: text) == nil) }

  @Test("days of the week, leap days and the ends of the range are right and never trap")
  func calendar() {
    #expect(CivilTime(WallTime(microseconds: 1_795_172_842_315_000)).weekday == 5)
    #expect(CivilTime(WallTime(microseconds: 0)).weekday == 4)
    #expect(CivilTime(WallTime(microseconds: -86_400_000_000)).weekday == 3)
    for end in [Int64.min, .max] {
      for offset in [-86_399, 0, 86_399] {
        let civil = CivilTime(WallTime(microseconds: end), offsetSeconds: offset)
        #expect((1...12).contains(civil.month) && (1...31).contains(civil.day))
      }
    }
    for day in stride(from: Int64(-1_000_000), to: 1_000_000, by: 997) {
      let civil = CivilTime(WallTime(microseconds: day * 86_400_000_000))
      #expect(CivilTime.days(year: civil.year, month: civil.month, day: civil.day) == day)
    }
  }
}

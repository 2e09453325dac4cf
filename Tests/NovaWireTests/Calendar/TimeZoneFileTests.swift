// TZif files: offsets of real zones against values computed by another implementation (python3 zoneinfo), footers of
// every form, and hostile bytes.

import FoundationEssentials
import NovaModel
import Testing

@testable import NovaWire

struct TimeZoneFileTests {
  static let zoneDirectory = "/usr/share/zoneinfo/"

  static func file(_ name: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: zoneDirectory + name))).map(Array.init)
  }

  static let instants: [Int64] = [
    -3_000_000_000, -1_500_000_000, -500_000_000, 0, 300_000_000, 1_000_000_000, 1_300_000_000,
    1_711_846_799, 1_711_846_800, 1_730_595_600, 1_753_056_000, 2_000_000_000, 2_150_000_000,
    2_524_608_000, 3_000_000_000, 4_000_000_000, 4_102_000_000,
  ]

  /// Offsets at `instants`, from python3's zoneinfo.
  static let expected: [(String, [Int])] = [
    ("UTC", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (
      "Europe/Berlin",
      [
        3208, 3600, 3600, 3600, 3600, 7200, 3600, 3600, 7200, 3600, 7200, 7200, 3600, 3600, 3600,
        7200, 3600,
      ]
    ),
    ("Europe/London", [0, 3600, 0, 3600, 3600, 3600, 0, 0, 3600, 0, 3600, 3600, 0, 0, 0, 3600, 0]),
    (
      "Europe/Dublin",
      [-1521, 3600, 0, 3600, 3600, 3600, 0, 0, 3600, 0, 3600, 3600, 0, 0, 0, 3600, 0]
    ),
    (
      "America/New_York",
      [
        -17762, -14400, -18000, -18000, -14400, -14400, -14400, -14400, -14400, -14400, -14400,
        -14400, -18000, -18000, -18000, -14400, -18000,
      ]
    ),
    (
      "America/Sao_Paulo",
      [
        -11188, -10800, -10800, -10800, -10800, -10800, -10800, -10800, -10800, -10800, -10800,
        -10800, -10800, -10800, -10800, -10800, -10800,
      ]
    ),
    (
      "America/St_Johns",
      [
        -12652, -9052, -12600, -12600, -9000, -9000, -9000, -9000, -9000, -9000, -9000, -9000,
        -12600, -12600, -12600, -9000, -12600,
      ]
    ),
    (
      "Asia/Kolkata",
      [
        19270, 19800, 19800, 19800, 19800, 19800, 19800, 19800, 19800, 19800, 19800, 19800, 19800,
        19800, 19800, 19800, 19800,
      ]
    ),
    (
      "Asia/Kathmandu",
      [
        20476, 19800, 19800, 19800, 19800, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700,
        20700, 20700, 20700, 20700,
      ]
    ),
    (
      "Australia/Lord_Howe",
      [
        38180, 36000, 36000, 36000, 36000, 37800, 39600, 39600, 39600, 39600, 37800, 37800, 39600,
        39600, 39600, 37800, 39600,
      ]
    ),
    (
      "Australia/Sydney",
      [
        36292, 36000, 36000, 36000, 36000, 36000, 39600, 39600, 39600, 39600, 36000, 36000, 39600,
        39600, 39600, 36000, 39600,
      ]
    ),
    (
      "Pacific/Apia",
      [
        45184, -41400, -39600, -39600, -39600, -39600, -36000, 46800, 46800, 46800, 46800, 46800,
        46800, 46800, 46800, 46800, 46800,
      ]
    ),
    (
      "Pacific/Auckland",
      [
        41400, 41400, 43200, 43200, 43200, 43200, 46800, 46800, 46800, 46800, 43200, 43200, 46800,
        46800, 46800, 46800, 46800,
      ]
    ),
    (
      "Africa/Casablanca",
      [-1820, 0, 0, 0, 0, 0, 0, 0, 0, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600]
    ),
    (
      "Asia/Tehran",
      [
        12344, 12344, 12600, 12600, 16200, 16200, 12600, 12600, 12600, 12600, 12600, 12600, 12600,
        12600, 12600, 12600, 12600,
      ]
    ),
    (
      "America/Nuuk",
      [
        -12416, -10800, -10800, -10800, -10800, -7200, -10800, -7200, -3600, -7200, -3600, -3600,
        -7200, -7200, -7200, -3600, -7200,
      ]
    ),
    ("Antarctica/Troll", [0, 0, 0, 0, 0, 0, 0, 0, 7200, 0, 7200, 7200, 0, 0, 0, 7200, 0]),
    (
      "Asia/Gaza",
      [
        8272, 7200, 7200, 7200, 7200, 10800, 7200, 7200, 7200, 7200, 10800, 10800, 7200, 7200, 7200,
        10800, 7200,
      ]
    ),
    ("Africa/Monrovia", [-2588, -2670, -2670, -2670, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (
      "Etc/GMT+5",
      [
        -18000, -18000, -18000, -18000, -18000, -18000, -18000, -18000, -18000, -18000, -18000,
        -18000, -18000, -18000, -18000, -18000, -18000,
      ]
    ),
  ]

  @Test(
    "offsets of real zones are those of another implementation, past and future",
    .enabled(if: file("Europe/Berlin") != nil, "tzdata is not installed"), arguments: expected)
  func realZones(name: String, offsets: [Int]) throws {
    let rules = try TimeZoneFile.read(try #require(Self.file(name)), name: name)
    #expect(rules.name == name)
    #expect(Self.instants.map(rules.offset(at:)) == offsets)
    #expect(zip(rules.transitions, rules.transitions.dropFirst()).allSatisfy { $0.at < $1.at })
  }

  /// A version 2 file with no transitions, one type and a footer.
  private func made(footer: String, offset: Int32 = 0) -> [UInt8] {
    let header: (UInt8) -> [UInt8] = { types in
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, types, 0, 0, 0, 1]
    }
    let raw = UInt32(bitPattern: offset)
    let type = (0..<4).map { UInt8(truncatingIfNeeded: raw >> (24 - 8 * UInt32($0))) } + [0, 0]
    return header(1) + type + [0] + header(1) + type + [0] + Array("\n\(footer)\n".utf8)
  }

  @Test(
    "a footer is the rule: POSIX text, times beyond a day, daylight time all year",
    arguments: [
      ("UTC0", 1_700_000_000, 0), ("<+0330>-3:30", 1_700_000_000, 12_600),
      ("CET-1CEST,M3.5.0,M10.5.0/3", 1_711_846_799, 3600),
      ("CET-1CEST,M3.5.0,M10.5.0/3", 1_711_846_800, 7200),
      ("CET-1CEST,M3.5.0,M10.5.0/3", 4_102_000_000, 3600),
      ("EST5EDT,0/0,J365/25", 1_700_000_000, -14_400),
      ("EST5EDT,0/0,J365/25", 1_704_085_200, -14_400),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_711_846_800, -3600),
      ("XXX0YYY,J60,J61", 1_709_258_400, 3600), ("XXX0YYY,59,60", 1_709_172_000, 3600),
    ] as [(String, Int64, Int)])
  func footers(text: String, at: Int64, offset: Int) throws {
    #expect(try TimeZoneFile.read(made(footer: text), name: "X").offset(at: at) == offset)
  }

  @Test(
    "a bad footer is refused",
    arguments: [
      "A", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
      "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0/168,M10.5.0", "UTC0 ", "<UTC0",
    ])
  func badFooters(text: String) {
    #expect(throws: TimeZoneError(message: "the footer is not a POSIX time zone")) {
      try TimeZoneFile.read(made(footer: text), name: "X")
    }
  }

  @Test("an empty footer leaves the transitions as they are")
  func emptyFooter() throws {
    let rules = try TimeZoneFile.read(made(footer: "", offset: -3600), name: "X")
    #expect(rules == TimeZoneRules(name: "X", initialOffset: -3600, transitions: []))
  }

  @Test("what is not a TZif file is refused in words")
  func refused() {
    let cases: [([UInt8], String)] = [
      ([], "is cut short"), (Array("TZjf".utf8), "does not begin with 'TZif'"),
      (Array("TZif2".utf8), "is cut short"), (Array("TZifx".utf8), "has an unknown version"),
      (
        Array("TZif".utf8) + [UInt8](repeating: 0, count: 40),
        "has 0 local time types, not 1 to 256"
      ),
      (made(footer: "UTC0", offset: 100_000), "has an offset of more than 26 hours"),
      (Array(made(footer: "UTC0").dropLast()), "is cut short"),
    ]
    for (bytes, message) in cases {
      #expect(throws: TimeZoneError(message: message)) { try TimeZoneFile.read(bytes, name: "X") }
    }
  }

  @Test("every prefix and 5,000 mutations of a file give rules or an error, never a trap")
  func hostile() {
    var base = made(footer: "CET-1CEST,M3.5.0,M10.5.0/3")
    if let real = Self.file("Europe/Berlin") { base = real }
    var refused = 0
    for length in 0..<base.count
    where (try? TimeZoneFile.read(Array(base.prefix(length)), name: "X")) == nil {
      refused += 1
    }
    #expect(refused == base.count)
    var generator = SplitMix(seed: 3)
    for _ in 0..<5000 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if let rules = try? TimeZoneFile.read(bytes, name: "X") {
        #expect(abs(rules.offset(at: 1_700_000_000)) <= 93_599)
      }
    }
  }
}

// The text forms of durations, sizes, percentages and signals, both ways, with what must be refused.

import NovaModel
import Testing

@testable import NovaWire

struct TextFormsTests {
  @Test(
    "a duration is read in nanoseconds",
    arguments: [
      ("500ms", 500_000_000), ("10s", 10_000_000_000), ("5m", 300_000_000_000),
      ("24h", 86_400_000_000_000), ("7d", 604_800_000_000_000), ("400d", 34_560_000_000_000_000),
      ("1h30m", 5_400_000_000_000), ("0s", 0), ("0", 0), ("1us", 1000), ("3ns", 3),
      ("1d2h3m4s5ms", 93_784_005_000_000),
    ] as [(String, Int64)])
  func durations(text: String, nanoseconds: Int64) {
    #expect(DurationText.parse(text) == Span(nanoseconds: nanoseconds))
  }

  @Test(
    "what is not a duration is refused",
    arguments: [
      "", "10", "s", "5x", "-5s", "1.5h", "1 h", "30m1h", "1s1s", "99999999999d", "5S", "５s",
      "9223372036854775808ns", "10s ", String(repeating: "1", count: 80) + "s",
    ])
  func badDurations(text: String) { #expect(DurationText.parse(text) == nil) }

  @Test("a printed duration is read back as the same span")
  func durationRoundTrip() {
    var generator = SplitMix(seed: 7)
    for _ in 0..<2000 {
      let span = Span(
        nanoseconds: Int64(generator.next() >> UInt64.random(in: 1...63, using: &generator)))
      #expect(DurationText.parse(DurationText.print(span)) == span)
    }
    #expect(DurationText.print(.seconds(192)) == "3m12s")
    #expect(DurationText.print(.milliseconds(1500)) == "1s500ms")
    #expect(DurationText.print(.zero) == "0s")
    #expect(DurationText.print(.seconds(-61)) == "-1m1s")
    #expect(DurationText.print(Span(nanoseconds: .min)).hasPrefix("-106751d"))
  }

  @Test(
    "a size is read in bytes",
    arguments: [
      ("0", 0), ("65536", 65_536), ("64K", 65_536), ("512M", 536_870_912), ("2G", 2_147_483_648),
      ("1T", 1 << 40), ("1P", 1 << 50), ("8191P", 8191 << 50),
    ] as [(String, UInt64)])
  func sizes(text: String, bytes: UInt64) { #expect(SizeText.parse(text) == bytes) }

  @Test(
    "what is not a size is refused",
    arguments: ["", "K", "1k", "1MB", "1Mi", "1.5G", "-1", "1 M", "99999P", "9223372036854775808"])
  func badSizes(text: String) { #expect(SizeText.parse(text) == nil) }

  @Test(
    "a size is printed exactly or with one decimal",
    arguments: [
      (0, "0"), (1023, "1023"), (1024, "1K"), (1536, "1.5K"), (536_870_912, "512M"),
      (557_000_000, "531.1M"), (UInt64.max, "16383.9P"),
    ] as [(UInt64, String)])
  func printedSizes(bytes: UInt64, text: String) { #expect(SizeText.print(bytes) == text) }

  @Test(
    "a percentage is a whole number with or without its sign",
    arguments: [
      ("150%", 150), ("10", 10), ("-20%", -20), ("0%", 0), ("1.5%", nil), ("%", nil), ("", nil),
      ("1%%", nil), ("--1", nil), ("1000001", nil),
    ] as [(String, Int?)])
  func percentages(text: String, value: Int?) { #expect(PercentText.parse(text) == value) }

  @Test(
    "a signal is found by name or number",
    arguments: [
      ("TERM", 15), ("SIGTERM", 15), ("sigterm", 15), ("15", 15), ("HUP", 1), ("KILL", 9),
      ("USR1", 10), ("RTMIN", 34), ("RTMIN+1", 35), ("SIGRTMAX-1", 63), ("64", 64), ("POLL", 29),
      ("TERMM", nil), ("0", nil), ("32", nil), ("65", nil), ("-1", nil), ("RTMIN+31", nil),
      ("", nil), ("SIG", nil), ("RTMIN+", nil), ("RTMINX1", nil),
      ("RTMIN+99999999999999999999", nil),
    ] as [(String, Int32?)])
  func signals(text: String, number: Int32?) { #expect(SignalName.number(text) == number) }

  @Test("every signal's name leads back to its number")
  func signalNames() {
    for number in Array(1...31) + Array(34...64) as [Int32] {
      #expect(SignalName.number(SignalName.name(number)) == number)
    }
    #expect(SignalName.name(15) == "TERM")
    #expect(SignalName.name(35) == "RTMIN+1")
    #expect(SignalName.name(33) == "33")
  }

  @Test(
    "the nearest word is the one that was meant",
    arguments: [
      ("comand", "command"), ("comamnd", "command"), ("Command", "command"),
      ("enviroment", "environment"),
      ("env", "environment"), ("en", nil),
      ("zzz", nil), ("", nil), ("x", nil), (String(repeating: "c", count: 100), nil),
    ] as [(String, String?)])
  func nearest(word: String, expected: String?) {
    #expect(
      EditDistance.nearest(to: word, among: ["environment", "command", "mode", "group"]) == expected
    )
  }

  @Test(
    "text for a terminal has no control characters",
    arguments: [
      ("plain ünïcode ✓", "plain ünïcode ✓"), ("a\u{1B}[31mb\u{1B}[0m", "ab"), ("a\tb", "a b"),
      ("a\nb\r", #"a\x0ab\x0d"#), ("\u{202E}txt", #"\u{202e}txt"#), ("\u{9B}x", #"\x9bx"#),
      ("\u{1B}[2Jgone", #"\x1b[2Jgone"#), ("\u{1B}[31", #"\x1b[31"#), ("\u{7F}", #"\x7f"#),
      ("pay\u{200B}pal", #"pay\u{200b}pal"#),
    ])
  func terminalText(text: String, clean: String) {
    #expect(Optional(text).map(CleanText.forTerminal) == clean)
  }

  @Test("bytes are cut between characters and repaired")
  func cutText() {
    #expect(CleanText.forTerminal(Array("aéé".utf8), limit: 4) == "aé")
    #expect(CleanText.forTerminal([0x61, 0xFF, 0x62], limit: 10) == "a\u{FFFD}b")
    #expect(
      CleanText.forTerminal([UInt8](repeating: 0xFF, count: 5000), limit: 1024).utf8.count == 1023)
  }
}

/// A small seeded generator, so that a failure repeats.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// Patterns and lines with what comes from outside: bad patterns, costly patterns, bytes that are no text.
// Must never depend on how fast this machine is.

import NovaLinux
import Testing

@Suite struct LinePatternTests {
  @Test(
    "a line matches or not",
    arguments: [
      ("ready", "server ready now", true), ("^ready$", "ready", true), ("^ready$", "ready ", false),
      (#"port \d+"#, "port 80", true), (#"port \d+"#, "port x", false),
      ("(?i)READY", "Ready", true), ("grün", "es ist grün", true), ("^.$", "ü", true),
      ("^$", "", true), ("a", "", false), ("", "x", true),
    ])
  func verdicts(_ pattern: String, _ line: String, _ matches: Bool) throws {
    let verdict = try LinePattern(pattern).look(at: Array(line.utf8)[...])
    #expect(verdict == (matches ? .matches : .differs))
  }

  @Test("bytes that are no UTF-8 do not hide what follows them")
  func invalid() throws {
    let pattern = try LinePattern("ready")
    #expect(pattern.look(at: ([0xff, 0xfe] + Array("ready".utf8))[...]) == .matches)
    #expect(pattern.look(at: [0xff, 0xfe, 0]) == .differs)
  }

  @Test("a pattern that explodes ends at its limit", arguments: ["(a+)+$", "^(a|aa)+$"])
  func costly(_ pattern: String) throws {
    let line = [UInt8](repeating: UInt8(ascii: "a"), count: 60) + [UInt8(ascii: "b")]
    #expect(try LinePattern(pattern).look(at: line[...]) == .tooCostly)
  }

  @Test(
    "a pattern that cannot be read is refused with its place",
    arguments: [("a(", 2), ("[z", 2), ("*", 0), (#"a\C"#, 3)])
  func refused(_ pattern: String, _ offset: Int) throws {
    let error = #expect(throws: PatternError.self) { try LinePattern(pattern) }
    #expect(error?.offset == offset)
    #expect(error?.message.hasPrefix("cannot read the pattern '\(pattern)': ") == true)
  }

  @Test("a pattern longer than 4096 bytes is refused")
  func tooLong() {
    #expect(throws: PatternError.self) { try LinePattern(String(repeating: "a", count: 4097)) }
  }

  @Test("pieces become lines, a long one is cut, carriage returns go")
  func lines() {
    var cutter = LineCutter(limit: 5)
    var lines: [String] = []
    func take(_ text: String) -> Bool {
      cutter.feed(Array(text.utf8)) { line in
        lines.append(String(decoding: line, as: UTF8.self))
        return line.elementsEqual("stop".utf8)
      }
    }
    #expect(!take("on"))
    #expect(!take("e\r\n\ntoo long a line\nta"))
    #expect(lines == ["one", "", "too l"])
    #expect(take("il\nstop\nrest\n"))
    #expect(lines == ["one", "", "too l", "tail", "stop"])
  }
}

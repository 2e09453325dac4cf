// Which lines of a log are wanted, and where they come from: files across rotations. Must never need journald.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct LogSourceTests {
  private let scratch: Scratch
  private let id: InstanceID

  init() throws {
    scratch = try Scratch()
    id = try #require(InstanceID("mail@1"))
  }

  private func filter(_ change: (inout LogsQuery) -> Void = { _ in }) throws -> LogFilter {
    var query = LogsQuery()
    change(&query)
    return try LogFilter(query)
  }

  private func source(_ path: String, last: Int = 50, _ filter: LogFilter) -> LogSource {
    LogSource.file(id, .stdout, path: path, last: last, filter)
  }

  /// Everything there is for now.
  private func drain(_ source: LogSource) -> [String] {
    var lines: [String] = []
    for _ in 0..<1000 {
      guard let next = source.next() else { return lines }
      lines += next.map(\.line)
    }
    return lines
  }

  private func append(_ text: String, to path: String) throws {
    let file = DescriptorBox(try LogFile.open(path))
    #expect(unsafe write(file.raw(), text, text.utf8.count) == text.utf8.count)
  }

  @Test("50 lines unless another number is said, of both streams unless one is")
  func usual() throws {
    let plain = try filter()
    #expect(plain.lines == 50)
    #expect(OutputStream.allCases.allSatisfy { plain.takes($0) })
    let one = try filter {
      $0.lines = 7
      $0.stream = "stderr"
    }
    #expect(one.lines == 7)
    #expect(one.takes(.stderr) && !one.takes(.stdout))
  }

  @Test("times bound what has one, both ends included; a line without a time is not judged by it")
  func times() throws {
    let filter = try filter {
      $0.since = "1970-01-01T00:00:10Z"
      $0.until = "1970-01-01T00:00:20Z"
    }
    for (second, wanted) in [(9, false), (10, true), (20, true), (21, false)] as [(Int64, Bool)] {
      #expect(filter.takes([], at: WallTime(microseconds: second * 1_000_000)) == wanted)
    }
    #expect(filter.takes([], at: nil))
  }

  @Test(
    "what is no time or no pattern is refused with the name of its field",
    arguments: [
      ("since", "yesterday"), ("until", "2026-13-01T00:00:00Z"), ("grep", "("), ("grep", "[a-"),
    ])
  func refused(field: String, text: String) throws {
    let error = #expect(throws: APIError.self) {
      try filter {
        switch field {
        case "since": $0.since = text
        case "until": $0.until = text
        default: $0.grep = text
        }
      }
    }
    #expect(error?.field == field)
    #expect(error?.code == .badRequest)
  }

  @Test("the last lines, then what comes, each once and with its instance and stream")
  func follows() throws {
    let path = scratch.path + "/mail@1.log"
    try append("1\n2\n3\n4\n", to: path)
    let source = source(path, last: 2, try filter())
    let first = try #require(source.next())
    #expect(first.map(\.line) == ["3", "4"])
    #expect(first.allSatisfy { $0.worker == "mail" && $0.instance == 1 && $0.stream == "stdout" })
    #expect(first.allSatisfy { $0.at == nil })
    #expect(source.next() == nil)
    try append("5\n", to: path)
    #expect(drain(source) == ["5"])
  }

  @Test("lines that are not wanted do not end the search for those that are")
  func search() throws {
    let path = scratch.path + "/mail@1.log"
    // 600 KiB of other lines before it: more than one read.
    try append(
      String(repeating: "nothing of interest in this line\n", count: 20_000) + "ERROR 7\n", to: path
    )
    let source = source(path, last: 100_000, try filter { $0.grep = "^ERROR" })
    #expect(drain(source) == ["ERROR 7"])
  }

  @Test("an unfinished last line is shown, once")
  func partial() throws {
    let path = scratch.path + "/mail@1.log"
    try append("whole\nPassword: ", to: path)
    let source = source(path, try filter())
    #expect(drain(source) == ["whole", "Password: "])
    #expect(source.next() == nil)
  }

  @Test("a log that does not exist yet is empty, and read from its start once it does")
  func notYet() throws {
    let path = scratch.path + "/mail@1.log"
    let source = source(path, try filter())
    #expect(source.next() == nil)
    try append("first\n", to: path)
    #expect(drain(source) == ["first"])
  }

  @Test("a part of a file gives its last wanted lines, once, and nothing where there is no file")
  func part() throws {
    let path = scratch.path + "/mail@1.log"
    let filter = try filter { $0.grep = "[13]" }
    func part(_ to: UInt64) -> LogSource {
      LogSource.range(id, .stderr, path: path, from: 2, to: to, last: 2, filter)
    }
    #expect(part(8).next() == nil)
    try append("0\n1\n2\n3\n4\n", to: path)
    let source = part(8)
    // The bytes 2 to 8 are the lines 1, 2 and 3; the last two of them are looked at.
    let lines = try #require(source.next())
    #expect(lines.map(\.line) == ["3"])
    #expect(lines.first?.stream == "stderr")
    #expect(source.next() == nil)
  }

  @Test("bytes that are no text are repaired, never dropped")
  func bytes() throws {
    let path = scratch.path + "/mail@1.log"
    let file = DescriptorBox(try LogFile.open(path))
    let bytes: [UInt8] = [0x61, 0xFF, 0x62, 0x0A]
    #expect(unsafe write(file.raw(), bytes, bytes.count) == bytes.count)
    #expect(drain(source(path, try filter())) == ["a\u{FFFD}b"])
  }
}

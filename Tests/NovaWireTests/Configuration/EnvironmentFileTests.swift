// Environment files against systemd's rules, and specifiers.

import NovaModel
import NovaWire
import Testing

struct EnvironmentFileTests {
  @Test(
    "lines are read as systemd reads them",
    arguments: [
      ("", [:]), ("A=1\nB=2\n", ["A": "1", "B": "2"]), ("A=1", ["A": "1"]),
      ("# c\n; c\n\n  A = x y  \n", ["A": "x y"]), ("A=\n", ["A": ""]),
      ("A='x  '\nB=\"a\\\"b\\$c\\n\"\n", ["A": "x  ", "B": "a\"b$c\\n"]),
      ("A='x'\"y\" z\n", ["A": "xyz"]), ("A=it's\n", ["A": "it's"]), ("A=a#b\n", ["A": "a#b"]),
      ("A=one\\\ntwo\nB=3", ["A": "onetwo", "B": "3"]), ("A=\"one\ntwo\"\n", ["A": "one\ntwo"]),
      ("A=$HOME\n", ["A": "$HOME"]), ("A=1\nA=2\n", ["A": "2"]), ("A=a=b\n", ["A": "a=b"]),
      ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]), ("\u{FEFF}A=1\n", ["A": "1"]),
      ("A=x\\ \n", ["A": "x "]), ("A=1\\\r\n2\r\nB=\"x\\\ny\"", ["A": "12", "B": "xy"]),
      ("A=\\", ["A": ""]),
    ] as [(String, [String: String])])
  func read(text: String, expected: [String: String]) throws {
    #expect(try EnvironmentFile.parse(Array(text.utf8), path: "f").get() == expected)
  }

  @Test(
    "a line that is not understood is named",
    arguments: [
      ("A=1\nnonsense\n", "f:2: is not KEY=VALUE (there is no '=')"),
      ("A=\\\n1\nlast", "f:3: is not KEY=VALUE (there is no '=')"),
      ("export A=1\n", "f:1: what stands before '=' is not a variable name (leave out 'export')"),
      ("\n1A=1\n", "f:2: what stands before '=' is not a variable name"),
      ("=1\n", "f:1: what stands before '=' is not a variable name"),
      ("A=1\nB='x\n\n", "f:2: the quote opened here is never closed"),
      ("A=\0\n", "f:1: holds a NUL byte"),
    ])
  func refused(text: String, message: String) {
    #expect(throws: Problem.self) {
      do {
        _ = try EnvironmentFile.parse(Array(text.utf8), path: "f").get()
      } catch {
        #expect("\(error)" == message)
        throw error
      }
    }
  }

  @Test("bytes that are not UTF-8 are refused with their line")
  func notText() {
    let result = EnvironmentFile.parse(Array("A=1\nB=".utf8) + [0xFF, 0x0A], path: "f")
    #expect(
      result == .failure(Problem(file: "f", line: 2, column: 0, message: "is not UTF-8 text")))
  }

  @Test(
    "specifiers are expanded in one pass",
    arguments: [
      ("port-80%i", "port-803"), ("%n@%i", "web@3"), ("100%%", "100%"), ("%%i", "%i"), ("", ""),
      ("%x é%", "%x é%"),
    ])
  func specifiers(text: String, expected: String) throws {
    let worker = try #require(WorkerName("web"))
    #expect(Specifiers.expanded(text, worker: worker, number: 3) == expected)
  }

  @Test(
    "the first unknown specifier is found",
    arguments: [
      ("%i %n %%", nil), ("a%xb", "%x"), ("50%", "%"), ("%%%", "%"), ("%é", "%é"),
      ("date +%Y", "%Y"),
    ] as [(String, String?)])
  func unknown(text: String, expected: String?) {
    #expect(Specifiers.firstUnknown(in: text) == expected)
  }
}

// Calls that are banned, and the few places where one is allowed with its reason. Must never gain an entry without one.

import Testing

/// A word that code may not contain.
struct Ban: Sendable, CustomStringConvertible {
  let word: String
  let why: String
  /// Files or rooms where it is right after all.
  var except: [String] = []
  /// Test code may do it.
  var testsMay = false

  var description: String { word }
}

struct CallTests {
  static let bans: [Ban] = [
    Ban(word: "fork(", why: "a child is made by the shim's clone3 alone"),
    Ban(word: "vfork(", why: "a hanging exec would freeze the parent of every worker"),
    Ban(word: "system(", why: "nothing of ours goes through a shell"),
    Ban(word: "popen(", why: "nothing of ours goes through a shell"),
    Ban(word: "Glibc.fork", why: "a child is made by the shim's clone3 alone"),
    Ban(word: "Swift.print", why: "it buffers and cannot fail; write to a descriptor"),
    Ban(word: "try!", why: "an error is handled or thrown, never a trap"),
    Ban(word: "as!", why: "a wrong type is an error, never a trap"),
    Ban(word: "print(", why: "it buffers and cannot fail; write to a descriptor"),
    Ban(word: "debugPrint(", why: "it buffers and cannot fail; write to a descriptor"),
    Ban(word: "Task {", why: "one thread, one loop: blocking tasks stall each other's timers"),
    Ban(word: "Task.detached", why: "one thread, one loop"),
    Ban(word: "DispatchQueue", why: "one thread, one loop"),
    Ban(word: "sleep(", why: "wait for a fact with a deadline"),
    Ban(word: "usleep(", why: "wait for a fact with a deadline"),
    Ban(word: "nanosleep(", why: "wait for a fact with a deadline"),
    Ban(word: "@unchecked", why: "values are Sendable by being values"),
    Ban(word: "String(format", why: "it is Foundation's, slow and unchecked"),
    Ban(word: "fatalError(", why: "a precondition with a sentence says which pair met"),
  ]

  @Test("no banned call", arguments: bans)
  func banned(ban: Ban) {
    for file in House.swiftFiles where file.mentions(ban.word) {
      if ban.testsMay && file.path.hasPrefix("Tests/") { continue }
      if ban.except.contains(where: { file.path.hasSuffix($0) || file.room == $0 }) { continue }
      // A file's own function of that name is not the one that is meant.
      if ban.word.hasSuffix("("), file.code.contains("func \(ban.word)") { continue }
      for (number, line) in Self.codeLines(file) where occurs(ban.word, in: line) {
        Issue.record("\(file.path):\(number): '\(ban.word)': \(ban.why)")
      }
    }
  }

  @Test("there is no actor: a hop costs 6 to 50 µs and reopens state between decide and act")
  func noActor() {
    for file in House.sources where file.mentions("actor ") {
      for (number, line) in Self.codeLines(file) {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "actor"), words.count > at + 1 else { continue }
        if words[at + 1].first?.isUppercase == true {
          Issue.record("\(file.path):\(number): an actor")
        }
      }
    }
  }

  @Test("nothing is left to do later", arguments: House.swiftFiles)
  func nothingLeft(file: SourceFile) {
    // Written apart, so that this file does not find itself.
    let marks = ["TO" + "DO", "FIX" + "ME"]
    for mark in marks where file.mentions(mark) {
      for (number, line) in file.lines.enumerated() where occurs(mark, in: line) {
        Issue.record("\(file.path):\(number + 1): '\(mark)': do it or write an issue")
      }
    }
  }

  @Test("a pure room reads no clock and no randomness")
  func pure() {
    let pure: Set<String> = ["NovaModel", "NovaLifecycle", "NovaEconomics"]
    let words = [
      "clock_gettime", "SystemRandomNumberGenerator", ".random(", "ContinuousClock", "getenv(",
    ]
    for file in House.sources where pure.contains(file.room) {
      for word in words where file.mentions(word) {
        for (number, line) in Self.codeLines(file) where occurs(word, in: line) {
          Issue.record("\(file.path):\(number): '\(word)' in a pure room: take it as an argument")
        }
      }
    }
  }

  @Test("limits, ended children, links, ownership and who we are: the daemon asks NovaLinux")
  func daemon() {
    let words = [
      "getrlimit(", "setrlimit(", "waitpid(", "readlink(", "chown(", "geteuid(", "getcwd(",
      "umask(", "prctl(",
    ]
    for file in House.sources where file.room == "NovaDaemon" {
      for word in words where file.mentions(word) {
        for (number, line) in Self.codeLines(file) where occurs(word, in: line) {
          Issue.record("\(file.path):\(number): '\(word)' is NovaLinux's to call")
        }
      }
    }
  }

  @Test(
    "a banned word is found in code and not in prose",
    arguments: [
      ("let x = try! f()", true), ("// never try! this", false), ("let s = \"try! it\"", false),
      ("/* try! */ let y = 1", false), ("let a = \"\\\"\"; try! g()", true),
    ])
  func finding(text: String, found: Bool) {
    let file = SourceFile(path: "Sources/X/Y.swift", text: text)
    #expect(Self.codeLines(file).contains { occurs("try!", in: $0.1) } == found)
  }

  @Test("a word is not found inside a longer name")
  func bounds() {
    #expect(occurs("fork(", in: "fork()"))
    #expect(!occurs("fork(", in: "pitchfork()"))
    #expect(!occurs("sleep(", in: "usleep(1)"))
    #expect(occurs("@unchecked", in: "x: @unchecked Sendable"))
    #expect(!occurs("print(", in: "SizeText.print(5)"))
    #expect(occurs("print(", in: "if x { print(5) }"))
  }

  /// Numbered lines of code.
  static func codeLines(_ file: SourceFile) -> [(Int, Substring)] {
    file.code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
      ($0.offset + 1, $0.element)
    }
  }
}

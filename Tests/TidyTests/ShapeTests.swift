// The shape of files: how they open, how long they are, what they are called, what is documented.
// Must never judge taste: what is here can be decided by a machine.

import Testing

struct ShapeTests {
  @Test("a file opens with what it is for", arguments: House.swiftFiles)
  func header(file: SourceFile) {
    // The one-line placeholder of a room that has no tests yet.
    if file.text == "import Testing\n" { return }
    let first = file.lines.first { !$0.isEmpty } ?? ""
    let opens = first.hasPrefix("// ") && !first.hasPrefix("// swift-tools-version")
    #expect(opens, "\(file.path) opens with a comment: what it is for and what it must never do")
  }

  @Test("a C file opens with what it is for")
  func headerOfC() {
    for path in House.list("Sources") where path.hasSuffix(".c") || path.hasSuffix(".h") {
      let text = House.file(path)?.text ?? ""
      #expect(text.hasPrefix("//") || text.hasPrefix("/*"), "\(path) opens with a comment")
    }
  }

  @Test("no file is longer than 400 lines", arguments: House.swiftFiles)
  func length(file: SourceFile) {
    #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines: divide it")
  }

  @Test("no file is named after nothing in particular", arguments: House.swiftFiles)
  func names(file: SourceFile) {
    // systemd's own word for what it is.
    if file.name == "ServiceManager.swift" { return }
    for word in ["Util", "Helper", "Manager", "Common", "Misc", "Extras"] {
      #expect(!file.name.contains(word), "\(file.path): name the concept, not '\(word)'")
    }
  }

  @Test("what other rooms can call is documented", arguments: House.sources)
  func documented(file: SourceFile) {
    for (line, text) in Self.undocumented(file) {
      Issue.record("\(file.path):\(line): a `///` comment for '\(text)'")
    }
  }

  @Test("the rule on documentation finds what it should")
  func documentedRule() {
    let file = SourceFile(
      path: "Sources/X/Y.swift",
      text: """
        package struct Bare {}
        /// Has one.
        @frozen
        package struct Documented {
          package var stored: Int
          package init() {}
          package var computed: Int { 1 }
          package mutating func act() {}
          /// Has one.
          package static func made() {}
          package enum Case { case a }
        }
        package extension Documented {}
        """)
    #expect(Self.undocumented(file).map(\.0) == [1, 7, 8, 11])
  }

  /// Types, functions, computed and static properties of `package` access at the first two levels without a
  /// comment of their own. Stored properties and initialisers speak through their type.
  static func undocumented(_ file: SourceFile) -> [(Int, String)] {
    let lines = file.lines
    var found: [(Int, String)] = []
    for (index, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let words = line.dropFirst(indent).split(separator: " ")
      guard indent <= 4, let access = words.prefix(4).firstIndex(of: "package"),
        words[..<access].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) }),
        let kind = words[(access + 1)...].first(where: { !modifiers.contains($0) })
      else { continue }
      let isStatic = words.prefix(access + 4).contains("static")
      let isComputed = kind == "var" && line.hasSuffix("{") || kind == "var" && line.contains(" { ")
      guard types.contains(kind) || kind == "func" || isComputed || isStatic else { continue }
      var above = index - 1
      while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
      let documented = above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("///")
      if !documented { found.append((index + 1, String(line.dropFirst(indent).prefix(60)))) }
    }
    return found
  }

  private static let types: Set<Substring> = [
    "struct", "enum", "class", "actor", "protocol", "typealias",
  ]
  private static let modifiers: Set<Substring> = [
    "static", "final", "mutating", "consuming", "borrowing", "indirect", "nonisolated",
    "private(set)",
    "unsafe", "package(set)", "internal(set)", "nonmutating", "lazy",
  ]
}

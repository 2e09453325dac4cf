// Which room may open onto which. The build holds the same walls by Package.swift, except for system modules and for
// modules that come along with a dependency: those are held here. Must equal the table of docs/explanation/architecture.md.

import Testing

struct ImportTests {
  static let doors: [String: Set<String>] = [
    "NovaModel": [],
    "NovaLifecycle": ["NovaModel"],
    "NovaEconomics": ["NovaModel"],
    "NovaWire": ["NovaModel", "CYAML", "FoundationEssentials"],
    "NovaLinux": [
      "NovaModel", "CNovaSys", "CSystemd", "CCap", "CPCRE2", "Glibc", "Synchronization",
    ],
    "NovaLedger": ["NovaModel", "CSQLite", "CCrypto", "Glibc", "Synchronization"],
    "NovaHTTP": ["NovaModel", "NovaLinux", "CMicroHTTPD", "CCurl", "Glibc"],
    "NovaDaemon": [
      "NovaModel", "NovaLifecycle", "NovaEconomics", "NovaWire", "NovaLinux", "NovaLedger",
      "NovaHTTP", "CCurl", "Glibc", "Synchronization",
    ],
    "NovaClient": ["NovaModel", "NovaEconomics", "NovaWire", "NovaLinux", "Glibc"],
    "NovaEdge": ["NovaModel", "NovaWire", "NovaLinux", "NovaHTTP", "CCrypto", "Glibc"],
    "NovaWorker": ["Glibc"],
    "nova-example-worker": ["NovaWorker"],
    "nova-supervisor": ["NovaModel", "NovaDaemon", "Glibc"],
    "nova-shim": ["NovaModel", "NovaLinux", "Glibc"],
    "nova-edge": ["NovaModel", "NovaEdge", "Glibc"],
    "novasup": ["NovaModel", "NovaClient", "Glibc"],
  ]

  @Test("a room imports only what it may", arguments: House.sources)
  func direction(file: SourceFile) {
    guard let allowed = Self.doors[file.room] else {
      Issue.record("\(file.path): the room '\(file.room)' is not in the table of rooms")
      return
    }
    for module in Self.imports(of: file) where !allowed.contains(module) {
      Issue.record("\(file.path): \(file.room) may not import \(module)")
    }
  }

  @Test(
    "libcurl and the thirty libraries with it are mapped into neither novasup nor the shim",
    arguments: ["nova-shim", "novasup"])
  func light(program: String) {
    var reached: Set<String> = []
    var next = [program]
    while let room = next.popLast() {
      guard reached.insert(room).inserted else { continue }
      next += Self.doors[room] ?? []
    }
    #expect(!reached.contains("CCurl"), "\(program) reaches CCurl")
  }

  @Test("a test imports its rooms, never the whole Foundation", arguments: House.swiftFiles)
  func noFoundation(file: SourceFile) {
    let banned: Set<String> = ["Foundation", "Dispatch", "XCTest"]
    for module in Self.imports(of: file) where banned.contains(module) {
      Issue.record("\(file.path): nobody imports \(module)")
    }
  }

  @Test("the wall is seen: imports with access, attributes and kinds are read")
  func reading() {
    let file = SourceFile(
      path: "Sources/X/Y.swift",
      text: """
        // import Commented
        import One
        package import Two
        @testable import Three
        @preconcurrency internal import struct Four.Part
        let text = "import Five"
        """)
    #expect(Self.imports(of: file) == ["One", "Two", "Three", "Four"])
  }

  /// The modules a file imports, in order: the imports stand above everything else but comments.
  static func imports(of file: SourceFile) -> [String] {
    var found: [String] = []
    for line in file.lines where !line.isEmpty && !line.hasPrefix("//") && !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard let keyword = words.firstIndex(of: "import"), words.count > keyword + 1,
        words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accesses.contains($0) })
      else { break }
      var name = words[keyword + 1]
      if kinds.contains(name), words.count > keyword + 2 { name = words[keyword + 2] }
      found.append(String(name.split(separator: ".")[0]))
    }
    return found
  }

  private static let accesses: Set<Substring> = [
    "package", "internal", "public", "private", "fileprivate",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
  ]
}

// Transient workers as files: what is asked for against what the loader reads, and how they live beside the owner's.
// Must never start a supervisor.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct TransientTests {
  private let name = WorkerName("job")

  private func load(_ request: RunRequest) throws -> WorkerSpec {
    let name = try #require(WorkerName(request.name))
    let file = ConfigurationFile(
      path: "/r/transient/job.yaml", bytes: Array(TransientWorker.text(request).utf8))
    let result = TransientWorker.load(file, named: name)
    #expect(result.problems.isEmpty, "\(result.problems)")
    #expect(result.warnings.isEmpty, "\(result.warnings)")
    return try #require(result.configuration?.workers[name])
  }

  static let hostile = [
    "", " ", "a: b", "- x", "#no", "'", "\"", "\\", "\\n", "a\nb", "a\r\nb\n", "\t", "%", "%%",
    "%i %n %x", "100%", "{x}", "[y], z", "&a", "*b", "!tag", "null", "~", "true", "0x10", "---",
    "...", "ä €", "😀", "e\u{301}", "\u{7F}", "\u{1B}[2J", "\u{1}", "\u{85}", "\u{A0}", "\u{2028}",
    "\u{202E}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "| >", "a\u{B}b", "? k",
    "@x", "`y`", String(repeating: "long ", count: 5000),
  ]

  @Test("an argument arrives as it was given", arguments: hostile)
  func argument(text: String) throws {
    var request = RunRequest(name: "job", command: ["/bin/echo", text, "end"])
    request.environment = ["V": text]
    let spec = try load(request)
    guard case .arguments(let words) = spec.command else {
      Issue.record("no list of arguments")
      return
    }
    let name = try #require(name)
    let expanded = words.map { Specifiers.expanded($0, worker: name, number: 7) }
    #expect(expanded.map { Array($0.utf8) } == request.command.map { Array($0.utf8) })
    let value = spec.environment["V"].map { Specifiers.expanded($0, worker: name, number: 7) }
    #expect(value.map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("any text at all arrives as it was given")
  func anything() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
        Unicode.Scalar(
          UInt32.random(in: 1...(Bool.random() ? 0x7F : 0x10FFFF), using: &random))
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      try argument(text: text)
    }
  }

  @Test("every part of a request becomes its key")
  func parts() throws {
    var request = RunRequest(name: "job", command: ["x"])
    request.directory = "/srv/100%"
    request.user = "bob"
    request.mode = .service
    request.instances = 12
    var limits = RunLimits()
    limits.memoryBytes = 64 << 20
    limits.cpuPercent = 50
    limits.pids = 9
    request.limits = limits
    let spec = try load(request)
    #expect(spec.directory == "/srv/100%%")
    #expect(spec.identity.user == "bob")
    #expect(spec.mode == .service)
    #expect(spec.restart == .always)
    #expect(spec.instances == 12)
    #expect(spec.limits.memoryBytes == 64 << 20)
    #expect(spec.limits.cpuPercent == 50)
    #expect(spec.limits.pids == 9)
    #expect(spec.origin == "/r/transient/job.yaml:3")
  }

  @Test("by itself it runs once and is not tried again")
  func once() throws {
    let spec = try load(RunRequest(name: "job", command: ["x"]))
    #expect(spec.mode == .once)
    #expect(spec.restart == .never)
    #expect(spec.autostart)
  }

  @Test(
    "what the loader refuses is refused in its words, with the field",
    arguments: [
      ([], nil, "command", "is an empty list"), (["a\0"], nil, nil, "NUL"),
      (["a"], "relative", "directory", "not an absolute path"),
    ] as [([String], String?, String?, String)])
  func refused(command: [String], directory: String?, field: String?, says: String) throws {
    var request = RunRequest(name: "job", command: command)
    request.directory = directory
    let file = ConfigurationFile(
      path: "/p", bytes: Array(TransientWorker.text(request).utf8))
    let result = TransientWorker.load(file, named: try #require(name))
    #expect(result.configuration == nil)
    let error = TransientWorker.refusal(result.problems)
    #expect(error.code == .badRequest)
    #expect(error.field == field)
    #expect(error.message.contains(says), "\(error.message)")
    #expect(!error.message.contains("/p"))
  }

  @Test("a name cannot leave its line", arguments: ["a\": {}\n  \"b", "../x", "a b", ""])
  func badName(text: String) throws {
    let file = ConfigurationFile(
      path: "/p", bytes: Array(TransientWorker.text(RunRequest(name: text, command: ["x"])).utf8))
    let result = TransientWorker.load(file, named: try #require(name))
    #expect(result.problems.count == 1)
    #expect(result.problems[0].message.contains("is not a valid name"))
  }
}

@Suite struct TransientFilesTests {
  /// Directories of one test: the owner's and the transient one.
  private struct Place {
    let scratch: Scratch
    var root: String { scratch.path }
    var config: String { root + "/c" }
    var transient: String { root + "/t" }

    init() throws {
      scratch = try Scratch()
      try Directory.make(root + "/c/workers.d", mode: 0o755)
    }

    func put(_ path: String, _ text: String) throws { try scratch.put(path, text) }
  }

  private func workers(_ result: ConfigurationResult) -> [String] {
    result.configuration?.workers.keys.map(\.text).sorted() ?? []
  }

  @Test("they come beside the owner's, and without their directory there are none")
  func beside() throws {
    let place = try Place()
    try place.put("c/workers.d/a.yaml", "workers: { own: { command: x } }")
    let before = try ConfigurationFiles.read(place.config, transient: place.transient)
    #expect(workers(before.load(processEnvironment: [:])) == ["own"])
    try Directory.make(place.transient, mode: 0o700)
    let text = TransientWorker.text(RunRequest(name: "job", command: ["y"]))
    let path = TransientFiles.path(of: try #require(WorkerName("job")), in: place.transient)
    try TransientFiles.write(.init(path: path, bytes: Array(text.utf8)))
    var info = stat()
    #expect(unsafe stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
    let files = try ConfigurationFiles.read(place.config, transient: place.transient)
    #expect(workers(files.load(processEnvironment: [:])) == ["job", "own"])
    #expect(files.workers.count == 1)
    #expect(
      workers(try ConfigurationFiles.read(place.config).load(processEnvironment: [:])) == ["own"])
    try TransientFiles.remove(path)
    try TransientFiles.remove(path)
    #expect(try TransientFiles.read(place.transient).isEmpty)
  }

  @Test("the owner's definition wins and the transient one is named")
  func overridden() throws {
    let place = try Place()
    try Directory.make(place.transient, mode: 0o700)
    try place.put("c/workers.d/a.yaml", "workers: { job: { command: owners } }")
    try place.put("t/job.yaml", TransientWorker.text(RunRequest(name: "job", command: ["mine"])))
    try place.put("t/other.yaml", TransientWorker.text(RunRequest(name: "other", command: ["y"])))
    let files = try ConfigurationFiles.read(place.config, transient: place.transient)
    let configuration = try #require(files.load(processEnvironment: [:]).configuration)
    let job = try #require(WorkerName("job"))
    #expect(configuration.workers[job]?.command == .shell("owners"))
    let found = files.overridden(in: configuration)
    #expect(found.map(\.worker) == [job])
    #expect(found.map(\.path) == [place.transient + "/job.yaml"])
    #expect(found.first?.origin == place.config + "/workers.d/a.yaml:1")
  }

  @Test(
    "a bad file is a warning and keeps nobody else out",
    arguments: [
      "workers: [broken", "workers: { other: { command: x } }", "nonsense: 1", "",
      "workers: { job: { command: x, requires: [own] } }", "workers: { job: { comand: x } }",
    ])
  func bad(text: String) throws {
    let place = try Place()
    try Directory.make(place.transient + "/dir.yaml", mode: 0o700)
    try place.put("c/workers.d/a.yaml", "workers: { own: { command: x } }")
    try place.put("t/job.yaml", text)
    try place.put("t/No Name.yaml", text)
    try place.put("t/job.yaml.new", text)
    let files = try ConfigurationFiles.read(place.config, transient: place.transient)
    let result = files.load(processEnvironment: [:])
    #expect(workers(result) == ["own"])
    #expect(result.problems.isEmpty)
    #expect(result.warnings.contains { $0.file == place.transient + "/job.yaml" })
  }

  @Test("a bad file of the owner's is as bad as ever")
  func ownersBad() throws {
    let place = try Place()
    try Directory.make(place.transient, mode: 0o700)
    try place.put("c/workers.d/a.yaml", "workers: [")
    try place.put("t/job.yaml", TransientWorker.text(RunRequest(name: "job", command: ["y"])))
    let files = try ConfigurationFiles.read(place.config, transient: place.transient)
    #expect(files.load(processEnvironment: [:]).configuration == nil)
  }

  @Test("a drain leaves no file, and nothing else is touched")
  func removeAll() throws {
    let place = try Place()
    try Directory.make(place.transient, mode: 0o700)
    try place.put("t/a.yaml", "x")
    try place.put("t/b.yaml", "x")
    try place.put("t/note", "x")
    TransientFiles.removeAll(in: place.transient)
    #expect(try Directory.names(in: place.transient) == ["note"])
    TransientFiles.removeAll(in: place.root + "/none")
  }
}

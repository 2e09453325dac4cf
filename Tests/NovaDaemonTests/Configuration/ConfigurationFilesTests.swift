// A configuration directory as it is found: whole, partly there, or not readable. Must never touch /etc/nova.

import Glibc
import NovaLinux
import NovaModel
import NovaWire
import Testing

@testable import NovaDaemon

@Suite struct ConfigurationFilesTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static let worker = "workers:\n  a:\n    command: [\"/bin/true\"]\n"

  @Test("an empty directory is an empty configuration, and it is accepted")
  func empty() throws {
    let files = try ConfigurationFiles.read(scratch.path)
    #expect(files.supervisor == nil && files.workers.isEmpty && files.environment.isEmpty)
    let result = files.load(processEnvironment: [:])
    #expect(result.problems.isEmpty)
    #expect(result.configuration?.workers.isEmpty == true)
    #expect(result.configuration?.settings == SupervisorSettings())
  }

  @Test("a directory that is not there, or is a file, is an error that names it")
  func missing() throws {
    let absent = scratch.path + "/absent"
    #expect(throws: SystemError(call: "open directory", number: ENOENT, subject: absent)) {
      try ConfigurationFiles.read(absent)
    }
    let file = try scratch.put("file", "")
    #expect(throws: SystemError(call: "open directory", number: ENOTDIR, subject: file)) {
      try ConfigurationFiles.read(file)
    }
  }

  @Test("workers' files are taken in the order of their names; hidden ones and others are not")
  func names() throws {
    for name in ["b.yaml", "a.yml", ".hidden.yaml", "c.yaml~", "README", "10.yaml", "9.yaml"] {
      try scratch.put("workers.d/" + name, Self.worker)
    }
    try scratch.put("supervisor.yaml", "autonomous: false\n")
    let files = try ConfigurationFiles.read(scratch.path)
    let directory = scratch.path + "/workers.d/"
    #expect(
      files.workers.map(\.path) == ["10.yaml", "9.yaml", "a.yml", "b.yaml"].map { directory + $0 })
    #expect(files.supervisor?.path == scratch.path + "/supervisor.yaml")
    #expect(files.workers.first?.bytes == Array(Self.worker.utf8))
  }

  @Test(
    "a file that is none, or is too large, is an error and nothing is half read",
    arguments: ["supervisor.yaml", "workers.d/x.yaml", "nova.env"])
  func unreadable(name: String) throws {
    let path = scratch.path + "/" + name
    try scratch.put("workers.d/a.yaml", Self.worker)
    #expect(unsafe mkfifo(path, 0o600) == 0)
    #expect(throws: SystemError(call: "read", number: ENXIO, subject: path)) {
      try ConfigurationFiles.read(scratch.path)
    }
    unsafe _ = unlink(path)
    #expect(unsafe mkdir(path, 0o700) == 0)
    #expect(throws: SystemError(call: "read", number: EISDIR, subject: path)) {
      try ConfigurationFiles.read(scratch.path)
    }
    unsafe _ = rmdir(path)
    try scratch.put(name, String(repeating: "#", count: (1 << 20) + 1))
    #expect(throws: SystemError(call: "read", number: EFBIG, subject: path)) {
      try ConfigurationFiles.read(scratch.path)
    }
    unsafe _ = unlink(path)
    #expect(unsafe symlink("/nonexistent/target", path) == 0)
    // A link to nowhere is a file that is missing; in workers.d its name says that there should be one.
    if name.hasPrefix("workers.d") {
      #expect(throws: SystemError.self) { try ConfigurationFiles.read(scratch.path) }
    }
  }

  @Test("nova.env gives the legacy names, and counts before the process's environment")
  func environment() throws {
    try scratch.put("nova.env", "MAX_DAILY_BUDGET=12.50\nSTRIPE_API_KEY=\"sk test\"\n")
    try scratch.put("supervisor.yaml", "budget:\n  daily: 7.00\n")
    let files = try ConfigurationFiles.read(scratch.path)
    #expect(files.environment["STRIPE_API_KEY"] == "sk test")
    let result = files.load(
      processEnvironment: ["MAX_DAILY_BUDGET": "99", "REQUIRE_APPROVAL_ABOVE": "3"])
    let settings = try #require(result.configuration?.settings)
    #expect(settings.dailyBudget == Money(microUSD: 12_500_000))
    #expect(settings.thresholds.requireApprovalAbove == Money(microUSD: 3_000_000))
  }

  @Test("a bad line in nova.env refuses the whole configuration, without showing its value")
  func badEnvironment() throws {
    try scratch.put("nova.env", "GOOD=1\nthis is s3cret no assignment\n")
    try scratch.put("workers.d/a.yaml", Self.worker)
    let result = try ConfigurationFiles.read(scratch.path).load(processEnvironment: [:])
    #expect(result.configuration == nil)
    let problem = try #require(result.problems.first)
    #expect(problem.description.contains(scratch.path + "/nova.env:2"))
    #expect(!problem.description.contains("s3cret"))
  }

  @Test("problems of the files say which file and line, and refuse all of it")
  func problems() throws {
    try scratch.put("workers.d/a.yaml", Self.worker)
    try scratch.put("workers.d/b.yaml", "workers:\n  b:\n    comand: x\n")
    let result = try ConfigurationFiles.read(scratch.path).load(processEnvironment: [:])
    #expect(result.configuration == nil)
    #expect(
      result.problems.contains { $0.description.hasPrefix(scratch.path + "/workers.d/b.yaml:3:") })
  }

  @Test(
    "a zone is read from tzdata, and one that leads out of it is not there",
    .enabled(
      if: unsafe access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0, "tzdata is not installed"))
  func zones() throws {
    try scratch.put("supervisor.yaml", "budget: { timezone: Europe/Berlin }\n")
    let good = try ConfigurationFiles.read(scratch.path).load(processEnvironment: [:])
    // Summer time of 2026-07-01T00:00:00Z.
    #expect(good.configuration?.zones["Europe/Berlin"]?.offset(at: 1_782_864_000) == 7200)
    for name in ["../../../etc/passwd", "/etc/localtime", "Europe", "Mars/Olympus"] {
      try scratch.put("supervisor.yaml", "budget: { timezone: \"\(name)\" }\n")
      let bad = try ConfigurationFiles.read(scratch.path).load(processEnvironment: [:])
      #expect(bad.configuration == nil, "\(name)")
    }
  }
}

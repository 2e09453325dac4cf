// `run` and `dashboard`: what a command line asks for, what is shown, and how it exits. Must never run anything.

import NovaWire
import Testing

@testable import NovaClient

@Suite struct RunCommandTests {
  private func request(_ words: [String]) throws -> RunRequest {
    let parsed = try ParsedArguments.parse(
      words, command: RunCommand.command, global: CommandTable.global)
    return try RunCommand.request(parsed)
  }

  private func row(_ state: String, _ reason: String = "none", exit: LastExitRow? = nil)
    -> WorkerRow
  {
    var row = WorkerRow(
      name: "job", instance: 1, state: state, reason: reason, crashes: 0, maxCrashes: 5,
      restartsTotal: 0)
    row.lastExit = exit
    return row
  }

  private func server(_ end: WorkerRow, logs: String = "") -> FakeServer {
    FakeServer([
      "POST /v1/run": .json(row("running")), "GET /v1/logs": .text(logs),
      "GET /v1/workers": .json([end]),
    ])
  }

  @Test("every option reaches the request, and what follows -- is taken as it is")
  func options() throws {
    let request = try request([
      "job", "--user", "bob", "--directory", "/srv", "-e", "A=1", "-eB=x=y", "--env=C=",
      "--memory", "512M", "--cpu", "150%", "--service", "--reason", "why", "--", "ls", "-l", "--",
      "%i",
    ])
    #expect(request.name == "job")
    #expect(request.command == ["ls", "-l", "--", "%i"])
    #expect(request.user == "bob")
    #expect(request.directory == "/srv")
    #expect(request.environment == ["A": "1", "B": "x=y", "C": ""])
    #expect(request.limits?.memoryBytes == 512 << 20)
    #expect(request.limits?.cpuPercent == 150)
    #expect(request.mode == .service)
    #expect(request.reason == "why")
  }

  @Test("nothing said is nothing asked for")
  func defaults() throws {
    #expect(
      try request(["job", "--", "true"]) == RunRequest(name: "job", command: ["true"]))
  }

  @Test(
    "wrong usage exits 2 and says what is wrong",
    arguments: [
      (["run"], "needs NAME"), (["run", "a"], "needs -- and then CMD"),
      (["run", "a", "true"], "needs -- and then CMD"), (["run", "a", "--"], "needs -- and then"),
      (["run", "--", "true"], "needs NAME"), (["run", "a", "b", "--", "true"], "needs -- and"),
      (["run", "a", "ls", "-l"], "unknown option -l"),
      (["run", "a", "-e", "X", "--", "true"], "NAME=VALUE"),
      (["run", "a", "-e", "=x", "--", "true"], "NAME=VALUE"),
      (["run", "a", "-e", "X=1", "-e", "X=2", "--", "true"], "given twice"),
      (["run", "a", "--memory", "much", "--", "true"], "must be a size"),
      (["run", "a", "--cpu", "half", "--", "true"], "percentage"),
    ])
  func usage(words: [String], says: String) {
    let outcome = novasup(words)
    #expect(outcome.code == .usage)
    #expect(outcome.err.contains(says), "\(outcome.err)")
    #expect(outcome.out.isEmpty)
  }

  @Test("a bad -e does not repeat what may be a secret")
  func secret() {
    #expect(!novasup(["run", "a", "-e", "hunter2", "--", "true"]).err.contains("hunter2"))
  }

  @Test("its lines are shown without a prefix, and 0 is its exit")
  func followed() {
    let line = LogLine(worker: "job", instance: 1, stream: "stdout", line: "hello")
    let logs = String(decoding: APICoding.encode(line), as: UTF8.self) + "\n"
    let server = server(row("completed", exit: .init(code: 0, oom: false, at: "")), logs: logs)
    let outcome = novasup(["run", "job", "--", "true"], server)
    #expect(outcome.code == .ok)
    #expect(outcome.out == "hello\n")
    #expect(outcome.err.isEmpty)
    #expect(server.requests.map { $0.line.split(separator: " ")[0] } == ["POST", "GET", "GET"])
    #expect(server.requests[1].line.contains("follow=1&until_end=1"))
  }

  @Test(
    "another end is exit 1 and one sentence",
    arguments: [
      ("failed", "exit_failed", LastExitRow(code: 3, oom: false, at: ""), "job exited with 3"),
      ("completed", "exit_ok", LastExitRow(code: 4, oom: false, at: ""), "job exited with 4"),
      ("completed", "signal", LastExitRow(signal: 15, oom: false, at: ""), "killed by SIGTERM"),
      ("stopped", "operator", LastExitRow(signal: 9, oom: false, at: ""), "killed by SIGKILL"),
      ("failed", "oom", LastExitRow(signal: 9, oom: true, at: ""), "ran out of memory"),
      ("lost", "shim_lost", nil, "was lost"), ("completed", "none", nil, "was lost"),
    ] as [(String, String, LastExitRow?, String)])
  func ends(state: String, reason: String, exit: LastExitRow?, says: String) {
    let outcome = novasup(["run", "job", "--", "true"], server(row(state, reason, exit: exit)))
    #expect(outcome.code == .failed)
    #expect(outcome.err.contains(says), "\(outcome.err)")
    #expect(outcome.err.split(separator: "\n").count == 1)
  }

  @Test("one that somebody stopped meanwhile is gone")
  func removed() {
    let server = FakeServer([
      "POST /v1/run": .json(row("running")), "GET /v1/logs": .text(""),
      "GET /v1/workers": .error(.noSuchWorker, "no worker 'job'"),
    ])
    let outcome = novasup(["run", "job", "--", "true"], server)
    #expect(outcome.code == .failed)
    #expect(outcome.err.contains("job was stopped and removed"))
  }

  @Test("a stream that ends early is followed again, from its end")
  func reconnects() {
    let server = FakeServer([
      "POST /v1/run": [.json(row("running"))], "GET /v1/logs": [.text("")],
      "GET /v1/version": [.json(VersionInfo(version: "1"))],
      "GET /v1/workers": [
        .json([row("running")]),
        .json([row("completed", exit: .init(code: 0, oom: false, at: ""))]),
      ],
    ])
    #expect(novasup(["run", "job", "--", "true"], server).code == .ok)
    let logs = server.requests.map(\.line).filter { $0.contains("/v1/logs") }
    #expect(logs.count == 2)
    #expect(!logs[0].contains("lines="))
    #expect(logs[1].contains("lines=0"))
  }

  @Test("detached it says so at once", arguments: ["--detach", "--no-wait"])
  func detached(flag: String) {
    let server = FakeServer(["POST /v1/run": .json(row("running"))])
    let outcome = novasup(["run", "job", flag, "--", "true"], server)
    #expect(outcome.code == .ok)
    #expect(outcome.out == "job started\n")
    #expect(server.requests.count == 1)
    #expect(novasup(["run", "job", flag, "-o", "name", "--", "true"], server).out == "job\n")
    #expect(novasup(["run", "job", flag, "-q", "--", "true"], server).out.isEmpty)
  }

  @Test("a program that is not there is exit 1, followed or detached")
  func noProgram() {
    var failed = row("failed", "exec_failed")
    failed.why = "exec /x: No such file or directory"
    let server = FakeServer(["POST /v1/run": .json(failed)])
    for more in [[], ["--detach"]] {
      let outcome = novasup(["run", "job"] + more + ["--", "/x"], server)
      #expect(outcome.code == .failed)
      #expect(outcome.err.hasPrefix("novasup: cannot run job: exec /x: No such file"))
    }
  }

  @Test("a dry run asks for one and starts nothing")
  func dryRun() {
    let server = FakeServer(["POST /v1/run": .json(row("stopped"))])
    let outcome = novasup(["run", "job", "--dry-run", "--", "true"], server)
    #expect(outcome.code == .ok)
    #expect(outcome.out == "would start job\n")
    #expect(server.requests[0].body.contains(#""dry_run":true"#))
  }

  @Test("the dashboard: the address and nothing else")
  func dashboard() {
    let url = "http://127.0.0.1:7480/#login=0a"
    let server = FakeServer([
      "POST /v1/logins": .json(
        LoginResponse(url: url, role: "act", expiresAt: "2026-01-01T00:00:00Z"))
    ])
    let outcome = novasup(["dashboard"], server)
    #expect(outcome.code == .ok)
    #expect(outcome.out == url + "\n")
  }
}

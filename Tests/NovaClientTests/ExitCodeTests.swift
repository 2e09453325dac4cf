// Every exit code of the table, from a supervisor that answers accordingly. Must never compare with text that
// the contract does not fix.

import NovaWire
import Testing

@testable import NovaClient

@Suite struct ExitCodeTests {
  @Test(
    "an error of the API becomes its exit code and one sentence on stderr",
    arguments: APIErrorCode.allCases)
  func errors(code: APIErrorCode) {
    let server = FakeServer(["POST /v1/actions": .error(code, "because")])
    let outcome = novasup(["stop", "outreach"], server)
    #expect(outcome.code == code.exitCode)
    #expect(outcome.err.hasPrefix("novasup: cannot stop outreach: because"))
    #expect(outcome.err.split(separator: "\n").count == 1)
    #expect(outcome.out.isEmpty)
  }

  @Test("0: done, one line a target")
  func done() {
    let server = FakeServer(["POST /v1/actions": .json(Rows.response(.start))])
    let outcome = novasup(["start", "outreach"], server)
    #expect(outcome.code == .ok)
    #expect(outcome.out == "outreach@1 running\n")
    #expect(server.requests[0].body.contains(#""targets":["outreach"],"action":"start""#))
  }

  @Test("1: it failed, with stage, errno, exit and the last lines")
  func failed() {
    var response = Rows.response(.start, ok: false, code: .failed, message: "it cannot be executed")
    response.results[0].stage = "exec"
    response.results[0].errno = 2
    response.results[0].exitCode = 127
    response.results[0].lastLines = ["one", "two\u{1B}[2J"]
    let outcome = novasup(["start", "outreach"], FakeServer(["POST /v1/actions": .json(response)]))
    #expect(outcome.code == .failed)
    #expect(
      outcome.err.contains("[No such file or directory, exit 127]"), "\(outcome.err)")
    #expect(outcome.err.contains("  | two\\x1b[2J\n"))
  }

  @Test("3: not running, by ps --check, by health of a named worker, by an action")
  func notRunning() {
    let workers = FakeServer(["GET /v1/workers": .json([Rows.running, Rows.cooling])])
    #expect(novasup(["ps", "--check"], workers).code == .notRunning)
    #expect(novasup(["ps"], workers).code == .ok)
    #expect(novasup(["ps", "--check", "-o", "json"], workers).code == .notRunning)
    let report = HealthReport(
      healthy: true,
      instances: [.init(name: "a", instance: 1, state: "stopped", running: false, healthy: nil)])
    let health = FakeServer(["GET /v1/health": .json(report)])
    #expect(novasup(["health", "a"], health).code == .notRunning)
    #expect(novasup(["health"], health).code == .ok)
    let refused = Rows.response(.pause, ok: false, code: .notRunning)
    let actions = FakeServer(["POST /v1/actions": .json(refused)])
    #expect(novasup(["pause", "outreach"], actions).code == .notRunning)
  }

  @Test(
    "1: unhealthy, in every output form", arguments: ["table", "wide", "json", "jsonl", "name"])
  func unhealthy(form: String) {
    let report = HealthReport(
      healthy: false,
      instances: [.init(name: "a", instance: 1, state: "ready", running: true, healthy: false)])
    let server = FakeServer(["GET /v1/health": .json(report)])
    #expect(novasup(["health", "-o", form], server).code == .failed)
  }

  @Test("69: nobody listens, with the remedy")
  func unreachable() {
    let outcome = novasup(["ps"])
    #expect(outcome.code == .unreachable)
    #expect(outcome.err.contains("(systemctl start nova-supervisor)"))
    let long = String(repeating: "x", count: 200)
    #expect(novasup(["ps", "--socket", "/" + long]).code == .unreachable)
  }

  @Test("124: no answer in time, or the supervisor says so")
  func timedOut() {
    let silent = FakeServer(["GET /v1/workers": .silence])
    #expect(novasup(["ps", "--timeout", "50ms"], silent).code == .timedOut)
    var response = Rows.response(.stop, ok: false, code: .timedOut)
    response.timedOut = true
    let server = FakeServer(["POST /v1/actions": .json(response)])
    let outcome = novasup(["stop", "outreach", "--timeout", "1s"], server)
    #expect(outcome.code == .timedOut)
    #expect(outcome.err.contains("the job goes on"))
    #expect(server.requests[0].body.contains(#""wait_timeout_seconds":1,"#))
    let waiting = FakeServer([
      "GET /v1/wait": .json(WaitResponse(satisfied: false, timedOut: true, instances: []))
    ])
    #expect(novasup(["wait", "a", "--for", "exit", "--timeout", "1s"], waiting).code == .timedOut)
  }

  @Test("results that fail differently make 1, those that agree their own code")
  func mixed() {
    var response = Rows.response(.start, ok: false, code: .denied)
    #expect(Act.exitCode(response) == .denied)
    response.results.append(
      ActionResult(target: "b@1", ok: false, changed: false, code: .approvalRequired))
    #expect(Act.exitCode(response) == .failed)
    response.results.removeFirst()
    response.results.append(ActionResult(target: "c@1", ok: true, changed: true))
    #expect(Act.exitCode(response) == .approvalRequired)
  }

  @Test("an answer that is no JSON fails with a sentence")
  func garbage() {
    let server = FakeServer(["GET /v1/workers": .text("<html>")])
    let outcome = novasup(["ps"], server)
    #expect(outcome.code == .failed)
    #expect(outcome.err.contains("cannot read the answer"))
    let proxy = FakeServer(["GET /v1/workers": .text("<html>", status: 502)])
    #expect(novasup(["ps"], proxy).err.contains("HTTP 502"))
  }

  @Test("a closed pipe ends a command quietly")
  func closedPipe() {
    let server = FakeServer(["GET /v1/workers": .json([Rows.running])])
    let outcome = novasup(["ps"], server, closedPipe: true)
    #expect(outcome.code == .ok)
    #expect(outcome.err.isEmpty)
  }

  @Test("report tries again while the supervisor restarts")
  func reportRetries() {
    let server = FakeServer([
      "POST /v1/reports": [
        .error(.unavailable, "starting"), .error(.unavailable, "starting"),
        .json(ReportResponse(instance: "outreach@1")),
      ]
    ])
    #expect(novasup(["report", "--ready"], server).code == .ok)
    #expect(server.requests.count == 3)
    #expect(novasup(["report", "--ready", "--timeout", "150ms"]).code == .unreachable)
  }

  @Test("a bad configuration is refused with its problems, and the code is 1")
  func badReload() {
    let response = ReloadResponse(applied: false, problems: ["/etc/nova/a.yaml:3:5: unknown key x"])
    let outcome = novasup(["reload"], FakeServer(["POST /v1/reload": .json(response)]))
    #expect(outcome.code == .failed)
    #expect(outcome.err.contains("a.yaml:3:5: unknown key x\n"))
  }

  @Test(
    "a refusal has one piece of advice: the supervisor's, or ours where it gave none",
    arguments: [
      ("permission denied (be root)", "permission denied (be root)"),
      (
        "permission denied",
        "permission denied (root and the group nova-admin may act, the group nova may read)"
      ),
    ])
  func advice(said: String, shown: String) {
    let outcome = novasup(["ps"], FakeServer(["GET /v1/workers": .error(.denied, said)]))
    #expect(outcome.code == .denied)
    #expect(outcome.err == "novasup: cannot list workers: \(shown)\n")
  }
}

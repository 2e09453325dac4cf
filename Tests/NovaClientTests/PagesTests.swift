// Status pages, health, events, top, wait and setup, from answers. Must never need a terminal.

import Glibc
import NovaLinux
import NovaWire
import Testing

@testable import NovaClient

@Suite struct PagesTests {
  private func status() -> SystemStatus {
    var status = SystemStatus(
      version: "1.0", pid: 7, since: "2026-11-20T11:00:00.000Z", uptimeSeconds: 3700,
      host: .init(cgroupVersion: 1, controllers: [], notes: ["limits.memory is estimated"]),
      workers: 2, instances: 3, ledger: "ok")
    status.instancesByState = ["running": 2, "failed": 1, "stopped": 0]
    status.warnings = ["disk is full"]
    return status
  }

  @Test("the system page says what is known and ? for what is not")
  func system() {
    let outcome = novasup(["status"], FakeServer(["GET /v1/status": .json(status())]))
    #expect(
      outcome.out == """
        Supervisor    running, version 1.0, pid 7, up 1h1m
        Host          cgroup v1
        Workers       2 workers, 3 instances
                      running    2
                      failed     1
        Spend today   ?
        Revenue       -
        Config        generation ?
        Ledger        ok
        Note          limits.memory is estimated
        Warning       disk is full

        """, "\(outcome.out)")
  }

  @Test("with a gateway the system page, a worker's block and the head of top say what models cost")
  func models() {
    var status = status()
    #expect(TopMoney(status).models == nil)
    status.modelCostTodayUSD = "0.310000"
    status.modelTokensPerMinute = 12_400
    let page = novasup(["status"], FakeServer(["GET /v1/status": .json(status)])).out
    #expect(page.contains("Models        $0.3100 of it, 12400 tokens a minute\n"), "\(page)")
    #expect(TopMoney(status).models == "models $0.3100 today, 12400 tokens a minute")
    var detail = WorkerDetail(
      name: "idle", origin: "f:1", spec: SpecSummary(command: ["x"], mode: "service"),
      instancesWanted: 0, instancesConfigured: 1)
    detail.models = WorkerModels(
      callsToday: 1, tokensToday: 120, costTodayUSD: "0.000700", tokensPerMinute: 0)
    let server = FakeServer([
      "GET /v1/workers": .json([WorkerRow]()), "GET /v1/workers/idle": .json(detail),
    ])
    let block = novasup(["status", "idle"], server).out
    #expect(
      block.contains("Models        1 call today, 120 tokens, $0.000700; 0 tokens a minute\n"),
      "\(block)")
  }

  @Test("the block of a worker has its limits, crashes, last exit and last lines")
  func worker() {
    var spec = SpecSummary(command: ["/opt/x", "--flag"], mode: "service")
    spec.user = "nova-worker"
    spec.limits.memoryBytes = 536_870_912
    var detail = WorkerDetail(
      name: "outreach", origin: "/etc/nova/workers.d/o.yaml:2", spec: spec, instancesWanted: 2,
      instancesConfigured: 1)
    var row = Rows.running
    row.lastExit = LastExitRow(signal: 9, oom: true, at: "2026-11-20T11:00:00.000Z")
    var instance = InstanceDetail(row: row)
    instance.lastLines = ["hello", "\u{1B}[31mred"]
    detail.instances = [instance]
    let server = FakeServer([
      "GET /v1/workers": .json([row]), "GET /v1/workers/outreach": .json(detail),
    ])
    let out = novasup(["status", "outreach"], server).out
    for fact in [
      "outreach  (/etc/nova/workers.d/o.yaml:2)\n", "memory 512M\n",
      "2 wanted (the file says 1), 0 to 8\n", "2/5, restarts 7\n",
      "SIGKILL (out of memory) at 2026-11-20T11:00:00.000Z\n", "  | hello\n  | red\n",
      "Runs as       nova-worker, service, restart always, ready none\n",
    ] {
      #expect(out.contains(fact), "\(fact) is not in \(out)")
    }
  }

  @Test("a worker without instances is still shown by its name, an unknown one exits 4")
  func workerWithoutInstances() {
    let detail = WorkerDetail(
      name: "idle", origin: "f:1", spec: SpecSummary(command: ["x"], mode: "service"),
      instancesWanted: 0, instancesConfigured: 1)
    let server = FakeServer([
      "GET /v1/workers": .json([WorkerRow]()), "GET /v1/workers/idle": .json(detail),
    ])
    #expect(novasup(["status", "idle"], server).out.hasPrefix("idle  (f:1)\n"))
    let unknown = FakeServer(["GET /v1/workers": .error(.noSuchWorker, "there is no worker x")])
    #expect(novasup(["status", "x"], unknown).code == .noSuchWorker)
  }

  @Test("health says who is ill, stale or outdated")
  func health() {
    var row = HealthReport.Row(
      name: "a", instance: 1, state: "ready", running: true, healthy: false)
    row.checks = [
      HealthCheckRow(name: "api", passing: false, failures: 3, threshold: 3, message: "HTTP 500"),
      HealthCheckRow(name: "tcp", passing: true, failures: 0, threshold: 3),
    ]
    row.needsRestart = true
    row.heartbeatAgeSeconds = 12.7
    let report = HealthReport(healthy: false, instances: [row])
    #expect(
      novasup(["health"], FakeServer(["GET /v1/health": .json(report)])).out == """
        NAME  STATE  HEALTH     CHECKS  HEARTBEAT  RESTART  WHY
        a@1   ready  unhealthy     1/2        12s  needed   HTTP 500

        """)
  }

  @Test("wait tells satisfied from impossible")
  func wait() {
    func code(_ response: WaitResponse) -> ExitCode {
      novasup(["wait", "a"], FakeServer(["GET /v1/wait": .json(response)])).code
    }
    #expect(code(WaitResponse(satisfied: true, timedOut: false, instances: [])) == .ok)
    #expect(code(WaitResponse(satisfied: false, timedOut: false, instances: [])) == .failed)
  }

  @Test("reload shows the difference, and dry-run says would be")
  func reload() {
    let change = ReloadResponse.Change(
      worker: "mail", change: .restarted, fields: ["command", "limits"])
    let dry = ReloadResponse(
      applied: false, changes: [change], warnings: ["not yet in effect: edge"])
    let server = FakeServer(["POST /v1/reload": .json(dry)])
    let outcome = novasup(["reload", "--dry-run"], server)
    #expect(outcome.out == "mail would be restarted (command, limits)\n")
    #expect(outcome.err.contains("not yet in effect: edge"))
    #expect(server.requests[0].body == #"{"dry_run":true}"#)
  }

  @Test("version shows both, and works alone")
  func version() {
    let server = FakeServer(["GET /v1/version": .json(VersionInfo(version: "9.9"))])
    #expect(novasup(["version"], server).out.contains("nova-supervisor 9.9, API 1\n"))
    #expect(novasup(["version"]).code == .ok)
    #expect(novasup(["version", "-o", "json"]).out.contains(#""server":null"#))
  }

  @Test("top prints once when nobody watches, sorted")
  func topOnce() {
    let server = FakeServer(["GET /v1/workers": .json([Rows.blind, Rows.cooling, Rows.running])])
    let lines = novasup(["top"], server).out.split(separator: "\n").map { $0.prefix(8) }
    #expect(lines == ["NAME    ", "outreach", "blind@1 ", "mailer@2"])
    let named = novasup(["top", "--sort", "name", "--once"], server).out.split(separator: "\n")
    #expect(named[1].hasPrefix("blind"))
  }

  @Test("the keys of top: select, sort, pause, and kill only after a yes")
  func topKeys() {
    var view = TopView(sort: .name)
    view.update([Rows.running, Rows.cooling, Rows.blind])
    #expect(view.selected == "blind@1")
    #expect(view.handle(.down) == .none)
    #expect(view.handle(.character("p")) == .none)
    #expect(view.message == "pause mailer@2? [y/N]")
    #expect(view.handle(.character("Y")) == .act(.pause, "mailer@2"))
    #expect(view.handle(.character("a")) == .none)
    #expect(view.message == "nothing waits for approval")
    #expect(view.handle(.character("k")) == .none)
    #expect(view.message == "kill mailer@2? [y/N]")
    #expect(view.handle(.character("n")) == .none)
    #expect(view.asking == nil)
    #expect(view.sort == .name)
    _ = view.handle(.character("k"))
    #expect(view.handle(.character("y")) == .act(.kill, "mailer@2"))
    _ = view.handle(.character("c"))
    #expect(view.rows.first?.name == "outreach")
    #expect(view.selected == "mailer@2")
    #expect(view.handle(.character("q")) == .quit)
  }

  @Test(
    "the screen of top fits its window whatever it is", arguments: [(4, 20), (24, 80), (3, 200)])
  func topScreen(rows: Int, columns: Int) {
    var view = TopView(sort: .cpu)
    view.update(
      (1...50).map { number in
        var row = Rows.running
        row.instance = number
        return row
      })
    let screen = view.render(rows: rows, columns: columns, colour: false)
    #expect(screen.split(separator: "\r\n", omittingEmptySubsequences: false).count <= max(rows, 4))
    #expect(screen.contains("\u{1B}[7m"))
    for line in screen.split(separator: "\r\n") {
      let shown = line.replacing("\u{1B}[K", with: "").replacing("\u{1B}[J", with: "")
        .replacing("\u{1B}[7m", with: "").replacing("\u{1B}[27m", with: "")
      #expect(shown.count <= columns, "\(shown)")
    }
  }

  @Test("arrow keys arrive as one, other sequences are swallowed")
  func keys() {
    #expect(
      TopView.Key.parse(Array("\u{1B}[A\u{1B}OBq\u{1B}[C\u{01}".utf8)) == [
        .up, .down, .character("q"),
      ])
    #expect(
      TopView.Key.parse(Array("\u{1B}[5~x\u{1B}[6~\u{1B}[15~y".utf8)) == [
        .pageUp, .character("x"), .pageDown, .character("y"),
      ])
  }

  @Test("setup makes what is missing below a root, once, and nothing with --dry-run")
  func setup() throws {
    let server = FakeServer()
    let root = server.directory + "/root"
    let units = server.directory + "/units"
    defer { try? Subprocess.run(["rm", "-rf", root, units], to: "clean up") }
    let dry = novasup(["setup", "--root", root, "--dry-run"])
    #expect(dry.code == .ok)
    #expect(dry.out.contains("would make  \(root)/etc/nova/\n"))
    #expect(unsafe access(root, F_OK) != 0)
    #expect(
      novasup(["setup", "--root", root]).out.contains("made  \(root)/etc/nova/supervisor.yaml"))
    let mine = Array("autonomous: true\n".utf8)
    try FileBytes.write(mine, to: root + "/etc/nova/supervisor.yaml", mode: 0o640)
    let again = novasup(["setup", "--root", root])
    #expect(!again.out.contains("made"))
    #expect(try FileBytes.read(root + "/etc/nova/supervisor.yaml") == mine)
    #expect(novasup(["setup", "--root", root, "--units", units]).code == .failed)
    unsafe mkdir(units, 0o755)
    for name in [
      "nova.slice", "nova-workers.service", "nova-supervisor.service", "nova-edge.service",
      "nova-supervisor.sysusers", "nova-supervisor.tmpfiles",
    ] {
      try FileBytes.write(Array(name.utf8), to: units + "/" + name, mode: 0o644)
    }
    #expect(novasup(["setup", "--root", root, "--units", units]).code == .ok)
    #expect(
      try FileBytes.read(root + "/etc/sysusers.d/nova-supervisor.conf")
        == Array("nova-supervisor.sysusers".utf8))
    #expect(
      try FileBytes.read(root + "/etc/systemd/system/nova-edge.service")
        == Array("nova-edge.service".utf8))
    let top = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    #expect(
      try FileBytes.read(root + "/etc/nova/edge.env")
        == FileBytes.read(top + "/deploy/debian/edge.env"), "the package has the same words")
    let secret = Array("SLACK_WEBHOOK_URL=x\n".utf8)
    try FileBytes.write(secret, to: root + "/etc/nova/edge.env", mode: 0o640)
    #expect(novasup(["setup", "--root", root, "--units", units]).code == .ok)
    #expect(try FileBytes.read(root + "/etc/nova/edge.env") == secret)
  }
}

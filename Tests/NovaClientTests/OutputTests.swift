// What people and scripts see: tables, JSON, logs, events, and text that wants to do harm. Must never be
// regenerated from the code: the literals are what was agreed.

import NovaWire
import Testing

@testable import NovaClient

@Suite struct OutputTests {
  private let workers = ["GET /v1/workers": Reply.json([Rows.running, Rows.cooling, Rows.blind])]

  @Test("the table of ps, piped: aligned, whole, without colour")
  func table() {
    let outcome = novasup(["ps"], FakeServer(workers))
    #expect(
      outcome.out == """
        NAME        STATE      PID  UPTIME  CRASHES  CPU%    MEM  TASKS     COST/H  ROI  WHY
        outreach@1  running   4711   3m12s      2/5  12.3  57.9M      3  $0.005310    -
        mailer@2    cooldown     -       -      5/5     -      -      -          -    -  cooldown 3m12s left, crashes 5/5
        blind@1     ready        9       ?      0/5     ?      ?      ?          ?    -

        """)
  }

  @Test("on a terminal lines fit and states have colour")
  func terminal() {
    let outcome = novasup(["ps"], FakeServer(workers), terminal: 90, colour: true)
    #expect(outcome.out.contains("\u{1B}[31mcooldown\u{1B}[0m"))
    for line in outcome.out.split(separator: "\n") {
      #expect(TerminalText.width(CleanText.forTerminal(String(line))) <= 90)
    }
    #expect(outcome.out.contains("…"))
  }

  @Test("-o json is the answer itself, -o jsonl a line each, -o name the targets")
  func forms() {
    let server = FakeServer(workers)
    let bytes = APICoding.encode([Rows.running, Rows.cooling, Rows.blind])
    #expect(
      novasup(["ps", "-o", "json"], server).out == String(decoding: bytes, as: UTF8.self) + "\n")
    let lines = novasup(["ps", "-o", "jsonl"], server).out.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { (try? JSONParser.parse(Array($0.utf8))) != nil })
    #expect(novasup(["ps", "-o", "name"], server).out == "outreach@1\nmailer@2\nblind@1\n")
    #expect(!novasup(["ps", "--no-headers"], server).out.contains("NAME"))
    #expect(novasup(["ps", "-o", "wide"], server).out.contains("RESTARTS"))
  }

  @Test("targets travel in the query, encoded")
  func targets() {
    let server = FakeServer(workers)
    _ = novasup(["ps", "agent-*", "a@2", "x y&z"], server)
    #expect(
      server.requests[0].line
        == "GET /v1/workers?target=agent-%2A&target=a%402&target=x%20y%26z HTTP/1.1")
  }

  @Test("scale says the count before and after")
  func scale() {
    var response = ActionResponse(
      action: .scale, results: [ActionResult(target: "outreach", ok: true, changed: true)])
    response.results[0].from = 2
    response.results[0].to = 4
    let server = FakeServer(["POST /v1/actions": .json(response)])
    #expect(novasup(["scale", "outreach=4", "--current", "2"], server).out == "outreach 2 4\n")
    #expect(server.requests[0].body.contains(#""counts":{"outreach":4}"#))
    #expect(server.requests[0].body.contains(#""current":2"#))
    _ = novasup(["scale", "outreach", "3"], server)
    #expect(server.requests[1].body.contains(#""targets":["outreach"]"#))
    #expect(server.requests[1].body.contains(#""count":3"#))
  }

  @Test("what a stop took with it is said")
  func alsoAffected() {
    var response = Rows.response(.stop)
    response.alsoAffected = ["web@1", "mail@1"]
    let outcome = novasup(["stop", "redis"], FakeServer(["POST /v1/actions": .json(response)]))
    #expect(outcome.out.contains("also stopped: web@1, mail@1\n"))
  }

  @Test("a worker's text cannot act on a terminal, nor forge a line of a table")
  func hostile() {
    var row = Rows.running
    row.why =
      "x\u{1B}]0;owned\u{07}\u{1B}[2J\r\nfake  running \u{202E}gnp \u{9B}31m\u{1B}[31mred\u{1B}[0m"
    let outcome = novasup(["ps"], FakeServer(["GET /v1/workers": .json([row])]))
    #expect(outcome.out.split(separator: "\n").count == 2)
    #expect(
      outcome.out.contains(
        #"x\x1b]0;owned\x07\x1b[2J\x0d\x0afake  running \u{202e}gnp \x9b31mred"#), "\(outcome.out)")
  }

  @Test("logs: cleaned for a terminal, as they are for a pipe, prefixed unless told not to")
  func logs() {
    let lines = [
      LogLine(worker: "a", instance: 1, stream: "stdout", line: "one \u{1B}[2Jtwo"),
      LogLine(worker: "b", instance: 2, stream: "stderr", line: "three"),
    ]
    let body = lines.map { String(decoding: APICoding.encode($0), as: UTF8.self) + "\n" }.joined()
    let server = FakeServer(["GET /v1/logs": .text(body)])
    #expect(
      novasup(["logs", "-n", "5", "--stderr"], server).out
        == "a@1 | one \u{1B}[2Jtwo\nb@2 | three\n")
    #expect(server.requests[0].line == "GET /v1/logs?lines=5&stream=stderr HTTP/1.1")
    #expect(
      novasup(["logs"], server, terminal: 80).out == "a@1 | one \\x1b[2Jtwo\nb@2 | three\n")
    #expect(
      novasup(["logs", "--no-prefix", "a"], server, terminal: 80).out == "one \\x1b[2Jtwo\nthree\n")
    #expect(novasup(["logs", "-o", "jsonl"], server).out == body)
    _ = novasup(["logs", "--since", "10m"], server)
    #expect(server.requests.last?.line.contains("since=2027-01-15T07%3A50%3A00.000Z") == true)
  }

  @Test("a pattern that is refused ends a log with a sentence and exit 2")
  func logsRefused() {
    let server = FakeServer(["GET /v1/logs": .error(.badRequest, "grep: missing )")])
    let outcome = novasup(["logs", "-g", "("], server)
    #expect(outcome.code == .usage)
    #expect(outcome.err.contains("cannot read the logs: grep: missing )"))
  }

  @Test("followed events resume after the last one they have shown")
  func follow() {
    let row = EventRow(
      id: 41, at: "t", type: "instance.exited", severity: "warning", worker: "a", instance: 1,
      actor: "supervisor", message: "exit 1")
    let frame = String(decoding: row.serverSentEvent, as: UTF8.self)
    let server = FakeServer([
      "GET /v1/events": [.text(": hello\n\n" + frame), .error(.denied, "no more")],
      "GET /v1/version": [.json(VersionInfo(version: "1"))],
    ])
    let outcome = novasup(["events", "-f", "--since", "1h"], server)
    #expect(outcome.out == "41  t  warning  instance.exited  a@1  exit 1\n")
    #expect(outcome.code == .denied)
    let events = server.requests.filter { $0.line.contains("/v1/events") }
    #expect(events.last?.line == "GET /v1/events?after=41&follow=1 HTTP/1.1")
  }

  @Test("the tree shows children under parents and survives loops")
  func tree() {
    let processes: [ProcessTree.Process] = [
      .init(pid: 10, ppid: 1, command: "main", memoryBytes: 1024),
      .init(pid: 11, ppid: 10, command: "child"),
      .init(pid: 12, ppid: 11, command: "grandchild"), .init(pid: 13, ppid: 10, command: "other"),
      .init(pid: 20, ppid: 21, command: "loop"), .init(pid: 21, ppid: 20, command: "loop"),
    ]
    #expect(
      ListWorkers.lines(of: processes) == [
        "└─ 10  1.0K  main", "   └─ 11  ?  child", "      └─ 12  ?  grandchild",
        "   └─ 13  ?  other",
      ])
  }

  @Test("--dry-run reaches the supervisor and is said")
  func dryRun() {
    var response = Rows.response(.stop)
    response.dryRun = true
    let server = FakeServer(["POST /v1/actions": .json(response)])
    #expect(
      novasup(["stop", "outreach", "--dry-run"], server).out.hasPrefix("would stop outreach@1"))
    #expect(server.requests[0].body.contains(#""dry_run":true"#))
    _ = novasup(["stop", "--all", "--no-wait"], server)
    #expect(server.requests[1].body.contains(#""targets":["*"]"#))
    #expect(server.requests[1].body.contains(#""wait":false"#))
  }

  @Test(
    "sizes",
    arguments: [
      (0, "0B"), (1023, "1023B"), (1024, "1.0K"), (1_048_575, "1023K"), (60_712_551, "57.9M"),
      (UInt64.max, "1638P"),
    ] as [(UInt64, String)])
  func sizes(bytes: UInt64, text: String) { #expect(Format.bytes(bytes) == text) }

  @Test(
    "money has four places, below a cent six, without a floating-point number",
    arguments: [
      ("0.053150", "$0.0532"), ("0.005310", "$0.005310"), ("0.000007", "$0.000007"),
      ("0.000000", "$0.0000"), ("-0.000049", "-$0.000049"), ("0.010049", "$0.0100"),
      ("12.000000", "$12.0000"),
      ("-1.500000", "-$1.5000"), ("x", "?"), ("9223372036854.775807", "$9223372036854.7758"),
    ])
  func money(decimal: String, text: String) { #expect(Format.dollars(decimal) == text) }

  @Test(
    "times",
    arguments: [
      (0, "0s"), (59, "59s"), (192, "3m12s"), (18_720, "5h12m"), (273_600, "3d4h"), (-5, "0s"),
    ] as [(Int64, String)])
  func times(seconds: Int64, text: String) { #expect(Format.duration(seconds: seconds) == text) }
}

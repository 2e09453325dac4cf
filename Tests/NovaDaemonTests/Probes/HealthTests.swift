// Counting by table, and the monitor against checks that are answered by hand.
// Must never depend on more than the order of what happens.

import NovaLinux
import NovaModel
import Testing

@testable import NovaDaemon

@Suite struct HealthTallyTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let what: String
    /// Two checks, a (restart, threshold 3) and b (as said); `a+` passes, `b-` fails.
    let steps: String
    var actionOfB = WorkerSpec.HealthCheck.Action.restart
    /// One for each step.
    let reports: [HealthVerdict?]
    let failures: [Int]
    let up: [Bool]
    var testDescription: String { what }
  }

  static let rows = [
    Row(
      what: "below the threshold it is up and failures are counted",
      steps: "a- a-", reports: [nil, nil], failures: [2, 0], up: [true, true]),
    Row(
      what: "a success in between starts the count again",
      steps: "a- a- a+ a- a-", reports: [nil, nil, nil, nil, nil], failures: [2, 0],
      up: [true, true]),
    Row(
      what: "the crossing is reported once, failures are counted on",
      steps: "a- a- a- a- a- a-",
      reports: [nil, nil, .failed(check: "a"), nil, nil, nil], failures: [6, 0], up: [false, true]),
    Row(
      what: "recovered and failed again is reported again",
      steps: "a- a- a- b+ a+ a- a- a-",
      reports: [nil, nil, .failed(check: "a"), nil, .recovered, nil, nil, .failed(check: "a")],
      failures: [3, 0], up: [false, true]),
    Row(
      what: "recovered only when all are up",
      steps: "a- a- a- b- a+ b+",
      reports: [nil, nil, .failed(check: "a"), .failed(check: "b"), nil, .recovered],
      failures: [0, 0], up: [true, true]),
    Row(
      what: "without an action nothing fails, but it is down and recovers",
      steps: "b- b- a+ b+", actionOfB: .none, reports: [nil, nil, nil, .recovered],
      failures: [0, 0], up: [true, true]),
    Row(
      what: "that all is well is said once, when each check has passed",
      steps: "a+ a+ b+ a+", reports: [nil, nil, .recovered, nil], failures: [0, 0],
      up: [true, true]),
  ]

  @Test("the table", arguments: rows)
  func table(_ row: Row) {
    var a = WorkerSpec.HealthCheck(name: "a", probe: .tcp("1"))
    a.threshold = 3
    var b = WorkerSpec.HealthCheck(name: "b", probe: .tcp("2"))
    b.threshold = 1
    b.action = row.actionOfB
    var tally = HealthTally([a, b])
    var reports: [HealthVerdict?] = []
    for (at, step) in row.steps.split(separator: " ").enumerated() {
      reports.append(
        tally.record(
          step.hasSuffix("+") ? .ok : .failed("no \(at)"), of: step.hasPrefix("a") ? 0 : 1,
          at: WallTime(microseconds: Int64(at))))
    }
    #expect(reports == row.reports)
    #expect(tally.states.map(\.failures) == row.failures)
    #expect(tally.states.map(\.isUp) == row.up)
  }

  @Test("the last error goes with a success, whose time is kept; before the first it is unknown")
  func states() {
    var tally = HealthTally([WorkerSpec.HealthCheck(name: "a", probe: .tcp("1"))])
    #expect(tally.states[0].lastSuccess == nil)
    #expect(tally.states[0].lastError == nil)
    _ = tally.record(.failed("status 503"), of: 0, at: WallTime(microseconds: 1))
    #expect(tally.states[0].lastError == "status 503")
    #expect(tally.states[0].lastSuccess == nil)
    _ = tally.record(.ok, of: 0, at: WallTime(microseconds: 2))
    _ = tally.record(.ok, of: 7, at: WallTime(microseconds: 3))
    #expect(tally.states[0].lastError == nil)
    #expect(tally.states[0].lastSuccess == WallTime(microseconds: 2))
  }
}

@Suite struct HealthMonitorTests {
  /// Commands that were run, to be answered by hand.
  final class Runner {
    var runs: [(ProbeOutcome) -> Void] = []
    var cancelled = 0
    /// Answers before the call returns.
    var immediately: ProbeOutcome?

    func run(
      _ command: WorkerSpec.Command, _ timeout: Span,
      _ completion: @escaping (ProbeOutcome) -> Void
    ) -> () -> Void {
      runs.append(completion)
      if let immediately { completion(immediately) }
      return { [weak self] in self?.cancelled += 1 }
    }
  }

  private func check(_ probe: WorkerSpec.HealthCheck.Probe, threshold: Int = 2)
    -> WorkerSpec.HealthCheck
  {
    var check = WorkerSpec.HealthCheck(name: "probe", probe: probe)
    check.period = .milliseconds(100)
    check.timeout = .seconds(2)
    check.threshold = threshold
    return check
  }

  @Test("a command is run each period, never twice at once, and its failures are reported")
  func commands() throws {
    let loop = try EventLoop()
    let runner = Runner()
    var reports: [HealthVerdict] = []
    let monitor = try HealthMonitor(
      loop: loop, prober: Prober(loop: loop), checks: [check(.exec(.shell("true")))],
      runner: runner.run, report: { reports.append($0) })
    monitor.start()
    try turn(loop) { runner.runs.count == 1 }
    let later = Clock.now().instant + .milliseconds(250)
    try turn(loop) { Clock.now().instant >= later }
    #expect(runner.runs.count == 1)
    runner.runs[0](.failed("exit 1"))
    runner.runs[0](.failed("told twice"))
    #expect(monitor.states[0].failures == 1)
    #expect(monitor.states[0].lastError == "exit 1")
    try turn(loop) { runner.runs.count == 2 }
    runner.runs[1](.failed("exit 2"))
    #expect(reports == [.failed(check: "probe")])
    try turn(loop) { runner.runs.count == 3 }
    runner.runs[2](.ok)
    #expect(reports == [.failed(check: "probe"), .recovered])
    #expect(monitor.states[0].isUp)
  }

  @Test("while suspended nothing runs and what was under way does not count")
  func suspended() throws {
    let loop = try EventLoop()
    let runner = Runner()
    var reports = 0
    let monitor = try HealthMonitor(
      loop: loop, prober: Prober(loop: loop), checks: [check(.exec(.shell("true")), threshold: 1)],
      runner: runner.run, report: { _ in reports += 1 })
    monitor.start()
    try turn(loop) { runner.runs.count == 1 }
    monitor.suspend()
    #expect(runner.cancelled == 1)
    runner.runs[0](.failed("too late"))
    let later = Clock.now().instant + .milliseconds(250)
    try turn(loop) { Clock.now().instant >= later }
    #expect(runner.runs.count == 1)
    #expect(reports == 0)
    #expect(monitor.states[0].failures == 0)
    monitor.start()
    monitor.start()
    try turn(loop) { runner.runs.count == 2 }
    runner.runs[1](.failed("now"))
    #expect(reports == 1)
  }

  @Test("a runner that answers before it returns is as good as any, and a report may end it all")
  func immediate() throws {
    let loop = try EventLoop()
    let runner = Runner()
    runner.immediately = .failed("exit 3")
    var monitor: HealthMonitor?
    var reports = 0
    monitor = try HealthMonitor(
      loop: loop, prober: Prober(loop: loop), checks: [check(.exec(.shell("false")))],
      runner: runner.run,
      report: { _ in
        reports += 1
        monitor?.suspend()
        monitor = nil
      })
    monitor?.start()
    try turn(loop) { reports == 1 }
    #expect(runner.runs.count == 2)
    let later = Clock.now().instant + .milliseconds(250)
    try turn(loop) { Clock.now().instant >= later }
    #expect(runner.runs.count == 2)
    #expect(reports == 1)
  }

  @Test("a port that opens is up again")
  func port() throws {
    let loop = try EventLoop()
    let listener = try Listener()
    var reports: [HealthVerdict] = []
    let monitor = try HealthMonitor(
      loop: loop, prober: Prober(loop: loop),
      checks: [check(.http("http://127.0.0.1:\(listener.port)/"))],
      runner: { _, _, _ in {} }, report: { reports.append($0) })
    monitor.start()
    var status = "503 Busy"
    try turn(loop) {
      listener.answer("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
      return !reports.isEmpty
    }
    #expect(reports == [.failed(check: "probe")])
    #expect(monitor.states[0].lastError == "status 503")
    status = "200 OK"
    try turn(loop) {
      listener.answer("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
      return reports.count == 2
    }
    #expect(reports.last == .recovered)
    #expect(monitor.states[0].lastSuccess != nil)
  }

  @Test("a check of another machine is refused when it is made")
  func refused() throws {
    let loop = try EventLoop()
    #expect(throws: ProbeError.self) {
      _ = try HealthMonitor(
        loop: loop, prober: Prober(loop: loop), checks: [check(.http("http://example.com/"))],
        runner: { _, _, _ in {} }, report: { _ in })
    }
  }
}

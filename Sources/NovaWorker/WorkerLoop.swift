// The life of a worker: set up, run at each interval, rest after failures, end when told to.
// Must never swallow a failure silently, and never book a run under two ids.

import Glibc

extension Worker {
  /// Runs until SIGTERM or SIGINT, then exits 0.
  mutating func serve() {
    let supervisor = Supervisor.current
    StopSignal.install()
    Heartbeat.begin(period: supervisor.heartbeatPeriod)
    if !supervisor.isThere {
      Stderr.say("no supervisor here (no NOVA_SOCKET, no NOTIFY_SOCKET): nothing is reported")
    }
    do {
      try setUp(supervisor)
    } catch {
      Stderr.say("cannot start: \(error)")
      exit(1)
    }
    supervisor.notify("READY=1")
    var failures = 0
    while !supervisor.isStopping {
      let begun = ContinuousClock.now
      let ok = oneRun(supervisor)
      failures = ok ? 0 : failures + 1
      if maxFailures > 0, failures >= maxFailures {
        supervisor.status("cooling down: \(failures) failed runs in a row")
        failures = 0
        StopSignal.wait(cooldown)
      } else {
        StopSignal.wait(interval - (ContinuousClock.now - begun))
      }
    }
    supervisor.notify("STOPPING=1")
    tearDown(supervisor)
    exit(0)
  }

  private mutating func oneRun(_ supervisor: Supervisor) -> Bool {
    let id = Supervisor.newID()
    var result = RunResult(ok: false)
    Heartbeat.allow(runTimeout)
    do {
      result = try run(supervisor)
    } catch {
      Stderr.say("a run failed: \(error)")
    }
    Heartbeat.allow(nil)
    guard supervisor.hasAPI else { return result.ok }
    do {
      try supervisor.report(result, runID: id, patience: nil)
    } catch {
      Stderr.say("run \(id) is not booked: \(error)")
    }
    return result.ok
  }
}

/// The standard error stream, where the worker's log is.
enum Stderr {
  static func say(_ sentence: String) {
    let bytes = Array("nova worker: \(sentence)\n".utf8)
    unsafe bytes.withUnsafeBytes { raw in _ = unsafe Glibc.write(2, raw.baseAddress, raw.count) }
  }
}

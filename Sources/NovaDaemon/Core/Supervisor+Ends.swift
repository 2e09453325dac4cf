// How it ends: a drain (every worker stopped, in order) or a hand-over (every worker left running for the next brain).
// Must never confuse the two: SIGTERM stops the fleet, SIGUSR2 leaves it.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// SIGTERM or SIGINT: stop everything; a second one changes nothing, the ladder is already under way.
  func drain() {
    guard !draining else { return }
    draining = true
    service.notify("STOPPING=1", "STATUS=Stopping \(liveCount) workers")
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "supervisor.stopping", severity: .notice,
        message: "stopping \(liveCount) live instances"))
    post(.drainRequested)
  }

  /// SIGUSR2: book, write everything down, go.
  func handOver() {
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "supervisor.handover", severity: .notice,
        message: "handing over \(liveCount) live instances to the next supervisor"))
    for life in lives.values where life.pid != nil && life.exit == nil {
      if let reading = life.reader?.read(at: Clock.now().instant) { life.take(reading) }
    }
    bookAll()
    finish = 0
  }

  var liveCount: Int { lives.values.count { $0.pid != nil && $0.exit == nil } }

  /// The last lines of `run()`.
  func close() {
    if draining { TransientFiles.removeAll(in: options.transientDirectory) }
    commit()
    api?.close()
    shim?.flush()
    if draining, service.isPresent == false { shim?.send(.shutdown) }
    shim?.flush()
    let pending = ledger.close()
    if pending.writes > 0 {
      journal.send(priority: 3, "\(pending.writes) writes could not be stored before the end")
    }
  }

  /// STATUS= for `systemctl status`: the fleet in one sentence, sent when it changes.
  func reportStatus() {
    if draining { service.notify("EXTEND_TIMEOUT_USEC=30000000") }
    guard service.isPresent else { return }
    let sentence = fleetSentence()
    guard sentence != lastStatus else { return }
    lastStatus = sentence
    service.notify("STATUS=" + sentence)
  }

  /// `12 of 14 instances up, 1 in cooldown, 1 failed; $0.0312 today`.
  func fleetSentence() -> String {
    var up = 0
    var wanted = 0
    var counts: [State: Int] = [:]
    for name in fleet.workerNames {
      for view in fleet.instances(of: name) {
        if view.wanted { wanted += 1 }
        switch view.state {
        case .running, .ready, .waiting, .completed: up += view.wanted ? 1 : 0
        case .stopped: break
        default: counts[view.state, default: 0] += 1
        }
      }
    }
    var parts = ["\(up) of \(wanted) instances up"]
    for state in State.allCases {
      if let count = counts[state] { parts.append("\(count) \(state.rawValue)") }
    }
    return (draining ? "Stopping: " : "") + parts.joined(separator: ", ")
  }
}

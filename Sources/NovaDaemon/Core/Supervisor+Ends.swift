// How it ends: a drain (every worker stopped, in order) or a hand-over (every worker left running for the next brain).
// Must never confuse the two: SIGTERM stops the fleet, SIGUSR2 leaves it.

import Glibc
import NovaEconomics
import NovaHTTP
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
    FaultPoint.handingOver.reached()
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "supervisor.handover", severity: .notice,
        message: "handing over \(liveCount) live instances to the next supervisor"))
    for life in lives.values where life.pid != nil && life.exit == nil {
      if let reading = life.reader?.read(at: Clock.now().instant, with: &readBuffer) {
        life.take(reading)
      }
    }
    bookAll()
    finish = 0
  }

  var liveCount: Int { lives.values.count { $0.pid != nil && $0.exit == nil } }

  /// The last lines of `run()`.
  func close() {
    if draining { TransientFiles.removeAll(in: options.transientDirectory) }
    commit()
    // What was done is answered as done: the answers wait for the disk, and 503 tells a caller that nothing happened.
    let pending = ledger.close()
    drainLedger()
    history.tell()
    api?.close()
    listenerSocket?.close()
    shim?.flush()
    if draining, service.isPresent == false { shim?.send(.shutdown) }
    shim?.flush()
    if pending.writes > 0 {
      journal.send(priority: 3, "\(pending.writes) writes could not be stored before the end")
    }
  }

  /// STATUS= for `systemctl status`: the fleet in one sentence, sent when it changes, at most once a second: a
  /// storm of crashes must not become one of messages to the service manager, and each looks at every instance.
  func reportStatus() {
    let now = Clock.now().instant
    guard service.isPresent, now >= nextStatus else { return }
    nextStatus = now + .seconds(1)
    if draining { service.notify("EXTEND_TIMEOUT_USEC=30000000") }
    let sentence = fleetSentence()
    guard sentence != lastStatus else { return }
    lastStatus = sentence
    service.notify("STATUS=" + sentence)
  }

  /// `12 of 14 instances up, 1 in cooldown, 1 failed; $0.0312 today`.
  func fleetSentence() -> String {
    let tally = fleet.tally
    let isFine: (State) -> Bool = { [.running, .ready, .waiting, .completed].contains($0) }
    let up = tally.wanted.filter { isFine($0.key) }.values.reduce(0, +)
    let wanted = tally.wanted.values.reduce(0, +)
    var parts = ["\(up) of \(wanted) instances up"]
    for state in State.allCases where !isFine(state) && state != .stopped {
      if let count = tally.all[state] { parts.append("\(count) \(state.rawValue)") }
    }
    return (draining ? "Stopping: " : "") + parts.joined(separator: ", ")
  }
}

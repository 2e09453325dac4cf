// What must hold for one instance at any time, whatever its worker is. Must never look at more than one.

import NovaModel

@testable import NovaLifecycle

extension Model {
  /// Where a state may lead; what is not here is a cell nobody defined.
  static let steps: [State: Set<State>] = [
    .backoff: [.paused, .starting, .stopped, .waiting],
    .completed: [.paused, .starting, .stopped],
    .cooldown: [.paused, .starting, .stopped, .waiting],
    .failed: [.paused, .starting, .stopped],
    .killing: [
      .backoff, .completed, .cooldown, .failed, .lost, .paused, .starting, .stopped, .waiting,
    ],
    .lost: [.backoff, .completed, .cooldown, .failed, .paused, .starting, .stopped, .waiting],
    .paused: [.killing, .lost, .ready, .running, .starting, .stopped, .stopping, .waiting],
    .ready: [.killing, .lost, .paused, .starting, .stopping],
    .running: [.killing, .lost, .paused, .stopping],
    .starting: [
      .backoff, .cooldown, .failed, .killing, .lost, .paused, .ready, .running, .stopped, .stopping,
      .waiting,
    ],
    .stopped: [.paused, .starting],
    .stopping: [
      .backoff, .completed, .cooldown, .failed, .killing, .lost, .paused, .starting, .stopped,
      .waiting,
    ],
    .waiting: [.paused, .starting, .stopped],
  ]

  func trouble(_ life: InstanceLife, _ process: FakeKernel.Life?) -> String? {
    if process == nil, life.timers.isEmpty, life.state == .stopped || life.state == .completed {
      return nil
    }
    var timers = Set(life.timers.keys)
    // A remnant of before a restart is killed again until its group is empty, whatever the slot does.
    if life.process?.decided == true { timers.remove(.killRepeat) }
    let allowed: Set<TimerKind>
    switch life.state {
    case .stopped, .completed, .failed, .paused: allowed = []
    case .backoff: allowed = [.backoff]
    case .cooldown: allowed = [.cooldown]
    case .waiting: allowed = [.nextRun]
    case .starting: allowed = [.startTimeout]
    case .running, .ready: allowed = [.stable, .watchdog, .settled]
    case .stopping: allowed = [.stopTimeout]
    case .killing, .lost: allowed = [.killRepeat]
    }
    if !timers.isSubset(of: allowed) { return "\(life.id) is \(life.state) with timers \(timers)" }
    let isConfirmed = life.process?.confirmed != false
    switch life.state {
    // A drain takes the timers and leaves the states, which are the record.
    case .backoff where timers.isEmpty && !isDraining,
      .cooldown where timers.isEmpty && !isDraining,
      .stopping where timers.isEmpty && isConfirmed,
      .killing where timers.isEmpty && isConfirmed:
      return "\(life.id) is \(life.state) and waits for nothing"
    case .stopped, .completed, .failed, .backoff, .cooldown, .waiting:
      if let process, !process.isEmpty {
        return "\(life.id) is \(life.state) and its group is not empty"
      }
    default: break
    }
    return nil
  }

  /// The number of the move after which something is wrong; one more than the last when only the drain fails.
  static func firstFailure(_ moves: [UInt64], swallows: ((Effect) -> Bool)? = nil) -> Int? {
    var model = Model(swallows: swallows)
    for (index, move) in moves.enumerated() {
      model.play(move)
      if model.trouble() != nil { return index }
    }
    return model.drain() == nil ? nil : moves.count
  }
}

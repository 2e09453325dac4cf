// Counting what health checks say: failures in a row, thresholds, who is down. Pure.
// Must never count a cancelled check, read a clock, or report the same crossing twice.

package import NovaModel

/// What a worker's checks amount to.
package enum HealthVerdict: Sendable, Hashable {
  /// A check whose action is restart crossed its threshold; the name of the check.
  case failed(check: String)
  /// Every check is up, for the first time or again.
  case recovered
}

/// What is known of one check.
package struct HealthState: Sendable, Hashable {
  /// The check's name.
  package let name: String
  /// Failures in a row that make it down.
  package let threshold: Int
  /// What a crossed threshold does.
  package let action: WorkerSpec.HealthCheck.Action
  /// Failures in a row; still counted past the threshold.
  package fileprivate(set) var failures = 0
  /// Up until the threshold is reached, then down until one success.
  package fileprivate(set) var isUp = true
  /// Of the last failure; nil since the last success, or when there was none.
  package fileprivate(set) var lastError: String?
  /// Nil: never yet.
  package fileprivate(set) var lastSuccess: WallTime?
  /// When it was looked at last; nil: never yet.
  package fileprivate(set) var lastLook: WallTime?

  init(name: String, threshold: Int, action: WorkerSpec.HealthCheck.Action) {
    self.name = name
    self.threshold = max(1, threshold)
    self.action = action
  }
}

/// The checks of one instance.
struct HealthTally: Sendable, Equatable {
  private(set) var states: [HealthState]
  /// It was said that all is well; said anew after each outage, and once at the beginning: the fleet holds back a
  /// second restart until a new life has passed all its checks.
  private var saidWell = false

  init(_ checks: [WorkerSpec.HealthCheck]) {
    states = checks.map {
      HealthState(name: $0.name, threshold: $0.threshold, action: $0.action)
    }
  }

  /// Takes the outcome of check number `index`, and says what it changes for the worker.
  mutating func record(_ outcome: ProbeOutcome, of index: Int, at now: WallTime) -> HealthVerdict? {
    guard states.indices.contains(index) else { return nil }
    states[index].lastLook = now
    switch outcome {
    case .ok:
      states[index].failures = 0
      states[index].isUp = true
      states[index].lastError = nil
      states[index].lastSuccess = now
      guard !saidWell, states.allSatisfy({ $0.isUp && $0.lastSuccess != nil }) else { return nil }
      saidWell = true
      return .recovered
    case .failed(let reason):
      states[index].failures += 1
      states[index].lastError = reason
      guard states[index].isUp, states[index].failures >= states[index].threshold else {
        return nil
      }
      states[index].isUp = false
      saidWell = false
      return states[index].action == .restart ? .failed(check: states[index].name) : nil
    }
  }
}

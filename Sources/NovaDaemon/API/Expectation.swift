// When an order has become true for an instance, judged from what it was before and what it is now.
// Must never look anywhere else: the same views give the same outcome.

import NovaLifecycle
import NovaModel
import NovaWire

/// What became of an order for one instance.
enum Outcome: Equatable {
  case done(changed: Bool)
  case pending
  case failed(String)
  /// Not tried: something must be done first.
  case refused(String)

  /// It did not become so and will not.
  var isFailure: Bool {
    switch self {
    case .failed, .refused: true
    case .done, .pending: false
    }
  }
}

/// What an order is expected to lead to.
struct Expectation {
  let action: ActionVerb
  /// kill: with a signal, so nothing needs to end.
  let signalled: Bool
  /// Each target as it was.
  let before: [InstanceID: InstanceView?]
  let since: Instant
  /// strerror(3), which a value cannot call.
  let errnoText: (Int32) -> String

  /// `isUp`: running, and for long enough where nothing says that it is ready. `refusal`: why the kernel would not
  /// freeze it. `blocked`: why what it requires will not come.
  func outcome(
    of id: InstanceID, view: InstanceView?, isUp: Bool, refusal: String?, blocked: String?
  ) -> Outcome {
    let old = before[id] ?? nil
    guard let view else {
      return action == .stop || action == .kill ? .done(changed: old?.pid != nil) : .pending
    }
    switch action {
    case .start, .deploy: return started(view, old, isUp: isUp, blocked: blocked)
    case .restart:
      if view.paused { return started(view, old, isUp: isUp, blocked: blocked) }
      if let old, old.pid != nil, view.incarnation == old.incarnation, view.pid != nil {
        return .pending
      }
      return started(view, old, isUp: isUp, blocked: blocked)
    case .stop:
      // Another life: it was stopped, and somebody has started it since.
      if let old, old.pid != nil, view.incarnation != old.incarnation {
        return .done(changed: true)
      }
      guard view.pid == nil else { return .pending }
      switch view.state {
      case .stopped, .completed, .failed: return .done(changed: old?.state != view.state)
      default: return .pending
      }
    case .kill:
      if signalled { return .done(changed: true) }
      let sameLife = view.incarnation == old?.incarnation
      return sameLife && (view.pid != nil || view.state == .killing)
        ? .pending : .done(changed: true)
    case .pause:
      return view.state == .paused || view.pid == nil
        ? .done(changed: old?.state != .paused && old?.paused != true)
        : (refusal.map { .failed($0) } ?? .pending)
    case .resume:
      let was = old?.state == .paused || old?.paused == true
      return view.state == .paused ? .pending : .done(changed: was)
    case .reset:
      let troubled = [.failed, .backoff, .cooldown].contains(old?.state)
      return .done(changed: troubled || old.map { $0.crashesInWindow + $0.cooldowns > 0 } ?? false)
    case .scale: return .done(changed: true)
    }
  }

  private func started(
    _ view: InstanceView, _ old: InstanceView?, isUp: Bool, blocked: String?
  ) -> Outcome {
    let changed = old?.incarnation != view.incarnation || old?.state != view.state
    switch view.state {
    case .ready: return .done(changed: changed)
    case .running: return isUp ? .done(changed: changed) : .pending
    case .waiting, .completed: return .done(changed: changed)
    case .paused: return .refused("it is paused (novasup resume \(view.id.worker))")
    case .failed: return .failed(APIWords.phrase(view.reason, errnoText: errnoText) ?? "it failed")
    case .backoff, .cooldown:
      return .failed(
        "it ended before it was up"
          + (APIWords.phrase(view.reason, errnoText: errnoText).map { ": \($0)" } ?? ""))
    case .stopped, .stopping, .killing, .lost:
      if view.paused, view.wanted, view.state == .stopped {
        return .refused("it is paused (novasup resume \(view.id.worker))")
      }
      // A stop that came in between, by somebody else.
      return view.wanted ? .pending : .failed("stopped before it was up")
    case .starting: return blocked.map { .failed($0) } ?? .pending
    }
  }
}

// Runs an instance's health checks, each at its own period, and reports what they amount to.
// Must never run two looks of one check at once, nor report anything after it was suspended or stopped.

package import NovaLinux
package import NovaModel

/// The health checks of one instance. Belongs to the loop's thread.
package final class HealthMonitor {
  /// Runs a command as a check and calls the completion once; answers what cancels it. Only the shim forks.
  package typealias CommandRunner = (
    _ command: WorkerSpec.Command, _ timeout: Span, _ completion: @escaping (ProbeOutcome) -> Void
  ) -> () -> Void

  private let checks: [Check]
  private let prober: Prober
  private let runner: CommandRunner
  private let report: (HealthVerdict) -> Void
  private var tally: HealthTally
  private var isActive = false

  /// Prepares the checks, whose specifiers are expanded; `start` begins. A target that is not loopback, or a loop
  /// without room for a timer, is refused.
  package init(
    loop: EventLoop, prober: Prober, checks: [WorkerSpec.HealthCheck],
    runner: @escaping CommandRunner, report: @escaping (HealthVerdict) -> Void
  ) throws(ProbeError) {
    self.prober = prober
    self.runner = runner
    self.report = report
    tally = HealthTally(checks)
    var made: [Check] = []
    for (index, check) in checks.enumerated() { made.append(try Check(check, index, loop)) }
    self.checks = made
    for check in made {
      // Weak: the loop keeps the timer's body.
      check.due = { [weak self, weak check] in
        if let check { self?.fire(check) }
      }
    }
  }

  /// What is known of each check, in the order of the configuration.
  package var states: [HealthState] { tally.states }

  /// Begins or goes on: each check runs after one whole period. Counts of before are kept.
  package func start() {
    guard !isActive else { return }
    isActive = true
    let now = Clock.now().instant
    for check in checks { check.rest(until: now + check.period) }
  }

  /// Stops looking, as while the instance is paused. A look under way ends uncounted.
  package func suspend() {
    isActive = false
    for check in checks { check.end() }
  }

  deinit { for check in checks { check.end() } }

  private func fire(_ check: Check) {
    guard isActive else { return }
    if check.cancel != nil {
      // The runner or the prober did not keep to the timeout.
      conclude(check, .failed(ProbeWords.timedOut(check.timeout)))
      return
    }
    check.began = Clock.now().instant
    check.run += 1
    let run = check.run
    let completion: (ProbeOutcome) -> Void = { [weak self, weak check] outcome in
      guard let self, let check, check.run == run else { return }
      conclude(check, outcome)
    }
    let cancel: () -> Void
    switch check.look {
    case .target(let target):
      let probe = prober.start(target, timeout: check.timeout, completion: completion)
      cancel = { probe.cancel() }
    case .command(let command):
      cancel = runner(command, check.timeout, completion)
    }
    // A runner may have answered, or its answer may have ended everything, before it returned.
    guard check.run == run else { return }
    check.cancel = cancel
    check.rest(until: check.began + check.timeout + .seconds(1))
  }

  private func conclude(_ check: Check, _ outcome: ProbeOutcome) {
    let now = Clock.now()
    check.end()
    // Start to start; a look that took longer than its period is followed at once, but never in the same turn.
    check.rest(until: max(check.began + check.period, now.instant + .milliseconds(1)))
    if let said = tally.record(outcome, of: check.index, at: now.wall) { report(said) }
  }
}

/// One check's timer and look.
private final class Check {
  enum Look {
    case target(ProbeTarget)
    case command(WorkerSpec.Command)
  }

  let index: Int
  let period: Span
  let timeout: Span
  let look: Look
  var due: (() -> Void)?
  /// Ends the look under way; nil while there is none.
  var cancel: (() -> Void)?
  var began = Instant(nanoseconds: 0)
  /// Tells the outcome of this look from one that came too late.
  var run: UInt64 = 0
  private var timer: Timer?

  init(_ check: WorkerSpec.HealthCheck, _ index: Int, _ loop: EventLoop) throws(ProbeError) {
    self.index = index
    // A period of zero would fill the loop: 100 ms is the shortest.
    period = max(check.period, .milliseconds(100))
    timeout = max(check.timeout, .milliseconds(1))
    look =
      switch check.probe {
      case .http(let url): .target(try ProbeTarget.parse(http: url))
      case .tcp(let port): .target(try ProbeTarget.parse(tcp: port))
      case .exec(let command): .command(command)
      }
    do throws(SystemError) {
      timer = try loop.timer { [weak self] in self?.due?() }
    } catch {
      throw ProbeError(error.message)
    }
  }

  func rest(until at: Instant) { timer?.arm(at: at) }

  func end() {
    timer?.disarm()
    run += 1
    let cancel = self.cancel
    self.cancel = nil
    cancel?()
  }
}

// From the fleet's view and the shell's readings to the rows of the API. Must never turn unknown into zero.

package import NovaEconomics
import NovaLedger
package import NovaLifecycle
import NovaLinux
package import NovaModel
package import NovaWire

/// Builds rows as of one moment.
package struct RowBuilder {
  /// The moment the rows speak of.
  package let now: Moment
  /// Hourly rate of what a life uses now.
  package let rate: (Life) -> Money?
  /// What the books say of an instance, whose present life is given.
  package let account: (InstanceID, Life?) -> Account

  /// The money of an instance, and the return of the worker it belongs to.
  package struct Account {
    /// What it has cost so far over all its lives, booked and running.
    package var cost: Money?
    /// Net of what was given back; nil: nobody has said anything about revenue.
    package var revenue: Money?
    /// Nil: nothing is known of it.
    package var returns: ReturnOnCost?
    /// Puts all of it together.
    package init(cost: Money? = nil, revenue: Money? = nil, returns: ReturnOnCost? = nil) {
      self.cost = cost
      self.revenue = revenue
      self.returns = returns
    }
  }

  /// A builder as of `now`.
  package init(
    now: Moment, rate: @escaping (Life) -> Money?,
    account: @escaping (InstanceID, Life?) -> Account
  ) {
    self.now = now
    self.rate = rate
    self.account = account
  }

  /// What is known of an instance. `failure`: why it could not be started, asked for when that is its reason.
  package func facts(
    _ view: InstanceView, spec: WorkerSpec?, life: Life?, failure: () -> String?
  ) -> RowFacts {
    var facts = RowFacts(
      id: view.id, state: view.state, reason: view.reason, crashes: view.crashesInWindow,
      maxCrashes: view.maxCrashes, restartsTotal: view.restartsTotal, since: view.since.wall)
    facts.wanted = view.wanted
    facts.mode = spec.map(Self.modeWord)
    facts.ready =
      view.state == .ready || (view.state == .running && spec?.ready == WorkerSpec.Readiness.none)
    facts.lastExit = view.lastExit
    if let due = view.due {
      let left = max(0, (due - now.instant).nanoseconds)
      let seconds = (left + 999_999_999) / 1_000_000_000
      switch view.state {
      case .cooldown: facts.cooldownRemainingSeconds = seconds
      case .backoff: facts.backoffRemainingSeconds = seconds
      case .waiting: facts.nextRunAt = rounded(now.wall + Span(nanoseconds: left))
      default: break
      }
    }
    if view.pid != nil, let started = view.startedAt {
      facts.pid = view.pid
      // The ledger's row knows the true start of a life that was adopted.
      facts.startedAt = life?.record.started ?? started.wall
      facts.uptimeSeconds = (now.instant - (life?.startedAt ?? started.instant)).wholeSeconds
    }
    let account = account(view.id, life)
    facts.cost = account.cost
    facts.revenue = account.revenue
    facts.roiPercent = account.returns?.percent
    facts.roiStatus = account.returns?.status
    if let life { addReadings(of: life, to: &facts) }
    facts.why = why(view, life: life, failure: failure)
    return facts
  }

  /// The same as a row of the API.
  package func row(_ view: InstanceView, spec: WorkerSpec?, life: Life?, failure: String?)
    -> WorkerRow
  {
    WorkerRow(facts(view, spec: spec, life: life) { failure })
  }

  /// To a tenth of a second: the two clocks are read one after the other.
  private func rounded(_ time: WallTime) -> WallTime {
    WallTime(microseconds: (time.microseconds + 50_000) / 100_000 * 100_000)
  }

  private func addReadings(of life: Life, to facts: inout RowFacts) {
    facts.incarnation = life.incarnation.serial
    facts.statusText = life.statusText
    facts.costPerHour = rate(life)
    facts.cpuHundredths = life.cpuHundredths
    guard let reading = life.reading else { return }
    facts.cpuUsageUsec = reading.counters.cpuUsec
    facts.cpuUserUsec = reading.counters.userUsec
    facts.cpuSystemUsec = reading.counters.systemUsec
    facts.memoryBytes = reading.memoryBytes
    facts.memoryPeakBytes = reading.memoryPeakBytes ?? life.peak
    facts.memoryEstimated = reading.memoryEstimated
    facts.tasks = reading.tasks
    facts.threads = reading.threads
    facts.ioReadBytes = reading.counters.ioReadBytes
    facts.ioWriteBytes = reading.counters.ioWriteBytes
    if reading.cpuPressure != nil || reading.memoryPressure != nil || reading.ioPressure != nil {
      facts.pressure = RowFacts.Pressure(
        cpu: reading.cpuPressure, memory: reading.memoryPressure, io: reading.ioPressure)
    }
  }

  /// The WHY column: reason, countdown and what the worker says of itself.
  private func why(_ view: InstanceView, life: Life?, failure: () -> String?) -> String? {
    var parts: [String] = []
    // Most run and have nothing to say.
    if view.reason == .none, view.waitingFor.isEmpty, view.due == nil, view.state != .paused {
      return life?.statusText.flatMap { $0.isEmpty ? nil : $0 }
    }
    if !view.waitingFor.isEmpty {
      parts.append("waits for " + view.waitingFor.map(\.text).joined(separator: ", "))
    } else if view.reason == .memoryLimit || view.reason.isExecFailed, let failure = failure() {
      parts.append(failure)
    } else if let phrase = APIWords.phrase(view.reason, errnoText: SystemError.text(of:)) {
      parts.append(phrase)
    }
    if view.state == .paused, let note = view.pauseNote { parts.append(note) }
    if let due = view.due, due > now.instant {
      let left = DurationText.print(
        Span.seconds(((due - now.instant).nanoseconds + 999_999_999) / 1_000_000_000))
      switch view.state {
      case .cooldown: parts.append("cooldown \(left) left")
      case .backoff: parts.append("restarts in \(left)")
      case .waiting: parts.append("next run in \(left)")
      default: break
      }
    }
    if let text = life?.statusText, !text.isEmpty { parts.append(text) }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// `service`, `once`, `interval` or `schedule`.
  package static func modeWord(_ spec: WorkerSpec) -> String {
    switch spec.mode {
    case .service: "service"
    case .once: "once"
    case .interval: "interval"
    case .schedule: "schedule"
    }
  }
}

// From the fleet's view and the shell's readings to the rows of the API. Must never turn unknown into zero.

package import NovaEconomics
import NovaLedger
package import NovaLifecycle
import NovaLinux
package import NovaModel
package import NovaWire

/// Builds `WorkerRow`s as of one moment.
package struct RowBuilder {
  /// The moment the rows speak of.
  package let now: Moment
  /// Hourly rate of what a life uses now.
  package let rate: (Life) -> Money?
  /// What an instance has cost so far over all its lives, booked and running.
  package let cost: (InstanceID) -> Money?
  /// What an instance has earned, and what its worker returns.
  package var earned: (InstanceID) -> Earned? = { _ in nil }

  /// The revenue of an instance and the return of the worker it belongs to.
  package struct Earned {
    /// Net of what was given back; nil: nobody has said anything about revenue.
    package var revenue: Money?
    package var returns: ReturnOnCost
    /// Puts both together.
    package init(revenue: Money?, returns: ReturnOnCost) {
      self.revenue = revenue
      self.returns = returns
    }
  }

  /// A builder as of `now`.
  package init(
    now: Moment, rate: @escaping (Life) -> Money?, cost: @escaping (InstanceID) -> Money?,
    earned: @escaping (InstanceID) -> Earned? = { _ in nil }
  ) {
    self.now = now
    self.rate = rate
    self.cost = cost
    self.earned = earned
  }

  /// The row of an instance.
  package func row(_ view: InstanceView, spec: WorkerSpec?, life: Life?, failure: String?)
    -> WorkerRow
  {
    var row = WorkerRow(
      name: view.id.worker.text, instance: view.id.number, state: view.state.rawValue,
      reason: APIWords.reason(view.reason), crashes: view.crashesInWindow,
      maxCrashes: view.maxCrashes, restartsTotal: view.restartsTotal)
    row.since = view.since.wall.rfc3339
    row.wanted = view.wanted
    row.mode = spec.map(Self.modeWord)
    row.ready =
      view.state == .ready || (view.state == .running && spec?.ready == WorkerSpec.Readiness.none)
    row.lastExit = view.lastExit.map(APIWords.lastExit)
    if let due = view.due {
      let left = max(0, (due - now.instant).nanoseconds)
      let seconds = (left + 999_999_999) / 1_000_000_000
      switch view.state {
      case .cooldown: row.cooldownRemainingSeconds = seconds
      case .backoff: row.backoffRemainingSeconds = seconds
      case .waiting: row.nextRunAt = rounded(now.wall + Span(nanoseconds: left)).rfc3339
      default: break
      }
    }
    if view.pid != nil, let started = view.startedAt {
      row.pid = view.pid
      // The ledger's row knows the true start of a life that was adopted.
      row.startedAt = (life?.record.started ?? started.wall).rfc3339
      row.uptimeSeconds = (now.instant - (life?.startedAt ?? started.instant)).wholeSeconds
    }
    row.costUSD = cost(view.id)?.decimal
    if let earned = earned(view.id) {
      row.revenueUSD = earned.revenue?.decimal
      row.roiPercent = earned.returns.percent
      row.roiStatus = earned.returns.status
    }
    if let life { addReadings(of: life, to: &row) }
    row.why = why(view, life: life, failure: failure)
    return row
  }

  /// To a tenth of a second: the two clocks are read one after the other.
  private func rounded(_ time: WallTime) -> WallTime {
    WallTime(microseconds: (time.microseconds + 50_000) / 100_000 * 100_000)
  }

  private func addReadings(of life: Life, to row: inout WorkerRow) {
    row.incarnation = life.incarnation.serial
    row.statusText = life.statusText
    row.costPerHourUSD = rate(life)?.decimal
    row.cpuPercent = life.cpuHundredths.map { Double($0) / 100 }
    guard let reading = life.reading else { return }
    row.cpuUsageUsec = reading.counters.cpuUsec
    row.cpuUserUsec = reading.counters.userUsec
    row.cpuSystemUsec = reading.counters.systemUsec
    row.memoryBytes = reading.memoryBytes
    row.memoryPeakBytes = reading.memoryPeakBytes ?? life.peak
    row.memoryEstimated = reading.memoryEstimated
    row.tasks = reading.tasks
    row.threads = reading.threads
    row.ioReadBytes = reading.counters.ioReadBytes
    row.ioWriteBytes = reading.counters.ioWriteBytes
    if reading.cpuPressure != nil || reading.memoryPressure != nil || reading.ioPressure != nil {
      row.pressure = PressureRow(
        cpuPercent: reading.cpuPressure.map { Double($0) / 100 },
        memoryPercent: reading.memoryPressure.map { Double($0) / 100 },
        ioPercent: reading.ioPressure.map { Double($0) / 100 })
    }
  }

  /// The WHY column: reason, countdown and what the worker says of itself.
  private func why(_ view: InstanceView, life: Life?, failure: String?) -> String? {
    var parts: [String] = []
    if !view.waitingFor.isEmpty {
      parts.append("waits for " + view.waitingFor.map(\.text).joined(separator: ", "))
    } else if let failure, view.reason == .memoryLimit || view.reason.isExecFailed {
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

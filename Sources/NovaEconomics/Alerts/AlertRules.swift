// Which alerts there are, and what of a worker or the fleet makes each of them true. Must never deliver anything: an
// alert is a fact, its channels are somebody else's.

package import NovaModel

/// What was found about one key.
package struct AlertReading: Sendable, Hashable {
  /// It should be raised.
  package var isBad: Bool
  /// It is well again by more than the hysteresis; between the two it stays as it is.
  package var isGood: Bool
  /// One sentence with the figures; made for what is bad alone, since a tick reads everybody.
  package var message: String
  package init(isBad: Bool, isGood: Bool, message: String) {
    self.isBad = isBad
    self.isGood = isGood
    self.message = message
  }

  /// A value that must not be above a threshold; good again 10 % of the threshold below it.
  package static func above(
    _ value: Double, _ threshold: Double, _ message: @autoclosure () -> String
  ) -> AlertReading {
    let isBad = value > threshold
    return AlertReading(
      isBad: isBad, isGood: value <= threshold - 0.1 * threshold.magnitude,
      message: isBad ? message() : "")
  }

  /// A value that must not be below a threshold; good again 10 % of the threshold above it.
  package static func below(
    _ value: Double, _ threshold: Double, _ message: @autoclosure () -> String
  ) -> AlertReading {
    let isBad = value < threshold
    return AlertReading(
      isBad: isBad, isGood: value >= threshold + 0.1 * threshold.magnitude,
      message: isBad ? message() : "")
  }
}

/// What a worker's facts say about its alerts.
package enum AlertRules {
  /// Sources of revenue that do not answer: those of which somebody said so, and those that fell silent by themselves.
  package static func sources(stale: [String], silent: [SourceSilence]) -> AlertReading {
    guard !stale.isEmpty || !silent.isEmpty else {
      return AlertReading(isBad: false, isGood: true, message: "")
    }
    var parts: [String] = []
    if !stale.isEmpty {
      parts.append(
        "no news from \(stale.joined(separator: ", ")): nothing is decided about who earns from it")
    }
    parts += silent.sorted { $0.source < $1.source }.map(\.sentence)
    return AlertReading(isBad: true, isGood: false, message: parts.joined(separator: "; "))
  }

  /// Revenue of seven days that nobody can be credited with, in millionths of all.
  package static func unattributed(ppm: Int) -> AlertReading {
    .above(
      Double(ppm) / 10_000, 10,
      "\(ppm / 10_000) % of the revenue of seven days cannot be credited to any worker")
  }

  /// The fleet's day: what is spent and set aside against its limit.
  package static func budgetExceeded(spent: Money, limit: Money) -> AlertReading {
    let isBad = spent >= limit
    return AlertReading(
      isBad: isBad, isGood: spent.usd <= 0.9 * limit.usd,
      message: isBad ? "today's budget of \(limit.dollars) is spent" : "")
  }

  /// The fleet's day: how it is forecast to end, and when its limit is reached, where that is in sight.
  package static func budgetForecast(total: Money, reached: WallTime?, limit: Money) -> AlertReading
  {
    .above(
      total.usd, limit.usd,
      "today is forecast to cost \(total.dollars), more than the budget of \(limit.dollars)"
        + (reached.map { ", which is spent at \($0.rfc3339)" } ?? ""))
  }

  /// Instances of a worker that should be up and are in a state of trouble.
  package static func trouble(_ instances: [InstanceID], _ words: String) -> AlertReading {
    AlertReading(
      isBad: !instances.isEmpty, isGood: instances.isEmpty,
      message: instances.isEmpty
        ? "" : "\(instances.map(\.description).joined(separator: ", ")) \(words)")
  }

  /// The supervisor came back and found instances running: news, which is over when somebody has seen it.
  package static func restarted(found: Int) -> AlertReading {
    AlertReading(
      isBad: true, isGood: false,
      message: "the supervisor was restarted and found \(found) instances running")
  }

  /// A worker has called a model without a price: news, too.
  package static func unknownModel(_ model: String, isRefused: Bool) -> AlertReading {
    AlertReading(
      isBad: true, isGood: false,
      message: "it has called \(model), which has no price: the call was "
        + (isRefused ? "refused" : "charged as the dearest model that is known")
        + " (novasup prices update FILE)")
  }

  /// The readings of one worker. A key that cannot be read is left out, and keeps its state.
  package static func readings(_ worker: WorkerFacts, _ settings: EngineSettings)
    -> [(AlertKey, AlertReading)]
  {
    var found: [(AlertKey, AlertReading)] = []
    let limits = settings.thresholds
    // With proof a return is said when enough runs are judged: before that their revenue may be on its way.
    let runs = settings.mode == .evidence ? worker.evaluatedRuns : worker.runs
    if runs >= limits.minRuns, let roi = worker.roi.percent {
      // Made when somebody is to read it.
      func figures() -> String {
        "ROI \(worker.roi.spoken) over \(worker.runs) runs, interval "
          + "\(Spoken.interval(worker.roiLower, worker.roiUpper)), evidence of a loss "
          + Spoken.tenths(Real.exp(min(30, worker.lnKill)))
      }
      let loses = worker.isBelow(percent: limits.killROIPercent)
      // Ten percent of a threshold of 0 is nothing: a point of return stands in for it.
      found.append(
        (
          AlertKey(.negativeROI, worker: worker.worker),
          AlertReading(
            isBad: loses,
            isGood: roi >= Double(limits.killROIPercent)
              + max(1, 0.1 * Double(limits.killROIPercent.magnitude)),
            message: loses ? "\(worker.worker) loses money: \(figures())" : "")
        ))
      let low = AlertReading.below(
        roi, Double(limits.warnROIPercent),
        "\(worker.worker) returns less than \(limits.warnROIPercent) %: \(figures())")
      // Below the kill threshold the graver alert speaks alone.
      found.append(
        (
          AlertKey(.lowROI, worker: worker.worker),
          AlertReading(
            isBad: low.isBad && !loses, isGood: low.isGood || loses,
            message: low.message)
        ))
    }
    found.append(
      (
        AlertKey(.budgetExceeded, worker: worker.worker),
        AlertReading(
          isBad: worker.budgetExceeded, isGood: !worker.budgetExceeded,
          message: worker.budgetExceeded ? "the budget of \(worker.worker) is spent" : "")
      ))
    if let share = worker.crashShare {
      // A share that is not above the threshold proves nothing against it: no need to compute how much.
      let proven =
        share > 0.2
        && RateEvidence(hits: worker.crashes, misses: worker.starts - worker.crashes)
          .lnAbove(0.2) >= Real.ln(20)
      let isBad = worker.starts >= 20 && share > 0.2 || proven
      found.append(
        (
          AlertKey(.crashRate, worker: worker.worker),
          AlertReading(
            isBad: isBad, isGood: !proven && share <= 0.18,
            message: isBad
              ? "\(worker.worker) crashes: \(worker.crashes) of \(worker.starts) starts" : "")
        ))
    }
    return found
  }
}

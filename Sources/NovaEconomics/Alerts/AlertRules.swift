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
  /// The readings of one worker. A key that cannot be read is left out, and keeps its state.
  package static func readings(_ worker: WorkerFacts, _ settings: EngineSettings)
    -> [(AlertKey, AlertReading)]
  {
    var found: [(AlertKey, AlertReading)] = []
    let limits = settings.thresholds
    if worker.runs >= limits.minRuns, let roi = worker.roi.percent {
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
    if let share = worker.crashShare {
      let proven =
        RateEvidence(hits: worker.crashes, misses: worker.starts - worker.crashes)
        .lnAbove(0.2) >= Real.ln(20)
      let isObserved = worker.starts >= 20 && share > 0.2
      found.append(
        (
          AlertKey(.crashRate, worker: worker.worker),
          AlertReading(
            isBad: isObserved || proven, isGood: !proven && share <= 0.18,
            message: "\(worker.worker) crashes: \(worker.crashes) of \(worker.starts) starts")
        ))
    }
    return found
  }
}

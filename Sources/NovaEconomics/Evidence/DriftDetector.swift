// Shiryaev-Roberts e-detector: says that a worker has begun to lose, with at least `threshold` runs on average between
// false alarms even for one that just breaks even. Good enough to pause, never to kill.

/// The running sum of bets started at every past run.
package struct DriftDetector: Sendable, Hashable {
  private var lanes = SIMD8<Double>(repeating: 0)

  /// At least so many runs between false alarms, on average.
  package static let threshold = 1000.0

  /// Nothing seen; also after an alarm or a resumption.
  package init() {}

  /// M: the sum over the bets.
  package var value: Double { lanes.sum() }
  /// Whether it is time to pause.
  package var alarms: Bool { value >= Self.threshold }

  /// Takes one evaluated run: M_j <- (M_j + w_j)(1 + g_j z).
  package mutating func take(_ outcome: KillOutcome) {
    for lane in 0..<6 {
      // 1e290 is far above any threshold and keeps the sum finite.
      lanes[lane] = min(
        1e290,
        (lanes[lane] + KillEvidence.shares[lane]) * (1 + KillEvidence.bets[lane] * outcome.z))
    }
  }
}

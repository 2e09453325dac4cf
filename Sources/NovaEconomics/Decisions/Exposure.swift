// What a worker has out in runs that are not judged yet, and how much that may be: with a lag of days a bet of its own.
// Must never hold a worker that is decided about by thresholds alone: those take revenue as it is booked.

package import NovaModel

/// The bound on money in runs that ripen.
package enum Exposure {
  /// A stop-loss for each instance; nil where none is known, or none is needed.
  package static func limit(_ worker: WorkerFacts, _ settings: EngineSettings) -> Money? {
    guard let loss = Stake.stopLoss(worker, settings), loss > .zero else { return nil }
    let (most, over) = loss.microUSD.multipliedReportingOverflow(
      by: Int64(max(1, worker.instances)))
    return over ? nil : Money(microUSD: most)
  }

  /// Whether no further run is to be begun until some of the last ones are judged.
  package static func isFull(_ worker: WorkerFacts, _ settings: EngineSettings) -> Bool {
    guard settings.mode == .evidence, worker.inFlight > .zero, !worker.isSourceStale,
      isNear(worker, settings)
    else { return false }
    return limit(worker, settings).map { worker.inFlight > $0 } ?? false
  }

  /// Whether the stop-loss may be met, or more be out than may: false only where neither can be.
  static func isNear(_ worker: WorkerFacts, _ settings: EngineSettings) -> Bool {
    let most = max(
      worker.loss.usd / Double(max(1, worker.tranches)),
      worker.inFlight.usd / Double(max(1, worker.instances)))
    return most > 0 && !Stake.isStopLoss(surelyAbove: most, worker, settings)
  }

  /// What the stop-loss is compared with: all costs but those of runs that may be out, less what judged runs have brought.
  package static func loss(_ worker: WorkerFacts, _ settings: EngineSettings) -> Money {
    guard worker.inFlight > .zero, let most = limit(worker, settings), worker.inFlight > most else {
      return worker.loss
    }
    return worker.loss + (worker.inFlight - most)
  }
}

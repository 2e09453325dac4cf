// What a decision saw, whole: written to the ledger with it and read back to make it again.

/// Facts and settings of one decision.
package struct DecisionInputs: Sendable, Hashable {
  package var settings: EngineSettings
  package var fleet: FleetFacts
  package var worker: WorkerFacts

  /// Puts them together.
  package init(settings: EngineSettings, fleet: FleetFacts, worker: WorkerFacts) {
    self.settings = settings
    self.fleet = fleet
    self.worker = worker
  }

  /// As text, to the bit.
  package var text: String {
    var copy = self
    var walk = FactWalk()
    copy.walk(&walk)
    return walk.text
  }

  /// Reads `text`; nil when a line is missing, unknown or no value.
  package init?(text: String) {
    guard let firstName = FactWalk.workerName(in: text) else { return nil }
    self.init(
      settings: EngineSettings(), fleet: FleetFacts(), worker: WorkerFacts(worker: firstName))
    var walk = FactWalk(reading: text)
    self.walk(&walk)
    guard walk.isComplete else { return nil }
  }

  private mutating func walk(_ walk: inout FactWalk) {
    settings.walk(&walk)
    fleet.walk(&walk)
    worker.walk(&walk)
  }
}

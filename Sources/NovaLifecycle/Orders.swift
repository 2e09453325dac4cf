// The orders of one turn while they are collected. Must never outlive the call of `handle`.

import NovaModel

/// Collects effects; what is persisted is persisted once a turn, since the shell reads the record when it performs.
struct Orders {
  let now: Moment
  let boot: BootInfo
  var random: SplitMix64
  /// Serial of the next life.
  var nextIncarnation: UInt64
  /// Who caused this turn.
  var actor = Actor.supervisor
  private(set) var effects: [Effect] = []
  private var persisted: Set<InstanceID> = []

  init(now: Moment, boot: BootInfo, random: SplitMix64, nextIncarnation: UInt64) {
    self.now = now
    self.boot = boot
    self.random = random
    self.nextIncarnation = nextIncarnation
  }

  mutating func emit(_ effect: Effect) { effects.append(effect) }

  mutating func persist(_ id: InstanceID) {
    if persisted.insert(id).inserted { effects.append(.persistInstance(id)) }
  }

  /// Writes history about an instance.
  mutating func record(
    _ type: String, _ id: InstanceID, _ message: String, severity: EventRecord.Severity = .info,
    details: [String: String] = [:]
  ) {
    effects.append(
      .record(
        EventRecord(
          at: now.wall, type: type, severity: severity, worker: id.worker, instance: id.number,
          actor: actor.text, message: message, details: details)))
  }

  /// Writes history about a worker or the whole fleet.
  mutating func record(
    _ type: String, worker: WorkerName?, _ message: String,
    severity: EventRecord.Severity = .notice, details: [String: String] = [:]
  ) {
    effects.append(
      .record(
        EventRecord(
          at: now.wall, type: type, severity: severity, worker: worker, actor: actor.text,
          message: message, details: details)))
  }

  /// The number of a new life.
  mutating func newIncarnation() -> Incarnation {
    defer { nextIncarnation += 1 }
    return Incarnation(nextIncarnation)
  }
}

// The life of alerts: a condition must hold for a while before it is raised, and be clearly gone before it is
// resolved; acknowledged and silenced by people. A value type; must never deliver or store anything itself.

package import NovaModel

/// What became of alerts.
package enum AlertChange: Sendable, Hashable {
  case raised(AlertRecord)
  case resolved(AlertRecord)
  case acknowledged(AlertRecord)
  case silenced(AlertRecord)
}

/// All alerts that last, and what is on the way to become one.
package struct AlertBook: Sendable, Hashable {
  /// Lasting alerts by key.
  package private(set) var active: [AlertKey: AlertRecord] = [:]
  /// Since when a condition has held that is not raised yet.
  private var rising: [AlertKey: Instant] = [:]
  /// The next number.
  package private(set) var nextID: Int64
  /// How long a figure must stay bad before it is said.
  package var debounce: Span

  /// A book that goes on where the stored one ended.
  package init(active: [AlertRecord] = [], nextID: Int64 = 1, debounce: Span = .seconds(900)) {
    self.nextID = nextID
    self.debounce = debounce
    for record in active { self.active[record.key] = record }
  }

  /// Takes a reading.
  package mutating func read(_ key: AlertKey, _ reading: AlertReading, at now: Moment)
    -> AlertChange?
  {
    // Most of a fleet is well, and nothing was ever said of it.
    if !reading.isBad, active.isEmpty, rising.isEmpty { return nil }
    if var record = active[key] {
      record.message = reading.isBad ? reading.message : record.message
      active[key] = record
      guard reading.isGood else { return nil }
      return resolve(key, at: now)
    }
    guard reading.isBad else {
      if !rising.isEmpty { rising[key] = nil }
      return nil
    }
    let since = rising[key] ?? now.instant
    rising[key] = since
    guard key.kind.isImmediate || now.instant - since >= debounce else { return nil }
    rising[key] = nil
    let record = AlertRecord(
      id: nextID, key: key, severity: key.kind.severity, message: reading.message, raised: now.wall)
    nextID += 1
    active[key] = record
    return .raised(record)
  }

  /// What it is about is gone: a worker that was removed, say.
  package mutating func resolve(_ key: AlertKey, at now: Moment) -> AlertChange? {
    rising[key] = nil
    guard var record = active.removeValue(forKey: key) else { return nil }
    record.resolved = now.wall
    return .resolved(record)
  }

  /// Somebody has seen it; nil when there is no such lasting alert.
  package mutating func acknowledge(_ id: Int64, by actor: String, at now: Moment) -> AlertChange? {
    guard var record = active.values.first(where: { $0.id == id }) else { return nil }
    record.acknowledged = record.acknowledged ?? now.wall
    record.acknowledgedBy = record.acknowledgedBy ?? actor
    active[record.key] = record
    return .acknowledged(record)
  }

  /// Nothing is to be said of it for a while.
  package mutating func silence(_ id: Int64, for span: Span, at now: Moment) -> AlertChange? {
    guard var record = active.values.first(where: { $0.id == id }) else { return nil }
    record.silencedUntil = now.wall + span
    active[record.key] = record
    return .silenced(record)
  }
}

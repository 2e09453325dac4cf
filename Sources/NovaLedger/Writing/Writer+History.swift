// Appending events, prices and configurations, and giving up old history. Must never delete what is younger than
// the retention the meta table holds: the schema's triggers refuse it.

internal import NovaModel

extension Writer {
  /// Rows deleted by one `retain`: a transaction of some ten milliseconds. The next one goes on.
  static let pruneLimit: Int64 = 5000
  /// Generations of the configuration that are kept.
  static let generations: Int64 = 10

  /// Appends an event. Ids given up in a full mailbox are named by one event in their place.
  mutating func append(_ event: EventRecord) throws(LedgerError) {
    var last: Int64 = 0
    try statements.lastEvent.query { row in last = row.integer(0) }
    guard event.id > last else {
      var stored: EventRecord?
      try statements.findEvent.query([.integer(event.id)]) { row in stored = EventRecord(row) }
      // Repeated after a commit whose answer was an error, though it reached the disk.
      guard stored != event else { return }
      throw Self.refusal("event \(event.id) comes after event \(last)")
    }
    if event.id > last + 1 {
      var marker = EventRecord(
        at: event.at, type: "ledger.events_dropped", severity: .warning,
        message: "events \(last + 1) to \(event.id - 1) were given up: they could not be written",
        details: ["first": String(last + 1), "last": String(event.id - 1)])
      marker.id = event.id - 1
      try statements.insertEvent.run(marker.columns)
    }
    try statements.insertEvent.run(event.columns)
  }

  /// Stores a version of the prices once.
  mutating func store(_ version: PriceVersion) throws(LedgerError) {
    var stored: PriceVersion?
    try statements.findPrice.query([.integer(version.id.number)]) { row in
      stored = PriceVersion(row)
    }
    if let stored {
      guard stored == version else {
        throw Self.refusal("price \(version.id.number) is there with other values")
      }
      return
    }
    try statements.insertPrice.run(version.columns)
  }

  /// Stores an accepted configuration unless it is the newest already, and forgets the eleventh.
  mutating func store(_ files: [ConfigurationFile], at: WallTime) throws(LedgerError) {
    var generation: Int64 = 0
    try statements.lastConfiguration.query { row in generation = row.integer(0) }
    var newest: [ConfigurationFile] = []
    try statements.configurationFiles.query([.integer(generation)]) { row in
      newest.append(ConfigurationFile(path: row.text(0), bytes: row.blob(1)))
    }
    guard generation == 0 || newest != files else { return }
    generation += 1
    try statements.insertConfiguration.run([.integer(generation), .integer(at.microseconds)])
    var position: Int64 = 0
    for file in files {
      try statements.insertConfigurationFile.run(
        [.integer(generation), .integer(position), .text(file.path), .blob(file.bytes)])
      position += 1
    }
    try statements.pruneConfiguration.run([.integer(generation - Self.generations)])
  }

  /// Moves the retention forward and deletes some of what is older.
  mutating func retain(from: WallTime) throws(LedgerError) {
    let floor: Value = .integer(from.microseconds)
    try statements.retainFrom.run([floor])
    try statements.pruneEvents.run([floor, .integer(Self.pruneLimit)])
    try statements.pruneBookings.run([floor, .integer(Self.pruneLimit)])
    try statements.pruneIncarnations.run([floor, .integer(Self.pruneLimit)])
    try statements.gateway.pruneCalls.run([floor, .integer(Self.pruneLimit)])
    // A touch older than its window is worth nothing.
    try statements.money.pruneTouches.run([
      .integer(from.microseconds), .integer(Self.pruneLimit),
    ])
  }
}

// Copies of the state database: `POST /v1/backups` and `GET /v1/backups`. Must never carry the copy itself: it holds
// what every worker earns and stays where only root reads.

/// `POST /v1/backups`.
package struct BackupRequest: Codable, Sendable, Hashable {
  /// Where to; absolute, must not exist. None: the next automatic one.
  package var path: String?

  /// Asks for a backup.
  package init(path: String? = nil) { self.path = path }
}

/// A backup that was made and looked through.
package struct BackupResponse: Codable, Sendable, Hashable {
  package var path: String
  package var bytes: Int64
  /// The schema it was written with.
  package var schema: Int64
  /// Lives of instances on record.
  package var incarnations: Int64
  /// The last event in it.
  package var lastEventID: Int64?
  package var lastEventAt: String?

  /// Puts an answer together.
  package init(
    path: String, bytes: Int64, schema: Int64, incarnations: Int64, lastEventID: Int64?,
    lastEventAt: String?
  ) {
    self.path = path
    self.bytes = bytes
    self.schema = schema
    self.incarnations = incarnations
    self.lastEventID = lastEventID
    self.lastEventAt = lastEventAt
  }
}

/// One automatic backup.
package struct BackupRow: Codable, Sendable, Hashable {
  package var path: String
  /// RFC 3339.
  package var madeAt: String
  package var bytes: Int64

  /// Puts a row together.
  package init(path: String, madeAt: String, bytes: Int64) {
    self.path = path
    self.madeAt = madeAt
    self.bytes = bytes
  }
}

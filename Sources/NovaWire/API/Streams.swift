// History and output as rows: `GET /v1/events` and `GET /v1/logs`. Text comes from workers and is carried as
// it is; whoever shows it cleans it.

/// One line of history.
package struct EventRow: Codable, Sendable, Hashable {
  /// Ascending.
  package var id: Int64
  /// RFC 3339.
  package var at: String
  package var type: String
  /// `critical`, `warning`, `notice` or `info`.
  package var severity: String
  package var worker: String?
  package var instance: Int?
  package var actor: String
  package var message: String
  package var details: JSONMap<String> = [:]

  /// Puts a row together.
  package init(
    id: Int64, at: String, type: String, severity: String, worker: String? = nil,
    instance: Int? = nil, actor: String, message: String, details: JSONMap<String> = [:]
  ) {
    self.id = id
    self.at = at
    self.type = type
    self.severity = severity
    self.worker = worker
    self.instance = instance
    self.actor = actor
    self.message = message
    self.details = details
  }

  /// The frame of a server-sent event: `id:`, `event:`, `data:` and an empty line.
  package var serverSentEvent: [UInt8] {
    var out = Array("id: \(id)\nevent: \(type)\ndata: ".utf8)
    out += APICoding.encode(self)
    out += "\n\n".utf8
    return out
  }
}

/// One line of a worker's output; `GET /v1/logs` sends one a line.
package struct LogLine: Codable, Sendable, Hashable {
  /// RFC 3339; nil where the driver keeps no time.
  package var at: String?
  package var worker: String
  package var instance: Int
  /// `stdout`, `stderr`, or nil where the driver keeps both as one.
  package var stream: String?
  /// Without its newline; bytes that are no UTF-8 have become U+FFFD.
  package var line: String

  /// Puts a line together.
  package init(
    at: String? = nil, worker: String, instance: Int, stream: String? = nil, line: String
  ) {
    self.at = at
    self.worker = worker
    self.instance = instance
    self.stream = stream
    self.line = line
  }
}

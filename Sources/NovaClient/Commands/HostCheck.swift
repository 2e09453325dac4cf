// `check --host`: what this host lets the supervisor do, as rows. Must never look for itself: NovaLinux does.

import NovaWire

/// The host report as a table and an exit code.
enum HostCheck {
  /// One finding about the host.
  struct Row: Codable, Sendable, Hashable {
    var topic: String
    var item: String
    /// Nil: it could not be found out.
    var value: String?
    /// `ok`, `degraded`, `missing` or `unknown`.
    var verdict: String
    /// What would mend it.
    var fix: String?
  }

  static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    try show(try rows(), call)
  }

  /// The rows of this host.
  static func rows() throws(ClientError) -> [Row] {
    throw .cannot("check the host", "this build has no host report", code: .usage)
  }

  /// Shows the rows; 1 when something is missing that the supervisor cannot do without.
  static func show(_ rows: [Row], _ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    switch call.form {
    case .json: try call.showJSON(APICoding.encode(rows))
    case .jsonl: for row in rows { try call.showJSON(APICoding.encode(row)) }
    case .name: for row in rows { try call.console.line(TerminalText.line(row.item)) }
    case .table, .wide: if !call.quiet { try call.show(table(rows)) }
    }
    return rows.contains { $0.verdict == "missing" } ? .failed : .ok
  }

  static func table(_ rows: [Row]) -> Table {
    var table = Table([
      Column("TOPIC"), Column("ITEM"), Column("VERDICT"), Column("VALUE"), Column("FIX"),
    ])
    table.rows = rows.map { row in
      let colour: Cell.Colour =
        switch row.verdict {
        case "ok": .good
        case "degraded": .busy
        case "missing": .bad
        default: .dim
        }
      return [
        Cell(row.topic), Cell(row.item), Cell(row.verdict, colour), Cell(row.value ?? "?"),
        Cell(row.fix ?? ""),
      ]
    }
    return table
  }
}

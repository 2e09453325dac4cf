// `check --host`: what this host lets the supervisor do, as rows. Must never look for itself: NovaLinux does.

import NovaLinux
import NovaWire

/// The host report as a table and an exit code.
enum HostCheck {
  /// One fact about the host, as JSON.
  struct Row: Codable, Sendable, Hashable {
    var topic: String
    var item: String
    var value: String
    /// `ok`, `warning` or `problem`.
    var verdict: String
    /// What to do about it.
    var fix: String?
  }

  static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let environment = call.session.environment
    let paths = HostPaths(
      state: environment["NOVA_STATE_DIR"] ?? "/var/lib/nova",
      runtime: environment["NOVA_RUNTIME_DIR"] ?? "/run/nova")
    return try show(
      HostReport.collect(paths).map {
        Row(
          topic: $0.topic, item: $0.item, value: $0.value, verdict: $0.verdict.rawValue,
          fix: $0.fix)
      }, call)
  }

  /// Shows the rows; 1 when something will not work.
  static func show(_ rows: [Row], _ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    switch call.form {
    case .json: try call.showJSON(APICoding.encode(rows))
    case .jsonl: for row in rows { try call.showJSON(APICoding.encode(row)) }
    case .name:
      for row in rows { try call.console.line(CleanText.forTerminal("\(row.topic)/\(row.item)")) }
    case .table, .wide: if !call.quiet { try call.show(table(rows)) }
    }
    return rows.contains { $0.verdict == "problem" } ? .failed : .ok
  }

  static func table(_ rows: [Row]) -> Table {
    var table = Table([
      Column("TOPIC"), Column("ITEM"), Column("VERDICT"), Column("VALUE"), Column("FIX"),
    ])
    table.rows = rows.map { row in
      let colour: Cell.Colour =
        switch row.verdict {
        case "ok": .good
        case "warning": .busy
        default: .bad
        }
      return [
        Cell(row.topic), Cell(row.item), Cell(row.verdict, colour), Cell(row.value),
        Cell(row.fix ?? "-"),
      ]
    }
    return table
  }
}

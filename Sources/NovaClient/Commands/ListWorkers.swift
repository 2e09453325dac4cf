// `ps`: every instance on a line. Must never show a number for what is not known.

import NovaModel
import NovaWire

/// The verb `ps` and the table it shares with `top`.
enum ListWorkers {
  static let command = CommandSpec(
    name: "ps", aliases: ["ls", "list"], abstract: "List every instance and what it is doing",
    discussion: """
      Unknown values are shown as ?, values that do not apply as -. A ~ before a size means that it was \
      estimated from the processes' resident sets.
      """,
    arguments: [.target(required: false)],
    options: [
      OptionSpec("tree", "Show the processes inside each instance"),
      OptionSpec(
        "check",
        "Exit 3 when something wanted is neither running, ready, waiting between runs nor completed"
      ),
    ],
    examples: [
      .init("novasup ps", "everything"),
      .init("novasup ps 'agent-*' -o json | jq '.[].pid'", "pids for a script"),
      .init("novasup ps --check -q", "for a monitoring check"),
    ],
    run: run)

  private static func run(_ call: borrowing Invocation) throws(ClientError) -> ExitCode {
    let bytes = try call.get(
      "/v1/workers", TargetsQuery(targets: call.targets).parameters, to: "list workers")
    let rows = try call.rows(bytes)
    if !(call.quiet && call.arguments.has("check")) { try show(call, bytes, rows) }
    let missing = rows.filter(isMissing)
    guard call.arguments.has("check"), !missing.isEmpty else { return .ok }
    call.warn(
      "not running: " + missing.map { "\($0.target) (\($0.state))" }.joined(separator: ", "))
    return .notRunning
  }

  /// Wanted, and not in a state that is fine for it.
  static func isMissing(_ row: WorkerRow) -> Bool {
    row.wanted == true && !["running", "ready", "waiting", "completed"].contains(row.state)
  }

  private static func show(
    _ call: borrowing Invocation, _ bytes: [UInt8], _ rows: [WorkerRow]
  ) throws(ClientError) {
    switch call.form {
    case .json: try call.showJSON(bytes)
    case .jsonl: try call.showJSONLines(bytes)
    case .name: for row in rows { try call.console.line(CleanText.forTerminal(row.target)) }
    case .table, .wide:
      if call.arguments.has("tree") {
        try tree(call, rows)
      } else {
        try call.show(table(rows, wide: call.form == .wide))
      }
    }
  }

  /// The table of the contract; `wide` adds what rarely matters.
  static func table(_ rows: [WorkerRow], wide: Bool) -> Table {
    var table = Table(
      [
        Column("NAME"), Column("STATE"), Column("PID", right: true), Column("UPTIME", right: true),
        Column("CRASHES", right: true), Column("CPU%", right: true), Column("MEM", right: true),
        Column("TASKS", right: true), Column("COST/H", right: true), Column("ROI", right: true),
      ]
        + (wide
          ? [
            Column("PEAK", right: true), Column("RESTARTS", right: true),
            Column("COST", right: true),
            Column("SINCE"),
          ] : []) + [Column("WHY")])
    table.rows = rows.map { cells($0, wide: wide) }
    return table
  }

  private static func cells(_ row: WorkerRow, wide: Bool) -> [Cell] {
    let alive = row.isAlive
    func measured(_ text: String) -> Cell { Cell(alive || text != "?" ? text : "-") }
    return [
      Cell(row.target), Cell(row.state, colour(of: row.state)),
      measured(Format.count(row.pid)), measured(Format.duration(seconds: row.uptimeSeconds)),
      Cell("\(row.crashes)/\(row.maxCrashes)", row.crashes > 0 ? .busy : .plain),
      measured(Format.percent(row.cpuPercent)), measured(memory(row)),
      measured(Format.count(row.tasks)), measured(Format.dollars(row.costPerHourUSD)),
      Cell(row.roiPercent.map { "\($0)%" } ?? (row.roiStatus == "no_cost" ? "no cost" : "-")),
    ]
      + (wide
        ? [
          Cell(Format.bytes(row.memoryPeakBytes)), Cell("\(row.restartsTotal)"),
          Cell(Format.dollars(row.costUSD)), Cell(row.since ?? "?"),
        ] : []) + [Cell(why(row))]
  }

  private static func memory(_ row: WorkerRow) -> String {
    (row.memoryEstimated == true && row.memoryBytes != nil ? "~" : "")
      + Format.bytes(row.memoryBytes)
  }

  /// The supervisor's sentence, else what the worker says of itself.
  static func why(_ row: WorkerRow) -> String {
    row.why ?? row.statusText ?? (row.reason == "none" ? "" : row.reason)
  }

  /// The colour of a state.
  static func colour(of state: String) -> Cell.Colour {
    switch state {
    case "running", "ready", "completed": .good
    case "starting", "stopping", "killing", "backoff": .busy
    case "failed", "lost", "cooldown": .bad
    case "paused", "waiting": .calm
    default: .dim
    }
  }

  private static func tree(
    _ call: borrowing Invocation, _ rows: [WorkerRow]
  ) throws(ClientError) {
    var trees: [String: ProcessTree] = [:]
    for row in rows {
      if trees[row.name] == nil {
        trees[row.name] = try call.decode(
          ProcessTree.self,
          call.get(
            "/v1/workers/\(Connection.percentEncoded(row.name))/processes",
            to: "list the processes of \(row.name)"))
      }
      let state = colour(of: row.state).paint(CleanText.forTerminal(row.state), call.console.colour)
      try call.console.line("\(CleanText.forTerminal(row.target))  \(state)")
      let processes = trees[row.name]?.instances.first { $0.instance == row.instance }?.processes
      for line in Self.lines(of: processes ?? []) {
        try call.console.line(
          call.console.width.map { TerminalText.cut(line, columns: $0) } ?? line)
      }
    }
  }

  /// Indented lines, children under their parents; one whose parent is outside is a root.
  static func lines(of processes: [ProcessTree.Process]) -> [String] {
    let pids = Set(processes.map(\.pid))
    var children: [Int32: [ProcessTree.Process]] = [:]
    var roots: [ProcessTree.Process] = []
    for process in processes {
      if pids.contains(process.ppid), process.ppid != process.pid {
        children[process.ppid, default: []].append(process)
      } else {
        roots.append(process)
      }
    }
    var lines: [String] = []
    var stack = roots.reversed().map { (process: $0, indent: "") }
    // Every process is pushed once, as a root or under one parent: hostile loops only go unlisted.
    while let (process, indent) = stack.popLast() {
      let memory = Format.bytes(process.memoryBytes)
      lines.append(
        "\(indent)└─ \(process.pid)  \(memory)  \(CleanText.forTerminal(process.command))")
      for child in (children[process.pid] ?? []).reversed() {
        stack.append((child, indent + "   "))
      }
    }
    return lines
  }
}

extension WorkerRow {
  /// `name@N`.
  var target: String { "\(name)@\(instance)" }

  /// A process lives, or may.
  var isAlive: Bool { pid != nil || ["running", "ready", "stopping", "killing"].contains(state) }
}

extension ArgumentSpec {
  /// Names, instances, globs.
  static func target(required: Bool = true, repeats: Bool = true) -> ArgumentSpec {
    ArgumentSpec(
      name: "TARGET", abstract: "name, name@2, or a glob such as 'agent-*'", kind: .target,
      required: required, repeats: repeats)
  }
}

// What `top` shows and what its keys do, as a value. Must never read a terminal or ask the supervisor.

import NovaWire

/// The state of the screen.
struct TopView {
  /// The order of rows; figures that are unknown come last.
  enum Sort: String, CaseIterable {
    case cpu, memory, name, cost

    func sorted(_ rows: [WorkerRow]) -> [WorkerRow] {
      rows.sorted { a, b in
        let byName = (a.name, a.instance) < (b.name, b.instance)
        switch self {
        case .name: return byName
        case .cpu: return Self.before(a.cpuPercent, b.cpuPercent, byName)
        case .memory: return Self.before(a.memoryBytes, b.memoryBytes, byName)
        case .cost:
          return Self.before(
            a.costPerHourUSD.flatMap(Double.init), b.costPerHourUSD.flatMap(Double.init), byName)
        }
      }
    }

    private static func before<V: Comparable>(_ a: V?, _ b: V?, _ byName: Bool) -> Bool {
      switch (a, b) {
      case (let a?, let b?) where a != b: a > b
      case (_?, nil): true
      case (nil, _?): false
      default: byName
      }
    }
  }

  /// What a key press is.
  enum Key: Equatable {
    case up, down
    case character(Character)

    /// Arrows are `ESC [ A` and `ESC [ B`, or `ESC O A`; other sequences are swallowed.
    static func parse(_ bytes: [UInt8]) -> [Key] {
      var keys: [Key] = []
      var index = 0
      while index < bytes.count {
        if bytes[index] == 0x1B, index + 2 < bytes.count,
          bytes[index + 1] == 0x5B || bytes[index + 1] == 0x4F
        {
          if bytes[index + 2] == 0x41 { keys.append(.up) }
          if bytes[index + 2] == 0x42 { keys.append(.down) }
          index += 3
        } else {
          if (0x20..<0x7F).contains(bytes[index]) {
            keys.append(.character(Character(Unicode.Scalar(bytes[index]))))
          }
          index += 1
        }
      }
      return keys
    }
  }

  /// What a key asks for.
  enum Outcome: Equatable {
    case none, quit
    case act(ActionVerb, String)
  }

  var sort: Sort
  private(set) var rows: [WorkerRow] = []
  /// The selected instance, by name: rows move under it.
  private(set) var selected: String?
  /// The instance whose killing waits for a y.
  private(set) var asking: String?
  var message = ""
  /// Nil before the first answer.
  var connected: Bool?

  init(sort: Sort) { self.sort = sort }

  mutating func update(_ new: [WorkerRow]) {
    rows = sort.sorted(new)
    if !rows.contains(where: { $0.target == selected }) { selected = rows.first?.target }
  }

  mutating func handle(_ key: Key) -> Outcome {
    if let target = asking {
      asking = nil
      message = ""
      return key == .character("y") || key == .character("Y") ? .act(.kill, target) : .none
    }
    message = ""
    switch key {
    case .up: move(-1)
    case .down: move(1)
    case .character("q"), .character("Q"): return .quit
    case .character("c"): reorder(.cpu)
    case .character("m"): reorder(.memory)
    case .character("n"): reorder(.name)
    case .character("$"): reorder(.cost)
    case .character("p"): return selected.map { .act(.pause, $0) } ?? .none
    case .character("r"): return selected.map { .act(.resume, $0) } ?? .none
    case .character("k"):
      asking = selected
      if let selected { message = "kill \(selected)? [y/N]" }
    case .character: break
    }
    return .none
  }

  private mutating func reorder(_ new: Sort) {
    sort = new
    rows = sort.sorted(rows)
  }

  private mutating func move(_ by: Int) {
    guard let index = rows.firstIndex(where: { $0.target == selected }) else { return }
    selected = rows[min(max(index + by, 0), rows.count - 1)].target
  }

  /// The whole screen; every line is cleared to its end and nothing is below the last.
  func render(rows height: Int, columns: Int, colour: Bool) -> String {
    let table = ListWorkers.table(rows, wide: false)
    let lines = table.lines(header: true, colour: colour, width: columns)
    let plain = table.lines(header: true, colour: false, width: columns)
    let space = max(1, height - 3)
    let index = rows.firstIndex { $0.target == selected } ?? 0
    let first = max(0, min(index - space / 2, rows.count - space))
    var out: [String] = [
      "novasup top  \(Format.plural(rows.count, "instance")), sorted by \(sort.rawValue)"
        + (connected == false ? "  (the supervisor does not answer)" : ""),
      lines[0],
    ]
    for row in rows.indices.dropFirst(first).prefix(space) {
      // The selection is reverse even without colour, as nothing else shows it; the end of a colour inside
      // would end it too.
      let chosen = rows[row].target == selected
      out.append(chosen ? "\u{1B}[7m\(plain[row + 1])\u{1B}[27m" : lines[row + 1])
    }
    let keys = "q quit  c m n $ sort  arrows select  p pause  r resume  k kill"
    let last = TerminalText.cut(
      CleanText.forTerminal(message.isEmpty ? keys : message), columns: columns)
    while out.count < height - 1 { out.append("") }
    return out.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\r\n" + last
      + "\u{1B}[K\u{1B}[J"
  }
}

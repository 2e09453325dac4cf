// What `top` shows and what its keys do, as a value. Must never read a terminal or ask the supervisor.

import NovaWire

/// The state of the screen.
struct TopView {
  /// The order of rows; figures that are unknown come last.
  enum Sort: String, CaseIterable {
    case cpu, memory, name, cost, roi

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
        case .roi:
          return Self.before(a.roiPercent.map(Double.init), b.roiPercent.map(Double.init), byName)
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
    case up, down, pageUp, pageDown
    case character(Character)

    /// Arrows are `ESC [ A` and `ESC [ B`, or `ESC O A`; pages `ESC [ 5 ~` and `ESC [ 6 ~`; other sequences are
    /// swallowed.
    static func parse(_ bytes: [UInt8]) -> [Key] {
      var keys: [Key] = []
      var index = 0
      while index < bytes.count {
        if bytes[index] == 0x1B, index + 2 < bytes.count,
          bytes[index + 1] == 0x5B || bytes[index + 1] == 0x4F
        {
          if bytes[index + 2] == 0x41 { keys.append(.up) }
          if bytes[index + 2] == 0x42 { keys.append(.down) }
          if bytes[index + 2] == 0x35 { keys.append(.pageUp) }
          if bytes[index + 2] == 0x36 { keys.append(.pageDown) }
          index += 3
          // What follows digits ends with a tilde.
          if (0x30...0x39).contains(bytes[index - 1]) {
            while index < bytes.count, bytes[index - 1] != 0x7E { index += 1 }
          }
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
    /// `approve` or `reject` of a decision.
    case resolve(Int64, String)
  }

  /// What waits for a y.
  struct Question: Equatable {
    var text: String
    var yes: Outcome
  }

  var sort: Sort
  private(set) var rows: [WorkerRow] = []
  /// The selected instance, by name: rows move under it.
  private(set) var selected: String?
  private(set) var asking: Question?
  private(set) var money: TopMoney?
  /// Rows of the last screen: what a page is.
  var page = 10
  var message = ""
  /// Nil before the first answer.
  var connected: Bool?

  init(sort: Sort) { self.sort = sort }

  mutating func update(_ new: [WorkerRow], _ money: TopMoney? = nil) {
    self.money = money
    rows = sort.sorted(new)
    if !rows.contains(where: { $0.target == selected }) { selected = rows.first?.target }
  }

  mutating func handle(_ key: Key) -> Outcome {
    if let question = asking {
      asking = nil
      message = ""
      return key == .character("y") || key == .character("Y") ? question.yes : .none
    }
    message = ""
    switch key {
    case .up: move(-1)
    case .down: move(1)
    case .pageUp: move(-page)
    case .pageDown: move(page)
    case .character("q"), .character("Q"): return .quit
    case .character("c"): reorder(.cpu)
    case .character("m"): reorder(.memory)
    case .character("n"): reorder(.name)
    case .character("$"): reorder(.cost)
    case .character("%"): reorder(.roi)
    case .character("p"): ask(.pause)
    case .character("r"): return selected.map { .act(.resume, $0) } ?? .none
    case .character("k"): ask(.kill)
    case .character("a"): ask("approve")
    case .character("x"): ask("reject")
    case .character: break
    }
    return .none
  }

  private mutating func ask(_ verb: ActionVerb) {
    guard let selected else { return }
    ask("\(verb.rawValue) \(selected)", .act(verb, selected))
  }

  private mutating func ask(_ verb: String) {
    guard let row = money?.asks else {
      message = "nothing waits for approval"
      return
    }
    ask("\(verb) decision \(row.id), \(row.action) \(row.worker)", .resolve(row.id, verb))
  }

  private mutating func ask(_ text: String, _ yes: Outcome) {
    message = "\(text)? [y/N]"
    asking = Question(text: message, yes: yes)
  }

  private mutating func reorder(_ new: Sort) {
    sort = new
    rows = sort.sorted(rows)
  }

  private mutating func move(_ by: Int) {
    guard let index = rows.firstIndex(where: { $0.target == selected }) else { return }
    selected = rows[min(max(index + by, 0), rows.count - 1)].target
  }
}

// A rolling restart under way, in the worker's row: it goes on after a restart of the supervisor.
// Must never be changed once released: add another migration.

internal import NovaModel

extension LedgerSchema {
  /// Adds `worker.rolling`; NULL: none is under way.
  static let rollingRestarts = "ALTER TABLE worker ADD COLUMN rolling TEXT"
}

extension RollingRestart {
  /// `NUMBER:SERIAL` of the instance under way (`-`: none) and of those that follow, divided by blanks, then a tab and
  /// who asked. The serial of an instance that never had a life is empty.
  var columnText: String {
    let steps = [current.map(Self.text) ?? "-"] + rest.map(Self.text)
    return steps.joined(separator: " ") + "\t" + actor
  }

  init?(columnText text: String) {
    let parts = text.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let words = parts[0].split(separator: " ")
    guard let first = words.first else { return nil }
    var rest: [Step] = []
    for word in words.dropFirst() {
      guard let step = Self.step(word) else { return nil }
      rest.append(step)
    }
    let current = Self.step(first)
    guard current != nil || first == "-" else { return nil }
    self.init(rest: rest, current: current, actor: String(parts[1]))
  }

  private static func text(_ step: Step) -> String {
    "\(step.number):\(step.before.map { String($0.serial) } ?? "")"
  }

  private static func step(_ word: Substring) -> Step? {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]) else { return nil }
    if parts[1].isEmpty { return Step(number: number, before: nil) }
    return UInt64(parts[1]).map { Step(number: number, before: Incarnation($0)) }
  }
}

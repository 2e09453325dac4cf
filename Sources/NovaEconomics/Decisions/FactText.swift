// Facts as lines of text, `name value`, sorted by the order in which they are declared: the form in which a decision
// keeps what it saw, so that it can be made again to the byte. Must never lose a bit: a double is written in the
// shortest form that reads back as the same.

package import NovaModel

/// A value that is written as one word and reads back as itself.
package protocol FactValue {
  /// The word.
  var factText: String { get }
  /// Reads the word; nil when it is none.
  init?(factText: String)
}

extension Int: FactValue {
  /// As one word.
  package var factText: String { String(self) }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(factText) }
}
extension Int64: FactValue {
  /// As one word.
  package var factText: String { String(self) }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(factText) }
}
extension Bool: FactValue {
  /// As one word.
  package var factText: String { self ? "yes" : "no" }
  /// Reads the word; nil when it is none.
  package init?(factText: String) {
    guard factText == "yes" || factText == "no" else { return nil }
    self = factText == "yes"
  }
}
extension Double: FactValue {
  /// As one word.
  package var factText: String { description }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(factText) }
}
extension Money: FactValue {
  /// As one word.
  package var factText: String { decimal }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(decimal: factText) }
}
extension WorkerName: FactValue {
  /// As one word.
  package var factText: String { text }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(factText) }
}
extension Optional: FactValue where Wrapped: FactValue {
  /// As one word.
  package var factText: String { self?.factText ?? "?" }
  /// Reads the word; nil when it is none.
  package init?(factText: String) {
    guard factText != "?" else {
      self = Optional<Wrapped>.none
      return
    }
    guard let value = Wrapped(factText: factText) else { return nil }
    self = value
  }
}
extension DecisionMode: FactValue {
  /// As one word.
  package var factText: String { rawValue }
  /// Reads the word; nil when it is none.
  package init?(factText: String) { self.init(rawValue: factText) }
}

/// Walks over the facts of a value, in one declared order, to write them or to read them.
package struct FactWalk {
  /// What was written, or what is still to be read.
  package private(set) var lines: [String]
  private let isReading: Bool
  private var at = 0
  /// The first name that could not be read.
  package private(set) var trouble: String?

  /// Writes.
  package init() {
    lines = []
    isReading = false
  }

  /// Reads `text`.
  package init(reading text: String) {
    lines = text.split(separator: "\n").map(String.init)
    isReading = true
  }

  /// The lines as one text, each ended by a newline.
  package var text: String { lines.map { $0 + "\n" }.joined() }

  /// Whether all that was there has been read, and nothing was missing.
  package var isComplete: Bool { trouble == nil && at == lines.count }

  /// One fact.
  package mutating func visit(_ name: String, _ value: inout some FactValue) {
    guard isReading else { return lines.append(name + " " + value.factText) }
    guard at < lines.count, trouble == nil else {
      trouble = trouble ?? name
      return
    }
    let parts = lines[at].split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == name, let read = read(parts[1], like: value) else {
      trouble = name
      return
    }
    value = read
    at += 1
  }

  /// A fact that not every decision knows of: without it there is no line.
  package mutating func visitIfKnown<T: FactValue>(_ name: String, _ value: inout T?) {
    if isReading {
      value = nil
      guard at < lines.count, lines[at].hasPrefix(name + " ") else { return }
    } else if value == nil {
      return
    }
    visit(name, &value)
    // A line that says that nothing is known is not what would be written.
    if isReading, value == nil { trouble = trouble ?? name }
  }

  private func read<T: FactValue>(_ text: String, like: T) -> T? { T(factText: text) }
}

extension FactWalk {
  /// The worker that a text of facts is about.
  static func workerName(in text: String) -> WorkerName? {
    for line in text.split(separator: "\n") where line.hasPrefix("worker ") {
      return WorkerName(String(line.dropFirst(7)))
    }
    return nil
  }
}

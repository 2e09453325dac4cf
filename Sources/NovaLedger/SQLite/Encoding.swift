// Values of the model as columns of text, and back. One word, then its numbers, so that a person with sqlite3(1)
// can read them. Must never guess: text that is not understood reads as nil and the caller says so.

internal import NovaModel

extension Reason {
  /// The column's text, such as `exit_failed 3` or `exec_failed exec 2`.
  var columnText: String {
    switch self {
    case .none: "none"
    case .operator: "operator"
    case .exitOK: "exit_ok"
    case .exitFailed(let code): "exit_failed \(code)"
    case .signal(let number): "signal \(number)"
    case .oom: "oom"
    case .startTimeout: "start_timeout"
    case .execFailed(let stage, let number): "exec_failed \(stage.rawValue) \(number)"
    case .healthFailed: "health_failed"
    case .watchdog: "watchdog"
    case .budget: "budget"
    case .decision: "decision"
    case .dependency: "dependency"
    case .shimLost: "shim_lost"
    case .memoryLimit: "memory_limit"
    case .configuration: "configuration"
    case .ripening: "ripening"
    }
  }

  /// Reads `columnText`.
  init?(columnText: String) {
    let words = columnText.split(separator: " ", omittingEmptySubsequences: false)
    switch (words.first, words.count) {
    case ("none", 1): self = .none
    case ("operator", 1): self = .operator
    case ("exit_ok", 1): self = .exitOK
    case ("exit_failed", 2):
      guard let code = Int32(words[1]) else { return nil }
      self = .exitFailed(code)
    case ("signal", 2):
      guard let number = Int32(words[1]) else { return nil }
      self = .signal(number)
    case ("oom", 1): self = .oom
    case ("start_timeout", 1): self = .startTimeout
    case ("exec_failed", 3):
      guard let stage = SpawnStage(rawValue: String(words[1])), let number = Int32(words[2])
      else { return nil }
      self = .execFailed(stage, number)
    case ("health_failed", 1): self = .healthFailed
    case ("watchdog", 1): self = .watchdog
    case ("budget", 1): self = .budget
    case ("decision", 1): self = .decision
    case ("dependency", 1): self = .dependency
    case ("shim_lost", 1): self = .shimLost
    case ("memory_limit", 1): self = .memoryLimit
    case ("configuration", 1): self = .configuration
    case ("ripening", 1): self = .ripening
    default: return nil
    }
  }
}

extension ExitStatus {
  /// The column's text: `exited 3`, `signaled 9`, `dumped 11` or `unknown`.
  var columnText: String {
    switch self {
    case .exited(let code): "exited \(code)"
    case .signaled(let number, let dumped): "\(dumped ? "dumped" : "signaled") \(number)"
    case .unknown: "unknown"
    }
  }

  /// Reads `columnText`.
  init?(columnText: String) {
    let words = columnText.split(separator: " ", omittingEmptySubsequences: false)
    if words == ["unknown"] {
      self = .unknown
      return
    }
    guard words.count == 2, let number = Int32(words[1]) else { return nil }
    switch words[0] {
    case "exited": self = .exited(number)
    case "signaled": self = .signaled(number, coreDumped: false)
    case "dumped": self = .signaled(number, coreDumped: true)
    default: return nil
    }
  }
}

extension Deadline {
  /// The column's text: CLOCK_BOOTTIME ns, wall µs and boot id, such as `5000000000 1790000000000000 3f2c…`.
  var columnText: String { "\(boottime) \(wall.microseconds) \(PercentText.encoded(bootID))" }

  /// Reads `columnText`.
  init?(columnText: some StringProtocol) {
    let words = columnText.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, let boottime = UInt64(words[0]), let wall = Int64(words[1]),
      let bootID = PercentText.decoded(words[2])
    else { return nil }
    self.init(boottime: boottime, bootID: bootID, wall: WallTime(microseconds: wall))
  }

  /// Several, oldest first, divided by `,`.
  static func columnText(_ deadlines: [Deadline]) -> String {
    deadlines.map(\.columnText).joined(separator: ",")
  }

  /// Reads several.
  static func list(columnText: String) -> [Deadline]? {
    var result: [Deadline] = []
    for part in columnText.split(separator: ",") {
      guard let deadline = Deadline(columnText: part) else { return nil }
      result.append(deadline)
    }
    return result
  }
}

/// Names and values as `name=value&name=value`, sorted by name, in the percent encoding of RFC 3986.
enum PercentText {
  /// The pairs as text.
  static func encoded(_ pairs: [String: String]) -> String {
    pairs.sorted { $0.key < $1.key }.map { encoded($0.key) + "=" + encoded($0.value) }
      .joined(separator: "&")
  }

  /// Reads pairs.
  static func pairs(_ text: String) -> [String: String]? {
    var result: [String: String] = [:]
    for part in text.split(separator: "&") {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, let name = decoded(halves[0]), let value = decoded(halves[1])
      else { return nil }
      result[name] = value
    }
    return result
  }

  /// The text with control characters, space and the signs of our own encodings escaped.
  static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0...32, 127, UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "="),
        UInt8(ascii: ","):
        bytes.append(UInt8(ascii: "%"))
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 15))
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text before it was escaped; nil when it is not well formed.
  static func decoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(value), let low = rest.next().flatMap(value)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
